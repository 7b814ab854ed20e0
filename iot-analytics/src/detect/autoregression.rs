//! Samples that do not follow from those before them.

use std::collections::VecDeque;

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::fence::{Fence, Fencing, Side, fenced};
use super::{Causal, Score};
use crate::linear::regress;

/// Samples that do not follow from those before them, by a linear autoregression.
///
/// **Finds** breaks in the course of a signal that otherwise follows itself: inertia, oscillations, a daily course with lags of a day.
/// **Misses** what builds up slowly, since each step follows from the last. A spike is found when it comes and again where it is among
/// the lags. Faults in the history spoil the regression.
///
#[doc = include_str!("../../docs/detectors/autoregression.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `lags` | 1 | how many earlier samples predict the next |
/// | `step` | 1 | how many samples apart the lags are |
/// | `factor` | 3 | how many interquartile ranges above the third quartile an error of prediction is an anomaly |
/// | `side` | `both` | `positive` for values above the prediction only, `negative` for those below |
/// | `min_range` | 0 | the interquartile range of errors is taken to be at least this, in the unit of the values |
///
/// Lags count samples, whatever the time between them. A sample is unknown if it or one of its lags is missing. The score is the
/// value less the prediction, and the bounds are drawn from the errors in the history. Needs the past only. Cost: O(lags²) a
/// sample to fit, O(lags) to judge.
/// Source: ordinary least squares with an intercept; ADTK's `AutoregressionAD`.
///
/// ```
/// use iot_analytics::detect::Autoregression;
/// use iot_core::{Detect, Detector, Series};
///
/// let times: Vec<i64> = (0..40).collect();
/// let mut values: Vec<f64> = times.iter().map(|&i| (i as f64 * 0.4).sin() + 0.01 * (i * 7 % 5) as f64).collect();
/// let model = Autoregression::new(2, 1)?.fit(Series::new(&times, &values)?)?;
/// values[25] += 0.5;
/// let found: Vec<usize> = model.detect(Series::new(&times, &values)?).anomalies().collect();
/// assert_eq!(found, [25, 26, 27]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct Autoregression {
    lags: usize,
    step: usize,
    fencing: Fencing,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    lags: usize,
    step: usize,
    factor: f64,
    side: Side,
    min_range: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { lags: 1, step: 1, factor: 3.0, side: Side::Both, min_range: 0.0 }
    }
}

impl TryFrom<Parameters> for Autoregression {
    type Error = Error;

    fn try_from(Parameters { lags, step, factor, side, min_range }: Parameters) -> Result<Self> {
        let fencing = Fencing { factor, side, min_range }.check()?;
        Ok(Self { fencing, ..Self::new(lags, step)? })
    }
}

impl From<Autoregression> for Parameters {
    fn from(Autoregression { lags, step, fencing }: Autoregression) -> Self {
        let Fencing { factor, side, min_range } = fencing;
        Self { lags, step, factor, side, min_range }
    }
}

impl Autoregression {
    /// Predicts by so many lags, so many samples apart, with a factor of 3.
    ///
    /// # Errors
    ///
    /// `Invalid` if there are no lags or more than 1,000, the step is 0, or they reach back further than a million samples.
    pub fn new(lags: usize, step: usize) -> Result<Self> {
        if !(1..=1_000).contains(&lags) {
            return Err(Error::invalid(format!("lags {lags} is not in 1..=1000")));
        }
        if step == 0 || step > 1_000_000 / lags {
            return Err(Error::invalid(format!("step {step} is not in 1..={}", 1_000_000 / lags)));
        }
        Ok(Self { lags, step, fencing: Fencing::new(3.0) })
    }

    /// How far back the lags reach.
    fn reach(self) -> usize {
        self.lags * self.step
    }

    /// The rows of which nothing is missing: the lags, nearest first, by columns, and the values they predict.
    fn rows(self, values: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut columns = vec![Vec::new(); self.lags];
        let mut targets = Vec::new();
        for at in self.reach()..values.len() {
            let lag = |lag: usize| values[at - (lag + 1) * self.step];
            if !values[at].is_nan() && (0..self.lags).all(|k| !lag(k).is_nan()) {
                targets.push(values[at]);
                columns.iter_mut().enumerate().for_each(|(k, column)| column.push(lag(k)));
            }
        }
        (columns, targets)
    }
}

fenced!(Autoregression: "values above or below the prediction", "errors of at least this, in the unit of the values");

impl Detector for Autoregression {
    type Model = Causal<AutoregressionScore>;

    fn fit(&self, history: Series<'_>) -> Result<Self::Model> {
        let (columns, targets) = self.rows(history.values());
        if targets.is_empty() {
            return Err(Error::invalid(format!(
                "the history has no value with all of its lags, which reach {} samples back",
                self.reach()
            )));
        }
        if columns.iter().chain([&targets]).flatten().any(|value| value.is_infinite()) {
            return Err(Error::invalid("the history has infinite values"));
        }
        let (coefficients, intercept) = regress(&columns, &targets);
        let mut score = AutoregressionScore {
            coefficients,
            intercept,
            step: self.step,
            past: VecDeque::new(),
            fence: Fence::open(),
        };
        let errors = history.iter().map(|(time, value)| score.score(time, value).abs());
        let fence = self.fencing.above(&errors.collect::<Vec<_>>())?;
        Ok(Causal::new(AutoregressionScore { past: VecDeque::new(), fence, ..score }))
    }
}

/// The state of an [`Autoregression`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct AutoregressionScore {
    /// For each lag, nearest first.
    #[serde(with = "crate::nan::each")]
    coefficients: Vec<f64>,
    #[serde(with = "crate::nan")]
    intercept: f64,
    step: usize,
    /// The samples that the lags reach back to, oldest first.
    #[serde(with = "crate::nan::each")]
    past: VecDeque<f64>,
    fence: Fence,
}

#[derive(Deserialize)]
struct Saved {
    #[serde(with = "crate::nan::each")]
    coefficients: Vec<f64>,
    #[serde(with = "crate::nan")]
    intercept: f64,
    step: usize,
    #[serde(with = "crate::nan::each")]
    past: VecDeque<f64>,
    fence: Fence,
}

impl TryFrom<Saved> for AutoregressionScore {
    type Error = Error;

    fn try_from(Saved { coefficients, intercept, step, past, fence }: Saved) -> Result<Self> {
        let reach = Autoregression::new(coefficients.len(), step)?.reach();
        if past.len() > reach {
            let past = past.len();
            return Err(Error::invalid(format!(
                "a past of {past} samples, of {reach} that lags reach, is damaged"
            )));
        }
        Ok(Self { coefficients, intercept, step, past, fence })
    }
}

impl Score for AutoregressionScore {
    fn score(&mut self, _: Timestamp, value: f64) -> f64 {
        let reach = self.coefficients.len() * self.step;
        let error = if self.past.len() == reach {
            let lags = self.past.iter().rev().skip(self.step - 1).step_by(self.step);
            let predicted: f64 = self.coefficients.iter().zip(lags).map(|(part, lag)| part * lag).sum();
            self.past.pop_front();
            value - predicted - self.intercept
        } else {
            f64::NAN
        };
        self.past.push_back(value);
        error
    }

    fn bounds(&self) -> Bounds {
        self.fence.of_signed()
    }
}
