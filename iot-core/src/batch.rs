//! Many readings in columns: what moves through the system.

mod builder;

pub use builder::BatchBuilder;

use std::ops::Range;

use crate::{Device, Error, Quantity, Reading, Result, Timestamp};

/// One quantity of many readings: a value a row in the quantity's unit, NaN where it is missing.
#[derive(Debug, Clone)]
pub struct Column {
    /// What was measured.
    pub quantity: Quantity,
    /// The values, one a row.
    pub values: Vec<f64>,
}

/// Equal where the quantity and every value are, a missing value being equal to a missing value.
impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
        self.quantity == other.quantity
            && self.values.len() == other.values.len()
            && self.values.iter().zip(&other.values).all(same)
    }
}

/// Many readings in columns, in any order.
///
/// Row *i* is the device `devices()[codes()[i]]`, the time `times()[i]` and the *i*-th value of every
/// column. Of two rows with the same device id and time the later one counts.
///
/// Every batch that exists is well formed: columns of one length, codes inside the dictionary, no infinite
/// value, one column a quantity, no row without a value, none at [`Timestamp::MAX`], which is in no range.
///
/// ```
/// use iot_core::{Batch, Device, Quantity, Reading, Timestamp};
///
/// let pump = Device::new("pump-7")?;
/// let readings = (0..3).map(|i| Reading::new(pump.clone(), Timestamp::from_secs(i)).with(Quantity::VOLTAGE, 230.0));
/// let batch = Batch::from_readings(&readings.collect::<Result<Vec<_>, _>>()?)?;
/// assert_eq!(batch.len(), 3);
/// assert_eq!(batch.devices().len(), 1);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    devices: Vec<Device>,
    codes: Vec<u32>,
    times: Vec<i64>,
    columns: Vec<Column>,
}

impl Batch {
    /// A batch of these columns: `codes` index `devices`, `times` are nanoseconds UTC.
    ///
    /// # Errors
    ///
    /// `Invalid` if it would not be well formed (see [`Batch`]).
    pub fn new(devices: Vec<Device>, codes: Vec<u32>, times: Vec<i64>, columns: Vec<Column>) -> Result<Self> {
        if codes.len() != times.len() {
            return Err(Error::invalid(format!(
                "a batch has {} device codes and {} times",
                codes.len(),
                times.len()
            )));
        }
        if let Some(code) = codes.iter().find(|&&code| code as usize >= devices.len()) {
            return Err(Error::invalid(format!(
                "device code {code} is outside a dictionary of {}",
                devices.len()
            )));
        }
        check_columns(times.len(), &columns)?;
        times.iter().max().map_or(Ok(()), |&last| check_time(last))?;
        let missing = |&row: &usize| columns.iter().all(|column| column.values[row].is_nan());
        if let Some(row) = (0..times.len()).find(missing) {
            return Err(Error::invalid(format!("row {row} of a batch has no value")));
        }
        Ok(Self { devices, codes, times, columns })
    }

    /// A batch of columns that are well formed by the way they were made.
    pub(crate) fn from_well_formed(
        devices: Vec<Device>,
        codes: Vec<u32>,
        times: Vec<i64>,
        columns: Vec<Column>,
    ) -> Self {
        Self { devices, codes, times, columns }
    }

    /// A batch of these readings.
    ///
    /// # Errors
    ///
    /// `Invalid` if a reading has no value or the last time there is, or one quantity comes in two units.
    pub fn from_readings(readings: &[Reading]) -> Result<Self> {
        let mut builder = BatchBuilder::new();
        readings.iter().try_for_each(|reading| builder.push(reading))?;
        Ok(builder.finish())
    }

    /// The number of readings.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is no reading.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The device dictionary. It may hold devices of which there is no row.
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// For each row, where its device stands in the dictionary.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The times, nanoseconds UTC.
    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// The columns, one a quantity.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The device of a row. Panics if there is no such row, as a slice does.
    pub fn device(&self, row: usize) -> &Device {
        &self.devices[self.codes[row] as usize]
    }

    /// One row as a reading; `None` if there is no such row. For edges and tests: it allocates.
    pub fn reading(&self, row: usize) -> Option<Reading> {
        let time = Timestamp::from_nanos(*self.times.get(row)?);
        let values = self.columns.iter().map(|column| (column.quantity.clone(), column.values[row]));
        values
            .filter(|(_, value)| !value.is_nan())
            .try_fold(Reading::new(self.device(row).clone(), time), |reading, (quantity, value)| {
                reading.with(quantity, value)
            })
            .ok()
    }

    /// All rows as readings. For edges and tests: it allocates for each.
    pub fn readings(&self) -> impl Iterator<Item = Reading> + '_ {
        (0..self.len()).filter_map(|row| self.reading(row))
    }

    /// The rows of `range` as a batch of their own, with the devices that it has rows of. Panics if the range is outside, as a slice does.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let column = |column: &Column| Column {
            quantity: column.quantity.clone(),
            values: column.values[range.clone()].to_vec(),
        };
        let mut codes = self.codes[range.clone()].to_vec();
        let mut used = codes.clone();
        used.sort_unstable();
        used.dedup();
        for code in &mut codes {
            // Each is there.
            *code = used.binary_search(code).unwrap_or_else(|place| place) as u32;
        }
        Self {
            devices: used.iter().map(|&code| self.devices[code as usize].clone()).collect(),
            codes,
            times: self.times[range.clone()].to_vec(),
            columns: self.columns.iter().map(column).collect(),
        }
    }

    /// The bytes its columns take; devices are not counted.
    pub fn bytes(&self) -> usize {
        bytes(self.len(), self.columns.len())
    }

    /// The dictionary, the codes, the times and the columns.
    pub fn into_parts(self) -> (Vec<Device>, Vec<u32>, Vec<i64>, Vec<Column>) {
        (self.devices, self.codes, self.times, self.columns)
    }
}

/// The bytes of so many rows of a code, a time and so many values.
fn bytes(rows: usize, columns: usize) -> usize {
    rows.saturating_mul(size_of::<u32>() + size_of::<i64>() + columns * size_of::<f64>())
}

/// The end of a range is not in it, and none ends later than the last instant.
fn check_time(time: i64) -> Result<()> {
    if time == i64::MAX {
        return Err(Error::invalid(format!(
            "timestamp {} is the last one there is, which no range has",
            Timestamp::MAX
        )));
    }
    Ok(())
}

pub(crate) fn check_columns(rows: usize, columns: &[Column]) -> Result<()> {
    for (i, Column { quantity, values }) in columns.iter().enumerate() {
        if values.len() != rows {
            return Err(Error::invalid(format!(
                "column {} has {} values for {rows} rows",
                quantity.name(),
                values.len()
            )));
        }
        if columns[..i].iter().any(|other| other.quantity.name() == quantity.name()) {
            return Err(Error::invalid(format!("column {} is given twice", quantity.name())));
        }
        if let Some(value) = values.iter().find(|value| value.is_infinite()) {
            return Err(Error::invalid(format!("{} {value} is not finite", quantity.name())));
        }
    }
    Ok(())
}
