//! The detector ports: fit a method to history, then judge samples.

use crate::{Result, Series, Timestamp};

/// What a detector says of one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// It cannot be judged: the sample or what it is compared with is missing.
    Unknown,
    /// It is as expected.
    Normal,
    /// It is not as expected; the score says by how much, larger meaning further off.
    Anomaly {
        /// How far off, in the detector's own scale.
        score: f64,
    },
}

/// One verdict a sample.
pub type Verdicts = Vec<Verdict>;

/// A method that learns from history.
pub trait Detector {
    /// What it has learnt: a model that judges.
    type Model: Detect;

    /// Learns from `history`.
    ///
    /// # Errors
    ///
    /// `Invalid` if there is too little to learn from.
    fn fit(&self, history: &Series<'_>) -> Result<Self::Model>;
}

/// A model that judges a whole series at once.
pub trait Detect: Send + Sync {
    /// One verdict a sample.
    fn detect(&self, series: &Series<'_>) -> Verdicts;
}

/// A model that can also judge sample by sample, with the same verdicts.
pub trait Online: Detect {
    /// Judges a stream.
    type Monitor: Monitor;

    /// A monitor at the start of a stream.
    fn monitor(&self) -> Self::Monitor;
}

/// Judges a stream sample by sample, in bounded memory.
pub trait Monitor: Send {
    /// The verdict on the next sample; NaN is a missing value.
    fn observe(&mut self, time: Timestamp, value: f64) -> Verdict;
}
