//! Readings to send, and what is consumed of them.

use std::collections::BTreeMap;

use iot_core::{Batch, Consumer, Delivery, Device, Quantity, Reading, Timestamp};

use crate::patience::next;

/// A reading of each of `devices` devices.
pub(crate) fn round(devices: usize, secs: i64) -> Batch {
    let reading = |i| {
        let device = Device::new(&format!("machine-{i}")).unwrap();
        Reading::new(device, Timestamp::from_secs(secs)).with(Quantity::VOLTAGE, 230.0).unwrap()
    };
    Batch::from_readings(&(0..devices).map(reading).collect::<Vec<_>>()).unwrap()
}

/// How often each reading, by device and second, was delivered.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<(String, i64), usize>);

impl Counts {
    pub(crate) fn add(&mut self, delivery: &Delivery) {
        for reading in delivery.batch.readings() {
            let key = (reading.device().id().to_owned(), reading.time().nanos() / 1_000_000_000);
            *self.0.entry(key).or_default() += 1;
        }
    }

    /// How many different readings were delivered.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The most often a reading was delivered.
    pub(crate) fn most(&self) -> usize {
        self.0.values().copied().max().unwrap_or_default()
    }
}

/// Takes and commits until so many readings were delivered.
pub(crate) async fn consume(consumer: &mut dyn Consumer, readings: usize) -> Counts {
    let mut counts = Counts::default();
    while counts.len() < readings {
        let delivery = next(consumer).await;
        counts.add(&delivery);
        consumer.commit(&delivery.position).await.unwrap();
    }
    counts
}
