//! Irregular samples onto a grid.

use std::time::Duration;

use iot_core::{Error, Result, Series};
use serde::{Deserialize, Serialize};

/// What the value between two samples is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// On the straight line between them.
    #[default]
    Linear,
    /// That of the earlier.
    Previous,
    /// Missing: only what lies on the grid is taken.
    Missing,
}

/// Lays a series onto instants of equal steps, from its first sample to its last.
///
/// Missing samples are passed over: the value there is between its neighbours, unless these are further apart than
/// the maximum gap. ADTK's `resample`, which was removed in 0.6. Cost: O(samples + instants).
///
/// ```
/// use std::time::Duration;
///
/// use iot_analytics::{Interpolation, Resample};
/// use iot_core::Series;
///
/// const SECOND: i64 = 1_000_000_000;
/// let series = Series::new(&[0, 4 * SECOND, 6 * SECOND], &[1.0, 5.0, 2.0])?;
/// let resample = Resample::new(Duration::from_secs(2))?;
/// assert_eq!(resample.apply(series)?.values, [1.0, 3.0, 5.0, 2.0]);
/// let resample = resample.with_interpolation(Interpolation::Previous);
/// assert_eq!(resample.apply(series)?.values, [1.0, 1.0, 5.0, 2.0]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resample {
    step: u64,
    interpolation: Interpolation,
    max_gap: u64,
    aligned: bool,
}

/// A series of its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resampled {
    /// Nanoseconds UTC, ascending by the step.
    pub times: Vec<i64>,
    /// A value each, NaN where it is missing.
    pub values: Vec<f64>,
}

impl Resample {
    /// The most instants of a grid.
    pub const MAX_INSTANTS: u64 = 100_000_000;

    /// Onto a grid of this step, by linear interpolation over gaps of any length.
    ///
    /// # Errors
    ///
    /// `Invalid` if the step is 0, or longer than 584 years.
    pub fn new(step: Duration) -> Result<Self> {
        match u64::try_from(step.as_nanos()) {
            Ok(step) if step > 0 => {
                Ok(Self { step, interpolation: Interpolation::Linear, max_gap: u64::MAX, aligned: false })
            }
            _ => Err(Error::invalid(format!("step {step:?} of a grid is 0 or too long"))),
        }
    }

    /// Onto the coarsest grid that has all samples on it: its step is the greatest common divisor of their distances, a second if there
    /// is but one.
    pub fn onto_all(series: Series<'_>) -> Self {
        let distances = series.times().windows(2).map(|pair| pair[1].abs_diff(pair[0]));
        let step = distances.reduce(greatest_common_divisor).unwrap_or(1_000_000_000);
        Self { step, interpolation: Interpolation::Linear, max_gap: u64::MAX, aligned: false }
    }

    /// The same with other values between samples.
    #[must_use]
    pub fn with_interpolation(self, interpolation: Interpolation) -> Self {
        Self { interpolation, ..self }
    }

    /// The same with nothing between samples further apart than this.
    #[must_use]
    pub fn with_max_gap(self, max_gap: Duration) -> Self {
        Self { max_gap: u64::try_from(max_gap.as_nanos()).unwrap_or(u64::MAX), ..self }
    }

    /// The same on instants that are whole steps from 1970-01-01T00:00:00 UTC, so that grids of several series agree; otherwise
    /// they are whole steps from the first sample.
    #[must_use]
    pub fn aligned(self) -> Self {
        Self { aligned: true, ..self }
    }

    /// The step of the grid.
    pub fn step(&self) -> Duration {
        Duration::from_nanos(self.step)
    }

    /// The series on the grid.
    ///
    /// # Errors
    ///
    /// `Invalid` if that has more than [`MAX_INSTANTS`](Self::MAX_INSTANTS).
    pub fn apply(&self, series: Series<'_>) -> Result<Resampled> {
        let present = || series.times().iter().zip(series.values()).filter(|(_, value)| !value.is_nan());
        let (Some(&first), Some(&last)) = (series.times().first(), series.times().last()) else {
            return Ok(Resampled::default());
        };
        // Wider than a time, since the next instant after the last may be past them all.
        let (step, first, last) = (i128::from(self.step), i128::from(first), i128::from(last));
        let start = if self.aligned { first + (-first).rem_euclid(step) } else { first };
        let instants = if start > last { 0 } else { (last - start) / step + 1 };
        if instants > i128::from(Self::MAX_INSTANTS) {
            return Err(Error::invalid(format!(
                "step {:?} makes a grid of {instants} instants, more than {}",
                self.step(),
                Self::MAX_INSTANTS
            )));
        }
        let times: Vec<i64> = (0..instants).map(|at| (start + at * step) as i64).collect();
        let mut later = present().map(|(&time, &value)| (time, value)).peekable();
        let mut before = None;
        let value = |&time: &i64| {
            while let Some(sample) = later.next_if(|sample| sample.0 <= time) {
                before = Some(sample);
            }
            match (before, later.peek()) {
                (Some((at, value)), _) if at == time => value,
                (Some(before), Some(&after)) => self.between(before, after, time),
                _ => f64::NAN,
            }
        };
        let values = times.iter().map(value).collect();
        Ok(Resampled { times, values })
    }

    /// The value at `time`, which is between those of two samples.
    fn between(&self, before: (i64, f64), after: (i64, f64), time: i64) -> f64 {
        let gap = after.0.abs_diff(before.0);
        match self.interpolation {
            _ if gap > self.max_gap => f64::NAN,
            Interpolation::Missing => f64::NAN,
            Interpolation::Previous => before.1,
            Interpolation::Linear => {
                let share = time.abs_diff(before.0) as f64 / gap as f64;
                before.1 * (1.0 - share) + after.1 * share
            }
        }
    }
}

impl Resampled {
    /// It as a series.
    ///
    /// # Errors
    ///
    /// `Invalid` if its times or values have been changed so that they are none.
    pub fn series(&self) -> Result<Series<'_>> {
        Series::new(&self.times, &self.values)
    }
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
