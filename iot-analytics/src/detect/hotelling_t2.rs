//! Rows far from the middle of the history, by Hotelling's T².

use iot_core::{Bounds, Error, Frame, FrameDetector, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::principal::Principal;
use super::rows::History;
use super::smooth::Smooth;
use super::{CausalFrame, RowScore, check_positive};
use crate::Correlation;
use crate::critical::fisher;
use crate::linear::mean;
use crate::quantile::check_probability;

/// Rows far from the middle of the history, as it varied then: Hotelling's T² (the square of Mahalanobis' distance).
///
/// **Finds** rows in which several quantities together are further out than they ever are together, though each of them may be
/// inside its own limits. **Misses** rows that break the relation of the quantities in a direction in which the history hardly varies, if
/// `variance` leaves that direction out: that is what [`SquaredPredictionError`](super::SquaredPredictionError) finds. A process that drifts, a room that
/// grows warmer, is far from the history for good: `max_autocorrelation` leaves such quantities out.
///
/// With a `weight` below 1 it judges a moving average of the rows and becomes the MEWMA chart, which sees small shifts that single rows hide in
/// their noise, at the price of some rows' delay.
///
#[doc = include_str!("../../docs/detectors/hotelling_t2.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `quantities` | all | the names of the quantities to judge together |
/// | `confidence` | 0.999 | the probability with which a normal row is inside the limit |
/// | `factor` | 1 | the limit is taken so many times as far out |
/// | `variance` | 1 | the share of the variance that the principal components kept must hold; 1 keeps all of them |
/// | `weight` | 1 | of the newest row in the exponentially weighted moving average that is judged; 0.2 is usual |
/// | `max_autocorrelation` | 1 | quantities whose values in the history follow those before more closely are left out, unless all do: they drift; 0.75 is a good start |
/// | `smooth` | 1 | the score is the median of so many rows, which a few spikes do not move; a verdict comes half as late |
///
/// Quantities that are constant in the history are left out. The score is T², and the bound is the limit of a new row for normally
/// distributed ones; a history of n averages counts as n · weight / (2 - weight) independent rows. Rows that follow from the ones before
/// them (a sensor read every second) exceed it more often than the confidence says. Cost: O(n m²) to fit for m quantities, O(m²) a row.
/// Source: H. Hotelling, "Multivariate quality control" (1947); J. E. Jackson, *A User's Guide to Principal Components* (1991);
/// C. A. Lowry et al., "A multivariate exponentially weighted moving average control chart", Technometrics 34 (1992).
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
    weight: f64,
    max_autocorrelation: f64,
    smooth: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    quantities: Vec<String>,
    confidence: f64,
    factor: f64,
    variance: f64,
    weight: f64,
    max_autocorrelation: f64,
    smooth: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            quantities: Vec::new(),
            confidence: 0.999,
            factor: 1.0,
            variance: 1.0,
            weight: 1.0,
            max_autocorrelation: 1.0,
            smooth: 1,
        }
    }
}

impl TryFrom<Parameters> for HotellingT2 {
    type Error = Error;

    fn try_from(from: Parameters) -> Result<Self> {
        let limit = Self::new(from.confidence)?.with_factor(from.factor)?;
        let rows = limit.with_variance(from.variance)?.with_weight(from.weight)?.with_smooth(from.smooth)?;
        Ok(rows.with_max_autocorrelation(from.max_autocorrelation)?.with_quantities(from.quantities))
    }
}

impl From<HotellingT2> for Parameters {
    fn from(from: HotellingT2) -> Self {
        let HotellingT2 { quantities, confidence, factor, variance, weight, max_autocorrelation, smooth } =
            from;
        Self { quantities, confidence, factor, variance, weight, max_autocorrelation, smooth }
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
        Ok(Self {
            quantities: Vec::new(),
            confidence,
            factor: 1.0,
            variance: 1.0,
            weight: 1.0,
            max_autocorrelation: 1.0,
            smooth: 1,
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

    /// The same on the fewest principal components that hold this share of the variance.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is not above 0 and at most 1: of no component nothing is judged.
    pub fn with_variance(self, variance: f64) -> Result<Self> {
        if !(variance > 0.0 && variance <= 1.0) {
            return Err(Error::invalid(format!("variance {variance} is not above 0 and at most 1")));
        }
        Ok(Self { variance, ..self })
    }

    /// The same on a moving average of the rows with this weight of the newest.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is not above 0 and at most 1.
    pub fn with_weight(self, weight: f64) -> Result<Self> {
        super::check_weight(weight)?;
        Ok(Self { weight, ..self })
    }

    /// The same without the quantities that follow themselves more closely than this: of which the correlation of each value with
    /// the one before is higher in the history.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is not in 0..=1.
    pub fn with_max_autocorrelation(self, max_autocorrelation: f64) -> Result<Self> {
        check_probability("max_autocorrelation", max_autocorrelation)?;
        Ok(Self { max_autocorrelation, ..self })
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
}

impl FrameDetector for HotellingT2 {
    type Model = CausalFrame<HotellingT2Score>;

    fn fit(&self, history: &Frame) -> Result<Self::Model> {
        let mut history = History::of(history, &self.quantities)?;
        if self.max_autocorrelation < 1.0 {
            // Where all drift, the one that drifts least is better than none.
            let least =
                history.columns.iter().map(|column| autocorrelation(column)).fold(f64::INFINITY, f64::min);
            let most = self.max_autocorrelation.max(least);
            history.retain(|column| autocorrelation(column) <= most);
        }
        let mut average = Averaging { weight: self.weight, averages: Vec::new() };
        average.averages = history.columns.iter().map(|column| mean(column)).collect();
        let start = average.clone();
        if self.weight < 1.0 {
            let rows: Vec<Vec<f64>> = history.rows().map(|row| average.next(&row).to_vec()).collect();
            for (at, column) in history.columns.iter_mut().enumerate() {
                column.iter_mut().zip(&rows).for_each(|(value, row)| *value = row[at]);
            }
        }
        let names = history.quantities.clone();
        let (quantities, principal) = Principal::of(history, self.variance)?;
        // Constant quantities have gone.
        let kept = |name: &String| quantities.contains(name);
        let averages =
            names.iter().zip(start.averages).filter(|(name, _)| kept(name)).map(|(_, mean)| mean).collect();
        let (rows, m) = (principal.rows() as f64, principal.kept() as f64);
        let n = rows * self.weight / (2.0 - self.weight);
        if n < m + 2.0 {
            return Err(Error::invalid(format!(
                "the history has {rows} complete rows, worth {n:.0} independent ones at this weight, of the {} needed",
                m + 2.0
            )));
        }
        let limit = m * (n - 1.0) * (n + 1.0) / (n * (n - m)) * fisher(1.0 - self.confidence, m, n - m);
        let score = HotellingT2Score {
            average: Averaging { averages, ..start },
            principal,
            limit: self.factor * limit,
            smooth: Smooth::over(self.smooth)?,
        };
        Ok(CausalFrame::new(quantities, score))
    }
}

/// The correlation of each value with the one before.
fn autocorrelation(values: &[f64]) -> f64 {
    let mut correlation = Correlation::new();
    values.windows(2).for_each(|pair| correlation.push(pair[0], pair[1]));
    correlation.pearson()
}

/// The exponentially weighted moving average of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Averaging {
    weight: f64,
    #[serde(with = "crate::nan::each")]
    averages: Vec<f64>,
}

impl Averaging {
    fn next(&mut self, row: &[f64]) -> &[f64] {
        for (average, value) in self.averages.iter_mut().zip(row) {
            // So written, a weight of 1 is the row itself.
            *average = self.weight * value + (1.0 - self.weight) * *average;
        }
        &self.averages
    }
}

/// The state of a [`HotellingT2`] detector.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HotellingT2Score {
    average: Averaging,
    principal: Principal,
    limit: f64,
    smooth: Smooth,
}

impl RowScore for HotellingT2Score {
    fn score(&mut self, time: Timestamp, row: &[f64]) -> f64 {
        let t2 = self.principal.t2(self.average.next(row));
        self.smooth.next(time, t2)
    }

    fn bounds(&self) -> Bounds {
        Bounds::above(self.limit)
    }
}
