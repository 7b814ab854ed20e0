//! Scaling to mean 0 and standard deviation 1.

use iot_core::{Error, Result};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use crate::Moments;
use crate::view::dense;

/// Scales values by the mean and the standard deviation of a history: z = (x - mean) / std.
///
/// What is scaled later is scaled by the same history, so that scaled values stay comparable (ADTK's `StandardScale` has no such
/// memory). A constant history has no scale: its values are only moved to 0.
///
/// ```
/// use iot_analytics::{Moments, StandardScaler};
///
/// let scaler = StandardScaler::of(&Moments::of(&[1.0, 2.0, 3.0]))?;
/// assert_eq!(scaler.scale(4.0), 2.0);
/// assert_eq!(scaler.unscale(2.0), 4.0);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StandardScaler {
    mean: f64,
    std: f64,
}

impl StandardScaler {
    /// The scaler of a history with these moments.
    ///
    /// # Errors
    ///
    /// `Invalid` if it has less than two values, or their spread is too large for a float.
    pub fn of(history: &Moments) -> Result<Self> {
        let (mean, std) = (history.mean(), history.std());
        if !(mean.is_finite() && std.is_finite()) {
            return Err(Error::invalid(format!(
                "history of {} values with mean {mean} and standard deviation {std} has no scale",
                history.count()
            )));
        }
        Ok(Self { mean, std: if std == 0.0 { 1.0 } else { std } })
    }

    /// The mean of the history, which is scaled to 0.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// What a scaled value of 1 is away from the mean.
    pub fn std(&self) -> f64 {
        self.std
    }

    /// The scaled value; NaN stays NaN.
    pub fn scale(&self, value: f64) -> f64 {
        (value - self.mean) / self.std
    }

    /// The value that was scaled to this.
    pub fn unscale(&self, scaled: f64) -> f64 {
        scaled * self.std + self.mean
    }

    /// The scaled values.
    pub fn scale_all<'a>(&self, values: impl Into<ArrayView1<'a, f64>>) -> Vec<f64> {
        dense(values).iter().map(|&value| self.scale(value)).collect()
    }
}
