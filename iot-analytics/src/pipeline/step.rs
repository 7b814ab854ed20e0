//! What prepares a series.

use iot_core::{Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rolling::{Rolling, RollingStream};
use crate::{Moments, Season, SeasonalDecomposition, StandardScaler};

/// What prepares a series: each sample becomes another one at the same time. A missing sample stays missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", from = "Written")]
pub enum Step {
    /// The change since the last sample that was there.
    Difference,
    /// Scaled by mean and standard deviation of the history.
    Scale,
    /// Without the season of the history.
    Season {
        /// How many samples the season has; found in the history if not given.
        period: Option<usize>,
    },
    /// An aggregate of the window that ends with the sample.
    Rolling(Rolling),
}

/// A step as it is written: serde lets a variant without fields have any, and one with braces only those it has.
#[derive(Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
enum Written {
    Difference {},
    Scale {},
    Season { period: Option<usize> },
    Rolling(Rolling),
}

impl From<Written> for Step {
    fn from(written: Written) -> Self {
        match written {
            Written::Difference {} => Self::Difference,
            Written::Scale {} => Self::Scale,
            Written::Season { period } => Self::Season { period },
            Written::Rolling(rolling) => Self::Rolling(rolling),
        }
    }
}

impl Step {
    /// That a stream can follow.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Rolling(rolling) => rolling.stream().map(drop),
            Self::Season { period: Some(0) } => Err(Error::invalid("period of 0 samples")),
            _ => Ok(()),
        }
    }

    pub(super) fn fit(&self, history: Series<'_>) -> Result<FittedStep> {
        Ok(match self {
            Self::Difference => FittedStep::Difference,
            Self::Scale => FittedStep::Scale(StandardScaler::of(&Moments::of(history.values()))?),
            Self::Season { period } => {
                let season =
                    period.map_or(Ok(SeasonalDecomposition::search()), SeasonalDecomposition::new)?;
                FittedStep::Season(season.fit(history)?)
            }
            Self::Rolling(rolling) => {
                FittedStep::Rolling { rolling: *rolling, start: Box::new(rolling.stream()?) }
            }
        })
    }
}

/// A [`Step`] that has learnt what it needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FittedStep {
    /// See [`Step::Difference`].
    Difference,
    /// See [`Step::Scale`].
    Scale(StandardScaler),
    /// See [`Step::Season`].
    Season(Season),
    /// See [`Step::Rolling`].
    Rolling {
        /// The aggregate and its window.
        rolling: Rolling,
        /// The state at the start of a stream.
        start: Box<RollingStream>,
    },
}

impl FittedStep {
    /// The sample that stands for each of the series.
    pub fn apply(&self, series: Series<'_>) -> Vec<f64> {
        let mut values = match self {
            Self::Season(season) => season.residual(series),
            Self::Rolling { rolling, .. } => rolling.apply(series),
            Self::Scale(scaler) => scaler.scale_all(series.values()),
            Self::Difference => {
                let mut stream = self.stream();
                series.iter().map(|(time, value)| stream.push(time, value)).collect()
            }
        };
        let missing = values.iter_mut().zip(series.values()).filter(|(_, value)| value.is_nan());
        missing.for_each(|(value, _)| *value = f64::NAN);
        values
    }

    /// The state of the same over a stream.
    pub fn stream(&self) -> StepStream {
        match self {
            Self::Difference => StepStream::Difference { last: f64::NAN },
            Self::Scale(scaler) => StepStream::Scale(*scaler),
            Self::Season(season) => StepStream::Season(season.clone()),
            Self::Rolling { start, .. } => StepStream::Rolling(start.clone()),
        }
    }
}

/// A [`FittedStep`] over a stream; saved and restored by serde.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStream {
    /// See [`Step::Difference`].
    Difference {
        /// The last sample that was there.
        #[serde(with = "crate::nan")]
        last: f64,
    },
    /// See [`Step::Scale`].
    Scale(StandardScaler),
    /// See [`Step::Season`].
    Season(Season),
    /// See [`Step::Rolling`].
    Rolling(Box<RollingStream>),
}

impl StepStream {
    /// The sample that stands for the next one.
    pub fn push(&mut self, time: Timestamp, value: f64) -> f64 {
        let pushed = match self {
            Self::Difference { last } if value.is_nan() => *last,
            Self::Difference { last } => value - std::mem::replace(last, value),
            Self::Scale(scaler) => scaler.scale(value),
            Self::Season(season) => value - season.at(time),
            Self::Rolling(stream) => stream.push(time, value),
        };
        if value.is_nan() { f64::NAN } else { pushed }
    }
}
