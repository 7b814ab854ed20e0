//! Building a batch row by row, without an allocation a row.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{Batch, Column, check_time};
use crate::{Device, Error, Quantity, Reading, Result, Timestamp};

/// Builds [`Batch`]es row by row.
///
/// The hot path is [`device`](Self::device), which looks a device up without allocating once it is known, and
/// [`row`](Self::row). It remembers devices from batch to batch, up to a bound, so that a long stream from
/// known devices allocates columns only. A refused row leaves no trace.
///
/// ```
/// use iot_core::{BatchBuilder, Quantity, Timestamp};
///
/// let mut builder = BatchBuilder::new();
/// let voltage = builder.quantity(&Quantity::VOLTAGE)?;
/// let pump = builder.device("pump-7", None, Some("packaging"))?;
/// builder.row(pump, Timestamp::from_secs(0), &[(voltage, 229.7)])?;
/// assert_eq!(builder.finish().len(), 1);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct BatchBuilder {
    hasher: DefaultHashBuilder,
    /// Codes into `known`, by hash of the device's three parts.
    index: HashTable<u32>,
    known: Vec<Known>,
    last: u32,
    batch: Batch,
    /// Tells the batch being built from earlier ones, so that no one has to clear `known`.
    generation: u64,
}

#[derive(Debug)]
struct Known {
    device: Device,
    generation: u64,
    code: u32,
    /// The device that came after this one when it was looked up last.
    next: u32,
}

/// Past this many known devices the memory of them starts anew: ids may be random.
const MAX_KNOWN: usize = 1 << 18;

/// The generation of a device that has been in no batch.
const NEVER: u64 = u64::MAX;

impl BatchBuilder {
    /// A builder of an empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// The code of this device in the batch being built.
    ///
    /// # Errors
    ///
    /// `Invalid` if a part is not acceptable; see [`Device::from_parts`].
    pub fn device(&mut self, id: &str, kind: Option<&str>, location: Option<&str>) -> Result<u32> {
        // Devices come in runs, or one after the other as in the round before.
        let next = self.known.get(self.last as usize).map_or(0, |last| last.next);
        for likely in [self.last, next] {
            if self.known.get(likely as usize).is_some_and(|known| known.device.has_parts(id, kind, location))
            {
                self.last = likely;
                return Ok(self.code_of(likely));
            }
        }
        let hash = hash_of(&self.hasher, id, kind, location);
        let known = &self.known;
        let found =
            self.index.find(hash, |&at| known[at as usize].device.has_parts(id, kind, location)).copied();
        let at = match found {
            Some(at) => at,
            None => self.learn(hash, Device::from_parts(id, kind, location)?),
        };
        if let Some(last) = self.known.get_mut(self.last as usize) {
            last.next = at;
        }
        self.last = at;
        Ok(self.code_of(at))
    }

    fn learn(&mut self, hash: u64, device: Device) -> u32 {
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
            self.index.clear();
        }
        let at = self.known.len() as u32;
        self.known.push(Known { device, generation: NEVER, code: 0, next: 0 });
        let (known, hasher) = (&self.known, &self.hasher);
        self.index.insert_unique(hash, at, |&at| {
            let device = &known[at as usize].device;
            hash_of(hasher, device.id(), device.kind(), device.location())
        });
        at
    }

    fn code_of(&mut self, at: u32) -> u32 {
        let known = &mut self.known[at as usize];
        if known.generation != self.generation {
            known.generation = self.generation;
            known.code = self.batch.devices.len() as u32;
            self.batch.devices.push(known.device.clone());
        }
        known.code
    }

    /// The column of this quantity in the batch being built; a new one is filled with NaN up to here.
    ///
    /// # Errors
    ///
    /// `Invalid` if the batch has the quantity in another unit.
    pub fn quantity(&mut self, quantity: &Quantity) -> Result<usize> {
        let columns = &mut self.batch.columns;
        if let Some(at) = columns.iter().position(|column| column.quantity.name() == quantity.name()) {
            if columns[at].quantity != *quantity {
                columns[at].quantity = columns[at].quantity.merge(quantity)?;
            }
            return Ok(at);
        }
        let values = vec![f64::NAN; self.batch.times.len()];
        columns.push(Column { quantity: quantity.clone(), values });
        Ok(columns.len() - 1)
    }

    /// Adds a row: a code from [`device`](Self::device), a time, and values by column from
    /// [`quantity`](Self::quantity). NaN is a missing value; of two values for a column the later one counts.
    ///
    /// # Errors
    ///
    /// `Invalid` if a code or column is not of this batch, a value is infinite, all are missing, or the time is the
    /// last one there is.
    pub fn row(&mut self, device: u32, time: Timestamp, values: &[(usize, f64)]) -> Result<()> {
        let Batch { devices, columns, .. } = &self.batch;
        if device as usize >= devices.len() {
            return Err(Error::invalid(format!("device code {device} is not of this batch")));
        }
        for &(column, value) in values {
            let Some(Column { quantity, .. }) = columns.get(column) else {
                return Err(Error::invalid(format!("column {column} is not of this batch")));
            };
            if value.is_infinite() {
                return Err(Error::invalid(format!("{} {value} is not finite", quantity.name())));
            }
        }
        // A later NaN takes the place of a value.
        let stays = |(at, (column, value)): (usize, &(usize, f64))| {
            !value.is_nan() && values[at + 1..].iter().all(|(later, _)| later != column)
        };
        if !values.iter().enumerate().rev().any(stays) {
            return Err(Error::invalid("the reading has no value"));
        }
        self.well_formed_row(device, time, values)
    }

    /// Adds a row like [`row`](Self::row) of which all is known to be right but its time.
    #[inline]
    pub(crate) fn well_formed_row(
        &mut self,
        device: u32,
        time: Timestamp,
        values: &[(usize, f64)],
    ) -> Result<()> {
        check_time(time.nanos())?;
        let Batch { codes, times, columns, .. } = &mut self.batch;
        let row = times.len();
        for column in &mut *columns {
            column.values.push(f64::NAN);
        }
        for &(column, value) in values {
            columns[column].values[row] = value;
        }
        codes.push(device);
        times.push(time.nanos());
        Ok(())
    }

    /// Adds a reading.
    ///
    /// # Errors
    ///
    /// `Invalid` if it has no value, its time is the last one there is, or a quantity comes in another unit than before.
    pub fn push(&mut self, reading: &Reading) -> Result<()> {
        let device = reading.device();
        let code = self.device(device.id(), device.kind(), device.location())?;
        let mut values = Vec::with_capacity(reading.values().len());
        for (quantity, value) in reading.values() {
            values.push((self.quantity(quantity)?, *value));
        }
        self.row(code, reading.time(), &values)
    }

    /// Adds all rows of a batch.
    ///
    /// # Errors
    ///
    /// `Invalid` if a quantity comes in another unit than before; then no row was added.
    pub fn extend(&mut self, batch: &Batch) -> Result<()> {
        let mut targets = Vec::with_capacity(batch.columns.len());
        for column in &batch.columns {
            targets.push(self.quantity(&column.quantity)?);
        }
        let mut codes = Vec::with_capacity(batch.devices.len());
        for device in &batch.devices {
            codes.push(self.device(device.id(), device.kind(), device.location())?);
        }
        self.batch.codes.extend(batch.codes.iter().map(|&code| codes[code as usize]));
        self.batch.times.extend_from_slice(&batch.times);
        for (column, target) in batch.columns.iter().zip(targets) {
            self.batch.columns[target].values.extend_from_slice(&column.values);
        }
        let rows = self.batch.times.len();
        for column in &mut self.batch.columns {
            column.values.resize(rows, f64::NAN);
        }
        Ok(())
    }

    /// The number of rows so far.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// The bytes the columns take so far.
    pub fn bytes(&self) -> usize {
        self.batch.bytes()
    }

    /// The bytes the columns will take with so many more rows and columns.
    pub fn bytes_with(&self, rows: usize, columns: usize) -> usize {
        super::bytes(self.len() + rows, self.batch.columns.len() + columns)
    }

    /// How many columns this batch would add.
    pub fn new_columns(&self, batch: &Batch) -> usize {
        let is_new = |column: &&Column| {
            self.batch.columns.iter().all(|mine| mine.quantity.name() != column.quantity.name())
        };
        batch.columns.iter().filter(is_new).count()
    }

    /// The batch built so far; the builder starts an empty one. Columns in which no row has a value are left out.
    pub fn finish(&mut self) -> Batch {
        self.generation += 1;
        let mut batch = std::mem::take(&mut self.batch);
        batch.columns.retain(|column| column.values.iter().any(|value| !value.is_nan()));
        // The next batch is likely to be as long.
        self.batch.codes.reserve(batch.codes.len());
        self.batch.times.reserve(batch.times.len());
        batch
    }
}

fn hash_of(hasher: &DefaultHashBuilder, id: &str, kind: Option<&str>, location: Option<&str>) -> u64 {
    hasher.hash_one((id, kind.unwrap_or_default(), location.unwrap_or_default()))
}
