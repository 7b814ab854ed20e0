//! Keeping a device's summary true to its readings.

use iot_core::{Batch, Column, Quantity};
use rusqlite::{Connection, params_from_iter};

use super::super::error::Result;
use super::super::registry::Known;
use super::super::schema;

/// What a batch changes of one device.
pub(super) struct Tally {
    first: i64,
    last: i64,
    label: i64,
    /// The row of the batch that is now the latest reading.
    latest: Option<usize>,
    /// How many readings more.
    readings: i64,
    /// For each quantity, how many values more.
    values: Vec<i64>,
    written: bool,
    replaced: bool,
}

impl Tally {
    pub(super) fn new(quantities: usize) -> Self {
        Self {
            first: i64::MAX,
            last: i64::MIN,
            label: 0,
            latest: None,
            readings: 0,
            values: vec![0; quantities],
            written: false,
            replaced: false,
        }
    }

    /// Starts anew with another device.
    pub(super) fn start(&mut self, known: &Known) {
        (self.first, self.last, self.label) = (known.first, known.last, known.label);
        (self.latest, self.readings) = (None, 0);
        self.values.fill(0);
        (self.written, self.replaced) = (false, false);
    }

    /// A row of the batch becomes a reading.
    pub(super) fn add(&mut self, time: i64, label: i64, row: usize, columns: &[Column], places: &[usize]) {
        self.written = true;
        self.readings += 1;
        self.first = self.first.min(time);
        if time >= self.last {
            (self.last, self.label, self.latest) = (time, label, Some(row));
        }
        for (column, &place) in columns.iter().zip(places) {
            self.values[place] += i64::from(!column.values[row].is_nan());
        }
    }

    /// A reading of these values, by quantity, goes.
    pub(super) fn remove(&mut self, values: &[f64]) {
        self.replaced = true;
        self.readings -= 1;
        for (count, value) in self.values.iter_mut().zip(values) {
            *count -= i64::from(!value.is_nan());
        }
    }
}

pub(super) struct Summaries<'a> {
    connection: &'a Connection,
    /// The quantities of the batch, and all of the file.
    places: Vec<usize>,
    all: Vec<usize>,
    insert: String,
    update: String,
    update_all: String,
}

impl<'a> Summaries<'a> {
    pub(super) fn new(connection: &'a Connection, quantities: &[Quantity], places: &[usize]) -> Self {
        let all: Vec<_> = (0..quantities.len()).collect();
        let insert = format!(
            "INSERT INTO devices (_key, _id, _label, _first, _last, _readings{}) VALUES (?, ?, ?, ?, ?, ?{})",
            schema::columns(quantities, places),
            ", ?".repeat(places.len())
        );
        let update = |places: &[usize]| {
            let add = |&place: &usize| {
                let column = schema::column(&quantities[place]);
                format!(", {column} = {column} + ?")
            };
            let adds: String = places.iter().map(add).collect();
            format!(
                "UPDATE devices SET _label = ?, _first = ?, _last = ?, _readings = _readings + ?{adds} WHERE _key = ?"
            )
        };
        let (update, update_all) = (update(places), update(&all));
        Self { connection, places: places.to_vec(), all, insert, update, update_all }
    }

    /// Writes what has changed of a device.
    pub(super) fn write(&self, known: &mut Known, tally: &Tally, batch: &Batch) -> Result<()> {
        if !tally.written {
            return Ok(());
        }
        let fixed = [tally.label, tally.first, tally.last, tally.readings];
        let counts =
            |places: &'_ [usize]| places.iter().map(|&place| tally.values[place]).collect::<Vec<_>>();
        if known.is_stored() {
            // A reading that was written over may have had quantities that the batch does not have.
            let (sql, places) =
                if tally.replaced { (&self.update_all, &self.all) } else { (&self.update, &self.places) };
            let parameters = fixed.into_iter().chain(counts(places)).chain([known.key]);
            self.connection.prepare_cached(sql)?.execute(params_from_iter(parameters))?;
        } else {
            let mut insert = self.connection.prepare_cached(&self.insert)?;
            insert.raw_bind_parameter(1, known.key)?;
            insert.raw_bind_parameter(2, known.device.id())?;
            for (parameter, count) in (3..).zip(fixed.into_iter().chain(counts(&self.places))) {
                insert.raw_bind_parameter(parameter, count)?;
            }
            insert.raw_execute()?;
        }
        (known.first, known.last, known.label) = (tally.first, tally.last, tally.label);
        if let Some(row) = tally.latest {
            known.device = batch.device(row).clone();
        }
        Ok(())
    }
}
