//! One reading: a device, an instant, and what was measured.

use serde::{Deserialize, Serialize};

use crate::{Device, Error, Quantity, Result, Timestamp};

/// What one device measured at one instant: a value for at least one quantity.
///
/// Values of one instant stay together, because power and correlation need them together. A reading is
/// identified by device id and time; a later one with the same two replaces the whole of it.
///
/// This is the form for device code and examples; what moves through the system is a [`Batch`](crate::Batch).
///
/// ```
/// use iot_core::{Device, Quantity, Reading, Timestamp};
///
/// let reading = Reading::new(Device::new("pump-7")?, Timestamp::from_secs(0))
///     .with(Quantity::VOLTAGE, 229.7)?
///     .with(Quantity::CURRENT, 4.1)?;
/// assert_eq!(reading.value("current"), Some(4.1));
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    device: Device,
    time: Timestamp,
    values: Vec<(Quantity, f64)>,
}

impl Reading {
    /// A reading of `device` at `time`, with no value yet.
    pub fn new(device: Device, time: Timestamp) -> Self {
        Self { device, time, values: Vec::new() }
    }

    /// The same reading with this value, in the quantity's unit; a second value of a quantity replaces the first.
    ///
    /// # Errors
    ///
    /// `Invalid` if the value is not finite: a missing value is one that is not given.
    pub fn with(mut self, quantity: Quantity, value: f64) -> Result<Self> {
        if !value.is_finite() {
            return Err(Error::invalid(format!("{} {value} is not finite", quantity.name())));
        }
        self.values.retain(|(other, _)| other.name() != quantity.name());
        self.values.push((quantity, value));
        Ok(self)
    }

    /// The device that measured.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The instant of the measurement.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The values, each in its quantity's unit.
    pub fn values(&self) -> &[(Quantity, f64)] {
        &self.values
    }

    /// The value of the quantity of this name.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|(quantity, _)| quantity.name() == name).map(|(_, value)| *value)
    }
}
