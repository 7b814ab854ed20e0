//! What control charts compare with: where a quantity is when all is well, and how far it strays.

use iot_core::{Error, Result, Series};
use serde::{Deserialize, Serialize};

use crate::Moments;

/// Mean and standard deviation of a history.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Baseline {
    #[serde(with = "crate::nan")]
    mean: f64,
    #[serde(with = "crate::nan")]
    std: f64,
}

impl Baseline {
    pub(super) fn of(history: Series<'_>) -> Result<Self> {
        let moments = Moments::of(history.values());
        if moments.count() < 2 {
            return Err(Error::invalid(format!(
                "the history has {} values of the 2 needed",
                moments.count()
            )));
        }
        let (mean, std) = (moments.mean(), moments.std());
        if !(mean.is_finite() && std.is_finite()) {
            return Err(Error::invalid(format!(
                "the history has mean {mean} and standard deviation {std}: its values are too large"
            )));
        }
        Ok(Self { mean, std })
    }

    pub(super) fn mean(self) -> f64 {
        self.mean
    }

    /// How many standard deviations a value is from the mean.
    pub(super) fn standardise(self, value: f64) -> f64 {
        self.scale(value - self.mean)
    }

    /// How many standard deviations a distance is.
    pub(super) fn scale(self, distance: f64) -> f64 {
        ratio(distance, self.std)
    }
}

/// A distance as a multiple of a scale. No distance is 0 even where the scale is 0, any other is infinite then.
pub(super) fn ratio(distance: f64, scale: f64) -> f64 {
    if distance == 0.0 { 0.0 } else { distance / scale }
}
