//! Values far outside the middle half of the history.

use iot_core::{Detector, Error, Result, Series};
use serde::{Deserialize, Serialize};

use super::fence::range;
use super::{Limits, check_not_negative, check_present};
use crate::quantile::quantiles;

/// Values far outside the middle half of the history: Tukey's fences.
///
/// **Finds** values more than a factor times the interquartile range past a quartile. Up to a quarter of the
/// history may be bad on either side and does not move the fences.
/// **Misses** what is odd inside the fences; a history of two modes makes them wide. On a signal that hardly
/// moves, or moves in coarse steps, the range is 0 and every change is an anomaly: set `min_range` to a step
/// that means nothing, such as the resolution of the sensor.
///
#[doc = include_str!("../../docs/detectors/interquartile_range.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `low_factor` | 3 | how many ranges below the first quartile is an anomaly; `null` for no fence |
/// | `high_factor` | 3 | how many ranges above the third quartile is an anomaly; `null` for no fence |
/// | `min_range` | 0 | the range is taken to be at least this, in the unit of the values |
///
/// A value on a fence is normal. The score is the value. Cost: O(n) to fit, one comparison a sample.
/// Source: J. W. Tukey, *Exploratory Data Analysis* (1977); ADTK's `InterQuartileRangeAD`.
///
/// ```
/// use iot_analytics::detect::InterquartileRange;
/// use iot_core::{Detect, Detector, Series};
///
/// let voltage = Series::new(&[0, 1, 2, 3, 4], &[229.0, 230.0, 231.0, 230.5, 260.0])?;
/// let model = InterquartileRange::new(3.0)?.fit(voltage)?;
/// assert_eq!(model.bounds().high, 231.0 + 3.0 * 1.0);
/// assert_eq!(model.detect(voltage).anomalies().collect::<Vec<_>>(), [4]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct InterquartileRange {
    low_factor: Option<f64>,
    high_factor: Option<f64>,
    min_range: f64,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    low_factor: Option<f64>,
    high_factor: Option<f64>,
    min_range: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { low_factor: Some(3.0), high_factor: Some(3.0), min_range: 0.0 }
    }
}

impl TryFrom<Parameters> for InterquartileRange {
    type Error = Error;

    fn try_from(Parameters { low_factor, high_factor, min_range }: Parameters) -> Result<Self> {
        Self::with_factors(low_factor, high_factor)?.with_min_range(min_range)
    }
}

impl InterquartileRange {
    /// The same factor on both sides.
    ///
    /// # Errors
    ///
    /// `Invalid` if the factor is negative or not finite.
    pub fn new(factor: f64) -> Result<Self> {
        check_not_negative("factor", factor)?;
        Self::with_factors(factor, factor)
    }

    /// A factor for each side; `None` where a side has no fence.
    ///
    /// # Errors
    ///
    /// `Invalid` if a factor is negative or not finite.
    pub fn with_factors(low: impl Into<Option<f64>>, high: impl Into<Option<f64>>) -> Result<Self> {
        let (low_factor, high_factor) = (low.into(), high.into());
        for (name, factor) in [("low_factor", low_factor), ("high_factor", high_factor)] {
            factor.map_or(Ok(()), |factor| check_not_negative(name, factor))?;
        }
        Ok(Self { low_factor, high_factor, min_range: 0.0 })
    }

    /// The same with an interquartile range of at least `min_range`, in the unit of the values.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is negative or not finite.
    pub fn with_min_range(self, min_range: f64) -> Result<Self> {
        check_not_negative("min_range", min_range)?;
        Ok(Self { min_range, ..self })
    }
}

impl Detector for InterquartileRange {
    type Model = Limits;

    fn fit(&self, history: Series<'_>) -> Result<Limits> {
        check_present(history.values())?;
        let [first, third] = quantiles(history.values(), [0.25, 0.75])?;
        let range = range(first, third, self.min_range);
        let low = self.low_factor.map_or(f64::NEG_INFINITY, |factor| first - range * factor);
        let high = self.high_factor.map_or(f64::INFINITY, |factor| third + range * factor);
        Ok(Limits::new(low, high))
    }
}
