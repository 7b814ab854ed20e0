//! Samples far from the median of those before them.

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::baseline::ratio;
use super::sorted::Sorted;
use super::{Causal, Score, check_not_negative, check_positive};

/// What turns a median distance from the median into a standard deviation, of normally distributed values.
const DEVIATIONS: f64 = 1.482_602_218_505_602;

/// Samples far from the median of those just before them, in median distances: Hampel's identifier, with the MAD as its scale.
///
/// **Finds** spikes and the first samples of steps, on a signal of any level, without a history: it adapts. Up to half of the window may be bad and
/// does not move median or scale, so several spikes do not hide each other. **Misses** what lasts, which becomes the new
/// normal within half a window. On a signal that hardly moves, or moves in coarse steps, the scale is 0 and every change is
/// infinitely far: set `min_scale` to a step that means nothing, such as the resolution of the sensor.
///
#[doc = include_str!("../../docs/detectors/hampel.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `window` | 100 | how many samples before are compared with, missing ones among them |
/// | `limit` | 3 | how many standard deviations, as the median distance gives them, are an anomaly |
/// | `min_periods` | the window | the fewest values the window must have to judge by |
/// | `min_scale` | 0 | the deviation is taken to be at least this, in the unit of the values |
///
/// Needs no history. The score is the distance from the median in deviations. Cost: O(w) a sample of simple moves, some 150 ns for
/// a window of 100.
/// Source: F. R. Hampel, "The influence curve and its role in robust estimation", JASA 69 (1974).
///
/// ```
/// use iot_analytics::detect::Hampel;
/// use iot_core::{Detect, Detector, Series};
///
/// let times: Vec<i64> = (0..9).collect();
/// let voltage = Series::new(&times, &[230.0, 230.2, 230.1, 230.3, 230.1, 244.0, 230.2, 243.0, 230.0])?;
/// let model = Hampel::new(5)?.fit(voltage)?;
/// assert_eq!(model.detect(voltage).anomalies().collect::<Vec<_>>(), [5, 7]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct Hampel {
    window: usize,
    limit: f64,
    min_periods: Option<usize>,
    min_scale: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    window: usize,
    limit: f64,
    min_periods: Option<usize>,
    min_scale: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { window: 100, limit: 3.0, min_periods: None, min_scale: 0.0 }
    }
}

impl TryFrom<Parameters> for Hampel {
    type Error = Error;

    fn try_from(Parameters { window, limit, min_periods, min_scale }: Parameters) -> Result<Self> {
        Self::new(window)?.with_limit(limit)?.with_min_scale(min_scale)?.with_min_periods(min_periods)
    }
}

impl From<Hampel> for Parameters {
    fn from(Hampel { window, limit, min_periods, min_scale }: Hampel) -> Self {
        Self { window, limit, min_periods, min_scale }
    }
}

impl Hampel {
    /// Compares with a window of so many samples, with a limit of 3 deviations.
    ///
    /// # Errors
    ///
    /// `Invalid` if the window has less than 2 samples, or more than 65,536.
    pub fn new(window: usize) -> Result<Self> {
        if !(2..=Sorted::MOST).contains(&window) {
            return Err(Error::invalid(format!("window {window} is not in 2..=65536 samples")));
        }
        Ok(Self { window, limit: 3.0, min_periods: None, min_scale: 0.0 })
    }

    /// The same with a limit of so many deviations.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is not above 0.
    pub fn with_limit(self, limit: f64) -> Result<Self> {
        check_positive("limit", limit)?;
        Ok(Self { limit, ..self })
    }

    /// The same with a deviation of at least this, in the unit of the values.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is negative or not finite.
    pub fn with_min_scale(self, min_scale: f64) -> Result<Self> {
        check_not_negative("min_scale", min_scale)?;
        Ok(Self { min_scale, ..self })
    }

    /// The same with a verdict wherever the window has at least so many values.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is 0 or more than the window.
    pub fn with_min_periods(self, min_periods: impl Into<Option<usize>>) -> Result<Self> {
        let min_periods = min_periods.into();
        if let Some(least) = min_periods
            && !(1..=self.window).contains(&least)
        {
            return Err(Error::invalid(format!("min_periods {least} is not in 1..={}", self.window)));
        }
        Ok(Self { min_periods, ..self })
    }
}

impl Detector for Hampel {
    type Model = Causal<HampelScore>;

    fn fit(&self, _: Series<'_>) -> Result<Self::Model> {
        Ok(Causal::new(HampelScore { rules: *self, window: Sorted::new(self.window) }))
    }
}

/// The state of a [`Hampel`] identifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HampelScore {
    rules: Hampel,
    window: Sorted,
}

impl Score for HampelScore {
    fn score(&mut self, _: Timestamp, value: f64) -> f64 {
        let mut score = f64::NAN;
        if !value.is_nan() && self.window.len() >= self.rules.min_periods.unwrap_or(self.rules.window) {
            let median = self.window.median();
            let scale = DEVIATIONS * self.window.median_distance(median);
            score = ratio(value - median, scale.max(self.rules.min_scale));
        }
        self.window.push(value);
        score
    }

    fn bounds(&self) -> Bounds {
        Bounds { low: -self.rules.limit, high: self.rules.limit }
    }
}
