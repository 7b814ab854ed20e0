//! A quantity that does not follow from the others.

use iot_core::{Bounds, Error, Frame, FrameDetector, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::fence::{Fence, Fencing, Side, fenced};
use super::rows::History;
use super::{CausalFrame, RowScore};
use crate::linear::{dot, regress};

/// A quantity that does not follow from the others as it did in the history: linear regression.
///
/// **Finds** a power that does not fit its voltage and current, a temperature too high for the load: the fault is named by its
/// quantity. **Misses** rows that are odd in all quantities alike, and relations that are not linear.
///
#[doc = include_str!("../../docs/detectors/regression.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `target` | needed | the name of the quantity that the others predict |
/// | `quantities` | all others | the names of the quantities that predict it |
/// | `factor` | 3 | how many interquartile ranges above the third quartile an error of prediction is an anomaly |
/// | `side` | `both` | `positive` for values above the prediction only, `negative` for those below |
/// | `min_range` | 0 | the interquartile range of errors is taken to be at least this, in the unit of the target |
///
/// The score is the value less the prediction; the bounds are drawn from the errors in the history. Cost: O(n m²) to fit
/// for m quantities, O(m) a row.
/// Source: ordinary least squares with an intercept; ADTK's `RegressionAD`.
///
/// ```
/// use iot_analytics::detect::Regression;
/// use iot_core::{Column, DetectFrame, Device, Frame, FrameDetector, Quantity};
///
/// let voltage: Vec<f64> = (0..50).map(|i| 230.0 + f64::from(i * 7 % 11)).collect();
/// let mut power: Vec<f64> = voltage.iter().enumerate().map(|(i, v)| 10.0 * v + (i % 3) as f64).collect();
/// power[20] -= 90.0;
/// let column = |quantity, values: &Vec<f64>| Column { quantity, values: values.clone() };
/// let columns = vec![column(Quantity::VOLTAGE, &voltage), column(Quantity::POWER, &power)];
/// let frame = Frame::new(Device::new("pump-7")?, (0..50).collect(), columns)?;
/// let model = Regression::new("power")?.fit(&frame)?;
/// assert_eq!(model.detect(&frame)?.anomalies().collect::<Vec<_>>(), [20]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct Regression {
    target: String,
    quantities: Vec<String>,
    fencing: Fencing,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    target: String,
    #[serde(default)]
    quantities: Vec<String>,
    #[serde(default = "factor")]
    factor: f64,
    #[serde(default)]
    side: Side,
    #[serde(default)]
    min_range: f64,
}

fn factor() -> f64 {
    3.0
}

impl TryFrom<Parameters> for Regression {
    type Error = Error;

    fn try_from(Parameters { target, quantities, factor, side, min_range }: Parameters) -> Result<Self> {
        let fencing = Fencing { factor, side, min_range }.check()?;
        Ok(Self { fencing, ..Self::new(target)?.with_quantities(quantities)? })
    }
}

impl From<Regression> for Parameters {
    fn from(Regression { target, quantities, fencing }: Regression) -> Self {
        let Fencing { factor, side, min_range } = fencing;
        Self { target, quantities, factor, side, min_range }
    }
}

impl Regression {
    /// Judges the quantity of this name by all others, with a factor of 3.
    ///
    /// # Errors
    ///
    /// `Invalid` if the name is empty.
    pub fn new(target: impl Into<String>) -> Result<Self> {
        let target = target.into();
        if target.is_empty() {
            return Err(Error::invalid("target is empty"));
        }
        Ok(Self { target, quantities: Vec::new(), fencing: Fencing::new(factor()) })
    }

    /// The same by the quantities of these names only.
    ///
    /// # Errors
    ///
    /// `Invalid` if the target is among them.
    pub fn with_quantities<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Result<Self> {
        let quantities: Vec<String> = names.into_iter().map(Into::into).collect();
        if quantities.contains(&self.target) {
            return Err(Error::invalid(format!("quantities {quantities:?} have the target among them")));
        }
        Ok(Self { quantities, ..self })
    }
}

fenced!(Regression: "values above or below the prediction", "errors of at least this, in the unit of the target");

impl FrameDetector for Regression {
    type Model = CausalFrame<RegressionScore>;

    fn fit(&self, history: &Frame) -> Result<Self::Model> {
        let mut names = self.quantities.clone();
        if names.is_empty() {
            let others = history.columns().iter().map(|column| column.quantity.name().to_owned());
            names = others.filter(|name| *name != self.target).collect();
        }
        names.push(self.target.clone());
        let history = History::of(history, &names)?;
        history.check_rows(1)?;
        let (coefficients, intercept) = match history.columns.split_last() {
            Some((target, others)) if !others.is_empty() => regress(others, target),
            _ => {
                return Err(Error::invalid(format!(
                    "no quantity but {} is there to predict it",
                    self.target
                )));
            }
        };
        let score = RegressionScore { coefficients, intercept, fence: Fence::open() };
        let errors: Vec<f64> = history.rows().map(|row| score.error(&row).abs()).collect();
        let fence = self.fencing.above(&errors)?;
        Ok(CausalFrame::new(names, RegressionScore { fence, ..score }))
    }
}

/// What a [`Regression`] has learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegressionScore {
    #[serde(with = "crate::nan::each")]
    coefficients: Vec<f64>,
    #[serde(with = "crate::nan")]
    intercept: f64,
    fence: Fence,
}

impl RegressionScore {
    /// The last value of the row less what the others predict.
    fn error(&self, row: &[f64]) -> f64 {
        let (target, others) = row.split_last().unwrap_or((&f64::NAN, &[]));
        target - dot(&self.coefficients, others) - self.intercept
    }
}

impl RowScore for RegressionScore {
    fn score(&mut self, _: Timestamp, row: &[f64]) -> f64 {
        self.error(row)
    }

    fn bounds(&self) -> Bounds {
        self.fence.of_signed()
    }
}
