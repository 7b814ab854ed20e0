//! What a fleet is made of.

use std::time::Duration;

use super::{FaultKind, Kind};
use crate::{Error, Quantity, Result, TimeRange, Timestamp};

/// What a [`Fleet`](super::Fleet) is made of; by default ten devices of the five kinds at the three locations of a
/// small plant, measuring voltage and current once a second from 2025-02-01 on, with all kinds of faults.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetOptions {
    /// The same seed, the same readings; another seed, other devices.
    pub seed: u64,
    /// How many devices.
    pub devices: usize,
    /// The time of the first readings.
    pub start: Timestamp,
    /// The end, which has no reading any more; `None` goes on for ever.
    pub end: Option<Timestamp>,
    /// From one reading of a device to its next.
    pub step: Duration,
    /// What is measured.
    pub quantities: Vec<Quantity>,
    /// The kinds that devices are of, in turn.
    pub kinds: Vec<Kind>,
    /// The places where devices stand.
    pub locations: Vec<String>,
    /// The kinds of faults that befall devices; none for a fleet without faults.
    pub faults: Vec<FaultKind>,
    /// The mean number of a device's readings from the end of a fault to the next, beyond the least of 60.
    pub fault_gap: u32,
    /// A fault that stays; none by default.
    pub defect: Option<Defect>,
}

/// A level shift that stays. No other fault befalls the device after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Defect {
    /// The place of the device in the fleet, from 0.
    pub device: usize,
    /// The place of the quantity in [`FleetOptions::quantities`], from 0.
    pub quantity: usize,
    /// When it begins; if another fault is there at that time, when that is over.
    pub from: Timestamp,
    /// By how much values are off, in multiples of the quantity's range; 0.3 is plain to see.
    pub size: f64,
}

impl Default for FleetOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            devices: 10,
            start: Timestamp::from_secs(1_738_368_000),
            end: None,
            step: Duration::from_secs(1),
            quantities: vec![Quantity::VOLTAGE, Quantity::CURRENT],
            kinds: Kind::defaults(),
            locations: ["packaging", "production", "warehouse"].map(str::to_owned).to_vec(),
            faults: FaultKind::ALL.to_vec(),
            fault_gap: 2_000,
            defect: None,
        }
    }
}

impl FleetOptions {
    /// The most devices of one fleet.
    pub const MAX_DEVICES: usize = 1 << 20;

    /// A default fleet that goes on for ever from `now`.
    pub fn live(now: Timestamp) -> Self {
        Self { start: now, ..Self::default() }
    }

    /// A default fleet that fills this range.
    pub fn over(range: TimeRange) -> Self {
        Self { start: range.from(), end: Some(range.to()), ..Self::default() }
    }

    /// The step in nanoseconds.
    pub(super) fn check(&self) -> Result<i64> {
        if self.devices == 0 || self.devices > Self::MAX_DEVICES {
            let devices = self.devices;
            return Err(Error::invalid(format!("devices {devices} is not in 1..={}", Self::MAX_DEVICES)));
        }
        if self.quantities.is_empty() || self.kinds.is_empty() || self.locations.is_empty() {
            return Err(Error::invalid("a fleet needs a quantity, a kind and a location"));
        }
        for (i, quantity) in self.quantities.iter().enumerate() {
            if self.quantities[..i].iter().any(|other| other.name() == quantity.name()) {
                return Err(Error::invalid(format!("quantity {} is given twice", quantity.name())));
            }
        }
        if let Some(Defect { device, quantity, size, .. }) = self.defect {
            if device >= self.devices || quantity >= self.quantities.len() {
                let text =
                    format!("a defect of quantity {quantity} of device {device}, which is not in the fleet");
                return Err(Error::invalid(text));
            }
            if !size.is_finite() {
                return Err(Error::invalid(format!("size {size} of a defect is not finite")));
            }
        }
        self.kinds.iter().try_for_each(Kind::check)?;
        match i64::try_from(self.step.as_nanos()) {
            Ok(step) if step > 0 => Ok(step),
            _ => Err(Error::invalid(format!("step {:?} is not between 1 ns and 292 years", self.step))),
        }
    }
}
