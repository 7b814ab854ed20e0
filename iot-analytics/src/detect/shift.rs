//! What detectors of shifts have in common: two windows side by side, and a fence.

use iot_core::{Bounds, Detect, Label, Monitor, Online, Result, Series, Timestamp, Verdict, Verdicts};
use serde::{Deserialize, Serialize};

use super::fence::{Fence, Fencing, Side};
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
        let scored = Scored::of(self, history, fencing.side);
        let model = ShiftModel { shift: self, fence: fencing.above(&scored.scores)? };
        Ok((model, model.judge_all(scored)))
    }
}

/// The scores of samples, and the signs of the differences where these matter.
struct Scored {
    scores: Vec<f64>,
    differences: Option<Vec<f64>>,
}

impl Scored {
    fn of(shift: Shift, series: Series<'_>, side: Side) -> Self {
        let pairs = shift.windows.pairs(series);
        let differences = (side != Side::Both).then(|| pairs.map(|left, right| right - left));
        Self { scores: pairs.into_map(|left, right| shift.comparison.magnitude(left, right)), differences }
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

    fn judge_all(&self, Scored { scores, differences }: Scored) -> Verdicts {
        let bounds = self.bounds();
        let labels = match differences {
            None => scores.iter().map(|&score| bounds.judge(score)).collect(),
            Some(differences) => {
                let both = scores.iter().zip(differences);
                both.map(|(&score, difference)| self.fence.judge(score, difference)).collect()
            }
        };
        Verdicts { labels, scores, bounds }
    }
}

impl Detect for ShiftModel {
    fn bounds(&self) -> Bounds {
        self.fence.bounds()
    }

    fn detect(&self, series: Series<'_>) -> Verdicts {
        self.judge_all(Scored::of(self.shift, series, self.fence.side()))
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
