//! Deleting old readings, a bounded number in a transaction.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension as _, params_from_iter};

use super::error::Result;
use super::registry::Registry;
use super::schema;

/// The most readings that one step deletes: appends wait no longer than that takes.
const STEP: u64 = 10_000;

/// Deletes what is before a time, device by device.
pub(super) struct Retention {
    before: i64,
    /// The devices up to this key are done.
    done: i64,
    gone: u64,
}

impl Retention {
    pub(super) fn new(before: i64) -> Self {
        Self { before, done: 0, gone: 0 }
    }

    /// Goes on, inside a transaction; breaks with the number of readings gone when none is left.
    pub(super) fn step(&mut self, connection: &Connection, registry: &Registry) -> Result<ControlFlow<u64>> {
        let mut next = connection.prepare_cached(
            "SELECT _key FROM devices WHERE _key > ?1 AND _first < ?2 ORDER BY _key LIMIT 1",
        )?;
        let mut left = STEP;
        while left > 0 {
            let Some(key) = next.query_row((self.done, self.before), |row| row.get(0)).optional()? else {
                return Ok(ControlFlow::Break(self.gone));
            };
            left -= self.delete(connection, registry, key, left)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Deletes at most `most` readings of a device, and says how many.
    fn delete(&mut self, connection: &Connection, registry: &Registry, key: i64, most: u64) -> Result<u64> {
        let mut past = connection.prepare_cached(
            "SELECT _time FROM readings WHERE _device = ?1 AND _time < ?2 ORDER BY _time LIMIT 1 OFFSET ?3",
        )?;
        let past: Option<i64> =
            past.query_row((key, self.before, most as i64), |row| row.get(0)).optional()?;
        let end = past.unwrap_or(self.before);

        let quantities = registry.quantities();
        let count = |quantity| format!(", count({})", schema::column(quantity));
        let counts: String = quantities.iter().map(count).collect();
        let sql = format!("SELECT count(*){counts} FROM readings WHERE _device = ?1 AND _time < ?2");
        let counts: Vec<i64> = connection
            .prepare_cached(&sql)?
            .query_row((key, end), |row| (0..=quantities.len()).map(|column| row.get(column)).collect())?;
        let deleted = connection
            .prepare_cached("DELETE FROM readings WHERE _device = ?1 AND _time < ?2")?
            .execute((key, end))? as u64;

        let mut first = connection.prepare_cached("SELECT min(_time) FROM readings WHERE _device = ?1")?;
        let first: Option<i64> = first.query_row([key], |row| row.get(0))?;
        if let Some(first) = first {
            let subtract = |quantity| format!(", {0} = {0} - ?", schema::column(quantity));
            let subtracts: String = quantities.iter().map(subtract).collect();
            let sql =
                format!("UPDATE devices SET _first = ?, _readings = _readings - ?{subtracts} WHERE _key = ?");
            connection
                .prepare_cached(&sql)?
                .execute(params_from_iter([first].into_iter().chain(counts).chain([key])))?;
        } else {
            connection.prepare_cached("DELETE FROM devices WHERE _key = ?1")?.execute([key])?;
        }
        if past.is_none() {
            self.done = key;
        }
        self.gone += deleted;
        Ok(deleted)
    }
}
