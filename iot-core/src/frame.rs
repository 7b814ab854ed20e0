//! Columns of one device.

use crate::{Column, Device, Error, Result, Timestamp};

/// Readings of one device in columns, times strictly ascending.
///
/// `times` and every column have the same length; a value is in its quantity's unit, NaN where it is missing.
/// The device's kind and location hold for all of its rows: a scan starts a new frame where they change.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    device: Device,
    times: Vec<i64>,
    columns: Vec<Column>,
}

impl Frame {
    /// A frame of these columns; `times` in nanoseconds UTC.
    ///
    /// # Errors
    ///
    /// `Invalid` if the times do not strictly ascend, a column has another length, a value is infinite, or
    /// two columns are of one quantity.
    pub fn new(device: Device, times: Vec<i64>, columns: Vec<Column>) -> Result<Self> {
        if !times.is_sorted_by(|a, b| a < b) {
            return Err(Error::invalid("times of a frame do not strictly ascend"));
        }
        crate::batch::check_columns(times.len(), &columns)?;
        Ok(Self { device, times, columns })
    }

    /// The device.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The number of readings.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is no reading.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The times, nanoseconds UTC, strictly ascending.
    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// The columns, one a quantity.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The values of the quantity of this name.
    pub fn values(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|column| column.quantity.name() == name).map(|column| &*column.values)
    }

    /// The series of the quantity of this name.
    pub fn series(&self, name: &str) -> Option<Series<'_>> {
        self.values(name).map(|values| Series { times: &self.times, values })
    }

    /// The device, the times and the columns.
    pub fn into_parts(self) -> (Device, Vec<i64>, Vec<Column>) {
        (self.device, self.times, self.columns)
    }

    /// Puts the later readings of the same device behind these; columns only one of them has are filled with NaN.
    ///
    /// # Errors
    ///
    /// `Invalid` if the other frame is of another device or does not start after this one ends, or units differ.
    pub fn extend(&mut self, later: &Self) -> Result<()> {
        if self.device.id() != later.device.id() {
            return Err(Error::invalid(format!(
                "frames of {:?} and {:?} cannot be joined",
                self.device.id(),
                later.device.id()
            )));
        }
        if self.times.last() >= later.times.first() && !self.is_empty() && !later.is_empty() {
            return Err(Error::invalid("a frame can only be extended by later readings"));
        }
        let before = self.len();
        for column in &later.columns {
            match self.columns.iter_mut().find(|mine| mine.quantity.name() == column.quantity.name()) {
                Some(mine) => {
                    mine.quantity = mine.quantity.merge(&column.quantity)?;
                    mine.values.extend_from_slice(&column.values);
                }
                None => {
                    let mut values = vec![f64::NAN; before];
                    values.extend_from_slice(&column.values);
                    self.columns.push(Column { quantity: column.quantity.clone(), values });
                }
            }
        }
        self.times.extend_from_slice(&later.times);
        for column in &mut self.columns {
            column.values.resize(self.times.len(), f64::NAN);
        }
        self.device = later.device.clone();
        Ok(())
    }
}

/// One quantity over time: times in nanoseconds UTC, strictly ascending, and a value each; NaN is a missing value.
///
/// ```
/// use iot_core::Series;
///
/// let series = Series::new(&[0, 1_000, 2_000], &[1.0, f64::NAN, 3.0])?;
/// assert_eq!(series.len(), 3);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    times: &'a [i64],
    values: &'a [f64],
}

impl<'a> Series<'a> {
    /// A view on times and values.
    ///
    /// # Errors
    ///
    /// `Invalid` if they differ in length, or the times do not strictly ascend.
    pub fn new(times: &'a [i64], values: &'a [f64]) -> Result<Self> {
        if times.len() != values.len() {
            return Err(Error::invalid(format!(
                "a series has {} times and {} values",
                times.len(),
                values.len()
            )));
        }
        if !times.is_sorted_by(|a, b| a < b) {
            return Err(Error::invalid("times of a series do not strictly ascend"));
        }
        Ok(Self { times, values })
    }

    /// The number of samples.
    pub fn len(self) -> usize {
        self.times.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(self) -> bool {
        self.times.is_empty()
    }

    /// The times, nanoseconds UTC, strictly ascending.
    pub fn times(self) -> &'a [i64] {
        self.times
    }

    /// The values; NaN is a missing one.
    pub fn values(self) -> &'a [f64] {
        self.values
    }

    /// The samples, in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = (Timestamp, f64)> + 'a {
        self.times.iter().zip(self.values).map(|(&time, &value)| (Timestamp::from_nanos(time), value))
    }
}
