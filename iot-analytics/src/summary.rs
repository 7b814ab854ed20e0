//! All usual statistics of one quantity.

use iot_core::Result;
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use crate::{Moments, Quantiles};

/// The usual statistics of a stream of values: its [`Moments`] and its [`Quantiles`].
///
/// NaN is skipped; summaries of parts merge into the summary of the whole.
///
/// ```
/// use iot_analytics::Summary;
///
/// let voltage = Summary::of(&[229.0, 231.0, f64::NAN, 230.0, 250.0]);
/// assert_eq!(voltage.moments().count(), 4);
/// assert_eq!(voltage.moments().mean(), 235.0);
/// assert_eq!(voltage.median(), 230.5);
/// assert_eq!(voltage.quantile(1.0)?, 250.0);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    moments: Moments,
    quantiles: Quantiles,
}

impl Summary {
    /// The summary of no value, quantiles exact up to [`Quantiles::EXACT_LIMIT`] values.
    pub fn new() -> Self {
        Self::default()
    }

    /// The summary of no value, quantiles exact up to this many values.
    pub fn with_exact_limit(exact_limit: usize) -> Self {
        Self { moments: Moments::new(), quantiles: Quantiles::with_exact_limit(exact_limit) }
    }

    /// The summary of these values.
    pub fn of<'a>(values: impl Into<ArrayView1<'a, f64>>) -> Self {
        let mut summary = Self::new();
        summary.extend(values);
        summary
    }

    /// Adds a value; NaN is skipped.
    pub fn push(&mut self, value: f64) {
        self.moments.push(value);
        self.quantiles.push(value);
    }

    /// Adds values; NaN is skipped.
    pub fn extend<'a>(&mut self, values: impl Into<ArrayView1<'a, f64>>) {
        let values = values.into();
        self.moments.extend(values);
        self.quantiles.extend(values);
    }

    /// Adds what another has seen.
    pub fn merge(&mut self, other: &Self) {
        self.moments.merge(&other.moments);
        self.quantiles.merge(&other.quantiles);
    }

    /// Count, mean, standard deviation, smallest, largest and so on.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// The quantiles, and how exact they are.
    pub fn quantiles(&self) -> &Quantiles {
        &self.quantiles
    }

    /// The median; NaN if there is no value.
    pub fn median(&self) -> f64 {
        self.quantiles.median()
    }

    /// The `q`-quantile; NaN if there is no value.
    ///
    /// # Errors
    ///
    /// `Invalid` if `q` is not a probability in 0..=1.
    pub fn quantile(&self, q: f64) -> Result<f64> {
        self.quantiles.quantile(q)
    }
}
