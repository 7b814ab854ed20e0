//! Rows that break the relation between their quantities.

use iot_core::{Bounds, Error, Frame, FrameDetector, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::principal::Principal;
use super::rows::History;
use super::smooth::Smooth;
use super::{CausalFrame, RowScore, check_positive};
use crate::critical::normal;
use crate::quantile::check_probability;

/// How the limit of the squared prediction error is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// From the variance of each component left out: Jackson and Mudholkar's, or where one of them towers above many small ones, for
    /// which their power is not above 0, that of the chi-squared variable of the same three moments (Pearson).
    #[default]
    Each,
    /// From the sum of their variances, as if it were of one component: wider, and what SKAB's baseline computes.
    Lumped,
}

/// Rows that break the relation between their quantities: the squared prediction error, or Q statistic, of principal
/// components.
///
/// **Finds** rows whose quantities do not fit together as they did in the history, even in small: a flow that is too low for its
/// current. **Misses** rows that are far out and yet fit together: that is what [`HotellingT2`](super::HotellingT2) finds. A process that
/// drifts breaks its old relations for good.
///
#[doc = include_str!("../../docs/detectors/squared_prediction_error.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `quantities` | all | the names of the quantities to judge together |
/// | `confidence` | 0.999 | the probability with which a normal row is inside the limit |
/// | `factor` | 1 | the limit is taken so many times as far out |
/// | `variance` | 0.85 | the share of the variance that the principal components, which predict, must hold |
/// | `smooth` | 1 | the score is the median of so many rows, which a few spikes do not move; a verdict comes half as late |
/// | `limit` | `each` | how the limit is drawn: `each`, or `lumped` |
///
/// Quantities are standardised; those constant in the history are left out. The score is the sum of the squares of what the components
/// do not predict, in standardised units. If they predict all (few quantities, or a share of 1), nothing is left to judge, and `fit` says so.
/// Cost: O(n m²) to fit for m quantities, O(m²) a row.
/// Source: J. E. Jackson and G. S. Mudholkar, "Control procedures for residuals associated with principal component analysis",
/// Technometrics 21 (1979); J. P. Imhof, "Computing the distribution of quadratic forms in normal variables", Biometrika 48 (1961).
///
/// ```
/// use iot_analytics::detect::SquaredPredictionError;
/// use iot_core::{Column, DetectFrame, Device, Frame, FrameDetector, Quantity};
///
/// let voltage: Vec<f64> = (0..50).map(|i| 230.0 + f64::from(i * 7 % 11)).collect();
/// let mut current: Vec<f64> = voltage.iter().enumerate().map(|(i, v)| v / 23.0 + 0.01 * (i % 3) as f64).collect();
/// let frame = |current: &Vec<f64>| {
///     let column = |quantity, values: &Vec<f64>| Column { quantity, values: values.clone() };
///     let columns = vec![column(Quantity::VOLTAGE, &voltage), column(Quantity::CURRENT, current)];
///     Frame::new(Device::new("pump-7")?, (0..50).collect(), columns)
/// };
/// let model = SquaredPredictionError::new(0.999)?.fit(&frame(&current)?)?;
/// current.swap(4, 8);
/// assert_eq!(model.detect(&frame(&current)?)?.anomalies().collect::<Vec<_>>(), [4, 8]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct SquaredPredictionError {
    quantities: Vec<String>,
    confidence: f64,
    factor: f64,
    variance: f64,
    smooth: usize,
    limit: Limit,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    quantities: Vec<String>,
    confidence: f64,
    factor: f64,
    variance: f64,
    smooth: usize,
    limit: Limit,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            quantities: Vec::new(),
            confidence: 0.999,
            factor: 1.0,
            variance: 0.85,
            smooth: 1,
            limit: Limit::Each,
        }
    }
}

impl TryFrom<Parameters> for SquaredPredictionError {
    type Error = Error;

    fn try_from(from: Parameters) -> Result<Self> {
        let limit = Self::new(from.confidence)?.with_factor(from.factor)?.with_limit(from.limit);
        Ok(limit.with_variance(from.variance)?.with_smooth(from.smooth)?.with_quantities(from.quantities))
    }
}

impl From<SquaredPredictionError> for Parameters {
    fn from(from: SquaredPredictionError) -> Self {
        let SquaredPredictionError { quantities, confidence, factor, variance, smooth, limit } = from;
        Self { quantities, confidence, factor, variance, smooth, limit }
    }
}

impl SquaredPredictionError {
    /// Judges all quantities by components that hold 85 % of the variance, with a limit that a normal row is inside with this
    /// probability.
    ///
    /// # Errors
    ///
    /// `Invalid` if `confidence` is not between 0 and 1.
    pub fn new(confidence: f64) -> Result<Self> {
        super::check_confidence(confidence)?;
        let defaults = Parameters::default();
        Ok(Self {
            quantities: defaults.quantities,
            confidence,
            factor: defaults.factor,
            variance: defaults.variance,
            smooth: defaults.smooth,
            limit: defaults.limit,
        })
    }

    /// The same for the quantities of these names only.
    #[must_use]
    pub fn with_quantities<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        Self { quantities: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// The same with a limit so many times as far out.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is not above 0.
    pub fn with_factor(self, factor: f64) -> Result<Self> {
        check_positive("factor", factor)?;
        Ok(Self { factor, ..self })
    }

    /// The same by the fewest principal components that hold this share of the variance.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is not a share in 0..=1.
    pub fn with_variance(self, variance: f64) -> Result<Self> {
        check_probability("variance", variance)?;
        Ok(Self { variance, ..self })
    }

    /// The same with the median of so many rows as the score.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is 0 or too many.
    pub fn with_smooth(self, rows: usize) -> Result<Self> {
        Smooth::check(rows)?;
        Ok(Self { smooth: rows, ..self })
    }

    /// The same with the limit drawn in another way.
    #[must_use]
    pub fn with_limit(self, limit: Limit) -> Self {
        Self { limit, ..self }
    }

    /// The limit of the squared prediction error where these variances are left out.
    fn limit_of(&self, variances: &[f64]) -> f64 {
        let sum: f64 = variances.iter().sum();
        let lumped = [sum];
        let variances = if self.limit == Limit::Lumped { &lumped } else { variances };
        // As shares of their sum: the smallest of powers is then no less than one over the square of their number.
        let theta = |power| variances.iter().map(|variance| (variance / sum).powi(power)).sum::<f64>();
        let (two, three) = (theta(2), theta(3));
        let h = 1.0 - 2.0 * three / (3.0 * two * two);
        let c = normal(1.0 - self.confidence);
        if h > 0.0 {
            let off = c * (2.0 * two).sqrt() + two * (h - 1.0);
            return sum * ((h * off).ln_1p() / h).exp();
        }
        // One variance towers above many: no power of the error is close to a normal variable, so far out.
        let freedom = two * two * two / (three * three);
        let ninth = 2.0 / (9.0 * freedom);
        let chi_squared = freedom * (1.0 - ninth + c * ninth.sqrt()).powi(3);
        sum * (1.0 + (two / freedom).sqrt() * (chi_squared - freedom))
    }
}

impl FrameDetector for SquaredPredictionError {
    type Model = CausalFrame<SquaredPredictionErrorScore>;

    fn fit(&self, history: &Frame) -> Result<Self::Model> {
        let (quantities, principal) = Principal::of(History::of(history, &self.quantities)?, self.variance)?;
        let left = principal.residual_variances();
        if left.iter().all(|&variance| variance == 0.0) {
            let kept = principal.kept();
            return Err(Error::invalid(format!(
                "variance {}: {kept} components predict all, and leave nothing to judge",
                self.variance
            )));
        }
        let limit = self.factor * self.limit_of(left);
        let score = SquaredPredictionErrorScore { principal, limit, smooth: Smooth::over(self.smooth)? };
        Ok(CausalFrame::new(quantities, score))
    }
}

/// The state of a [`SquaredPredictionError`] detector.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SquaredPredictionErrorScore {
    principal: Principal,
    limit: f64,
    smooth: Smooth,
}

impl RowScore for SquaredPredictionErrorScore {
    fn score(&mut self, time: Timestamp, row: &[f64]) -> f64 {
        self.smooth.next(time, self.principal.error(row))
    }

    fn bounds(&self) -> Bounds {
        Bounds::above(self.limit)
    }
}
