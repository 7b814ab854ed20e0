//! The newest readings of all devices.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use iot_core::{Batch, BatchBuilder, Error, Timestamp};
use rusqlite::CachedStatement;

use super::error::Result;
use super::readers::{Labels, Snapshot};
use super::scan::value;
use super::schema;

/// The most readings of a device that are fetched at a time.
const MAX_FETCH: usize = 128;

/// A device, read from its latest reading backwards.
struct Source {
    id: String,
    key: i64,
    /// The readings fetched and not taken yet.
    fetched: VecDeque<Reading>,
    /// How many to fetch next.
    fetch: usize,
}

struct Reading {
    time: i64,
    label: i64,
    values: Vec<f64>,
}

/// Merges the devices, each from its end. What a device's newest reading is stands in its summary, so that only
/// devices that have a part in the answer are read.
pub(super) fn newest<'a>(snapshot: &'a Snapshot<'a>, skip: u64, limit: usize) -> Result<Batch> {
    let mut merge = Merge::new(snapshot, skip.saturating_add(limit as u64))?;
    let mut batch = BatchBuilder::new();
    let columns = snapshot.quantities.iter().map(|quantity| batch.quantity(quantity));
    let columns = columns.collect::<iot_core::Result<Vec<_>>>()?;
    let mut labels = Labels::default();
    let mut passed = 0;
    while batch.len() < limit {
        let Some((at, reading)) = merge.next()? else { break };
        snapshot.check_wanted(passed)?;
        passed += 1;
        if passed <= skip {
            continue;
        }
        let device = labels.device(snapshot, &merge.sources[at].id, reading.label)?;
        let code = batch.device(device.id(), device.kind(), device.location())?;
        let values: Vec<_> = columns.iter().copied().zip(reading.values).collect();
        let added = batch.row(code, Timestamp::from_nanos(reading.time), &values);
        added.map_err(|source| Error::corrupt("the file has a bad reading").with_source(source))?;
    }
    Ok(batch.finish())
}

struct Merge<'a> {
    snapshot: &'a Snapshot<'a>,
    statement: CachedStatement<'a>,
    /// By id.
    sources: Vec<Source>,
    /// For each source the latest time that its next reading can have, and its place: the latest on top, of equal
    /// ones the first by id.
    heads: BinaryHeap<(i64, Reverse<usize>)>,
}

impl<'a> Merge<'a> {
    /// A merge good for `rows` readings: no more devices than that can have a part in them.
    fn new(snapshot: &'a Snapshot<'a>, rows: u64) -> Result<Self> {
        let sql = "SELECT _last, _id, _key FROM devices ORDER BY _last DESC, _id LIMIT ?1";
        let mut statement = snapshot.connection.prepare_cached(sql)?;
        let found = statement.query_map([i64::try_from(rows).unwrap_or(i64::MAX)], |row| {
            let source = Source { id: row.get(1)?, key: row.get(2)?, fetched: VecDeque::new(), fetch: 1 };
            Ok((row.get::<_, i64>(0)?, source))
        })?;
        let mut found = found.collect::<rusqlite::Result<Vec<_>>>()?;
        found.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
        let heads = found.iter().enumerate().map(|(at, (last, _))| (*last, Reverse(at))).collect();
        let all: Vec<_> = (0..snapshot.quantities.len()).collect();
        let statement = snapshot.connection.prepare_cached(&format!(
            "SELECT _time, _label{} FROM readings WHERE _device = ?1 AND _time <= ?2 ORDER BY _time DESC LIMIT ?3",
            schema::columns(&snapshot.quantities, &all)
        ))?;
        Ok(Self {
            snapshot,
            statement,
            sources: found.into_iter().map(|(_, source)| source).collect(),
            heads,
        })
    }

    /// The next reading, and where its source stands.
    fn next(&mut self) -> Result<Option<(usize, Reading)>> {
        while let Some((latest, Reverse(at))) = self.heads.pop() {
            if self.sources[at].fetched.is_empty() {
                self.fetch(at, latest)?;
            }
            match self.sources[at].fetched.pop_front() {
                Some(reading) if reading.time == latest => {
                    self.heads.extend(latest.checked_sub(1).map(|before| (before, Reverse(at))));
                    return Ok(Some((at, reading)));
                }
                // It is not yet its turn.
                Some(reading) => {
                    self.heads.push((reading.time, Reverse(at)));
                    self.sources[at].fetched.push_front(reading);
                }
                None => {}
            }
        }
        Ok(None)
    }

    /// Fetches some more readings of a source, the latest not after `time`.
    fn fetch(&mut self, at: usize, time: i64) -> Result<()> {
        let source = &mut self.sources[at];
        let mut rows = self.statement.query((source.key, time, source.fetch as i64))?;
        while let Some(row) = rows.next()? {
            let values = (0..self.snapshot.quantities.len()).map(|place| value(row, 2 + place));
            let values = values.collect::<Result<_>>()?;
            source.fetched.push_back(Reading { time: row.get(0)?, label: row.get(1)?, values });
        }
        source.fetch = (source.fetch * 2).min(MAX_FETCH);
        Ok(())
    }
}
