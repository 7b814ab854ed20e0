//! What is computed of a window.

use iot_core::Result;
use serde::{Deserialize, Serialize};

use crate::quantile::check_probability;

/// What is computed of the values of a window that are not missing.
///
/// Deviations, variances and the higher moments are those of a sample, corrected for bias, as in
/// [`Moments`](crate::Moments); a deviation needs two values, a skewness three, a kurtosis four.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// How many there are.
    Count,
    /// Their sum.
    Sum,
    /// Their arithmetic mean.
    Mean,
    /// The one in the middle, or the mean of the two there.
    Median,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The standard deviation.
    Std,
    /// The variance.
    Variance,
    /// The skewness; 0 if all are equal.
    Skewness,
    /// The excess kurtosis; -3 if all are equal, as pandas has it.
    Kurtosis,
    /// The quantile of this probability, interpolated linearly.
    Quantile(f64),
    /// The distance between the quartiles.
    InterquartileRange,
    /// The distance between the first and the last decile.
    InterdecileRange,
}

impl Aggregate {
    pub(super) fn check(self) -> Result<()> {
        match self {
            Self::Quantile(q) => check_probability("q", q),
            _ => Ok(()),
        }
    }
}
