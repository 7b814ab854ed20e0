//! Readings to try a store with: the same in every run.

use iot_core::{Batch, BatchBuilder, Column, Device, Quantity, Reading, Timestamp};

/// A small generator of pseudo-random numbers (SplitMix64).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `end`, which is not included.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True once in `n` times.
    pub(super) fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// A value as a sensor would give it.
    pub(super) fn value(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64 * 500.0 - 100.0
    }
}

/// The instant from which most laws count.
const START: i64 = 1_738_713_600_000_000_000;

/// `nanos` after 2025-02-05T00:00:00Z.
pub(super) fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(START + nanos)
}

/// `secs` after 2025-02-05T00:00:00Z.
pub(super) fn second(secs: i64) -> Timestamp {
    at(secs * 1_000_000_000)
}

pub(super) fn device(id: &str) -> Device {
    Device::new(id).unwrap()
}

pub(super) fn voltage(id: &str, time: Timestamp, value: f64) -> Reading {
    Reading::new(device(id), time).with(Quantity::VOLTAGE, value).unwrap()
}

pub(super) fn batch(readings: &[Reading]) -> Batch {
    Batch::from_readings(readings).unwrap()
}

/// `rows` readings of `devices` devices, round robin, a second apart for each, with two quantities.
pub(super) fn long(devices: usize, rows: usize) -> Batch {
    let dictionary = (0..devices).map(|i| device(&format!("machine-{i:05}"))).collect();
    let codes = (0..rows).map(|row| (row % devices) as u32).collect();
    let times = (0..rows).map(|row| second((row / devices) as i64).nanos()).collect();
    let column =
        |quantity, scale: f64| Column { quantity, values: (0..rows).map(|row| row as f64 * scale).collect() };
    let columns = vec![column(Quantity::VOLTAGE, 0.1), column(Quantity::CURRENT, -0.003)];
    Batch::new(dictionary, codes, times, columns).unwrap()
}

/// A batch of up to 200 readings that collide often with one another and with those of other seeds: few devices, few
/// times, holes, and kinds and locations that come and go.
pub(super) fn collisions(random: &mut Random) -> Batch {
    let names = [Quantity::VOLTAGE, Quantity::CURRENT, Quantity::new("co2", "ppm").unwrap()];
    let mut builder = BatchBuilder::new();
    let columns = names.map(|quantity| builder.quantity(&quantity).unwrap());
    for _ in 0..=random.below(200) {
        let id = format!("device {}", random.below(4));
        let kind = ["", "Sensor", "Drive"][random.below(3) as usize];
        let place = ["", "packaging"][random.below(2) as usize];
        let code = builder.device(&id, Some(kind), Some(place)).unwrap();
        let mut values: Vec<_> = columns.iter().map(|&column| (column, random.value())).collect();
        values.retain(|_| !random.once_in(3));
        if values.is_empty() {
            values.push((columns[0], random.value()));
        }
        builder.row(code, at(random.below(100) as i64 * 7_777_777_777), &values).unwrap();
    }
    builder.finish()
}
