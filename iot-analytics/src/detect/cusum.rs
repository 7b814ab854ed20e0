//! The cumulative sum chart.

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::{Causal, Score, check_not_negative, check_positive};

/// The two-sided cumulative sum chart.
///
/// **Finds** shifts of the mean sooner than any other chart when they are of the size it is set for: `slack` is half of that
/// size. **Misses** single spikes, unless they are above `limit` at once. It takes the samples to be independent: on a
/// signal that wanders by itself, or has a daily course, it alarms all the time.
///
#[doc = include_str!("../../docs/detectors/cusum.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `slack` | 0.5 | standard deviations from the mean that a sample may be off without counting |
/// | `limit` | 5 | the sum of what counts, in standard deviations, above which is an anomaly |
///
/// The mean and deviation are those of the history; of a constant history, every other value is an anomaly. The score is
/// the larger of the two sums, negative for the one of values that are too low. After an anomaly both sums start anew, so a
/// shift that lasts is an anomaly again and again. Missing samples change nothing. Cost: O(1) a sample, some 5 ns. At the
/// defaults, one false alarm in about 470 samples of white noise; with a limit of 10, in 70,000.
///
/// Source: E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954).
///
/// ```
/// use iot_analytics::detect::Cusum;
/// use iot_core::{Detect, Detector, Series};
///
/// let history = Series::new(&[0, 1, 2, 3], &[9.0, 11.0, 10.0, 10.0])?;
/// let model = Cusum::new(0.5, 5.0)?.fit(history)?;
/// let shifted = Series::new(&[4, 5, 6, 7], &[12.0, 12.0, 12.0, 12.0])?;
/// assert_eq!(model.detect(shifted).anomalies().collect::<Vec<_>>(), [2]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct Cusum {
    slack: f64,
    limit: f64,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    slack: f64,
    limit: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { slack: 0.5, limit: 5.0 }
    }
}

impl TryFrom<Parameters> for Cusum {
    type Error = Error;

    fn try_from(Parameters { slack, limit }: Parameters) -> Result<Self> {
        Self::new(slack, limit)
    }
}

impl Cusum {
    /// A chart with this slack and this limit, both in standard deviations.
    ///
    /// # Errors
    ///
    /// `Invalid` if `slack` is negative, or `limit` is not above 0.
    pub fn new(slack: f64, limit: f64) -> Result<Self> {
        check_not_negative("slack", slack)?;
        check_positive("limit", limit)?;
        Ok(Self { slack, limit })
    }
}

impl Detector for Cusum {
    type Model = Causal<CusumScore>;

    fn fit(&self, history: Series<'_>) -> Result<Self::Model> {
        let baseline = Baseline::of(history)?;
        Ok(Causal::new(CusumScore { chart: *self, baseline, high: 0.0, low: 0.0 }))
    }
}

/// The state of a [`Cusum`] chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CusumScore {
    chart: Cusum,
    baseline: Baseline,
    high: f64,
    low: f64,
}

impl Score for CusumScore {
    fn score(&mut self, _: Timestamp, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        let Cusum { slack, limit } = self.chart;
        let distance = self.baseline.standardise(value);
        self.high = (self.high + distance - slack).max(0.0);
        self.low = (self.low - distance - slack).max(0.0);
        let score = if self.high >= self.low { self.high } else { -self.low };
        if score.abs() > limit {
            (self.high, self.low) = (0.0, 0.0);
        }
        score
    }

    fn bounds(&self) -> Bounds {
        Bounds { low: -self.chart.limit, high: self.chart.limit }
    }
}
