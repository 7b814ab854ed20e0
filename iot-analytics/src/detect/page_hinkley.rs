//! Page and Hinkley's test.

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::{Causal, Score, check_not_negative, check_positive};

/// Page and Hinkley's test for a change of the mean, which learns the mean as it goes.
///
/// **Finds** a change of the mean from what it has been since the last change; unlike a [`Cusum`](super::Cusum) chart it takes
/// the new mean for the new normal, and so reports each change once. **Misses** slow drifts, which the mean follows, and single spikes.
///
#[doc = include_str!("../../docs/detectors/page_hinkley.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `slack` | 0.5 | standard deviations from the mean so far that a sample may be off without counting |
/// | `limit` | 10 | the sum of what counts, in standard deviations, above which is an anomaly |
///
/// The deviation is that of the history, and the mean starts as its mean, with the weight of its length. The score is the
/// larger of the two sums, negative for a fall. After an anomaly all starts anew: the first sample after it is the new mean.
/// Missing samples change nothing. Cost: O(1) a sample, some 5 ns.
///
/// Source: D. V. Hinkley, "Inference about the change-point from cumulative sum tests", Biometrika 58 (1971).
///
/// ```
/// use iot_analytics::detect::PageHinkley;
/// use iot_core::{Detect, Detector, Series};
///
/// let history = Series::new(&[0, 1, 2, 3], &[9.0, 11.0, 10.0, 10.0])?;
/// let model = PageHinkley::new(0.5, 5.0)?.fit(history)?;
/// let changed = Series::new(&[4, 5, 6, 7, 8], &[10.0, 14.0, 14.0, 14.0, 14.0])?;
/// assert_eq!(model.detect(changed).anomalies().collect::<Vec<_>>(), [2]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct PageHinkley {
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
        Self { slack: 0.5, limit: 10.0 }
    }
}

impl TryFrom<Parameters> for PageHinkley {
    type Error = Error;

    fn try_from(Parameters { slack, limit }: Parameters) -> Result<Self> {
        Self::new(slack, limit)
    }
}

impl PageHinkley {
    /// A test with this slack and this limit, both in standard deviations.
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

impl Detector for PageHinkley {
    type Model = Causal<PageHinkleyScore>;

    fn fit(&self, history: Series<'_>) -> Result<Self::Model> {
        let baseline = Baseline::of(history)?;
        let count = history.values().iter().filter(|value| !value.is_nan()).count() as u64;
        let mean = baseline.mean();
        Ok(Causal::new(PageHinkleyScore { test: *self, baseline, count, mean, high: 0.0, low: 0.0 }))
    }
}

/// The state of a [`PageHinkley`] test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageHinkleyScore {
    test: PageHinkley,
    baseline: Baseline,
    /// The samples in the mean so far.
    count: u64,
    /// Of these samples, in their unit: standardised by a deviation of 0 it would be no number.
    #[serde(with = "crate::nan")]
    mean: f64,
    high: f64,
    low: f64,
}

impl Score for PageHinkleyScore {
    fn score(&mut self, _: Timestamp, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        let PageHinkley { slack, limit } = self.test;
        let off = value - self.mean;
        self.count = self.count.saturating_add(1);
        self.mean += off / self.count as f64;
        // From the mean with the value in it, which an infinite one would make infinite.
        let distance =
            self.baseline.scale(if off.is_finite() { off * (1.0 - 1.0 / self.count as f64) } else { off });
        // The sum less its minimum so far, which is the test's statistic, in one step.
        self.high = (self.high + distance - slack).max(0.0);
        self.low = (self.low - distance - slack).max(0.0);
        let score = if self.high >= self.low { self.high } else { -self.low };
        if score.abs() > limit {
            (self.count, self.mean, self.high, self.low) = (0, 0.0, 0.0, 0.0);
        }
        score
    }

    fn bounds(&self) -> Bounds {
        Bounds { low: -self.test.limit, high: self.test.limit }
    }
}
