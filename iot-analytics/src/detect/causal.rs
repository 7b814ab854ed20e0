//! Detectors that need the past only.

use std::fmt::Debug;

use iot_core::{Bounds, Detect, Monitor, Online, Series, Timestamp, Verdict, Verdicts};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A score that depends on the samples so far, and the bounds it is compared with.
///
/// This is all that a detector of one's own needs to say: [`Causal`] makes a model and a monitor of it.
pub trait Score: Debug + Clone + Send + Sync + Serialize + DeserializeOwned {
    /// The score of the next sample, NaN where there is none. A `value` of NaN is missing; its score does not count.
    fn score(&mut self, time: Timestamp, value: f64) -> f64;

    /// The bounds: a score strictly outside is an anomaly.
    fn bounds(&self) -> Bounds;
}

/// A model and monitor of a [`Score`]: the model is its state at the start of a stream, the monitor in the course of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Causal<S> {
    state: S,
}

impl<S: Score> Causal<S> {
    /// A model that starts every series and stream with this state.
    pub fn new(state: S) -> Self {
        Self { state }
    }

    fn judge(&mut self, time: Timestamp, value: f64) -> Verdict {
        let score = self.state.score(time, value);
        let score = if value.is_nan() { f64::NAN } else { score };
        Verdict { time, label: self.state.bounds().judge(score), score }
    }
}

impl<S: Score> Detect for Causal<S> {
    fn bounds(&self) -> Bounds {
        self.state.bounds()
    }

    fn detect(&self, series: Series<'_>) -> Verdicts {
        let mut from_start = self.clone();
        let verdicts = series.iter().map(|(time, value)| {
            let verdict = from_start.judge(time, value);
            (verdict.label, verdict.score)
        });
        let (labels, scores) = verdicts.unzip();
        Verdicts { labels, scores, bounds: self.state.bounds() }
    }
}

impl<S: Score> Online for Causal<S> {
    type Monitor = Self;

    fn monitor(&self) -> Self {
        self.clone()
    }
}

impl<S: Score> Monitor for Causal<S> {
    fn observe(&mut self, time: Timestamp, value: f64) -> Option<Verdict> {
        Some(self.judge(time, value))
    }
}
