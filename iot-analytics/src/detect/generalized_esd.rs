//! Outliers of a normal distribution.

use iot_core::{Bounds, Detector, Error, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Causal, Score, baseline::ratio, check_present};
use crate::Moments;
use crate::critical::student;

/// When the search for outliers in the history ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// With the last one that is far out, however many in a row before it were not: outliers of one size cannot hide each other.
    #[default]
    Rosner,
    /// With the first one that is not far out, as ADTK has it.
    Adtk,
}

/// Outliers of values that are otherwise normally distributed: Rosner's generalized extreme studentized deviate test.
///
/// **Finds** single values too far out for a normal distribution, several at once, with a stated probability of a false find.
/// **Misses** whatever is odd in time and not in value. Where the values are not normal (a daily course, two modes, a heavy tail)
/// its probability means nothing: take the residuals of a season, or [`InterquartileRange`](super::InterquartileRange).
///
#[doc = include_str!("../../docs/detectors/generalized_esd.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `alpha` | 0.05 | the probability of a find in values that are all well |
/// | `max_outliers` | a tenth of the history, at least 10 | the most outliers to look for in the history, at most half of it |
/// | `rule` | `rosner` | when the search ends: `rosner`, or `adtk` for the rule of ADTK, which has no `max_outliers` |
///
/// Outliers of the history are set aside; each value is then tested as one more among the rest. The score is its distance
/// from their mean in standard deviations, itself included. Cost: O(n log n) to fit, whatever the number of outliers; O(1) a
/// sample, some 5 ns. Sums of squares are never subtracted, so a large mean costs no digits; ADTK's do, and its labels are noise
/// where the mean is more than 10⁵ standard deviations.
///
/// Source: B. Rosner, "Percentage points for a generalized ESD many-outlier procedure", Technometrics 25 (1983).
///
/// ```
/// use iot_analytics::detect::GeneralizedEsd;
/// use iot_core::{Detect, Detector, Series};
///
/// let times: Vec<i64> = (0..20).collect();
/// let mut values: Vec<f64> = times.iter().map(|&i| 20.0 + 0.1 * (i * 7 % 11) as f64).collect();
/// (values[4], values[9], values[13]) = (25.0, 25.1, 25.2);
/// let oil = Series::new(&times, &values)?;
/// let model = GeneralizedEsd::new(0.05)?.fit(oil)?;
/// assert_eq!(model.detect(oil).anomalies().collect::<Vec<_>>(), [4, 9, 13]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct GeneralizedEsd {
    alpha: f64,
    max_outliers: Option<usize>,
    rule: Rule,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    alpha: f64,
    max_outliers: Option<usize>,
    rule: Rule,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { alpha: 0.05, max_outliers: None, rule: Rule::Rosner }
    }
}

impl TryFrom<Parameters> for GeneralizedEsd {
    type Error = Error;

    fn try_from(Parameters { alpha, max_outliers, rule }: Parameters) -> Result<Self> {
        Ok(Self { max_outliers, rule, ..Self::new(alpha)? })
    }
}

impl From<GeneralizedEsd> for Parameters {
    fn from(GeneralizedEsd { alpha, max_outliers, rule }: GeneralizedEsd) -> Self {
        Self { alpha, max_outliers, rule }
    }
}

impl GeneralizedEsd {
    /// A test with this probability of a find in values that are all well, by Rosner's rule.
    ///
    /// # Errors
    ///
    /// `Invalid` if `alpha` is not between 0 and 1.
    pub fn new(alpha: f64) -> Result<Self> {
        if !(alpha > 0.0 && alpha < 1.0) {
            return Err(Error::invalid(format!("alpha {alpha} is not between 0 and 1")));
        }
        Ok(Self { alpha, max_outliers: None, rule: Rule::Rosner })
    }

    /// The same, looking for at most so many outliers in the history.
    #[must_use]
    pub fn with_max_outliers(self, max_outliers: impl Into<Option<usize>>) -> Self {
        Self { max_outliers: max_outliers.into(), ..self }
    }

    /// The same with another end of the search.
    #[must_use]
    pub fn with_rule(self, rule: Rule) -> Self {
        Self { rule, ..self }
    }

    /// What the largest studentized deviate of `n` values exceeds with probability alpha, when all are well.
    fn critical(self, n: usize) -> f64 {
        let n = n as f64;
        let freedom = n - 2.0;
        let t = student(self.alpha / (2.0 * n), freedom);
        (n - 1.0) * t / ((freedom + t * t) * n).sqrt()
    }

    /// How many of the most extreme values, `(deviate, of how many)` from the outermost in, are outliers.
    fn outliers(self, deviates: impl Iterator<Item = (f64, usize)>, most: usize) -> usize {
        match self.rule {
            Rule::Rosner => {
                let far =
                    deviates.take(most).enumerate().filter(|&(_, (deviate, n))| deviate > self.critical(n));
                far.last().map_or(0, |(at, _)| at + 1)
            }
            // The value at which it stops counts as normal. Of less than three there is no critical value, and none does.
            Rule::Adtk => {
                let normal = |&(deviate, n): &(f64, usize)| deviate <= self.critical(n);
                deviates.take_while(|value| !normal(value)).count()
            }
        }
    }
}

impl Detector for GeneralizedEsd {
    type Model = Causal<GeneralizedEsdScore>;

    fn fit(&self, history: Series<'_>) -> Result<Self::Model> {
        check_present(history.values())?;
        let mut sorted: Vec<f64> = history.values().iter().copied().filter(|value| !value.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len();
        if self.rule == Rule::Rosner && (n < 3 || !sorted[0].is_finite() || !sorted[n - 1].is_finite()) {
            return Err(Error::invalid("the history has less than 3 values, or infinite ones"));
        }
        let most = self.max_outliers.unwrap_or((n / 10).max(10)).min(n / 2);
        let mut peeled = Peeled::new(&sorted);
        let outliers = self.outliers(std::iter::from_fn(|| peeled.next()), most);
        let mut peeled = Peeled::new(&sorted);
        (&mut peeled).take(outliers).for_each(drop);
        let normal = peeled.moments();
        let count = normal.count() as f64;
        if normal.variance().is_infinite() {
            return Err(Error::invalid("the history has values so large that their variance is infinite"));
        }
        Ok(Causal::new(GeneralizedEsdScore {
            count,
            mean: normal.mean(),
            squares: if normal.count() < 2 { 0.0 } else { normal.variance() * (count - 1.0) },
            critical: self.critical(normal.count() as usize + 1),
        }))
    }
}

/// Sorted values from which the one farthest from the mean is taken, again and again.
///
/// That one is always the first or the last, so what is left is a range. It is the join of two: from the middle down, of which
/// the moments were kept for each length, and from the middle up. Nothing is ever subtracted.
struct Peeled<'a> {
    sorted: &'a [f64],
    low: usize,
    high: usize,
    middle: usize,
    /// The moments of `sorted[middle - i..middle]` at i.
    down: Vec<Moments>,
    /// The moments of `sorted[middle..middle + i]` at i.
    up: Vec<Moments>,
}

impl<'a> Peeled<'a> {
    fn new(sorted: &'a [f64]) -> Self {
        let mut peeled =
            Self { sorted, low: 0, high: sorted.len(), middle: 0, down: Vec::new(), up: Vec::new() };
        peeled.halve();
        peeled
    }

    fn halve(&mut self) {
        fn growing<'v>(values: impl Iterator<Item = &'v f64>) -> Vec<Moments> {
            let mut moments = Moments::new();
            let grown = values.map(|&value| {
                moments.push(value);
                moments
            });
            std::iter::once(Moments::new()).chain(grown.collect::<Vec<_>>()).collect()
        }
        self.middle = self.low.midpoint(self.high);
        self.down = growing(self.sorted[self.low..self.middle].iter().rev());
        self.up = growing(self.sorted[self.middle..self.high].iter());
    }

    /// The moments of what is left.
    fn moments(&self) -> Moments {
        let mut moments = self.down[self.middle - self.low];
        moments.merge(&self.up[self.high - self.middle]);
        moments
    }
}

impl Iterator for Peeled<'_> {
    /// The studentized deviate of the value taken, and of how many it was one.
    type Item = (f64, usize);

    fn next(&mut self) -> Option<(f64, usize)> {
        if self.low == self.high {
            return None;
        }
        if self.middle == self.low || self.middle == self.high {
            self.halve();
        }
        let moments = self.moments();
        let n = self.high - self.low;
        let below = moments.mean() - self.sorted[self.low];
        let above = self.sorted[self.high - 1] - moments.mean();
        let std = moments.std();
        if below > above {
            self.low += 1;
        } else {
            self.high -= 1;
        }
        let deviate = below.max(above) / std;
        // No spread, no outlier; nor where infinite values have left no number.
        Some((if deviate.is_nan() { 0.0 } else { deviate }, n))
    }
}

/// What a [`GeneralizedEsd`] test has learnt: the moments of the normal values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GeneralizedEsdScore {
    count: f64,
    #[serde(with = "crate::nan")]
    mean: f64,
    /// The sum of the squares of the distances from the mean.
    #[serde(with = "crate::nan")]
    squares: f64,
    #[serde(with = "crate::nan")]
    critical: f64,
}

impl Score for GeneralizedEsdScore {
    fn score(&mut self, _: Timestamp, value: f64) -> f64 {
        let distance = (value - self.mean).abs().clamp(0.0, f64::MAX);
        // The moments with the value among the others.
        let part = self.count / (self.count + 1.0);
        let squares = self.squares + distance * distance * part;
        let deviate = if squares.is_finite() {
            ratio(distance * part, (squares / self.count).sqrt())
        } else {
            // The same with roots that are never squared: of a value so large the square is infinite.
            distance / self.squares.sqrt().hypot(distance * part.sqrt()) * part * self.count.sqrt()
        };
        // Where there is nothing to compare with, nothing is far out.
        if deviate.is_nan() { 0.0 } else { deviate }
    }

    fn bounds(&self) -> Bounds {
        Bounds::above(self.critical)
    }
}
