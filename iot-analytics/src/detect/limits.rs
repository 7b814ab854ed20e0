//! Fixed limits on the value.

use iot_core::{Bounds, Detect, Label, Monitor, Online, Series, Timestamp, Verdict, Verdicts};
use serde::{Deserialize, Serialize};

/// Fixed limits on the value: what [`Threshold`](super::Threshold) states, and [`Quantile`](super::Quantile) and
/// [`InterquartileRange`](super::InterquartileRange) learn.
///
/// A value strictly outside is an anomaly, a missing one is unknown. The score is the value itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    #[serde(with = "crate::nan")]
    low: f64,
    #[serde(with = "crate::nan")]
    high: f64,
}

impl Limits {
    pub(crate) fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }
}

impl Detect for Limits {
    fn bounds(&self) -> Bounds {
        Bounds { low: self.low, high: self.high }
    }

    fn detect(&self, series: Series<'_>) -> Verdicts {
        Verdicts { labels: self.labels(series), scores: series.values().to_vec(), bounds: self.bounds() }
    }

    fn labels(&self, series: Series<'_>) -> Vec<Label> {
        let bounds = self.bounds();
        series.values().iter().map(|&value| bounds.judge(value)).collect()
    }
}

impl Online for Limits {
    type Monitor = Self;

    fn monitor(&self) -> Self {
        *self
    }
}

impl Monitor for Limits {
    fn observe(&mut self, time: Timestamp, value: f64) -> Option<Verdict> {
        Some(Verdict { time, label: self.bounds().judge(value), score: value })
    }
}
