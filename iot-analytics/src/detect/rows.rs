//! What detectors of frames have in common.

use std::fmt::Debug;

use iot_core::{
    Bounds, DetectFrame, Error, Frame, FrameMonitor, OnlineFrame, Result, Timestamp, Verdict, Verdicts,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A score of rows that depends on the rows so far, and the bounds it is compared with.
///
/// This is all that a frame detector of one's own needs to say: [`CausalFrame`] makes a model and a monitor of it.
pub trait RowScore: Debug + Clone + Send + Sync + Serialize + DeserializeOwned {
    /// The score of the next row, of which nothing is missing; NaN where there is none.
    fn score(&mut self, time: Timestamp, row: &[f64]) -> f64;

    /// The bounds: a score strictly outside is an anomaly.
    fn bounds(&self) -> Bounds;

    /// How many values of a row it reads by their place: a state that reads past the end of its rows is not restored.
    fn width(&self) -> usize {
        0
    }
}

/// A model and monitor of a [`RowScore`]: the model is its state at the start of a stream, the monitor in the course of one.
///
/// A row of which a quantity is missing is unknown, and passes by without a trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved<S>", bound(deserialize = "S: RowScore"))]
pub struct CausalFrame<S> {
    quantities: Vec<String>,
    state: S,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "S: RowScore"))]
struct Saved<S> {
    quantities: Vec<String>,
    state: S,
}

impl<S: RowScore> TryFrom<Saved<S>> for CausalFrame<S> {
    type Error = Error;

    fn try_from(Saved { quantities, state }: Saved<S>) -> Result<Self> {
        let (width, rows) = (state.width(), quantities.len());
        if width > rows {
            return Err(Error::invalid(format!(
                "a state that reads {width} values of rows of {rows} is damaged"
            )));
        }
        Ok(Self { quantities, state })
    }
}

impl<S: RowScore> CausalFrame<S> {
    /// A model that starts every frame and stream with this state, on the quantities of these names.
    pub fn new(quantities: Vec<String>, state: S) -> Self {
        Self { quantities, state }
    }

    fn score(&mut self, time: Timestamp, row: &[f64]) -> f64 {
        if row.len() != self.quantities.len() || row.iter().any(|value| value.is_nan()) {
            return f64::NAN;
        }
        self.state.score(time, row)
    }
}

impl<S: RowScore> DetectFrame for CausalFrame<S> {
    fn quantities(&self) -> &[String] {
        &self.quantities
    }

    fn bounds(&self) -> Bounds {
        self.state.bounds()
    }

    fn detect(&self, frame: &Frame) -> Result<Verdicts> {
        let columns = columns(frame, &self.quantities)?;
        let mut from_start = self.clone();
        let mut row = vec![0.0; columns.len()];
        let score = |(at, &time): (usize, &i64)| {
            row.iter_mut().zip(&columns).for_each(|(value, column)| *value = column[at]);
            from_start.score(Timestamp::from_nanos(time), &row)
        };
        let scores: Vec<f64> = frame.times().iter().enumerate().map(score).collect();
        let bounds = self.state.bounds();
        Ok(Verdicts { labels: scores.iter().map(|&score| bounds.judge(score)).collect(), scores, bounds })
    }
}

impl<S: RowScore> OnlineFrame for CausalFrame<S> {
    type Monitor = Self;

    fn monitor(&self) -> Self {
        self.clone()
    }
}

impl<S: RowScore> FrameMonitor for CausalFrame<S> {
    fn observe(&mut self, time: Timestamp, values: &[f64]) -> Verdict {
        let score = self.score(time, values);
        Verdict { time, label: self.state.bounds().judge(score), score }
    }
}

/// The columns of the quantities of these names.
pub(super) fn columns<'a>(frame: &'a Frame, names: &[String]) -> Result<Vec<&'a [f64]>> {
    let column = |name: &String| {
        frame.values(name).ok_or_else(|| Error::invalid(format!("the frame has no column of {name}")))
    };
    names.iter().map(column).collect()
}

/// What a detector of frames learns from: its quantities, and their rows of which nothing is missing, by columns.
#[derive(Debug)]
pub(super) struct History {
    pub(super) quantities: Vec<String>,
    pub(super) columns: Vec<Vec<f64>>,
}

impl History {
    /// That of these quantities; of all of the frame's if none are named.
    pub(super) fn of(frame: &Frame, names: &[String]) -> Result<Self> {
        let all = || frame.columns().iter().map(|column| column.quantity.name().to_owned()).collect();
        let quantities: Vec<String> = if names.is_empty() { all() } else { names.to_vec() };
        let columns = columns(frame, &quantities)?;
        let complete = |at: &usize| columns.iter().all(|column| !column[*at].is_nan());
        let rows: Vec<usize> = (0..frame.len()).filter(complete).collect();
        let complete = |column: &&[f64]| rows.iter().map(|&at| column[at]).collect();
        let columns = columns.iter().map(complete).collect();
        Ok(Self { quantities, columns })
    }

    /// Leaves out the quantities whose values do not satisfy.
    pub(super) fn retain(&mut self, satisfies: impl Fn(&[f64]) -> bool) {
        let all = std::mem::take(&mut self.quantities).into_iter().zip(std::mem::take(&mut self.columns));
        (self.quantities, self.columns) = all.filter(|(_, column)| satisfies(column)).unzip();
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// The rows, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Vec<f64>> + '_ {
        (0..self.len()).map(|at| self.columns.iter().map(|column| column[at]).collect())
    }

    /// That there are at least so many rows.
    pub(super) fn check_rows(&self, needed: usize) -> Result<()> {
        if self.len() >= needed {
            return Ok(());
        }
        let rows = self.len();
        Err(Error::invalid(format!("the history has {rows} complete rows of the {needed} needed")))
    }
}
