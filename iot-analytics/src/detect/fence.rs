//! The fence above the magnitudes of a history: how ADTK turns any residual into labels.

use iot_core::{Bounds, Error, Label, Result};
use serde::{Deserialize, Serialize};

use super::check_not_negative;
use crate::quantile::quantiles;

/// Which differences may be anomalies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// All of them.
    #[default]
    Both,
    /// Only those above 0: a rise, more than expected.
    Positive,
    /// Only those below 0: a fall, less than expected.
    Negative,
}

/// How the fence is drawn: a factor times the interquartile range above the third quartile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fencing {
    pub(super) factor: f64,
    pub(super) side: Side,
    pub(super) min_range: f64,
}

impl Fencing {
    pub(super) fn new(factor: f64) -> Self {
        Self { factor, side: Side::Both, min_range: 0.0 }
    }

    pub(super) fn check(self) -> Result<Self> {
        check_not_negative("factor", self.factor)?;
        check_not_negative("min_range", self.min_range)?;
        Ok(self)
    }

    /// The fence above these magnitudes; NaN ones do not take part.
    pub(super) fn above(self, magnitudes: &[f64]) -> Result<Fence> {
        if magnitudes.iter().all(|magnitude| magnitude.is_nan()) {
            return Err(Error::invalid("the history is too short, or misses too much, to learn from"));
        }
        let [first, third] = quantiles(magnitudes, [0.25, 0.75])?;
        Ok(Fence { upper: third + range(first, third, self.min_range) * self.factor, side: self.side })
    }
}

/// The distance of two quartiles, taken to be at least `least`.
pub(super) fn range(first: f64, third: f64, least: f64) -> f64 {
    // `max` would turn the NaN of infinite values into the least.
    if third - first < least { least } else { third - first }
}

/// The methods by which a detector's fence is drawn, which is its field `fencing`: for which `values`, and what the `range` is of.
macro_rules! fenced {
    ($detector:ident: $values:literal, $range:literal) => {
        impl $detector {
            /// The same with this factor of the interquartile range.
            ///
            /// # Errors
            ///
            /// `Invalid` if it is negative or not finite.
            pub fn with_factor(self, factor: f64) -> Result<Self> {
                Ok(Self { fencing: Fencing { factor, ..self.fencing }.check()?, ..self })
            }

            #[doc = concat!("The same for ", $values, " only.")]
            #[must_use]
            pub fn with_side(self, side: Side) -> Self {
                Self { fencing: Fencing { side, ..self.fencing }, ..self }
            }

            #[doc = concat!("The same with an interquartile range of ", $range, ".")]
            ///
            /// # Errors
            ///
            /// `Invalid` if it is negative or not finite.
            pub fn with_min_range(self, min_range: f64) -> Result<Self> {
                Ok(Self { fencing: Fencing { min_range, ..self.fencing }.check()?, ..self })
            }
        }
    };
}
pub(super) use fenced;

/// An upper bound of magnitudes, for differences on some side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Fence {
    #[serde(with = "crate::nan")]
    upper: f64,
    side: Side,
}

impl Fence {
    /// A fence that nothing is past.
    pub(super) fn open() -> Self {
        Self { upper: f64::INFINITY, side: Side::Both }
    }

    /// The bounds of differences that carry their sign.
    pub(super) fn of_signed(self) -> Bounds {
        let Self { upper, side } = self;
        Bounds {
            low: if side == Side::Positive { f64::NEG_INFINITY } else { -upper },
            high: if side == Side::Negative { f64::INFINITY } else { upper },
        }
    }

    /// The side of differences that may be anomalies.
    pub(super) fn side(self) -> Side {
        self.side
    }

    /// The bounds of magnitudes.
    pub(super) fn bounds(self) -> Bounds {
        Bounds::above(self.upper)
    }

    /// The label of a difference of this magnitude: an anomaly if it is past the fence and on the side.
    pub(super) fn judge(self, magnitude: f64, difference: f64) -> Label {
        let side = match self.side {
            _ if difference.is_nan() => Label::Unknown,
            Side::Both => Label::Anomaly,
            Side::Positive => Label::from_anomaly(difference > 0.0),
            Side::Negative => Label::from_anomaly(difference < 0.0),
        };
        self.bounds().judge(magnitude).and(side)
    }
}
