//! What a memory store holds, and how each question is answered from it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::{
    Batch, BatchBuilder, Bucket, BucketQuery, Buckets, Column, Device, DeviceSummary, Frame, Quantity, Query,
    Result, TimeRange, Timestamp,
};

/// The most readings of one frame.
const MAX_FRAME: u64 = 8_192;

#[derive(Default)]
pub(super) struct State {
    /// In the order of their first appearance, which is the order of `Row::values`.
    quantities: Vec<Quantity>,
    /// By device id, then by time.
    readings: BTreeMap<String, BTreeMap<i64, Row>>,
}

/// A reading but for its time. Quantities past the end of `values` are missing.
struct Row {
    device: Device,
    values: Vec<f64>,
}

impl Row {
    fn value(&self, quantity: usize) -> f64 {
        self.values.get(quantity).copied().unwrap_or(f64::NAN)
    }

    fn has(&self, quantity: usize) -> bool {
        !self.value(quantity).is_nan()
    }
}

impl State {
    pub(super) fn len(&self) -> usize {
        self.readings.values().map(BTreeMap::len).sum()
    }

    pub(super) fn append(&mut self, batch: &Batch) -> Result<()> {
        let mut quantities = self.quantities.clone();
        let mut places = Vec::with_capacity(batch.columns().len());
        for Column { quantity, .. } in batch.columns() {
            let place = quantities.iter().position(|known| known.name() == quantity.name());
            places.push(place.unwrap_or(quantities.len()));
            match place {
                Some(place) => quantities[place] = quantities[place].merge(quantity)?,
                None => quantities.push(quantity.clone()),
            }
        }
        // From here on nothing fails, so a refused batch leaves no trace.
        self.quantities = quantities;
        for (row, &time) in batch.times().iter().enumerate() {
            let mut values = vec![f64::NAN; self.quantities.len()];
            for (column, &place) in batch.columns().iter().zip(&places) {
                values[place] = column.values[row];
            }
            let device = batch.device(row).clone();
            let readings = self.readings.entry(device.id().to_owned()).or_default();
            readings.insert(time, Row { device, values });
        }
        Ok(())
    }

    /// Where the quantities of these names stand; all of them if none is named.
    fn places(&self, names: &[String]) -> Vec<usize> {
        let wanted =
            |&at: &usize| names.is_empty() || names.iter().any(|name| name == self.quantities[at].name());
        (0..self.quantities.len()).filter(wanted).collect()
    }

    fn rows(&self, id: &str, range: TimeRange) -> impl Iterator<Item = (i64, &Row)> {
        let rows = self.readings.get(id).into_iter();
        rows.flat_map(move |rows| rows.range(range.from().nanos()..range.to().nanos()))
            .map(|(&time, row)| (time, row))
    }

    /// The first frame that a query asks for, and the query for the rest.
    pub(super) fn frame(&self, mut query: Query) -> Option<(Result<Frame>, Option<Query>)> {
        let places = self.places(&query.quantities);
        let limit = query.limit.unwrap_or(u64::MAX);
        let all = self.rows(&query.device, query.range);
        let wanted = all.filter(|(_, row)| places.iter().any(|&place| row.has(place)));
        let mut wanted = wanted.skip(usize::try_from(query.skip).unwrap_or(usize::MAX)).peekable();
        let device = wanted.peek().filter(|_| limit > 0)?.1.device.clone();
        let alike = wanted.take(limit.min(MAX_FRAME) as usize).take_while(|(_, row)| row.device == device);
        let (times, rows): (Vec<i64>, Vec<&Row>) = alike.unzip();
        let column = |&place: &usize| Column {
            quantity: self.quantities[place].clone(),
            values: rows.iter().map(|row| row.value(place)).collect(),
        };
        let present = places.iter().filter(|&&place| rows.iter().any(|row| row.has(place)));
        let columns = present.map(column).collect();
        let after = Timestamp::from_nanos(times.last()? + 1);
        query.range = TimeRange::new(after, query.range.to()).ok()?;
        query.skip = 0;
        query.limit = query.limit.map(|limit| limit - times.len() as u64);
        Some((Frame::new(device, times, columns), Some(query)))
    }

    /// Merges the devices, each from its latest reading backwards.
    pub(super) fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        let mut batch = BatchBuilder::new();
        let columns =
            self.quantities.iter().map(|quantity| batch.quantity(quantity)).collect::<Result<Vec<_>>>()?;
        let mut devices: Vec<_> = self.readings.values().map(|rows| rows.iter().rev().peekable()).collect();
        // The latest on top; of equal times the first by id, in whose order the devices stand.
        let mut heads = BinaryHeap::new();
        for (at, rows) in devices.iter_mut().enumerate() {
            heads.extend(rows.peek().map(|(time, _)| (**time, Reverse(at))));
        }
        let mut passed = 0;
        while let Some((time, Reverse(at))) = heads.pop().filter(|_| batch.len() < limit) {
            let Some((_, row)) = devices[at].next() else { break };
            heads.extend(devices[at].peek().map(|(time, _)| (**time, Reverse(at))));
            if passed < skip {
                passed += 1;
                continue;
            }
            let device = batch.device(row.device.id(), row.device.kind(), row.device.location())?;
            let values: Vec<_> = columns.iter().map(|&place| (place, row.value(place))).collect();
            batch.row(device, Timestamp::from_nanos(time), &values)?;
        }
        Ok(batch.finish())
    }

    pub(super) fn buckets(&self, query: &BucketQuery) -> Buckets {
        let mut columns = Vec::new();
        for place in self.places(&query.quantities) {
            let mut buckets = vec![Bucket::EMPTY; query.len()];
            for (time, row) in self.rows(&query.device, query.range) {
                let bucket = &mut buckets[query.index_of(time)];
                *bucket = bucket.merge(Bucket::of(time, row.value(place)));
            }
            if buckets.iter().any(|bucket| bucket.count > 0) {
                columns.push((self.quantities[place].clone(), buckets));
            }
        }
        Buckets { range: query.range, width_nanos: query.width_nanos, columns }
    }

    pub(super) fn devices(&self) -> Vec<DeviceSummary> {
        let summary = |rows: &BTreeMap<i64, Row>| {
            let ((&first, _), (&last, latest)) = (rows.first_key_value()?, rows.last_key_value()?);
            let seen = |&place: &usize| rows.values().any(|row| row.has(place));
            Some(DeviceSummary {
                device: latest.device.clone(),
                first_seen: Timestamp::from_nanos(first),
                last_seen: Timestamp::from_nanos(last),
                readings: Some(rows.len() as u64),
                quantities: self
                    .places(&[])
                    .iter()
                    .filter(|&place| seen(place))
                    .map(|&at| self.quantities[at].clone())
                    .collect(),
            })
        };
        self.readings.values().filter_map(summary).collect()
    }

    pub(super) fn delete_before(&mut self, time: Timestamp) -> u64 {
        let mut gone = 0;
        self.readings.retain(|_, rows| {
            let kept = rows.split_off(&time.nanos());
            gone += rows.len() as u64;
            *rows = kept;
            !rows.is_empty()
        });
        gone
    }
}
