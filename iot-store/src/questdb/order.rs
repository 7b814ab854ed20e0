//! The rows of some batches in the order in which they are written.

use std::collections::HashMap;

use iot_core::{Batch, Device};

/// A row of one of some batches, with its time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) time: i64,
    pub(super) batch: u32,
    pub(super) row: u32,
}

/// Orders rows; keeps its memory for the next time.
#[derive(Debug, Default)]
pub(super) struct Order {
    places: Vec<Place>,
    /// For each device, the last time that has been seen of it.
    seen: Vec<i64>,
}

impl Order {
    /// The rows of `batches` by ascending time, without those that a later row of the same device and time replaces.
    ///
    /// Sorted rows are what spares the server, and within a transaction it is not said which of two rows wins.
    pub(super) fn of<'a>(&mut self, batches: impl Iterator<Item = &'a Batch> + Clone) -> &[Place] {
        self.places.clear();
        for (at, batch) in (0..).zip(batches.clone()) {
            let places = (0..).zip(batch.times()).map(|(row, &time)| Place { time, batch: at, row });
            self.places.extend(places);
        }
        if !self.places.is_sorted_by_key(|place| place.time) {
            // Stable: of equal times the later row stays the later one.
            self.places.sort_by_key(|place| place.time);
        }
        self.keep_last(batches);
        &self.places
    }

    fn keep_last<'a>(&mut self, batches: impl Iterator<Item = &'a Batch>) {
        let mut known = HashMap::new();
        let batches: Vec<Numbered<'_>> = batches.map(|batch| Numbered::new(batch, &mut known)).collect();
        self.seen.clear();
        self.seen.resize(known.len(), i64::MIN);
        // Backwards, moving what is kept to the end.
        let mut first = self.places.len();
        for at in (0..self.places.len()).rev() {
            let place = self.places[at];
            let seen = &mut self.seen[batches[place.batch as usize].number(place.row)];
            if *seen != place.time {
                *seen = place.time;
                first -= 1;
                self.places[first] = place;
            }
        }
        self.places.drain(..first);
    }
}

/// A batch whose devices are numbered by their ids: those that differ in kind or location only are one.
struct Numbered<'a> {
    numbers: Vec<u32>,
    codes: &'a [u32],
}

impl<'a> Numbered<'a> {
    fn new(batch: &'a Batch, known: &mut HashMap<&'a str, u32>) -> Self {
        let number = |device: &'a Device| {
            let next = known.len() as u32;
            *known.entry(device.id()).or_insert(next)
        };
        Self { numbers: batch.devices().iter().map(number).collect(), codes: batch.codes() }
    }

    fn number(&self, row: u32) -> usize {
        self.numbers[self.codes[row as usize] as usize] as usize
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use std::collections::BTreeMap;

    use iot_core::{BatchBuilder, Quantity, Timestamp};
    use proptest::prelude::*;

    use super::*;

    /// Rows of a device id, a kind and a time.
    fn batch(rows: &[(u8, bool, i64)]) -> Batch {
        let mut builder = BatchBuilder::new();
        let voltage = builder.quantity(&Quantity::VOLTAGE).unwrap();
        for &(id, kind, time) in rows {
            let device = builder.device(&id.to_string(), kind.then_some("Sensor"), None).unwrap();
            builder.row(device, Timestamp::from_nanos(time), &[(voltage, 1.0)]).unwrap();
        }
        builder.finish()
    }

    proptest! {
        #[test]
        fn what_is_kept_is_the_last_row_of_each_device_and_time_by_ascending_time(
            rows in prop::collection::vec(prop::collection::vec((0_u8..4, any::<bool>(), 0_i64..6), 0..40), 1..4)
        ) {
            let batches: Vec<Batch> = rows.iter().map(|rows| batch(rows)).collect();
            let mut last = BTreeMap::new();
            for (at, rows) in (0_u32..).zip(&rows) {
                for (row, &(id, _, time)) in (0_u32..).zip(rows) {
                    last.insert((time, id), (at, row));
                }
            }
            let mut order = Order::default();
            // Memory of an earlier use changes nothing.
            order.of(std::iter::once(&batches[0]));
            let places = order.of(batches.iter());
            prop_assert!(places.is_sorted_by_key(|place| place.time));
            let mut kept: Vec<_> = places.iter().map(|place| (place.batch, place.row)).collect();
            let mut expected: Vec<_> = last.into_values().collect();
            kept.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(kept, expected);
        }
    }
}
