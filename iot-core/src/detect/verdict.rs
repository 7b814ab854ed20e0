//! What detectors say: labels, scores, and the bounds between them.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What a detector says of one sample, in one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Label {
    /// It is as expected.
    Normal = 0,
    /// It is not as expected.
    Anomaly = 1,
    /// It cannot be judged: the sample, or what it is compared with, is missing.
    #[default]
    Unknown = 2,
}

impl Label {
    /// The label of a yes or no.
    pub fn from_anomaly(anomaly: bool) -> Self {
        if anomaly { Self::Anomaly } else { Self::Normal }
    }

    /// Whether it says anomaly.
    pub fn is_anomaly(self) -> bool {
        self == Self::Anomaly
    }

    /// Both are anomalies, in Kleene's logic: normal if either is, else unknown if either is.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Normal, _) | (_, Self::Normal) => Self::Normal,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Anomaly, Self::Anomaly) => Self::Anomaly,
        }
    }

    /// Either is an anomaly, in Kleene's logic: anomaly if either is, else unknown if either is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Anomaly, _) | (_, Self::Anomaly) => Self::Anomaly,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Normal, Self::Normal) => Self::Normal,
        }
    }
}

/// The range of scores that are as expected, both ends included; infinite where a side has no bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// A lower score is an anomaly.
    pub low: f64,
    /// A higher score is an anomaly.
    pub high: f64,
}

impl Bounds {
    /// No bound on either side.
    pub const NONE: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// A bound above only.
    pub const fn above(high: f64) -> Self {
        Self { low: f64::NEG_INFINITY, high }
    }

    /// How far out a score is: above 1 outside, at most 1 inside, NaN for NaN.
    ///
    /// It is the distance from the middle over the distance of a bound from there; with one bound, from that bound in
    /// multiples of its own size, and 1 at it. Scores of detectors with other bounds become comparable by it.
    pub fn excess(self, score: f64) -> f64 {
        let past = |distance: f64, size: f64| if distance == 0.0 { 1.0 } else { 1.0 + distance / size };
        let excess = match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) => {
                let half = 0.5 * (self.high - self.low);
                past((score - self.low.midpoint(self.high)).abs() - half, half)
            }
            (false, true) => past(score - self.high, self.high.abs()),
            (true, false) => past(self.low - score, self.low.abs()),
            (false, false) => 0.0 * score,
        };
        match self.judge(score) {
            Label::Unknown => f64::NAN,
            // Rounding must not make it a tie.
            Label::Anomaly => excess.max(1.0 + f64::EPSILON),
            Label::Normal => excess.min(1.0),
        }
    }

    /// The same bounds drawn in to this share of their distance, as [`excess`](Self::excess) measures it.
    #[must_use]
    pub fn within(self, share: f64) -> Self {
        let inwards = 1.0 - share;
        let room = if self.low.is_finite() && self.high.is_finite() {
            (0.5 * (self.high - self.low), 0.5 * (self.high - self.low))
        } else {
            (self.low.abs(), self.high.abs())
        };
        let drawn = |bound: f64, by: f64| if bound.is_finite() { bound + by } else { bound };
        Self { low: drawn(self.low, inwards * room.0), high: drawn(self.high, -inwards * room.1) }
    }

    /// The label of a score: strictly outside is an anomaly, NaN is unknown. A NaN bound bounds nothing.
    pub fn judge(self, score: f64) -> Label {
        if score.is_nan() {
            Label::Unknown
        } else {
            Label::from_anomaly(score > self.high || score < self.low)
        }
    }
}

/// What a detector says of one sample: the label, and the score it is drawn from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The time of the sample.
    pub time: Timestamp,
    /// The label.
    pub label: Label,
    /// The number that was compared with the bounds; NaN where there is none.
    pub score: f64,
}

/// One verdict a sample, in columns of one length.
///
/// A score is the number that the detector compares with its bounds, in the detector's own scale: the value
/// itself for a threshold, the height of a step for a level shift.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdicts {
    /// The labels.
    pub labels: Vec<Label>,
    /// The scores; NaN where there is none.
    pub scores: Vec<f64>,
    /// The bounds the scores were compared with.
    pub bounds: Bounds,
}

impl Verdicts {
    /// The number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Where the anomalies are.
    pub fn anomalies(&self) -> impl Iterator<Item = usize> + '_ {
        self.labels.iter().enumerate().filter(|(_, label)| label.is_anomaly()).map(|(at, _)| at)
    }
}
