//! What detectors of shifts have in common: two windows side by side, and a fence.

use iot_core::{Bounds, Detect, Label, Monitor, Online, Result, Series, Timestamp, Verdict, Verdicts};
use serde::{Deserialize, Serialize};

use super::fence::{Fence, Fencing};
use crate::rolling::{DoubleRolling, DoubleRollingStream, Rolling, Sides};

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
        let (left, right) = self.windows.sides(history);
        let sides = || left.iter().zip(&right);
        let scores: Vec<f64> =
            sides().map(|(&left, &right)| self.comparison.magnitude(left, right)).collect();
        let fence = fencing.above(&scores)?;
        let judge = |(&score, (&left, &right)): (&f64, (&f64, &f64))| fence.judge(score, right - left);
        let labels = scores.iter().zip(sides()).map(judge).collect();
        let verdicts = Verdicts { labels, scores, bounds: fence.bounds() };
        Ok((ShiftModel { shift: self, fence }, verdicts))
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
}

impl Detect for ShiftModel {
    fn bounds(&self) -> Bounds {
        self.fence.bounds()
    }

    fn detect(&self, series: Series<'_>) -> Verdicts {
        let (mut scores, right) = self.shift.windows.sides(series);
        let judge = |(left, right): (&mut f64, f64)| {
            let label;
            (*left, label) = self.judge(*left, right);
            label
        };
        let labels = scores.iter_mut().zip(right).map(judge).collect();
        Verdicts { labels, scores, bounds: self.fence.bounds() }
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
