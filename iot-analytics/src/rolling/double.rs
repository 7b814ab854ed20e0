//! Aggregates of two windows side by side.

use iot_core::{Error, Result, Series};
use serde::{Deserialize, Serialize};

use super::place::Place;
use super::{DoubleRollingStream, Rolling, Window};

/// How the aggregate of the right window is compared with that of the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// |right - left|, ADTK's `l1`.
    #[default]
    Absolute,
    /// right - left, ADTK's `diff`.
    Signed,
    /// (right - left) / left, ADTK's `rel_diff`.
    Relative,
    /// |right - left| / left, ADTK's `abs_rel_diff`: negative where `left` is.
    AbsoluteRelative,
}

impl Difference {
    /// The difference of two aggregates; NaN if one of them is.
    pub fn of(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Absolute => (right - left).abs(),
            Self::Signed => right - left,
            Self::Relative => (right - left) / left,
            Self::AbsoluteRelative => (right - left).abs() / left,
        }
    }
}

/// Aggregates of the windows left and right of each sample of a series.
///
/// The left window ends just before the sample, the right one starts with it; by time, they are `[t - left, t)` and
/// `[t, t + right)`. [Causal](Self::causal), the right window ends with the sample and the left one where the right one
/// starts; by time, `(t - right, t]` and `(t - right - left, t - right]`.
///
/// ADTK's `DoubleRollingAggregate`. Cost: that of two [`Rolling`], or of one where both are the same and by samples.
///
/// ```
/// use iot_analytics::rolling::{Aggregate, DoubleRolling, Rolling, Window};
/// use iot_core::Series;
///
/// let series = Series::new(&[0, 1, 2, 3, 4, 5], &[1.0, 1.0, 1.0, 8.0, 8.0, 8.0])?;
/// let mean = Rolling::new(Window::Samples(2), Aggregate::Mean)?;
/// assert_eq!(DoubleRolling::new(mean, mean)?.apply(series)[2..5], [3.5, 7.0, 3.5]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct DoubleRolling {
    left: Rolling,
    right: Rolling,
    difference: Difference,
    causal: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    left: Rolling,
    right: Rolling,
    difference: Difference,
    causal: bool,
}

impl TryFrom<Parameters> for DoubleRolling {
    type Error = Error;

    fn try_from(Parameters { left, right, difference, causal }: Parameters) -> Result<Self> {
        let double = Self::new(left, right)?.with_difference(difference);
        if causal { double.causal() } else { Ok(double) }
    }
}

impl DoubleRolling {
    /// These aggregates of the left and the right window, and their absolute difference.
    ///
    /// # Errors
    ///
    /// `Invalid` if one of them is centred.
    pub fn new(left: Rolling, right: Rolling) -> Result<Self> {
        if left.centered || right.centered {
            return Err(Error::invalid("the two windows of a sample cannot be centred on it"));
        }
        Ok(Self { left, right, difference: Difference::default(), causal: false })
    }

    /// The same with another difference.
    #[must_use]
    pub fn with_difference(self, difference: Difference) -> Self {
        Self { difference, ..self }
    }

    /// The same with both windows in the past.
    ///
    /// # Errors
    ///
    /// `Invalid` if the right window is by time and the left one by samples.
    pub fn causal(self) -> Result<Self> {
        if let (Window::Samples(_), Window::Duration(_)) = (self.left.window, self.right.window) {
            return Err(Error::invalid("a left window by samples needs a right window by samples"));
        }
        Ok(Self { causal: true, ..self })
    }

    /// The difference for each sample.
    pub fn apply(&self, series: Series<'_>) -> Vec<f64> {
        self.pairs(series).into_map(|left, right| self.difference.of(left, right))
    }

    /// The state of the same over a stream, whose sides are those of [`sides`](Self::sides).
    ///
    /// # Errors
    ///
    /// `Invalid` if it is causal: that is two [`RollingStream`](super::RollingStream), one of them late.
    pub fn stream(&self) -> Result<DoubleRollingStream> {
        if self.causal {
            return Err(Error::invalid("two windows in the past are two streams of one window"));
        }
        Ok(self.stream_of_sides())
    }

    /// The same where it is known not to be causal.
    pub(crate) fn stream_of_sides(&self) -> DoubleRollingStream {
        DoubleRollingStream::new(self.left, self.right)
    }

    /// The aggregates of the left and of the right window of each sample.
    pub fn sides(&self, series: Series<'_>) -> (Vec<f64>, Vec<f64>) {
        let pairs = self.pairs(series);
        (pairs.map(|left, _| left), pairs.map(|_, right| right))
    }

    pub(crate) fn pairs(&self, series: Series<'_>) -> Pairs {
        match (self.left.window, self.right.window, self.causal) {
            (Window::Samples(samples), _, false) if self.left == self.right && self.left.fills() => {
                let ending = self.left.at(series, Place::Ending);
                Pairs { left: ending, right: None, delay: 1, advance: samples - 1 }
            }
            (_, _, false) => {
                Pairs::of(self.left.at(series, Place::Before), self.right.at(series, Place::From))
            }
            (_, Window::Samples(samples), true) => {
                let left = self.left.at(series, Place::Ending);
                let right = (self.left != self.right).then(|| self.right.at(series, Place::Ending));
                Pairs { left, right, delay: samples, advance: 0 }
            }
            (_, Window::Duration(duration), true) => {
                let ago = Place::EndingAgo(Window::nanos(duration));
                Pairs::of(self.left.at(series, ago), self.right.at(series, Place::Ending))
            }
        }
    }
}

/// The aggregates of the two windows of each sample: those on the right are those on the left at another place, where both
/// windows are the same.
#[derive(Debug)]
pub(crate) struct Pairs {
    left: Vec<f64>,
    right: Option<Vec<f64>>,
    /// How many samples before a sample its left aggregate stands, and how many after it its right one.
    delay: usize,
    advance: usize,
}

impl Pairs {
    fn of(left: Vec<f64>, right: Vec<f64>) -> Self {
        Self { left, right: Some(right), delay: 0, advance: 0 }
    }

    /// What is made of the left and the right aggregate of each sample, which are NaN where there is none.
    pub(crate) fn map<T>(&self, make: impl Fn(f64, f64) -> T) -> Vec<T> {
        let right = self.right.as_ref().unwrap_or(&self.left);
        let length = self.left.len();
        let whole = self.delay.min(length)..length.saturating_sub(self.advance).max(self.delay.min(length));
        let mut made = Vec::with_capacity(length);
        let at =
            |values: &[f64], at: Option<usize>| at.and_then(|at| values.get(at)).copied().unwrap_or(f64::NAN);
        let edge = |index: usize| {
            make(
                at(&self.left, index.checked_sub(self.delay)),
                at(right, Some(index.saturating_add(self.advance))),
            )
        };
        made.extend((0..whole.start).map(edge));
        // Between the edges both are there: no sample is asked for its place.
        let both = self
            .left
            .iter()
            .zip(&right[(whole.start.saturating_add(self.advance)).min(length)..])
            .take(whole.len());
        made.extend(both.map(|(&left, &right)| make(left, right)));
        made.extend((whole.end..length).map(edge));
        made
    }

    /// The same, made in the place of the left aggregates.
    pub(crate) fn into_map(mut self, make: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        if self.delay > 1 {
            return self.map(make);
        }
        let mut before = f64::NAN;
        for at in 0..self.left.len() {
            let right = self.right.as_ref().unwrap_or(&self.left);
            let right = right.get(at.saturating_add(self.advance)).copied().unwrap_or(f64::NAN);
            let here = self.left[at];
            self.left[at] = make(if self.delay == 1 { before } else { here }, right);
            before = here;
        }
        self.left
    }
}
