//! Inserting readings, many with one statement.

use iot_core::{Batch, Quantity};
use rusqlite::{CachedStatement, Connection};

use super::super::error::Result;
use super::super::schema;

/// How many readings one statement inserts, where they have few values: it takes half the time of one by one.
const MANY: usize = 32;

/// The most parameters of a statement, of the 32,766 that SQLite allows: longer ones gain nothing.
const MAX_PARAMETERS: usize = 1_024;

pub(super) struct Inserts<'a> {
    batch: &'a Batch,
    many: CachedStatement<'a>,
    one: CachedStatement<'a>,
    /// Device key, time, label and row of the readings that wait for `many` to be full.
    waiting: Vec<(i64, i64, i64, usize)>,
    full: usize,
}

impl<'a> Inserts<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        quantities: &[Quantity],
        places: &[usize],
        batch: &'a Batch,
    ) -> Result<Self> {
        let columns = schema::columns(quantities, places);
        let row = format!("(?, ?, ?{})", ", ?".repeat(places.len()));
        let full = MANY.min(MAX_PARAMETERS / (3 + places.len())).max(1);
        let statement = |rows: usize| {
            let rows = vec![row.as_str(); rows].join(", ");
            let sql =
                format!("INSERT OR REPLACE INTO readings (_device, _time, _label{columns}) VALUES {rows}");
            connection.prepare_cached(&sql)
        };
        Ok(Self {
            batch,
            many: statement(full)?,
            one: statement(1)?,
            waiting: Vec::with_capacity(full),
            full,
        })
    }

    /// Inserts a row of the batch, or has it wait.
    pub(super) fn push(&mut self, device: i64, time: i64, label: i64, row: usize) -> Result<()> {
        self.waiting.push((device, time, label, row));
        if self.waiting.len() < self.full {
            return Ok(());
        }
        insert(&mut self.many, self.batch, &self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    /// Inserts the rows that wait.
    pub(super) fn finish(mut self) -> Result<()> {
        self.waiting.chunks(1).try_for_each(|row| insert(&mut self.one, self.batch, row))
    }
}

fn insert(statement: &mut CachedStatement<'_>, batch: &Batch, rows: &[(i64, i64, i64, usize)]) -> Result<()> {
    let mut parameter = 1;
    for &(device, time, label, row) in rows {
        statement.raw_bind_parameter(parameter, device)?;
        statement.raw_bind_parameter(parameter + 1, time)?;
        statement.raw_bind_parameter(parameter + 2, label)?;
        parameter += 3;
        for column in batch.columns() {
            // SQLite makes NULL of NaN: missing is missing.
            statement.raw_bind_parameter(parameter, column.values[row])?;
            parameter += 1;
        }
    }
    statement.raw_execute()?;
    Ok(())
}
