//! What detectors of shifts have in common: two windows side by side, and a fence.

use iot_core::{Bounds, Detect, Label, Monitor, Online, Result, Series, Timestamp, Verdict, Verdicts};
use serde::{Deserialize, Serialize};

use super::fence::{Fence, Fencing};
use crate::rolling::{DoubleRolling, DoubleRollingStream, Pairs, Rolling, Sides};

/// How the sides of a sample are compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) enum Comparison {
    /// |right - left|.
    Absolute,
    /// |right - left| / left.
    Relative,
    /// |ln(right / left)|, where neither is taken to be less than the least.
    LogRatio {
        /// The least.
        least: f64,
    },
}

impl Comparison {
    fn magnitude(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Absolute => (right - left).abs(),
            Self::Relative => (right - left).abs() / left,
            // Not a number stays so: a comparison with it is false.
            Self::LogRatio { least } => {
                let floor = |side: f64| if side < least { least } else { side };
                (floor(right) / floor(left)).ln().abs()
            }
        }
    }
}

/// Two windows side by side and how they are compared: what there is to know before a history.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Shift {
    windows: DoubleRolling,
    comparison: Comparison,
}

impl Shift {
    pub(super) fn new(left: Rolling, right: Rolling, comparison: Comparison) -> Result<Self> {
        Ok(Self { windows: DoubleRolling::new(left, right)?, comparison })
    }

    pub(super) fn fit(self, history: Series<'_>, fencing: Fencing) -> Result<ShiftModel> {
        Ok(self.fit_detect(history, fencing)?.0)
    }

    /// The windows are the work, and their sides serve both.
    pub(super) fn fit_detect(self, history: Series<'_>, fencing: Fencing) -> Result<(ShiftModel, Verdicts)> {
        let pairs = self.windows.pairs(history);
        let scores = pairs.map(|left, right| self.comparison.magnitude(left, right));
        let model = ShiftModel { shift: self, fence: fencing.above(&scores)? };
        Ok((model, model.judge_all(&pairs, scores)))
    }
}

/// What a detector of shifts has learnt: how large a difference between the two sides of a sample may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShiftModel {
    shift: Shift,
    fence: Fence,
}

impl ShiftModel {
    /// The score and the label of a sample with these sides.
    fn judge(&self, left: f64, right: f64) -> (f64, Label) {
        let magnitude = self.shift.comparison.magnitude(left, right);
        (magnitude, self.fence.judge(magnitude, right - left))
    }

    /// The verdicts on samples with these sides and scores.
    fn judge_all(&self, pairs: &Pairs, scores: Vec<f64>) -> Verdicts {
        let bounds = self.bounds();
        let labels = if self.fence.is_one_sided() {
            pairs.map(|left, right| self.judge(left, right).1)
        } else {
            scores.iter().map(|&score| bounds.judge(score)).collect()
        };
        Verdicts { labels, scores, bounds }
    }
}

impl Detect for ShiftModel {
    fn bounds(&self) -> Bounds {
        self.fence.bounds()
    }

    fn detect(&self, series: Series<'_>) -> Verdicts {
        let pairs = self.shift.windows.pairs(series);
        let scores = pairs.map(|left, right| self.shift.comparison.magnitude(left, right));
        self.judge_all(&pairs, scores)
    }
}

impl Online for ShiftModel {
    type Monitor = ShiftMonitor;

    fn monitor(&self) -> ShiftMonitor {
        ShiftMonitor { model: *self, stream: self.shift.windows.stream_of_sides() }
    }
}

/// Judges a stream for shifts: the verdict on a sample comes when the window that starts with it is over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShiftMonitor {
    model: ShiftModel,
    stream: DoubleRollingStream,
}

impl Monitor for ShiftMonitor {
    fn observe(&mut self, time: Timestamp, value: f64) -> Option<Verdict> {
        self.stream.push(time, value);
        self.due()
    }

    fn due(&mut self) -> Option<Verdict> {
        let Sides { time, left, right } = self.stream.pop()?;
        let (score, label) = self.model.judge(left, right);
        Some(Verdict { time: Timestamp::from_nanos(time), label, score })
    }

    fn end(&mut self) {
        self.stream.end();
    }
}
