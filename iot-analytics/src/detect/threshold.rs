//! Values outside stated limits.

use iot_core::{Bounds, Detect, Detector, Error, Label, Online, Result, Series, Verdicts};
use serde::{Deserialize, Serialize};

use super::Limits;

/// Values outside limits that are known beforehand.
///
/// **Finds** every value above `high` or below `low`: what a data sheet, a contract or a standard forbids.
/// **Misses** whatever is odd inside the limits.
///
#[doc = include_str!("../../docs/detectors/threshold.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `low` | none | a value below it is an anomaly |
/// | `high` | none | a value above it is an anomaly |
///
/// A value equal to a limit is normal. Needs no history. The score is the value. Cost: one comparison a sample.
/// Source: the gross range test of QARTOD, the quality control of the U.S. Integrated Ocean Observing System; ADTK's `ThresholdAD`.
///
/// ```
/// use iot_analytics::detect::Threshold;
/// use iot_core::{Detect, Series};
///
/// let current = Series::new(&[0, 1, 2, 3], &[22.67, 95.0, f64::NAN, 20.0])?;
/// let verdicts = Threshold::new(22.67, 90.21)?.detect(current);
/// assert_eq!(verdicts.anomalies().collect::<Vec<_>>(), [1, 3]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct Threshold {
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    low: Option<f64>,
    high: Option<f64>,
}

impl TryFrom<Parameters> for Threshold {
    type Error = Error;

    fn try_from(Parameters { low, high }: Parameters) -> Result<Self> {
        Self::new(low, high)
    }
}

impl Threshold {
    /// Limits below and above, in the unit of the values; `None` where a side has none.
    ///
    /// # Errors
    ///
    /// `Invalid` if a limit is not finite, or `low` is above `high`.
    pub fn new(low: impl Into<Option<f64>>, high: impl Into<Option<f64>>) -> Result<Self> {
        let (low, high) = (low.into(), high.into());
        for (name, limit) in [("low", low), ("high", high)] {
            if let Some(limit) = limit
                && !limit.is_finite()
            {
                return Err(Error::invalid(format!("{name} {limit} is not finite")));
            }
        }
        super::check_order(low, high)?;
        Ok(Self { low, high })
    }

    fn limits(self) -> Limits {
        Limits::new(self.low.unwrap_or(f64::NEG_INFINITY), self.high.unwrap_or(f64::INFINITY))
    }
}

impl Detector for Threshold {
    type Model = Limits;

    fn fit(&self, _: Series<'_>) -> Result<Limits> {
        Ok(self.limits())
    }
}

impl Detect for Threshold {
    fn bounds(&self) -> Bounds {
        self.limits().bounds()
    }

    fn detect(&self, series: Series<'_>) -> Verdicts {
        self.limits().detect(series)
    }

    fn labels(&self, series: Series<'_>) -> Vec<Label> {
        self.limits().labels(series)
    }
}

impl Online for Threshold {
    type Monitor = Limits;

    fn monitor(&self) -> Limits {
        self.limits()
    }
}
