//! Steps that prepare a series for a detector, and the detector, as one.

mod step;

pub use step::{FittedStep, Step, StepStream};

use iot_core::{
    Bounds, Detect, Detector, Error, Label, Monitor, Online, Result, Series, Timestamp, Verdict, Verdicts,
};
use serde::{Deserialize, Serialize};

/// Steps that prepare a series, and a detector at their end: a detector itself.
///
/// Each step learns from the history as the steps before it have left it. A sample that is missing stays so through all steps. As a
/// [`Method`](crate::Method) it is written `{"method": "pipeline", "steps": [{"step": "difference"}], "detector": {"method": "quantile", …}}`.
///
/// ```
/// use iot_analytics::detect::InterquartileRange;
/// use iot_analytics::pipeline::{Pipeline, Step};
/// use iot_core::{Detect, Detector, Series};
///
/// // A tank that fills steadily, and leaks once.
/// let times: Vec<i64> = (0..40).collect();
/// let mut level: Vec<f64> = times.iter().map(|&i| 2.0 * i as f64 + 0.1 * (i % 3) as f64).collect();
/// level[25..].iter_mut().for_each(|level| *level -= 5.0);
/// let series = Series::new(&times, &level)?;
/// let model = Pipeline::new([Step::Difference], InterquartileRange::new(3.0)?)?.fit(series)?;
/// assert_eq!(model.detect(series).anomalies().collect::<Vec<_>>(), [25]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters<D>")]
pub struct Pipeline<D> {
    steps: Vec<Step>,
    detector: Box<D>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters<D> {
    #[serde(default)]
    steps: Vec<Step>,
    detector: Box<D>,
}

impl<D> TryFrom<Parameters<D>> for Pipeline<D> {
    type Error = Error;

    fn try_from(Parameters { steps, detector }: Parameters<D>) -> Result<Self> {
        Self::new(steps, *detector)
    }
}

impl<D> Pipeline<D> {
    /// These steps, in order, and then the detector.
    ///
    /// # Errors
    ///
    /// `Invalid` if a step looks ahead: a stream could not follow.
    pub fn new(steps: impl IntoIterator<Item = Step>, detector: D) -> Result<Self> {
        let steps: Vec<Step> = steps.into_iter().collect();
        steps.iter().try_for_each(Step::check)?;
        Ok(Self { steps, detector: Box::new(detector) })
    }
}

impl<D: Detector> Detector for Pipeline<D> {
    type Model = PipelineModel<D::Model>;

    fn fit(&self, history: Series<'_>) -> Result<Self::Model> {
        let mut values = history.values().to_vec();
        let mut steps = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let before = Series::new(history.times(), &values)?;
            let fitted = step.fit(before)?;
            values = fitted.apply(before);
            steps.push(fitted);
        }
        let model = Box::new(self.detector.fit(Series::new(history.times(), &values)?)?);
        Ok(PipelineModel { steps, model })
    }
}

/// What a [`Pipeline`] has learnt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PipelineModel<M> {
    steps: Vec<FittedStep>,
    model: Box<M>,
}

impl<M: Detect> PipelineModel<M> {
    /// Does something with the series as the steps leave it.
    fn prepared<T>(&self, series: Series<'_>, then: impl FnOnce(&M, Series<'_>) -> T) -> T {
        let mut values = None;
        for step in &self.steps {
            let next = step.apply(with_values(series, values.as_deref()));
            values = Some(next);
        }
        then(&self.model, with_values(series, values.as_deref()))
    }
}

/// The same series with other values, of which there are as many.
fn with_values<'a>(series: Series<'a>, values: Option<&'a [f64]>) -> Series<'a> {
    values.and_then(|values| Series::new(series.times(), values).ok()).unwrap_or(series)
}

impl<M: Detect> Detect for PipelineModel<M> {
    fn bounds(&self) -> Bounds {
        self.model.bounds()
    }

    fn detect(&self, series: Series<'_>) -> Verdicts {
        self.prepared(series, M::detect)
    }

    fn labels(&self, series: Series<'_>) -> Vec<Label> {
        self.prepared(series, M::labels)
    }
}

impl<M: Online> Online for PipelineModel<M> {
    type Monitor = PipelineMonitor<M::Monitor>;

    fn monitor(&self) -> Self::Monitor {
        let steps = self.steps.iter().map(FittedStep::stream).collect();
        PipelineMonitor { steps, monitor: Box::new(self.model.monitor()) }
    }
}

/// Judges a stream by a [`Pipeline`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PipelineMonitor<M> {
    steps: Vec<StepStream>,
    monitor: Box<M>,
}

impl<M: Monitor> Monitor for PipelineMonitor<M> {
    fn observe(&mut self, time: Timestamp, value: f64) -> Option<Verdict> {
        let value = self.steps.iter_mut().fold(value, |value, step| step.push(time, value));
        self.monitor.observe(time, value)
    }

    fn due(&mut self) -> Option<Verdict> {
        self.monitor.due()
    }

    fn end(&mut self) {
        self.monitor.end();
    }
}
