//! What a store should hold after some appends: the contract written down as a map.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use iot_core::{Batch, Bucket, BucketQuery, Device, Quantity, Query, Timestamp};

/// A reading as it is compared: values by their bits, missing ones left out.
#[derive(Clone, PartialEq)]
pub(super) struct Row {
    pub(super) device: Device,
    pub(super) time: i64,
    pub(super) values: BTreeMap<String, u64>,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: BTreeMap<_, _> =
            self.values.iter().map(|(name, &bits)| (name, f64::from_bits(bits))).collect();
        write!(f, "{} ns {values:?} of {:?}", self.time, self.device)
    }
}

/// The rows of a batch, in its order.
pub(super) fn rows_of(batch: &Batch) -> Vec<Row> {
    let values = |row: usize| {
        let present = batch.columns().iter().filter(|column| !column.values[row].is_nan());
        present.map(|column| (column.quantity.name().to_owned(), column.values[row].to_bits())).collect()
    };
    (0..batch.len())
        .map(|row| Row { device: batch.device(row).clone(), time: batch.times()[row], values: values(row) })
        .collect()
}

/// What a store knows of a device, as it is compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Summary {
    pub(super) device: Device,
    pub(super) first_seen: i64,
    pub(super) last_seen: i64,
    pub(super) readings: Option<u64>,
    pub(super) quantities: BTreeSet<Quantity>,
}

#[derive(Default)]
pub(super) struct Model {
    rows: BTreeMap<String, BTreeMap<i64, Row>>,
    quantities: BTreeMap<String, Quantity>,
}

impl Model {
    pub(super) fn append(&mut self, batch: &Batch) {
        for column in batch.columns() {
            let known = self.quantities.entry(column.quantity.name().to_owned());
            let known = known.or_insert_with(|| column.quantity.clone());
            *known = known.merge(&column.quantity).unwrap();
        }
        for row in rows_of(batch) {
            self.rows.entry(row.device.id().to_owned()).or_default().insert(row.time, row);
        }
    }

    /// Removes the readings before `time`, and says how many those are.
    pub(super) fn delete_before(&mut self, time: Timestamp) -> u64 {
        let mut gone = 0;
        for rows in self.rows.values_mut() {
            let kept = rows.split_off(&time.nanos());
            gone += rows.len() as u64;
            *rows = kept;
        }
        self.rows.retain(|_, rows| !rows.is_empty());
        gone
    }

    /// Keeps these readings only: what is left where a store deletes in its own way.
    pub(super) fn keep(&mut self, left: &[Row]) {
        let left: BTreeSet<_> = left.iter().map(|row| (row.device.id(), row.time)).collect();
        for (id, rows) in &mut self.rows {
            rows.retain(|&time, _| left.contains(&(id.as_str(), time)));
        }
        self.rows.retain(|_, rows| !rows.is_empty());
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.rows.keys().cloned().collect()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.quantities.keys().map(String::as_str)
    }

    pub(super) fn quantity(&self, name: &str) -> Option<&Quantity> {
        self.quantities.get(name)
    }

    pub(super) fn scan(&self, query: &Query) -> Vec<Row> {
        let wanted = |name: &String| query.quantities.is_empty() || query.quantities.contains(name);
        let rows = self.rows.get(&query.device).into_iter().flat_map(BTreeMap::values);
        let inside = rows.filter(|row| query.range.contains(Timestamp::from_nanos(row.time)));
        let projected = inside.map(|row| {
            let mut row = row.clone();
            row.values.retain(|name, _| wanted(name));
            row
        });
        let limit = query.limit.map_or(usize::MAX, |limit| limit as usize);
        projected.filter(|row| !row.values.is_empty()).skip(query.skip as usize).take(limit).collect()
    }

    pub(super) fn newest(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = self.rows.values().flat_map(BTreeMap::values).cloned().collect();
        rows.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| a.device.id().cmp(b.device.id())));
        rows
    }

    /// The buckets of one quantity.
    pub(super) fn buckets(&self, query: &BucketQuery, name: &str) -> Vec<Bucket> {
        let mut buckets = vec![Bucket::EMPTY; query.len()];
        for row in self.scan(&Query::device(&query.device).range(query.range)) {
            if let Some(&bits) = row.values.get(name) {
                let bucket = &mut buckets[query.index_of(row.time)];
                *bucket = bucket.merge(Bucket::of(row.time, f64::from_bits(bits)));
            }
        }
        buckets
    }

    pub(super) fn devices(&self) -> Vec<Summary> {
        self.rows.values().map(|rows| self.summary(rows)).collect()
    }

    fn summary(&self, rows: &BTreeMap<i64, Row>) -> Summary {
        let (&first_seen, _) = rows.first_key_value().unwrap();
        let (&last_seen, latest) = rows.last_key_value().unwrap();
        let names: BTreeSet<&String> = rows.values().flat_map(|row| row.values.keys()).collect();
        Summary {
            device: latest.device.clone(),
            first_seen,
            last_seen,
            readings: Some(rows.len() as u64),
            quantities: names.into_iter().map(|name| self.quantities[name].clone()).collect(),
        }
    }
}
