//! What the file has in the place of a reading.

use iot_core::{Batch, Quantity};
use rusqlite::{CachedStatement, Connection};

use super::super::error::Result;
use super::super::scan::value;
use super::super::schema;

/// How a reading compares with the one that the file has in its place.
pub(super) enum Was {
    /// There is none.
    Absent,
    /// It is the same, to the last bit: there is nothing to write.
    Same,
    /// It is another, with these [`values`](Stored::values).
    Other,
}

pub(super) struct Stored<'a> {
    batch: &'a Batch,
    statement: CachedStatement<'a>,
    /// For each quantity of the file, its column in the batch.
    columns: Vec<Option<usize>>,
    values: Vec<f64>,
}

impl<'a> Stored<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        quantities: &[Quantity],
        places: &[usize],
        batch: &'a Batch,
    ) -> Result<Self> {
        let all: Vec<_> = (0..quantities.len()).collect();
        let statement = connection.prepare_cached(&format!(
            "SELECT _label{} FROM readings WHERE _device = ?1 AND _time = ?2",
            schema::columns(quantities, &all)
        ))?;
        let mut columns = vec![None; quantities.len()];
        places.iter().enumerate().for_each(|(column, &place)| columns[place] = Some(column));
        Ok(Self { batch, statement, columns, values: Vec::new() })
    }

    /// Compares a row of the batch.
    pub(super) fn was(&mut self, device: i64, time: i64, label: i64, row: usize) -> Result<Was> {
        let mut rows = self.statement.query((device, time))?;
        let Some(stored) = rows.next()? else { return Ok(Was::Absent) };
        let mut same = stored.get::<_, i64>(0)? == label;
        self.values.clear();
        for (place, column) in self.columns.iter().enumerate() {
            let old = value(stored, 1 + place)?;
            let new = column.map_or(f64::NAN, |column| self.batch.columns()[column].values[row]);
            same &= old.to_bits() == new.to_bits() || (old.is_nan() && new.is_nan());
            self.values.push(old);
        }
        Ok(if same { Was::Same } else { Was::Other })
    }

    /// The values last compared with, by quantity.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }
}
