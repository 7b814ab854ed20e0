//! Samples far from the mean of those before them.

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::baseline::ratio;
use super::{Causal, Score, check_positive};
use crate::rolling::{Aggregate, Rolling, RollingStream, Window};

/// Samples far from the mean of those just before them, in their standard deviations.
///
/// **Finds** spikes and the first samples of steps, on a signal of any level, without a history: it adapts. **Misses** what lasts, which
/// becomes the new normal within a window, and the second of two spikes: the first one has widened the deviation, and hides it. That is
/// what [`Hampel`](super::Hampel) is for.
///
#[doc = include_str!("../../docs/detectors/z_score.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `window` | 100 | how many samples before are compared with, missing ones among them |
/// | `limit` | 3 | how many standard deviations are an anomaly |
/// | `min_periods` | the window | the fewest values the window must have to judge by, at least 2 |
///
/// Needs no history. The score is the distance from the mean in standard deviations; after a constant stretch any change is infinitely far.
/// Cost: O(1) a sample, some 30 ns.
/// Source: W. A. Shewhart, *Economic Control of Quality of Manufactured Product* (1931), on a moving window.
///
/// ```
/// use iot_analytics::detect::ZScore;
/// use iot_core::{Detect, Detector, Series};
///
/// let times: Vec<i64> = (0..8).collect();
/// let voltage = Series::new(&times, &[230.0, 230.2, 230.1, 230.3, 230.1, 244.0, 230.2, 230.0])?;
/// let model = ZScore::new(4)?.fit(voltage)?;
/// assert_eq!(model.detect(voltage).anomalies().collect::<Vec<_>>(), [5]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct ZScore {
    window: usize,
    limit: f64,
    min_periods: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    window: usize,
    limit: f64,
    min_periods: Option<usize>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { window: 100, limit: 3.0, min_periods: None }
    }
}

impl TryFrom<Parameters> for ZScore {
    type Error = Error;

    fn try_from(Parameters { window, limit, min_periods }: Parameters) -> Result<Self> {
        Self::new(window)?.with_limit(limit)?.with_min_periods(min_periods)
    }
}

impl From<ZScore> for Parameters {
    fn from(ZScore { window, limit, min_periods }: ZScore) -> Self {
        Self { window, limit, min_periods }
    }
}

impl ZScore {
    /// Compares with a window of so many samples, with a limit of 3 standard deviations.
    ///
    /// # Errors
    ///
    /// `Invalid` if the window has less than 2 samples, or too many.
    pub fn new(window: usize) -> Result<Self> {
        if window < 2 {
            return Err(Error::invalid(format!("window {window} is not at least 2 samples")));
        }
        Window::Samples(window).check("window")?;
        Ok(Self { window, limit: 3.0, min_periods: None })
    }

    /// The same with a limit of so many standard deviations.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is not above 0.
    pub fn with_limit(self, limit: f64) -> Result<Self> {
        check_positive("limit", limit)?;
        Ok(Self { limit, ..self })
    }

    /// The same with a verdict wherever the window has at least so many values.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is less than 2 or more than the window.
    pub fn with_min_periods(self, min_periods: impl Into<Option<usize>>) -> Result<Self> {
        let min_periods = min_periods.into();
        if let Some(least) = min_periods
            && !(2..=self.window).contains(&least)
        {
            return Err(Error::invalid(format!("min_periods {least} is not in 2..={}", self.window)));
        }
        Ok(Self { min_periods, ..self })
    }
}

impl Detector for ZScore {
    type Model = Causal<ZScoreState>;

    fn fit(&self, _: Series<'_>) -> Result<Self::Model> {
        let variances = Rolling::new(Window::Samples(self.window), Aggregate::Variance)?;
        Ok(Causal::new(ZScoreState {
            limit: self.limit,
            variances: variances.with_min_periods(self.min_periods).stream()?,
            mean: f64::NAN,
            variance: f64::NAN,
        }))
    }
}

/// The state of a [`ZScore`] detector.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ZScoreState {
    limit: f64,
    variances: RollingStream,
    /// Of the window before the next sample.
    #[serde(with = "crate::nan")]
    mean: f64,
    /// The root is taken when it is needed, when there is other work to do meanwhile.
    #[serde(with = "crate::nan")]
    variance: f64,
}

impl Score for ZScoreState {
    fn score(&mut self, time: Timestamp, value: f64) -> f64 {
        let std = self.variance.sqrt();
        let score = if std.is_nan() { f64::NAN } else { ratio(value - self.mean, std) };
        (self.mean, self.variance) = self.variances.push_for_mean_and_variance(time, value);
        score
    }

    fn bounds(&self) -> Bounds {
        Bounds { low: -self.limit, high: self.limit }
    }
}
