//! Values outside quantiles of the history.

use iot_core::{Detector, Error, Result, Series};
use serde::{Deserialize, Serialize};

use super::{Limits, check_order, check_present};
use crate::quantile::{check_probability, quantile, quantiles};

/// Values outside quantiles of the history.
///
/// **Finds** the lowest and highest values, without knowing the quantity's range.
/// **Misses** nothing that is extreme, and that is its weakness: judging its own history it flags the share of it
/// that it was told to, whether something is wrong or not. Fit it on a time that was well, and judge another one.
///
#[doc = include_str!("../../docs/detectors/quantile.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `low` | none | probability; a value below this quantile is an anomaly |
/// | `high` | none | probability; a value above this quantile is an anomaly |
///
/// A value equal to a quantile is normal. The score is the value. Cost: O(n) to fit, one comparison a sample.
/// Source: [`quantile`](crate::quantile()), type 7 of Hyndman and Fan; ADTK's `QuantileAD`.
///
/// ```
/// use iot_analytics::detect::Quantile;
/// use iot_core::{Detect, Detector, Series};
///
/// let voltage = Series::new(&[0, 1, 2, 3, 4], &[229.0, 230.0, 231.0, 230.5, 260.0])?;
/// let model = Quantile::new(None, 0.9)?.fit(voltage)?;
/// assert_eq!(model.detect(voltage).anomalies().collect::<Vec<_>>(), [4]);
/// assert_eq!(Quantile::new(0.1, 1.5).unwrap_err().to_string(), "high 1.5 is not a probability in 0..=1");
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct Quantile {
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    low: Option<f64>,
    high: Option<f64>,
}

impl TryFrom<Parameters> for Quantile {
    type Error = Error;

    fn try_from(Parameters { low, high }: Parameters) -> Result<Self> {
        Self::new(low, high)
    }
}

impl Quantile {
    /// Quantiles below and above, as probabilities; `None` where a side has none.
    ///
    /// # Errors
    ///
    /// `Invalid` if one is not a probability in 0..=1, or `low` is above `high`.
    pub fn new(low: impl Into<Option<f64>>, high: impl Into<Option<f64>>) -> Result<Self> {
        let (low, high) = (low.into(), high.into());
        for (name, probability) in [("low", low), ("high", high)] {
            probability.map_or(Ok(()), |probability| check_probability(name, probability))?;
        }
        check_order(low, high)?;
        Ok(Self { low, high })
    }
}

impl Detector for Quantile {
    type Model = Limits;

    fn fit(&self, history: Series<'_>) -> Result<Limits> {
        check_present(history.values())?;
        match (self.low, self.high) {
            // One sample serves both.
            (Some(low), Some(high)) => {
                let [low, high] = quantiles(history.values(), [low, high])?;
                Ok(Limits::new(low, high))
            }
            (low, high) => {
                let at = |q: Option<f64>, none| q.map_or(Ok(none), |q| quantile(history.values(), q));
                Ok(Limits::new(at(low, f64::NEG_INFINITY)?, at(high, f64::INFINITY)?))
            }
        }
    }
}
