//! Seasons: what repeats with a period.

mod grid;
mod period;
mod trend;

pub use period::find_period;

use iot_core::{Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use grid::Grid;
use trend::trend;

use crate::Moments;

/// Takes a series apart into a season, a trend if there is to be one, and the rest.
///
/// The season is the mean of each phase of the period over all cycles. With a trend, that is the centred moving average over one
/// period, taken off first, and the season has a mean of 0; it is unknown for half a period at either end.
///
/// The series has one step; samples may be missing, as NaN or altogether. Samples of no phase known, or off the grid of the
/// history, have no season: NaN.
///
/// ADTK's `ClassicSeasonalDecomposition`, which refuses missing samples. Cost: O(n).
///
/// ```
/// use iot_analytics::SeasonalDecomposition;
/// use iot_core::Series;
///
/// let times: Vec<i64> = (0..8).collect();
/// let series = Series::new(&times, &[1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 5.0, 2.0])?;
/// let season = SeasonalDecomposition::new(4)?.fit(series)?;
/// assert_eq!(season.pattern(), [1.0, 2.0, 4.0, 2.0]);
/// assert_eq!(season.residual(series)[6], 1.0);
/// # Ok::<(), iot_core::Error>(())
/// ```
///
/// Source: M. Kendall and A. Stuart, *The Advanced Theory of Statistics* (1983), chapter 46.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeasonalDecomposition {
    period: Option<usize>,
    trend: bool,
}

impl SeasonalDecomposition {
    /// A season of this many samples.
    ///
    /// # Errors
    ///
    /// `Invalid` if the period is 0.
    pub fn new(period: usize) -> Result<Self> {
        if period == 0 {
            return Err(Error::invalid("period of 0 samples"));
        }
        Ok(Self { period: Some(period), trend: false })
    }

    /// A season of the period that [`find_period`] finds in the history.
    pub fn search() -> Self {
        Self { period: None, trend: false }
    }

    /// The same with a trend.
    #[must_use]
    pub fn with_trend(self) -> Self {
        Self { trend: true, ..self }
    }

    /// Learns the season of `history`; missing samples at its ends are cut off.
    ///
    /// # Errors
    ///
    /// `Invalid` if it has no value or no single step, a trend is wanted and it is shorter than two periods, or a
    /// period is to be found and there is none.
    pub fn fit(&self, history: Series<'_>) -> Result<Season> {
        let there = |value: &f64| !value.is_nan();
        let (Some(from), Some(to)) =
            (history.values().iter().position(there), history.values().iter().rposition(there))
        else {
            return Err(Error::invalid("history of a season has no value"));
        };
        let (times, values) = (&history.times()[from..=to], &history.values()[from..=to]);
        let grid = Grid::of(times)?;
        let period = match self.period {
            Some(period) => period,
            None => find_period(&grid.fill(times, values)?)
                .ok_or_else(|| Error::invalid("history has no season: give a period"))?,
        };
        if self.trend && grid.steps(times) / 2 < period as u64 {
            return Err(Error::invalid(format!(
                "history is shorter than two periods of {period} samples, too short for a trend"
            )));
        }
        let pattern = if self.trend {
            let trend = trend(times, values, grid.step(), period);
            let rest: Vec<f64> = values.iter().zip(trend).map(|(value, trend)| value - trend).collect();
            let mut pattern = means(&grid, times, &rest, period)?;
            let level = Moments::of(&pattern).mean();
            pattern.iter_mut().for_each(|mean| *mean -= level);
            pattern
        } else {
            means(&grid, times, values, period)?
        };
        Ok(Season { grid, period, trend: self.trend, pattern })
    }
}

/// The mean of each phase that is reached, NaN where it has no value.
fn means(grid: &Grid, times: &[i64], values: &[f64], period: usize) -> Result<Vec<f64>> {
    let reached = grid.steps(times).min(period as u64);
    grid.check_filled(reached, times.len())?;
    let mut sums = vec![(0.0, 0_u32); reached as usize];
    for (phase, value) in grid.phases(times, period).zip(values) {
        if let Some(phase) = phase
            && !value.is_nan()
        {
            sums[phase].0 += value;
            sums[phase].1 += 1;
        }
    }
    // Without a value it is 0 / 0.
    Ok(sums.into_iter().map(|(sum, count)| sum / f64::from(count)).collect())
}

/// A season that has been learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct Season {
    grid: Grid,
    period: usize,
    trend: bool,
    /// One value a phase, as far as the history reached.
    #[serde(with = "crate::nan::each")]
    pattern: Vec<f64>,
}

#[derive(Deserialize)]
struct Saved {
    grid: Grid,
    period: usize,
    trend: bool,
    #[serde(with = "crate::nan::each")]
    pattern: Vec<f64>,
}

impl TryFrom<Saved> for Season {
    type Error = Error;

    fn try_from(Saved { grid, period, trend, pattern }: Saved) -> Result<Self> {
        if period == 0 || pattern.len() > period {
            let phases = pattern.len();
            return Err(Error::invalid(format!(
                "a season of {phases} phases in a period of {period} is damaged"
            )));
        }
        Ok(Self { grid, period, trend, pattern })
    }
}

impl Season {
    /// The number of samples of a period.
    pub fn period(&self) -> usize {
        self.period
    }

    /// One period of the season, from the phase of the first sample of the history; NaN where that had no value,
    /// and shorter where it was.
    pub fn pattern(&self) -> &[f64] {
        &self.pattern
    }

    /// The time between two samples, in nanoseconds.
    pub(crate) fn step_nanos(&self) -> u64 {
        self.grid.step()
    }

    /// Whether a trend is taken off.
    pub fn has_trend(&self) -> bool {
        self.trend
    }

    /// The season at a time; NaN if that is off the grid of the history.
    pub fn at(&self, time: Timestamp) -> f64 {
        self.of(self.grid.phase(time.nanos(), self.period))
    }

    fn of(&self, phase: Option<usize>) -> f64 {
        phase.and_then(|phase| self.pattern.get(phase)).copied().unwrap_or(f64::NAN)
    }

    /// The season at each sample.
    pub fn seasonal(&self, series: Series<'_>) -> Vec<f64> {
        self.grid.phases(series.times(), self.period).map(|phase| self.of(phase)).collect()
    }

    /// The trend at each sample, if one is taken off: the mean of a period around it, NaN where a sample of that is missing.
    pub fn trend(&self, series: Series<'_>) -> Option<Vec<f64>> {
        self.trend.then(|| trend(series.times(), series.values(), self.grid.step(), self.period))
    }

    /// What is left of each sample without season and trend.
    pub fn residual(&self, series: Series<'_>) -> Vec<f64> {
        let mut rest = series.values().to_vec();
        if let Some(trend) = self.trend(series) {
            rest.iter_mut().zip(trend).for_each(|(value, trend)| *value -= trend);
        }
        for (value, phase) in rest.iter_mut().zip(self.grid.phases(series.times(), self.period)) {
            *value -= self.of(phase);
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    const MINUTE: i64 = 60_000_000_000;

    fn times(count: usize) -> Vec<i64> {
        (0..count as i64).map(|at| at * MINUTE).collect()
    }

    /// One value of a pattern of 4 for each time, and 1 more each sample.
    fn climbing(times: &[i64]) -> Vec<f64> {
        let pattern = [0.0, 3.0, -1.0, -2.0];
        times.iter().map(|time| (time / MINUTE) as f64 + pattern[(time / MINUTE) as usize % 4]).collect()
    }

    #[test]
    fn a_pattern_on_a_straight_trend_leaves_nothing() {
        let times = times(40);
        let values = climbing(&times);
        let series = Series::new(&times, &values).unwrap();
        let season = SeasonalDecomposition::new(4).unwrap().with_trend().fit(series).unwrap();
        let pattern: Vec<f64> = season.pattern().iter().map(|value| value.round()).collect();
        assert_eq!(pattern, [0.0, 3.0, -1.0, -2.0]);
        let residual = season.residual(series);
        assert!(residual[..2].iter().chain(&residual[38..]).all(|rest| rest.is_nan()));
        assert!(residual[2..38].iter().all(|rest| rest.abs() < 1e-12));
    }

    #[test]
    fn samples_that_are_missing_do_not_shift_the_phase() {
        let pattern = [1.0, 5.0, 2.0];
        let all = times(30);
        let kept: Vec<i64> = all.iter().copied().filter(|time| time / MINUTE % 7 != 4).collect();
        let mut values: Vec<f64> = kept.iter().map(|time| pattern[(time / MINUTE) as usize % 3]).collect();
        values[5] = f64::NAN;
        let history = Series::new(&kept, &values).unwrap();
        let season = SeasonalDecomposition::new(3).unwrap().fit(history).unwrap();
        assert_eq!(season.pattern(), pattern);
        let residual = season.residual(history);
        assert!(residual[5].is_nan());
        assert!(residual.iter().all(|rest| rest.is_nan() || *rest == 0.0));
    }

    #[test]
    fn the_phase_holds_before_the_history_and_off_the_grid_there_is_none() {
        let times = times(6);
        let history = Series::new(&times, &[1.0, 5.0, 2.0, 1.0, 5.0, 2.0]).unwrap();
        let season = SeasonalDecomposition::new(3).unwrap().fit(history).unwrap();
        assert_eq!(season.at(Timestamp::from_nanos(-MINUTE)), 2.0);
        assert_eq!(season.at(Timestamp::from_nanos(-3 * MINUTE)), 1.0);
        assert!(season.at(Timestamp::from_nanos(MINUTE / 2)).is_nan());
        let earlier = Series::new(&[-2 * MINUTE, -MINUTE], &[5.0, 2.0]).unwrap();
        assert_eq!(season.residual(earlier), [0.0, 0.0]);
    }

    #[test]
    fn a_history_without_a_season_is_refused() {
        let refused = |decomposition: SeasonalDecomposition, times: &[i64], values: &[f64]| {
            let error = decomposition.fit(Series::new(times, values).unwrap()).unwrap_err();
            assert_eq!(error.kind(), iot_core::ErrorKind::Invalid, "{error}");
        };
        let four = SeasonalDecomposition::new(4).unwrap();
        refused(four, &[], &[]);
        refused(four, &[0, 1], &[f64::NAN, f64::NAN]);
        refused(four, &[0, 2, 5], &[1.0, 2.0, 3.0]);
        refused(four.with_trend(), &times(7), &[1.0; 7]);
        refused(SeasonalDecomposition::search(), &[0, 1, i64::MAX], &[1.0, 2.0, 3.0]);
        refused(SeasonalDecomposition::new(usize::MAX).unwrap(), &[0, 1, i64::MAX], &[1.0, 2.0, 3.0]);
        refused(SeasonalDecomposition::search(), &times(50), &[7.0; 50]);
        assert!(SeasonalDecomposition::new(0).is_err());
        SeasonalDecomposition::new(usize::MAX)
            .unwrap()
            .fit(Series::new(&[0, 1], &[1e300, -1e300]).unwrap())
            .unwrap();
    }
}
