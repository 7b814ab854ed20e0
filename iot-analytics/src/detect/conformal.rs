//! Samples stranger than nearly all before them.

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::sorted::Sorted;
use super::{Causal, Score};
use crate::rolling::{Aggregate, Rolling, RollingStream, Window};

/// What is strange about a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strangeness {
    /// Its distance from the mean of the samples before.
    Level,
    /// Its distance from the sample before.
    Step,
    /// Either of the two, whichever is stranger.
    #[default]
    Either,
}

/// Samples stranger than nearly all before them: a conformal test.
///
/// **Finds** values farther from the mean, and steps larger, than all but a stated share of those in the window before, whatever their
/// distribution: a heavy tail, coarse steps, and values that return every day are all taken as they are. **Misses** what is
/// strange in its order only, and what has been seen before: a second fault is found if it is worse than the first one, or that
/// has left the window.
///
#[doc = include_str!("../../docs/detectors/conformal.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `probability` | 0.001 | a sample that has this probability, or a smaller one, of being so strange by chance is an anomaly |
/// | `window` | 5000 | how many samples before are compared with, missing ones among them |
/// | `min_periods` | 50 | the fewest values the window must have to judge by |
/// | `strangeness` | `either` | `level`, `step`, or `either` |
///
/// Needs no history. The probability is `(k + 1) / (n + 1)` where `k` of the `n` values before were as strange; of two kinds of strangeness it is
/// twice the smaller one (Bonferroni). It holds exactly for samples whose order does not matter. The score is its negative decimal logarithm,
/// and can be no larger than the window is long. Cost: O(w) a sample of simple moves, some 500 ns for a window of 5,000.
/// Source: V. Vovk, A. Gammerman and G. Shafer, *Algorithmic Learning in a Random World* (2005); R. Laxhammar, "Conformal anomaly
/// detection" (2014).
///
/// ```
/// use iot_analytics::detect::Conformal;
/// use iot_core::{Detect, Detector, Series};
///
/// let times: Vec<i64> = (0..300).collect();
/// let mut values: Vec<f64> = times.iter().map(|i| (i * 7 % 31) as f64).collect();
/// values[200] = 60.0;
/// let series = Series::new(&times, &values)?;
/// let model = Conformal::new(0.02)?.fit(series)?;
/// // The way up, and the step down, as large again.
/// assert_eq!(model.detect(series).anomalies().collect::<Vec<_>>(), [200, 201]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct Conformal {
    probability: f64,
    window: usize,
    min_periods: usize,
    strangeness: Strangeness,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    probability: f64,
    window: usize,
    min_periods: usize,
    strangeness: Strangeness,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { probability: 0.001, window: 5_000, min_periods: 50, strangeness: Strangeness::Either }
    }
}

impl TryFrom<Parameters> for Conformal {
    type Error = Error;

    fn try_from(Parameters { probability, window, min_periods, strangeness }: Parameters) -> Result<Self> {
        Ok(Self::new(probability)?.with_window(window, min_periods)?.with_strangeness(strangeness))
    }
}

impl From<Conformal> for Parameters {
    fn from(Conformal { probability, window, min_periods, strangeness }: Conformal) -> Self {
        Self { probability, window, min_periods, strangeness }
    }
}

impl Conformal {
    /// Finds samples that have this probability, or a smaller one, of being so strange by chance.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is not between 0 and 1.
    pub fn new(probability: f64) -> Result<Self> {
        if !(probability > 0.0 && probability < 1.0) {
            return Err(Error::invalid(format!("probability {probability} is not between 0 and 1")));
        }
        let Parameters { window, min_periods, strangeness, .. } = Parameters::default();
        Ok(Self { probability, window, min_periods, strangeness })
    }

    /// The same with a window of so many samples, which judges with so many values at least.
    ///
    /// # Errors
    ///
    /// `Invalid` if the window has less than 2 samples or more than 65,536, or `min_periods` is not in 2..=window.
    pub fn with_window(self, window: usize, min_periods: usize) -> Result<Self> {
        if !(2..=Sorted::MOST).contains(&window) {
            return Err(Error::invalid(format!("window {window} is not in 2..=65536 samples")));
        }
        if !(2..=window).contains(&min_periods) {
            return Err(Error::invalid(format!("min_periods {min_periods} is not in 2..={window}")));
        }
        Ok(Self { window, min_periods, ..self })
    }

    /// The same for another strangeness.
    #[must_use]
    pub fn with_strangeness(self, strangeness: Strangeness) -> Self {
        Self { strangeness, ..self }
    }
}

impl Detector for Conformal {
    type Model = Causal<ConformalScore>;

    fn fit(&self, _: Series<'_>) -> Result<Self::Model> {
        let means = Rolling::new(Window::Samples(self.window), Aggregate::Mean)?;
        Ok(Causal::new(ConformalScore {
            rules: *self,
            means: means.with_min_periods(self.min_periods).stream()?,
            mean: f64::NAN,
            last: f64::NAN,
            levels: Sorted::new(self.window),
            steps: Sorted::new(self.window),
        }))
    }
}

/// The state of a [`Conformal`] test.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConformalScore {
    rules: Conformal,
    means: RollingStream,
    /// Of the window before the next sample.
    #[serde(with = "crate::nan")]
    mean: f64,
    /// The last value that was there.
    #[serde(with = "crate::nan")]
    last: f64,
    levels: Sorted,
    steps: Sorted,
}

impl ConformalScore {
    /// The probability of a strangeness among those before, which it then joins; 1 while they are too few.
    fn probability(before: &mut Sorted, strangeness: f64, min_periods: usize) -> f64 {
        let n = before.len();
        let as_strange = before.count_from(strangeness);
        before.push(strangeness);
        if n < min_periods || strangeness.is_nan() { 1.0 } else { (as_strange + 1) as f64 / (n + 1) as f64 }
    }
}

impl Score for ConformalScore {
    fn score(&mut self, time: Timestamp, value: f64) -> f64 {
        let min_periods = self.rules.min_periods;
        let level = Self::probability(&mut self.levels, (value - self.mean).abs(), min_periods);
        let step = Self::probability(&mut self.steps, (value - self.last).abs(), min_periods);
        let known = !self.mean.is_nan() && self.levels.len() > min_periods;
        self.mean = self.means.push(time, value);
        self.last = if value.is_nan() { self.last } else { value };
        let probability = match self.rules.strangeness {
            Strangeness::Level => level,
            Strangeness::Step => step,
            Strangeness::Either => (2.0 * level.min(step)).min(1.0),
        };
        if known { -probability.log10() } else { f64::NAN }
    }

    fn bounds(&self) -> Bounds {
        // At the probability itself a sample is an anomaly; bounds are strict.
        Bounds::above((-self.rules.probability.log10()).next_down())
    }
}
