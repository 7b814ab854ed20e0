//! A sensor that is stuck.

use std::time::Duration;

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Causal, Score, check_duration, check_not_negative};

/// A value that does not change for too long: a sensor that is stuck, or cut off.
///
/// **Finds** stretches in which all values are within `tolerance` of each other for longer than `longest`; from there on
/// each sample is an anomaly, until the value moves. A stretch starts with the sample that ended the one before, so of two that share
/// samples, as a slow drift makes them, the second is counted from there only. **Misses** a stuck sensor whose noise is larger than the tolerance, and
/// needs one longer than the rest of a healthy machine: a motor that stands still draws the same 0 A all night.
///
#[doc = include_str!("../../docs/detectors/flat_line.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `longest` | needed | how long a value may stay the same, such as `"10m"` |
/// | `tolerance` | 0 | how far values may be apart and count as the same, in the unit of the values |
///
/// Needs no history. The score is the time the value has been the same, in seconds. Missing samples do not end a stretch. Cost:
/// O(1) a sample.
/// Source: the flat line test of QARTOD, the quality control of the U.S. Integrated Ocean Observing System.
///
/// ```
/// use std::time::Duration;
///
/// use iot_analytics::detect::FlatLine;
/// use iot_core::{Detect, Detector, Series};
///
/// let times = [0, 60_000_000_000, 120_000_000_000, 180_000_000_000];
/// let pressure = Series::new(&times, &[2.1, 2.3, 2.3, 2.3])?;
/// let model = FlatLine::new(Duration::from_secs(90))?.fit(pressure)?;
/// assert_eq!(model.detect(pressure).anomalies().collect::<Vec<_>>(), [3]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct FlatLine {
    #[serde(with = "crate::duration")]
    longest: Duration,
    tolerance: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    #[serde(with = "crate::duration")]
    longest: Duration,
    #[serde(default)]
    tolerance: f64,
}

impl TryFrom<Parameters> for FlatLine {
    type Error = Error;

    fn try_from(Parameters { longest, tolerance }: Parameters) -> Result<Self> {
        Self::new(longest)?.with_tolerance(tolerance)
    }
}

impl FlatLine {
    /// Values that stay exactly the same for longer than this.
    ///
    /// # Errors
    ///
    /// `Invalid` if `longest` is no time at all.
    pub fn new(longest: Duration) -> Result<Self> {
        check_duration("longest", longest)?;
        Ok(Self { longest, tolerance: 0.0 })
    }

    /// The same with values that are at most so far apart, in their unit.
    ///
    /// # Errors
    ///
    /// `Invalid` if `tolerance` is negative or not finite.
    pub fn with_tolerance(self, tolerance: f64) -> Result<Self> {
        check_not_negative("tolerance", tolerance)?;
        Ok(Self { tolerance, ..self })
    }
}

impl Detector for FlatLine {
    type Model = Causal<FlatLineScore>;

    fn fit(&self, _: Series<'_>) -> Result<Self::Model> {
        Ok(Causal::new(FlatLineScore { limits: *self, stretch: None }))
    }
}

/// The state of a [`FlatLine`] detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlatLineScore {
    limits: FlatLine,
    stretch: Option<Stretch>,
}

/// A time in which all values are the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Stretch {
    since: i64,
    lowest: f64,
    highest: f64,
}

impl Score for FlatLineScore {
    fn score(&mut self, time: Timestamp, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        let alone = Stretch { since: time.nanos(), lowest: value, highest: value };
        let longer = self.stretch.map(|Stretch { since, lowest, highest }| Stretch {
            since,
            lowest: lowest.min(value),
            highest: highest.max(value),
        });
        let stretch =
            longer.filter(|longer| longer.highest - longer.lowest <= self.limits.tolerance).unwrap_or(alone);
        self.stretch = Some(stretch);
        time.nanos().abs_diff(stretch.since) as f64 / 1e9
    }

    fn bounds(&self) -> Bounds {
        Bounds::above(self.limits.longest.as_secs_f64())
    }
}
