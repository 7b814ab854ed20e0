//! The detector ports: fit a method to history, then judge samples, many at once or one by one.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Frame, Result, Series, Timestamp};

mod verdict;

pub use verdict::{Bounds, Label, Verdict, Verdicts};

/// A method that learns from the history of one quantity.
pub trait Detector: Debug {
    /// What it has learnt: a model that judges.
    type Model: Detect;

    /// Learns from `history`.
    ///
    /// # Errors
    ///
    /// `Invalid` if there is too little to learn from.
    fn fit(&self, history: Series<'_>) -> Result<Self::Model>;

    /// Learns from `history` and judges it: the same as both one after the other, and for some methods half the work.
    ///
    /// # Errors
    ///
    /// Those of [`fit`](Self::fit).
    fn fit_detect(&self, history: Series<'_>) -> Result<(Self::Model, Verdicts)> {
        let model = self.fit(history)?;
        let verdicts = model.detect(history);
        Ok((model, verdicts))
    }
}

/// A model that judges a whole series at once.
///
/// # Contract
///
/// Each line is a law of `iot-testkit`.
///
/// - There is one verdict a sample.
/// - A missing sample (NaN) is unknown; only a detector that was told to make do with part of a window may judge one
///   by its neighbours.
/// - A score inside the bounds is no anomaly.
/// - An empty, a one-sample, a constant series and one of ±1e300 are judged without a panic.
/// - Only the order and the distances of times count: history and series moved by hours are judged the same.
pub trait Detect: Debug + Send + Sync {
    /// The bounds it compares scores with.
    fn bounds(&self) -> Bounds;

    /// One verdict a sample.
    fn detect(&self, series: Series<'_>) -> Verdicts;

    /// The labels alone, where they are cheaper to get than the scores.
    fn labels(&self, series: Series<'_>) -> Vec<Label> {
        self.detect(series).labels
    }
}

/// A model that can also judge sample by sample.
///
/// # Contract
///
/// Each line is a law of `iot-testkit`.
///
/// - Its monitor gives the verdicts of [`Detect::detect`], one a sample, in the order of the samples.
/// - A monitor saved and restored in mid-stream, by any serde format, goes on as if it had not been.
pub trait Online: Detect {
    /// Judges a stream.
    type Monitor: Monitor;

    /// A monitor at the start of a stream.
    fn monitor(&self) -> Self::Monitor;
}

/// Judges a stream sample by sample, in bounded memory; saved and restored by serde.
///
/// A monitor that needs the past only answers each [`observe`](Self::observe) with the verdict on that very
/// sample, and has nothing more to give. One that looks ahead (a level shift is seen from both of its sides)
/// answers later: `None` at first, then the verdict on an earlier sample.
pub trait Monitor: Debug + Send + Serialize + DeserializeOwned {
    /// Takes the next sample (NaN is a missing value), and gives the oldest verdict that is due.
    fn observe(&mut self, time: Timestamp, value: f64) -> Option<Verdict>;

    /// One more verdict that is due already: after a gap in time there may be several.
    fn due(&mut self) -> Option<Verdict> {
        None
    }

    /// Says that no sample comes any more: all verdicts still owed are [`due`](Self::due) now.
    fn end(&mut self) {}
}

/// A method that learns from the history of several quantities of one device together.
pub trait FrameDetector: Debug {
    /// What it has learnt: a model that judges.
    type Model: DetectFrame;

    /// Learns from the rows of `history` in which no quantity is missing.
    ///
    /// # Errors
    ///
    /// `Invalid` if there is too little to learn from, or a quantity it needs is not there.
    fn fit(&self, history: &Frame) -> Result<Self::Model>;
}

/// A model that judges the rows of a frame.
///
/// # Contract
///
/// Each line is a law of `iot-testkit`.
///
/// - There is one verdict a row.
/// - A row in which one of its quantities is missing is unknown; further quantities and the order of columns
///   do not matter.
/// - A score inside the bounds is no anomaly.
/// - An empty frame, one row, constant columns and values of ±1e300 are judged without a panic.
/// - Only the order and the distances of times count.
pub trait DetectFrame: Debug + Send + Sync {
    /// The names of the quantities it judges.
    fn quantities(&self) -> &[String];

    /// The bounds it compares scores with.
    fn bounds(&self) -> Bounds;

    /// One verdict a row.
    ///
    /// # Errors
    ///
    /// `Invalid` if one of its [`quantities`](Self::quantities) has no column.
    fn detect(&self, frame: &Frame) -> Result<Verdicts>;
}

/// A model that can also judge row by row, under the contract of [`Online`].
pub trait OnlineFrame: DetectFrame {
    /// Judges a stream of rows.
    type Monitor: FrameMonitor;

    /// A monitor at the start of a stream.
    fn monitor(&self) -> Self::Monitor;
}

/// Judges a stream row by row, in bounded memory; saved and restored by serde.
pub trait FrameMonitor: Debug + Send + Serialize + DeserializeOwned {
    /// The verdict on the next row: a value for each of the model's
    /// [`quantities`](DetectFrame::quantities), in their order, NaN where it is missing. A row of another length is unknown.
    fn observe(&mut self, time: Timestamp, values: &[f64]) -> Verdict;
}
