//! Aggregates of a range, one a time bucket.

use crate::{Error, Quantity, Result, TimeRange};

/// Asks for aggregates of one device over `range`, one for each `width_nanos` nanoseconds of it.
///
/// Bucket *i* covers `[from + i·width, from + (i+1)·width)`, cut at the range's end.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BucketQuery {
    /// The id of the device.
    pub device: String,
    /// The range to cover.
    pub range: TimeRange,
    /// The width of a bucket, nanoseconds.
    pub width_nanos: u64,
    /// The names of the quantities wanted; empty for all.
    pub quantities: Vec<String>,
}

impl BucketQuery {
    /// The most buckets one answer holds.
    pub const MAX_BUCKETS: u64 = 100_000;

    /// Buckets of `width_nanos` over `range`, for all quantities.
    ///
    /// # Errors
    ///
    /// `Invalid` if the width is 0 or the range has more than [`MAX_BUCKETS`](Self::MAX_BUCKETS) of it.
    pub fn new(device: &str, range: TimeRange, width_nanos: u64) -> Result<Self> {
        if width_nanos == 0 {
            return Err(Error::invalid("width of a bucket is 0"));
        }
        let buckets = range.nanos().div_ceil(width_nanos);
        if buckets > Self::MAX_BUCKETS {
            return Err(Error::invalid(format!(
                "width {width_nanos} ns makes {buckets} buckets, more than {}",
                Self::MAX_BUCKETS
            )));
        }
        Ok(Self { device: device.to_owned(), range, width_nanos, quantities: Vec::new() })
    }

    /// The same for these quantities only.
    #[must_use]
    pub fn with_quantities<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.quantities = names.into_iter().map(Into::into).collect();
        self
    }

    /// The number of buckets the range has.
    pub fn len(&self) -> usize {
        // At most MAX_BUCKETS, checked in `new`.
        self.range.nanos().div_ceil(self.width_nanos) as usize
    }

    /// Whether the range has no bucket.
    pub fn is_empty(&self) -> bool {
        self.range.nanos() == 0
    }

    /// The bucket that a time of the range, nanoseconds UTC, falls into.
    pub fn index_of(&self, time: i64) -> usize {
        (time.abs_diff(self.range.from().nanos()) / self.width_nanos) as usize
    }
}

/// Aggregates of one quantity in one time bucket, over its values that are not missing.
///
/// Empty: `count` 0 and `sum` 0, all else NaN or 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The earliest.
    pub first: f64,
    /// When that was, nanoseconds UTC.
    pub first_time: i64,
    /// The latest.
    pub last: f64,
    /// When that was, nanoseconds UTC.
    pub last_time: i64,
}

impl Bucket {
    /// The bucket of no value.
    pub const EMPTY: Self = Self {
        count: 0,
        sum: 0.0,
        min: f64::NAN,
        max: f64::NAN,
        first: f64::NAN,
        first_time: 0,
        last: f64::NAN,
        last_time: 0,
    };

    /// The bucket of one value at `time`, nanoseconds UTC; empty if the value is missing.
    pub fn of(time: i64, value: f64) -> Self {
        if value.is_nan() {
            return Self::EMPTY;
        }
        Self {
            count: 1,
            sum: value,
            min: value,
            max: value,
            first: value,
            first_time: time,
            last: value,
            last_time: time,
        }
    }

    /// The bucket of all values of both. Associative (but for the rounding of `sum`), so that a store in parts can answer in parts.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        if self.count == 0 {
            return other;
        }
        if other.count == 0 {
            return self;
        }
        let (head, tail) = (
            if other.first_time < self.first_time { other } else { self },
            if other.last_time > self.last_time { other } else { self },
        );
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            first: head.first,
            first_time: head.first_time,
            last: tail.last,
            last_time: tail.last_time,
        }
    }

    /// The arithmetic mean; NaN if empty.
    pub fn mean(self) -> f64 {
        self.sum / self.count as f64
    }
}

/// The answer to a [`BucketQuery`]: for each quantity of the device, a bucket for each step of the range.
#[derive(Debug, Clone, PartialEq)]
pub struct Buckets {
    /// The range covered.
    pub range: TimeRange,
    /// The width of a bucket, nanoseconds.
    pub width_nanos: u64,
    /// For each quantity, as many buckets as the range has; those without a value are [`Bucket::EMPTY`].
    pub columns: Vec<(Quantity, Vec<Bucket>)>,
}

impl Buckets {
    /// The buckets of the quantity of this name.
    pub fn of(&self, name: &str) -> Option<&[Bucket]> {
        self.columns.iter().find(|(quantity, _)| quantity.name() == name).map(|(_, buckets)| &**buckets)
    }
}
