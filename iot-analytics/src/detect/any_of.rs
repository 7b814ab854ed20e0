//! Several detectors of frames as one.

use iot_core::{
    Bounds, DetectFrame, Error, Frame, FrameDetector, FrameMonitor, Label, OnlineFrame, Result, Timestamp,
    Verdict, Verdicts,
};
use serde::{Deserialize, Serialize};

use super::rows::columns;
use crate::{FrameMethod, FrameMethodModel, FrameMethodMonitor};

/// Several detectors of frames as one: a row is an anomaly if any of them says so.
///
/// **Finds** what any of them finds, false alarms too. **Misses** only what all of them miss. The usual pair is
/// [`HotellingT2`](super::HotellingT2) and [`SquaredPredictionError`](super::SquaredPredictionError).
///
#[doc = include_str!("../../docs/detectors/any_of.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `of` | needed | the methods, each as an object of its own |
///
/// A row that misses a quantity of any of them is unknown. The score is the largest of theirs, each as a multiple of its bounds
/// ([`Bounds::excess`]), and the bound is 1. Cost: that of all of them.
/// Source: ADTK's `OrAggregator`.
///
/// ```
/// use iot_analytics::FrameMethod;
/// use iot_core::{Column, DetectFrame, Device, Frame, FrameDetector, Quantity};
///
/// let voltage: Vec<f64> = (0..50).map(|i| 230.0 + f64::from(i * 7 % 11)).collect();
/// let current: Vec<f64> = voltage.iter().enumerate().map(|(i, v)| v / 23.0 + 0.01 * (i % 3) as f64).collect();
/// let frame = |voltage: &Vec<f64>, current: &Vec<f64>| {
///     let column = |quantity, values: &Vec<f64>| Column { quantity, values: values.clone() };
///     let columns = vec![column(Quantity::VOLTAGE, voltage), column(Quantity::CURRENT, current)];
///     Frame::new(Device::new("pump-7")?, (0..50).collect(), columns)
/// };
/// let both: FrameMethod = serde_json::from_str(
///     r#"{"method": "any_of", "of": [
///         {"method": "hotelling_t2", "variance": 0.85},
///         {"method": "squared_prediction_error", "variance": 0.85}
///     ]}"#,
/// )?;
/// let model = both.fit(&frame(&voltage, &current)?)?;
/// let (mut later_voltage, mut later_current) = (voltage, current);
/// // Far out and yet as ever in their relation; and a current that does not fit its voltage.
/// (later_voltage[4], later_current[4]) = (345.0, 15.0);
/// later_current[20] += 1.0;
/// let verdicts = model.detect(&frame(&later_voltage, &later_current)?)?;
/// assert_eq!(verdicts.anomalies().collect::<Vec<_>>(), [4, 20]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct AnyOf {
    of: Vec<FrameMethod>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    of: Vec<FrameMethod>,
}

impl TryFrom<Parameters> for AnyOf {
    type Error = Error;

    fn try_from(Parameters { of }: Parameters) -> Result<Self> {
        Self::new(of)
    }
}

impl AnyOf {
    /// These detectors as one.
    ///
    /// # Errors
    ///
    /// `Invalid` if there is none.
    pub fn new(of: impl IntoIterator<Item = FrameMethod>) -> Result<Self> {
        let of: Vec<FrameMethod> = of.into_iter().collect();
        if of.is_empty() {
            return Err(Error::invalid("of names no method"));
        }
        Ok(Self { of })
    }
}

impl FrameDetector for AnyOf {
    type Model = AnyOfModel;

    fn fit(&self, history: &Frame) -> Result<AnyOfModel> {
        let models: Vec<FrameMethodModel> =
            self.of.iter().map(|method| method.fit(history)).collect::<Result<_>>()?;
        let mut quantities: Vec<String> = Vec::new();
        for name in models.iter().flat_map(DetectFrame::quantities) {
            if !quantities.contains(name) {
                quantities.push(name.clone());
            }
        }
        Ok(AnyOfModel { quantities, models })
    }
}

/// What the detectors of an [`AnyOf`] have learnt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnyOfModel {
    quantities: Vec<String>,
    models: Vec<FrameMethodModel>,
}

impl DetectFrame for AnyOfModel {
    fn quantities(&self) -> &[String] {
        &self.quantities
    }

    fn bounds(&self) -> Bounds {
        Bounds::above(1.0)
    }

    fn detect(&self, frame: &Frame) -> Result<Verdicts> {
        let columns = columns(frame, &self.quantities)?;
        let mut scores = vec![0.0; frame.len()];
        for model in &self.models {
            let verdicts = model.detect(frame)?;
            for (score, own) in scores.iter_mut().zip(verdicts.scores) {
                *score = either(*score, verdicts.bounds.excess(own));
            }
        }
        for column in columns {
            let missing = scores.iter_mut().zip(column).filter(|(_, value)| value.is_nan());
            missing.for_each(|(score, _)| *score = f64::NAN);
        }
        let bounds = self.bounds();
        Ok(Verdicts { labels: scores.iter().map(|&score| bounds.judge(score)).collect(), scores, bounds })
    }
}

/// The larger of two excesses: an anomaly if one of them is, else unknown if one of them is.
fn either(a: f64, b: f64) -> f64 {
    if a > 1.0 || b > 1.0 || !(a.is_nan() || b.is_nan()) { a.max(b) } else { f64::NAN }
}

impl OnlineFrame for AnyOfModel {
    type Monitor = AnyOfMonitor;

    fn monitor(&self) -> AnyOfMonitor {
        let part = |model: &FrameMethodModel| {
            let place = |name| self.quantities.iter().position(|other| other == name);
            let Bounds { low, high } = model.bounds();
            Part {
                columns: model.quantities().iter().filter_map(place).collect(),
                low,
                high,
                monitor: model.monitor(),
            }
        };
        AnyOfMonitor { width: self.quantities.len(), parts: self.models.iter().map(part).collect() }
    }
}

/// Judges a stream by all the detectors of an [`AnyOf`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct AnyOfMonitor {
    width: usize,
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Saved {
    width: usize,
    parts: Vec<Part>,
}

impl TryFrom<Saved> for AnyOfMonitor {
    type Error = Error;

    fn try_from(Saved { width, parts }: Saved) -> Result<Self> {
        match parts.iter().flat_map(|part| &part.columns).find(|&&column| column >= width) {
            Some(column) => Err(Error::invalid(format!("column {column} of a row of {width} is damaged"))),
            None => Ok(Self { width, parts }),
        }
    }
}

/// One of the detectors: its quantities by their place in a row, its bounds, and its monitor.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Part {
    columns: Vec<usize>,
    #[serde(with = "crate::nan")]
    low: f64,
    #[serde(with = "crate::nan")]
    high: f64,
    monitor: FrameMethodMonitor,
}

impl Part {
    fn excess(&mut self, time: Timestamp, values: &[f64]) -> f64 {
        let row: Vec<f64> = self.columns.iter().map(|&at| values[at]).collect();
        Bounds { low: self.low, high: self.high }.excess(self.monitor.observe(time, &row).score)
    }
}

impl FrameMonitor for AnyOfMonitor {
    fn observe(&mut self, time: Timestamp, values: &[f64]) -> Verdict {
        let unknown = Verdict { time, label: Label::Unknown, score: f64::NAN };
        if values.len() != self.width {
            return unknown;
        }
        let score = self.parts.iter_mut().fold(0.0, |score, part| either(score, part.excess(time, values)));
        if values.iter().any(|value| value.is_nan()) {
            return unknown;
        }
        Verdict { time, label: Bounds::above(1.0).judge(score), score }
    }
}
