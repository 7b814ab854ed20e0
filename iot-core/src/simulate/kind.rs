//! Kinds of devices.

use crate::{Device, Error, Quantity, Result};

/// A kind of device, with the range of its voltage and current.
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    /// Its name, the device's [kind](Device::kind).
    pub name: String,
    /// The lowest and highest voltage, V.
    pub voltage: [f64; 2],
    /// The lowest and highest current, A.
    pub current: [f64; 2],
}

impl Kind {
    pub(super) fn defaults() -> Vec<Self> {
        let kind = |name: &str, voltage, current| Self { name: name.to_owned(), voltage, current };
        vec![
            kind("Sensor", [0.0, 5.0], [0.0, 0.1]),
            kind("Actuator", [5.0, 12.0], [0.1, 2.0]),
            kind("Controller", [5.0, 12.0], [0.0, 0.1]),
            kind("Battery Powered", [0.0, 5.0], [0.1, 2.0]),
            kind("High Power Device", [110.0, 240.0], [20.0, 100.0]),
        ]
    }

    pub(super) fn check(&self) -> Result<()> {
        Device::new("any")?.with_kind(&self.name)?;
        for (name, [low, high]) in [("voltage", self.voltage), ("current", self.current)] {
            // Products and multiples of these stay finite.
            if !(low < high && low.abs() <= 1e12 && high.abs() <= 1e12) {
                return Err(Error::invalid(format!(
                    "{name} {low} to {high} of kind {:?} is not a range within ±1e12",
                    self.name
                )));
            }
        }
        Ok(())
    }

    /// The lowest and highest value of a quantity.
    pub(super) fn range(&self, quantity: &Quantity) -> [f64; 2] {
        match quantity.name() {
            "voltage" => self.voltage,
            "current" => self.current,
            "power" => self.power(),
            "temperature" => [10.0, 80.0],
            "humidity" => [20.0, 80.0],
            "rotation" => [0.0, 3_000.0],
            "speed" => [0.0, 3.0],
            _ => [0.0, 100.0],
        }
    }

    /// The corners of a product of ranges are its extremes.
    fn power(&self) -> [f64; 2] {
        let corners = self.voltage.map(|voltage| self.current.map(|current| voltage * current));
        let corners = corners.as_flattened();
        let [low, high] = [f64::min, f64::max].map(|pick| corners.iter().copied().fold(f64::NAN, pick));
        [low, high]
    }
}
