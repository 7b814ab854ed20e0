//! Rows that principal components cannot reconstruct, by ADTK's rule.

use iot_core::{Bounds, Error, Frame, FrameDetector, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::rows::History;
use super::{CausalFrame, RowScore, check_not_negative};
use crate::linear::{decompose, dot, mean};
use crate::quantile::quantiles;

/// Rows that the first principal components cannot reconstruct, by ADTK's rule.
///
/// **Finds** rows whose quantities do not fit together as they did in the history. **Misses** what shows in a quantity of small
/// numbers: nothing is standardised, and the quantity with the largest variance decides all.
/// [`SquaredPredictionError`](super::SquaredPredictionError) standardises, and is to be preferred where labels need not be ADTK's.
///
#[doc = include_str!("../../docs/detectors/pca.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `quantities` | all | the names of the quantities to judge together |
/// | `components` | 1 | how many principal components reconstruct a row |
/// | `factor` | 5 | how many interquartile ranges past a quartile an error is an anomaly, on both sides |
///
/// The score is the squared error of the reconstruction; the bounds are drawn from the errors in the history. An error that is
/// too small is an anomaly too, as in ADTK. Cost: O(n m²) to fit for m quantities, O(m · components) a row.
/// Source: ADTK's `PcaAD`.
///
/// ```
/// use iot_analytics::detect::Pca;
/// use iot_core::{Column, DetectFrame, Device, Frame, FrameDetector, Quantity};
///
/// let voltage: Vec<f64> = (0..50).map(|i| 230.0 + f64::from(i * 7 % 11)).collect();
/// let mut power: Vec<f64> = voltage.iter().enumerate().map(|(i, v)| 10.0 * v + (i % 3) as f64).collect();
/// power[20] -= 90.0;
/// let column = |quantity, values: &Vec<f64>| Column { quantity, values: values.clone() };
/// let columns = vec![column(Quantity::VOLTAGE, &voltage), column(Quantity::POWER, &power)];
/// let frame = Frame::new(Device::new("pump-7")?, (0..50).collect(), columns)?;
/// let model = Pca::new(1)?.fit(&frame)?;
/// assert_eq!(model.detect(&frame)?.anomalies().collect::<Vec<_>>(), [20]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct Pca {
    quantities: Vec<String>,
    components: usize,
    factor: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    quantities: Vec<String>,
    components: usize,
    factor: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { quantities: Vec::new(), components: 1, factor: 5.0 }
    }
}

impl TryFrom<Parameters> for Pca {
    type Error = Error;

    fn try_from(Parameters { quantities, components, factor }: Parameters) -> Result<Self> {
        Ok(Self::new(components)?.with_factor(factor)?.with_quantities(quantities))
    }
}

impl From<Pca> for Parameters {
    fn from(Pca { quantities, components, factor }: Pca) -> Self {
        Self { quantities, components, factor }
    }
}

impl Pca {
    /// Judges all quantities by so many components, with a factor of 5.
    ///
    /// # Errors
    ///
    /// `Invalid` if there is no component.
    pub fn new(components: usize) -> Result<Self> {
        if components == 0 {
            return Err(Error::invalid("components 0 is not at least 1"));
        }
        Ok(Self { quantities: Vec::new(), components, factor: 5.0 })
    }

    /// The same for the quantities of these names only.
    #[must_use]
    pub fn with_quantities<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        Self { quantities: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// The same with this factor of the interquartile range.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is negative or not finite.
    pub fn with_factor(self, factor: f64) -> Result<Self> {
        check_not_negative("factor", factor)?;
        Ok(Self { factor, ..self })
    }
}

impl FrameDetector for Pca {
    type Model = CausalFrame<PcaScore>;

    fn fit(&self, history: &Frame) -> Result<Self::Model> {
        let history = History::of(history, &self.quantities)?;
        let most = history.quantities.len();
        if self.components > most {
            return Err(Error::invalid(format!(
                "components {} are more than the {most} quantities",
                self.components
            )));
        }
        history.check_rows(1)?;
        let means: Vec<f64> = history.columns.iter().map(|column| mean(column)).collect();
        let centered = history.columns.iter().zip(&means);
        let centered =
            centered.map(|(column, mean)| column.iter().map(|value| value - mean).collect()).collect();
        let mut directions = decompose(centered).vectors;
        directions.truncate(self.components);
        let mut score = PcaScore { means, directions, low: 0.0, high: 0.0 };
        let errors: Vec<f64> = history.rows().map(|row| score.error(&row)).collect();
        let [first, third] = quantiles(&errors, [0.25, 0.75])?;
        score.low = first - (third - first) * self.factor;
        score.high = third + (third - first) * self.factor;
        Ok(CausalFrame::new(history.quantities, score))
    }
}

/// What a [`Pca`] detector has learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PcaScore {
    #[serde(with = "crate::nan::each")]
    means: Vec<f64>,
    directions: Vec<Vec<f64>>,
    #[serde(with = "crate::nan")]
    low: f64,
    #[serde(with = "crate::nan")]
    high: f64,
}

impl PcaScore {
    /// The squared error of the reconstruction of a row.
    fn error(&self, row: &[f64]) -> f64 {
        let mut rest: Vec<f64> = row.iter().zip(&self.means).map(|(value, mean)| value - mean).collect();
        for direction in &self.directions {
            let along = dot(direction, &rest);
            rest.iter_mut().zip(direction).for_each(|(value, part)| *value -= along * part);
        }
        dot(&rest, &rest)
    }
}

impl RowScore for PcaScore {
    fn score(&mut self, _: Timestamp, row: &[f64]) -> f64 {
        self.error(row)
    }

    fn bounds(&self) -> Bounds {
        Bounds { low: self.low, high: self.high }
    }
}
