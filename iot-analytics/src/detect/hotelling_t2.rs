//! Rows far from the middle of the history, by Hotelling's T².

use iot_core::{Bounds, Error, Frame, FrameDetector, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::principal::Principal;
use super::rows::History;
use super::smooth::Smooth;
use super::{CausalFrame, RowScore, check_positive};
use crate::critical::fisher;
use crate::quantile::check_probability;

/// Rows far from the middle of the history, as it varied then: Hotelling's T² (the square of Mahalanobis' distance).
///
/// **Finds** rows in which several quantities together are further out than they ever are together, though each of them may be
/// inside its own limits. **Misses** rows that break the relation of the quantities in a direction in which the history hardly varies, if
/// `variance` leaves that direction out: that is what [`SquaredPredictionError`](super::SquaredPredictionError) finds. A process that drifts, a room that
/// grows warmer, is far from the history for good.
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `quantities` | all | the names of the quantities to judge together |
/// | `confidence` | 0.999 | the probability with which a normal row is inside the limit |
/// | `factor` | 1 | the limit is taken so many times as far out |
/// | `variance` | 1 | the share of the variance that the principal components kept must hold; 1 keeps all of them |
/// | `smooth` | 1 | the score is the median of so many rows, which a few spikes do not move; a verdict comes half as late |
///
/// Quantities that are constant in the history are left out. The score is T², and the bound is the limit of a new row for normally
/// distributed ones. Rows that follow from the ones before them (a sensor read every second) exceed it more often than the
/// confidence says. Cost: O(n m²) to fit for m quantities, O(m²) a row.
/// Source: H. Hotelling, "Multivariate quality control" (1947); J. E. Jackson, *A User's Guide to Principal Components* (1991).
///
/// ```
/// use iot_analytics::detect::HotellingT2;
/// use iot_core::{Column, DetectFrame, Device, Frame, FrameDetector, Quantity};
///
/// let voltage: Vec<f64> = (0..50).map(|i| 230.0 + f64::from(i * 7 % 11)).collect();
/// let mut current: Vec<f64> = voltage.iter().enumerate().map(|(i, v)| v / 23.0 + 0.01 * (i % 3) as f64).collect();
/// let frame = |current: &Vec<f64>| {
///     let column = |quantity, values: &Vec<f64>| Column { quantity, values: values.clone() };
///     let columns = vec![column(Quantity::VOLTAGE, &voltage), column(Quantity::CURRENT, current)];
///     Frame::new(Device::new("pump-7")?, (0..50).collect(), columns)
/// };
/// let model = HotellingT2::new(0.999)?.fit(&frame(&current)?)?;
/// // Each is inside what it has been, but never were they so together.
/// current.swap(4, 8);
/// assert_eq!(model.detect(&frame(&current)?)?.anomalies().collect::<Vec<_>>(), [4, 8]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct HotellingT2 {
    quantities: Vec<String>,
    confidence: f64,
    factor: f64,
    variance: f64,
    smooth: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    quantities: Vec<String>,
    confidence: f64,
    factor: f64,
    variance: f64,
    smooth: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { quantities: Vec::new(), confidence: 0.999, factor: 1.0, variance: 1.0, smooth: 1 }
    }
}

impl TryFrom<Parameters> for HotellingT2 {
    type Error = Error;

    fn try_from(from: Parameters) -> Result<Self> {
        let limit = Self::new(from.confidence)?.with_factor(from.factor)?;
        Ok(limit.with_variance(from.variance)?.with_smooth(from.smooth)?.with_quantities(from.quantities))
    }
}

impl From<HotellingT2> for Parameters {
    fn from(from: HotellingT2) -> Self {
        let HotellingT2 { quantities, confidence, factor, variance, smooth } = from;
        Self { quantities, confidence, factor, variance, smooth }
    }
}

impl HotellingT2 {
    /// Judges all quantities, with a limit that a normal row is inside with this probability.
    ///
    /// # Errors
    ///
    /// `Invalid` if `confidence` is not between 0 and 1.
    pub fn new(confidence: f64) -> Result<Self> {
        super::check_confidence(confidence)?;
        Ok(Self { quantities: Vec::new(), confidence, factor: 1.0, variance: 1.0, smooth: 1 })
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

    /// The same on the fewest principal components that hold this share of the variance.
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
    /// `Invalid` if it is 0.
    pub fn with_smooth(self, rows: usize) -> Result<Self> {
        Smooth::check(rows)?;
        Ok(Self { smooth: rows, ..self })
    }
}

impl FrameDetector for HotellingT2 {
    type Model = CausalFrame<HotellingT2Score>;

    fn fit(&self, history: &Frame) -> Result<Self::Model> {
        let (quantities, principal) = Principal::of(History::of(history, &self.quantities)?, self.variance)?;
        let (n, m) = (principal.rows() as f64, principal.kept() as f64);
        let limit = m * (n - 1.0) * (n + 1.0) / (n * (n - m)) * fisher(1.0 - self.confidence, m, n - m);
        let score =
            HotellingT2Score { principal, limit: self.factor * limit, smooth: Smooth::over(self.smooth)? };
        Ok(CausalFrame::new(quantities, score))
    }
}

/// The state of a [`HotellingT2`] detector.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HotellingT2Score {
    principal: Principal,
    limit: f64,
    smooth: Smooth,
}

impl RowScore for HotellingT2Score {
    fn score(&mut self, time: Timestamp, row: &[f64]) -> f64 {
        self.smooth.next(time, self.principal.t2(row))
    }

    fn bounds(&self) -> Bounds {
        Bounds::above(self.limit)
    }
}
