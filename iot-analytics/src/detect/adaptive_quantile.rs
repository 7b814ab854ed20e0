//! Values outside quantiles of the stream so far.

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Causal, Score, check_order};
use crate::quantile::check_probability;

/// Values outside quantiles of the stream so far, which are estimated in constant memory.
///
/// **Finds** the lowest and highest values of a stream as it comes, with no history to fit to and none kept. **Misses** nothing that
/// is extreme, and that is its weakness: in the long run it flags the share of the values that it was told to. It remembers
/// all that has been and adapts the slower the longer it runs.
///
#[doc = include_str!("../../docs/detectors/adaptive_quantile.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `low` | none | probability; a value below this quantile of those before is an anomaly |
/// | `high` | none | probability; a value above this quantile of those before is an anomaly |
/// | `warm_up` | 100 | how many values are kept and sorted before the first is judged, at least 5 |
///
/// Needs no history. The score is how far outside the two quantiles a value is, in its unit, negative below. Cost: five markers for
/// each quantile, O(1) a sample, some 15 ns. The estimate is good for signals that stay as they are; for a
/// quantile with a stated error see [`Quantiles`](crate::Quantiles).
/// Source: R. Jain and I. Chlamtac, "The P² algorithm for dynamic calculation of quantiles and histograms without storing
/// observations", CACM 28 (1985). That starts from the first five values, one of which then stands for the 99 % quantile for a long time: hence the
/// warm-up.
///
/// ```
/// use iot_analytics::detect::AdaptiveQuantile;
/// use iot_core::{Detect, Detector, Series};
///
/// let times: Vec<i64> = (0..200).collect();
/// let mut values: Vec<f64> = times.iter().map(|i| (i * 7 % 11) as f64).collect();
/// values[150] = 30.0;
/// let series = Series::new(&times, &values)?;
/// let model = AdaptiveQuantile::new(0.01, 0.99)?.fit(series)?;
/// assert_eq!(model.detect(series).anomalies().collect::<Vec<_>>(), [150]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct AdaptiveQuantile {
    low: Option<f64>,
    high: Option<f64>,
    warm_up: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    low: Option<f64>,
    high: Option<f64>,
    warm_up: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { low: None, high: None, warm_up: 100 }
    }
}

impl TryFrom<Parameters> for AdaptiveQuantile {
    type Error = Error;

    fn try_from(Parameters { low, high, warm_up }: Parameters) -> Result<Self> {
        Self::new(low, high)?.with_warm_up(warm_up)
    }
}

impl From<AdaptiveQuantile> for Parameters {
    fn from(AdaptiveQuantile { low, high, warm_up }: AdaptiveQuantile) -> Self {
        Self { low, high, warm_up }
    }
}

impl AdaptiveQuantile {
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
        Ok(Self { low, high, warm_up: 100 })
    }

    /// The same with so many values before the first verdict.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is less than 5 or more than a million.
    pub fn with_warm_up(self, warm_up: usize) -> Result<Self> {
        if !(5..=1_000_000).contains(&warm_up) {
            return Err(Error::invalid(format!("warm_up {warm_up} is not in 5..=1000000")));
        }
        Ok(Self { warm_up, ..self })
    }
}

impl Detector for AdaptiveQuantile {
    type Model = Causal<AdaptiveQuantileScore>;

    fn fit(&self, _: Series<'_>) -> Result<Self::Model> {
        Ok(Causal::new(AdaptiveQuantileScore {
            rules: *self,
            first: Some(Vec::new()),
            low: None,
            high: None,
        }))
    }
}

/// The state of an [`AdaptiveQuantile`] detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct AdaptiveQuantileScore {
    rules: AdaptiveQuantile,
    /// The values of the warm-up, while it lasts.
    first: Option<Vec<f64>>,
    low: Option<Markers>,
    high: Option<Markers>,
}

#[derive(Deserialize)]
struct Saved {
    rules: AdaptiveQuantile,
    first: Option<Vec<f64>>,
    low: Option<Markers>,
    high: Option<Markers>,
}

impl TryFrom<Saved> for AdaptiveQuantileScore {
    type Error = Error;

    fn try_from(Saved { rules, first, low, high }: Saved) -> Result<Self> {
        let kept = first.as_ref().map_or(0, Vec::len);
        if kept >= rules.warm_up {
            let warm_up = rules.warm_up;
            return Err(Error::invalid(format!("a warm_up of {warm_up} with {kept} values is damaged")));
        }
        Ok(Self { rules, first, low, high })
    }
}

impl Score for AdaptiveQuantileScore {
    fn score(&mut self, _: Timestamp, value: f64) -> f64 {
        if !value.is_finite() {
            return f64::NAN;
        }
        if let Some(first) = &mut self.first {
            first.push(value);
            if first.len() == self.rules.warm_up {
                first.sort_unstable_by(f64::total_cmp);
                let markers = |q: Option<f64>| q.map(|q| Markers::of(q, first));
                (self.low, self.high) = (markers(self.rules.low), markers(self.rules.high));
                self.first = None;
            }
            return f64::NAN;
        }
        let mut score = 0.0;
        if let Some(low) = &mut self.low {
            score += (value - low.quantile()).min(0.0);
            low.push(value);
        }
        if let Some(high) = &mut self.high {
            score += (value - high.quantile()).max(0.0);
            high.push(value);
        }
        score
    }

    fn bounds(&self) -> Bounds {
        Bounds { low: 0.0, high: 0.0 }
    }
}

/// Five markers of a distribution: the smallest, the quantile, the largest, and two between.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Markers {
    heights: [f64; 5],
    /// How many values are at most as high, as counted.
    positions: [f64; 5],
    /// How many there should be.
    desired: [f64; 5],
    /// What the desired positions grow by with each value.
    steps: [f64; 5],
}

impl Markers {
    /// The markers of the quantile `q` of at least five sorted values.
    fn of(q: f64, sorted: &[f64]) -> Self {
        let steps = [0.0, q / 2.0, q, f64::midpoint(1.0, q), 1.0];
        let last = sorted.len() - 1;
        let desired = steps.map(|step| 1.0 + last as f64 * step);
        let mut ranks = desired.map(|position| position.round() as usize - 1);
        // Each marker has a place of its own.
        for at in 1..5 {
            ranks[at] = ranks[at].max(ranks[at - 1] + 1).min(last + at - 4);
        }
        for at in (0..4).rev() {
            ranks[at] = ranks[at].min(ranks[at + 1] - 1);
        }
        Self {
            heights: ranks.map(|rank| sorted[rank]),
            positions: ranks.map(|rank| (rank + 1) as f64),
            desired,
            steps,
        }
    }

    /// The estimate.
    fn quantile(&self) -> f64 {
        self.heights[2]
    }

    fn push(&mut self, value: f64) {
        let Self { heights, positions, desired, steps } = self;
        heights[0] = heights[0].min(value);
        heights[4] = heights[4].max(value);
        for at in 1..5 {
            positions[at] += if at == 4 || value < heights[at] { 1.0 } else { 0.0 };
        }
        desired.iter_mut().zip(steps).for_each(|(desired, step)| *desired += *step);
        for at in 1..4 {
            let off = self.desired[at] - self.positions[at];
            let room = if off >= 1.0 {
                self.positions[at + 1] - self.positions[at] > 1.0
            } else {
                off <= -1.0 && self.positions[at - 1] - self.positions[at] < -1.0
            };
            if room {
                self.step(at, off.signum());
            }
        }
    }

    /// Moves a marker by one position, up or down: along a parabola, or a line where that leaves the neighbours.
    fn step(&mut self, at: usize, by: f64) {
        let Self { heights, positions, .. } = self;
        let [before, here, after] = [positions[at - 1], positions[at], positions[at + 1]];
        let (rise, fall) = (heights[at + 1] - heights[at], heights[at] - heights[at - 1]);
        let parabola = heights[at]
            + by / (after - before)
                * ((here - before + by) * rise / (after - here)
                    + (after - here - by) * fall / (here - before));
        let moved = if heights[at - 1] < parabola && parabola < heights[at + 1] {
            parabola
        } else if by > 0.0 {
            heights[at] + rise / (after - here)
        } else {
            heights[at] - fall / (here - before)
        };
        if moved.is_finite() {
            heights[at] = moved;
            positions[at] += by;
        }
    }
}
