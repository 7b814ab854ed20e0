//! Quantiles of a stream in bounded memory.

use iot_core::Result;
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use super::sketch::Sketch;
use super::{check_probability, linear};
use crate::sums::present;
use crate::view::dense;

/// Quantiles of a stream: exact up to a stated number of values, above it a sketch that states its error.
///
/// Up to [`exact_limit`](Self::exact_limit) values are kept (8 bytes each) and their quantiles are those of
/// [`quantile`](fn@crate::quantile). The value after that moves all of them into a KLL sketch of some 12,000 values (100 kB)
/// whatever the length of the stream. Its answer to `q` is a value of the stream whose rank is `q` give or take
/// [`rank_error`](Self::rank_error), with 99 % confidence; the smallest and the largest value stay exact. The sketch
/// tosses coins: two runs over the same stream may differ within that error.
///
/// NaN is skipped. Merging two gives the quantiles of both streams: exact if all values fit the limit of the first.
///
/// Cost: O(1) a value to add, O(n) to ask while exact, O(1) in the sketch.
///
/// ```
/// use iot_analytics::{Estimate, Quantiles};
///
/// let mut quantiles = Quantiles::new();
/// quantiles.extend(&[3.0, 1.0, 2.0]);
/// assert_eq!(quantiles.quantile(0.5)?, 2.0);
/// assert_eq!(quantiles.estimate(0.5)?, Estimate { value: 2.0, rank_error: 0.0 });
/// # Ok::<(), iot_core::Error>(())
/// ```
///
/// Source: Z. Karnin, K. Lang and E. Liberty, "Optimal quantile approximation in streams", FOCS 2016, as built by
/// Apache DataSketches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    exact_limit: usize,
    kept: Kept,
}

/// A quantile of a stream, and how exact it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// A value of the stream, or one between two.
    #[serde(with = "crate::nan")]
    pub value: f64,
    /// By how much its rank may be off, as a share of all values, with 99 % confidence; 0 of an exact one.
    pub rank_error: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kept {
    /// Values that are not NaN, in any order.
    All(Vec<f64>),
    Some(Sketch),
}

impl Default for Quantiles {
    fn default() -> Self {
        Self::new()
    }
}

impl Quantiles {
    /// How many values are kept exactly if nothing else is said: 2^20, 8 MiB.
    pub const EXACT_LIMIT: usize = 1 << 20;

    /// Quantiles of no value yet, exact up to [`EXACT_LIMIT`](Self::EXACT_LIMIT) values.
    pub fn new() -> Self {
        Self::with_exact_limit(Self::EXACT_LIMIT)
    }

    /// Quantiles of no value yet, exact up to this many values.
    pub fn with_exact_limit(exact_limit: usize) -> Self {
        Self { exact_limit, kept: Kept::All(Vec::new()) }
    }

    /// Adds a value; NaN is skipped.
    pub fn push(&mut self, value: f64) {
        match &mut self.kept {
            Kept::Some(sketch) => sketch.push(value),
            Kept::All(_) if value.is_nan() => {}
            Kept::All(values) if values.len() < self.exact_limit => values.push(value),
            Kept::All(values) => {
                let mut sketch = sketch_of(values);
                sketch.push(value);
                self.kept = Kept::Some(sketch);
            }
        }
    }

    /// Adds values; NaN is skipped.
    pub fn extend<'a>(&mut self, values: impl Into<ArrayView1<'a, f64>>) {
        let values = dense(values);
        match &mut self.kept {
            Kept::All(kept) if values.len() <= self.exact_limit.saturating_sub(kept.len()) => {
                kept.extend_from_slice(&present(&values));
            }
            _ => values.iter().for_each(|&value| self.push(value)),
        }
    }

    /// Adds what another has seen.
    pub fn merge(&mut self, other: &Self) {
        match (&mut self.kept, &other.kept) {
            (_, Kept::All(theirs)) => self.extend(theirs),
            (Kept::Some(mine), Kept::Some(theirs)) => mine.merge(theirs),
            (Kept::All(mine), Kept::Some(theirs)) => {
                let mut sketch = sketch_of(mine);
                sketch.merge(theirs);
                self.kept = Kept::Some(sketch);
            }
        }
    }

    /// The number of values seen that are not NaN.
    pub fn count(&self) -> u64 {
        match &self.kept {
            Kept::All(values) => values.len() as u64,
            Kept::Some(sketch) => sketch.count(),
        }
    }

    /// The most values that are kept exactly.
    pub fn exact_limit(&self) -> usize {
        self.exact_limit
    }

    /// By how much the rank of an answer may be off, as a share of all values, with 99 % confidence; 0 while exact.
    pub fn rank_error(&self) -> f64 {
        match &self.kept {
            Kept::All(_) => 0.0,
            Kept::Some(sketch) => sketch.rank_error(),
        }
    }

    /// The `q`-quantile; NaN if no value has been seen.
    ///
    /// # Errors
    ///
    /// `Invalid` if `q` is not a probability in 0..=1.
    pub fn quantile(&self, q: f64) -> Result<f64> {
        check_probability("q", q)?;
        Ok(self.at(q))
    }

    /// The `q`-quantile with the error that it may have; NaN if no value has been seen.
    ///
    /// # Errors
    ///
    /// `Invalid` if `q` is not a probability in 0..=1.
    pub fn estimate(&self, q: f64) -> Result<Estimate> {
        Ok(Estimate { value: self.quantile(q)?, rank_error: self.rank_error() })
    }

    /// The median; NaN if no value has been seen.
    pub fn median(&self) -> f64 {
        self.at(0.5)
    }

    fn at(&self, q: f64) -> f64 {
        match &self.kept {
            Kept::All(values) => {
                let [quantile] = linear(values, [q]);
                quantile
            }
            Kept::Some(sketch) => sketch.quantile(q),
        }
    }
}

fn sketch_of(values: &[f64]) -> Sketch {
    let mut sketch = Sketch::new();
    values.iter().for_each(|&value| sketch.push(value));
    sketch
}
