//! Readings to try a log with: the same in every run.

use std::collections::BTreeMap;

use iot_core::{Batch, Delivery, Device, Quantity, Reading, Timestamp};

/// A reading in a form that can be compared, sorted, and looked up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) device: Device,
    pub(super) time: i64,
    /// The bits of each value, by name.
    pub(super) values: BTreeMap<String, u64>,
}

impl From<&Reading> for Row {
    fn from(reading: &Reading) -> Self {
        let values = reading.values().iter();
        Self {
            device: reading.device().clone(),
            time: reading.time().nanos(),
            values: values.map(|(quantity, value)| (quantity.name().to_owned(), value.to_bits())).collect(),
        }
    }
}

pub(super) fn rows(batch: &Batch) -> Vec<Row> {
    batch.readings().map(|reading| Row::from(&reading)).collect()
}

pub(super) fn rows_of(deliveries: &[Delivery]) -> Vec<Row> {
    deliveries.iter().flat_map(|delivery| rows(&delivery.batch)).collect()
}

/// The same rows without regard to order.
pub(super) fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort();
    rows
}

pub(super) fn device(i: usize) -> Device {
    Device::new(&format!("machine-{i:03}")).unwrap()
}

/// `count` readings of one device, a second apart, the first one `from` seconds after 2025-02-05T00:00:00Z.
pub(super) fn run(device: &Device, from: usize, count: usize) -> Batch {
    let reading = |at: usize| {
        Reading::new(device.clone(), Timestamp::from_secs(1_738_713_600 + at as i64))
            .with(Quantity::VOLTAGE, 230.0 + at as f64 / 1024.0)
            .and_then(|reading| reading.with(Quantity::CURRENT, at as f64 / 3.0))
            .unwrap()
    };
    batch((from..from + count).map(reading))
}

/// A reading of each of the first `devices` devices, at `at` seconds.
pub(super) fn round(devices: usize, at: usize) -> Batch {
    batch((0..devices).flat_map(|i| run(&device(i), at, 1).readings().collect::<Vec<_>>()))
}

pub(super) fn batch(readings: impl IntoIterator<Item = Reading>) -> Batch {
    Batch::from_readings(&readings.into_iter().collect::<Vec<_>>()).unwrap()
}
