//! Times without data.

use std::time::Duration;

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Causal, Score, check_duration};

/// Times in which nothing was heard of a quantity.
///
/// **Finds** each sample that comes later than `longest` after the one before; missing samples count as nothing heard. **Misses**
/// a silence that has not ended: a detector has no clock, and does not know that it is late. To see it while it lasts, compare
/// the time of the last reading with now, as the list of devices does.
///
#[doc = include_str!("../../docs/detectors/silence.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `longest` | needed | how far apart samples may be, such as `"90s"` |
///
/// Needs no history. The score is the time since the last sample that was there, in seconds; the first one has none. Cost:
/// O(1) a sample.
/// Source: the gap test of QARTOD, the quality control of the U.S. Integrated Ocean Observing System.
///
/// ```
/// use std::time::Duration;
///
/// use iot_analytics::detect::Silence;
/// use iot_core::{Detect, Detector, Series};
///
/// let times = [0, 1_000_000_000, 2_000_000_000, 30_000_000_000];
/// let voltage = Series::new(&times, &[230.1, 230.2, f64::NAN, 230.0])?;
/// let model = Silence::new(Duration::from_secs(10))?.fit(voltage)?;
/// assert_eq!(model.detect(voltage).anomalies().collect::<Vec<_>>(), [3]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct Silence {
    #[serde(with = "crate::duration")]
    longest: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    #[serde(with = "crate::duration")]
    longest: Duration,
}

impl TryFrom<Parameters> for Silence {
    type Error = Error;

    fn try_from(Parameters { longest }: Parameters) -> Result<Self> {
        Self::new(longest)
    }
}

impl Silence {
    /// Samples that are further apart than this.
    ///
    /// # Errors
    ///
    /// `Invalid` if `longest` is no time at all.
    pub fn new(longest: Duration) -> Result<Self> {
        check_duration("longest", longest)?;
        Ok(Self { longest })
    }
}

impl Detector for Silence {
    type Model = Causal<SilenceScore>;

    fn fit(&self, _: Series<'_>) -> Result<Self::Model> {
        Ok(Causal::new(SilenceScore { limits: *self, last: None }))
    }
}

/// The state of a [`Silence`] detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SilenceScore {
    limits: Silence,
    /// When the last sample came that was there.
    last: Option<i64>,
}

impl Score for SilenceScore {
    fn score(&mut self, time: Timestamp, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        let last = self.last.replace(time.nanos());
        last.map_or(f64::NAN, |last| time.nanos().abs_diff(last) as f64 / 1e9)
    }

    fn bounds(&self) -> Bounds {
        Bounds::above(self.limits.longest.as_secs_f64())
    }
}
