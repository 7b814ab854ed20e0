//! The control chart of an exponentially weighted moving average.

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::baseline::{Baseline, ratio};
use super::{Causal, Score, check_positive, check_weight};

/// The control chart of an exponentially weighted moving average.
///
/// **Finds** small shifts of the mean, of half a standard deviation to two, that single values hide in their noise,
/// within some ten samples. **Misses** single spikes, the more so the smaller `weight` is. It takes the samples
/// to be independent: on a signal that wanders by itself, or has a daily course, it alarms all the time.
///
#[doc = include_str!("../../docs/detectors/ewma.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `weight` | 0.2 | of the newest sample in the average, above 0 and at most 1; 1 is Shewhart's chart of single values |
/// | `limit` | 3 | how many standard deviations of the average are an anomaly |
///
/// The mean and deviation are those of the history; of a constant history, every other value is an anomaly.
/// The score is the distance of the average from the mean, in its own standard deviations, which grow over the first
/// samples. Missing samples change nothing. Cost: O(1) a sample, some 10 ns. At the defaults, one false alarm in about 560
/// samples of white noise.
///
/// Source: S. W. Roberts, "Control chart tests based on geometric moving averages", Technometrics 1 (1959).
///
/// ```
/// use iot_analytics::detect::Ewma;
/// use iot_core::{Detect, Detector, Series};
///
/// let history = Series::new(&[0, 1, 2, 3], &[9.0, 11.0, 10.0, 10.0])?;
/// let model = Ewma::new(0.2, 3.0)?.fit(history)?;
/// let drifted = Series::new(&[4, 5, 6, 7], &[10.0, 12.0, 12.0, 12.0])?;
/// assert_eq!(model.detect(drifted).anomalies().collect::<Vec<_>>(), [2, 3]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct Ewma {
    weight: f64,
    limit: f64,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    weight: f64,
    limit: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { weight: 0.2, limit: 3.0 }
    }
}

impl TryFrom<Parameters> for Ewma {
    type Error = Error;

    fn try_from(Parameters { weight, limit }: Parameters) -> Result<Self> {
        Self::new(weight, limit)
    }
}

impl Ewma {
    /// A chart with this weight of the newest sample, and limits at so many standard deviations of the average.
    ///
    /// # Errors
    ///
    /// `Invalid` if `weight` is not above 0 and at most 1, or `limit` is not above 0.
    pub fn new(weight: f64, limit: f64) -> Result<Self> {
        check_weight(weight)?;
        check_positive("limit", limit)?;
        Ok(Self { weight, limit })
    }
}

impl Detector for Ewma {
    type Model = Causal<EwmaScore>;

    fn fit(&self, history: Series<'_>) -> Result<Self::Model> {
        let baseline = Baseline::of(history)?;
        Ok(Causal::new(EwmaScore { chart: *self, baseline, average: 0.0, fading: 1.0 }))
    }
}

/// The state of an [`Ewma`] chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EwmaScore {
    chart: Ewma,
    baseline: Baseline,
    /// Of the standardised values.
    #[serde(with = "crate::nan")]
    average: f64,
    /// (1 - weight)^(2 n) after n samples: how much the start still holds the average back.
    #[serde(with = "crate::nan")]
    fading: f64,
}

impl Score for EwmaScore {
    fn score(&mut self, _: Timestamp, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        let weight = self.chart.weight;
        // From an infinite average, which a constant history makes of any deviation, there is no way back but a new start.
        let before = if self.average.is_finite() { self.average } else { 0.0 };
        self.average = before + weight * (self.baseline.standardise(value) - before);
        self.fading *= (1.0 - weight) * (1.0 - weight);
        if self.fading < f64::EPSILON / 2.0 {
            // It makes no difference any more, and numbers that are almost 0 are slow.
            self.fading = 0.0;
        }
        let std = (weight / (2.0 - weight) * (1.0 - self.fading)).sqrt();
        ratio(self.average, std)
    }

    fn bounds(&self) -> Bounds {
        Bounds { low: -self.chart.limit, high: self.chart.limit }
    }
}
