//! Scores smoothed by a rolling median.

use iot_core::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rolling::{Aggregate, Rolling, RollingStream, Window};

/// The median of the last so many scores, NaN until there are so many.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Smooth(Option<RollingStream>);

impl Smooth {
    pub(super) fn check(rows: usize) -> Result<()> {
        if rows == 0 {
            return Err(Error::invalid("smooth 0 is not at least 1 row"));
        }
        Window::Samples(rows).check("smooth")
    }

    pub(super) fn over(rows: usize) -> Result<Self> {
        if rows == 1 {
            return Ok(Self(None));
        }
        Ok(Self(Some(Rolling::new(Window::Samples(rows), Aggregate::Median)?.stream()?)))
    }

    pub(super) fn next(&mut self, time: Timestamp, score: f64) -> f64 {
        match &mut self.0 {
            // An infinite score would be a missing one to a window.
            Some(stream) => stream.push(time, score.min(f64::MAX)),
            None => score,
        }
    }
}
