//! Values that change too fast.

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Causal, Score, check_not_negative};

/// Values that rise or fall faster than the measured thing can.
///
/// **Finds** what inertia forbids: an oil temperature that jumps by ten degrees in a second is a fault of the sensor.
/// **Misses** slow changes however large; pair it with a [`Threshold`](super::Threshold).
///
#[doc = include_str!("../../docs/detectors/rate_of_change.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `rise` | none | the fastest rise that is normal, in the unit of the values a second |
/// | `fall` | none | the fastest fall that is normal, in the unit of the values a second |
///
/// Needs no history. The score is the change since the last sample that was there, divided by the seconds since then; the
/// first sample has none. A spike is flagged twice, up and down. Cost: O(1) a sample.
/// Source: the rate of change test of QARTOD, the quality control of the U.S. Integrated Ocean Observing System.
///
/// ```
/// use iot_analytics::detect::RateOfChange;
/// use iot_core::{Detect, Detector, Series};
///
/// let times = [0, 60_000_000_000, 120_000_000_000, 180_000_000_000];
/// let temperature = Series::new(&times, &[61.0, 61.5, 75.0, 61.9])?;
/// let model = RateOfChange::new(0.05, None)?.fit(temperature)?;
/// assert_eq!(model.detect(temperature).anomalies().collect::<Vec<_>>(), [2]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct RateOfChange {
    rise: Option<f64>,
    fall: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    rise: Option<f64>,
    fall: Option<f64>,
}

impl TryFrom<Parameters> for RateOfChange {
    type Error = Error;

    fn try_from(Parameters { rise, fall }: Parameters) -> Result<Self> {
        Self::new(rise, fall)
    }
}

impl RateOfChange {
    /// The fastest rise and fall that are normal, in the unit of the values a second; `None` where there is no limit.
    ///
    /// # Errors
    ///
    /// `Invalid` if one is negative or not finite.
    pub fn new(rise: impl Into<Option<f64>>, fall: impl Into<Option<f64>>) -> Result<Self> {
        let (rise, fall) = (rise.into(), fall.into());
        for (name, rate) in [("rise", rise), ("fall", fall)] {
            rate.map_or(Ok(()), |rate| check_not_negative(name, rate))?;
        }
        Ok(Self { rise, fall })
    }
}

impl Detector for RateOfChange {
    type Model = Causal<RateOfChangeScore>;

    fn fit(&self, _: Series<'_>) -> Result<Self::Model> {
        Ok(Causal::new(RateOfChangeScore { limits: *self, last: None }))
    }
}

/// The state of a [`RateOfChange`] detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateOfChangeScore {
    limits: RateOfChange,
    /// The last sample that was there.
    last: Option<(i64, f64)>,
}

impl Score for RateOfChangeScore {
    fn score(&mut self, time: Timestamp, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        let Some((then, before)) = self.last.replace((time.nanos(), value)) else { return f64::NAN };
        let seconds = time.nanos().abs_diff(then) as f64 / 1e9;
        (value - before) / seconds
    }

    fn bounds(&self) -> Bounds {
        let RateOfChange { rise, fall } = self.limits;
        Bounds { low: fall.map_or(f64::NEG_INFINITY, |fall| -fall), high: rise.unwrap_or(f64::INFINITY) }
    }
}
