//! Samples far from those just before them.

use iot_core::{Detector, Error, Result, Series, Verdicts};
use serde::{Deserialize, Serialize};

use super::fence::{Fencing, Side, fenced};
use super::shift::{Comparison, Shift, ShiftModel};
use crate::rolling::{Aggregate, Rolling, Window};

/// What stands for the samples before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Center {
    /// Their median, which a few spikes do not move.
    #[default]
    Median,
    /// Their mean.
    Mean,
}

/// Samples far from those just before them: spikes and edges.
///
/// **Finds** spikes, dips and the edges of steps, on a signal of any level that drifts or has a daily course. **Misses** slow
/// changes, and what lasts: only the first samples of a step are far from those before, until these are past it. With a window of one
/// sample a spike is found twice, up and down. On a signal that hardly moves, or moves in coarse steps, every change is an
/// anomaly: set `min_range`.
///
#[doc = include_str!("../../docs/detectors/persist.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `window` | 1 | the samples before that are compared with, as a number or a duration (`"60s"`) |
/// | `factor` | 3 | how many interquartile ranges above the third quartile a difference is an anomaly |
/// | `side` | `both` | `positive` for rises only, `negative` for falls only |
/// | `min_periods` | the window, or 1 of a duration | the fewest values a window must have to judge by |
/// | `center` | `median` | what stands for the samples before: `median` or `mean` |
/// | `min_range` | 0 | the interquartile range is taken to be at least this, in the unit of the values |
///
/// The score is the distance of the sample from the median of those before, and the bound is drawn from the scores of the history.
/// Needs the past only. Cost: O(1) a sample on a steady signal, some 50 ns.
/// Source: ADTK's `PersistAD`.
///
/// ```
/// use iot_analytics::detect::Persist;
/// use iot_analytics::rolling::Window;
/// use iot_core::{Detect, Detector, Series};
///
/// let times: Vec<i64> = (0..8).collect();
/// let voltage = Series::new(&times, &[230.0, 230.2, 230.1, 230.3, 230.1, 244.0, 230.2, 230.0])?;
/// let model = Persist::new(Window::Samples(3))?.fit(voltage)?;
/// assert_eq!(model.detect(voltage).anomalies().collect::<Vec<_>>(), [5]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct Persist {
    window: Window,
    min_periods: Option<usize>,
    center: Center,
    fencing: Fencing,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    window: Window,
    factor: f64,
    side: Side,
    min_periods: Option<usize>,
    center: Center,
    min_range: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            window: Window::Samples(1),
            factor: 3.0,
            side: Side::Both,
            min_periods: None,
            center: Center::Median,
            min_range: 0.0,
        }
    }
}

impl TryFrom<Parameters> for Persist {
    type Error = Error;

    fn try_from(from: Parameters) -> Result<Self> {
        let Parameters { window, factor, side, min_periods, center, min_range } = from;
        let fencing = Fencing { factor, side, min_range }.check()?;
        Ok(Self { min_periods, center, fencing, ..Self::new(window)? })
    }
}

impl From<Persist> for Parameters {
    fn from(Persist { window, min_periods, center, fencing }: Persist) -> Self {
        let Fencing { factor, side, min_range } = fencing;
        Self { window, factor, side, min_periods, center, min_range }
    }
}

impl Persist {
    /// Compares with the median of a window before, with a factor of 3.
    ///
    /// # Errors
    ///
    /// `Invalid` if the window is empty or too long.
    pub fn new(window: Window) -> Result<Self> {
        window.check("window")?;
        Ok(Self { window, min_periods: None, center: Center::Median, fencing: Fencing::new(3.0) })
    }

    /// The same with a verdict wherever a window has at least so many values.
    #[must_use]
    pub fn with_min_periods(self, min_periods: impl Into<Option<usize>>) -> Self {
        Self { min_periods: min_periods.into(), ..self }
    }

    /// The same with another centre of the samples before.
    #[must_use]
    pub fn with_center(self, center: Center) -> Self {
        Self { center, ..self }
    }

    /// Its windows, and how they are compared.
    fn shift(&self) -> Result<Shift> {
        let center = match (self.center, self.window) {
            // Of one value, both are that value, and a mean is quicker.
            (Center::Mean, _) | (_, Window::Samples(1)) => Aggregate::Mean,
            (Center::Median, _) => Aggregate::Median,
        };
        let before = Rolling::new(self.window, center)?.with_min_periods(self.min_periods);
        let itself = Rolling::new(Window::Samples(1), Aggregate::Mean)?;
        Shift::new(before, itself, Comparison::Absolute)
    }
}

fenced!(Persist: "rises or falls", "at least this, in the unit of the values");

impl Detector for Persist {
    type Model = ShiftModel;

    fn fit(&self, history: Series<'_>) -> Result<ShiftModel> {
        self.shift()?.fit(history, self.fencing)
    }

    fn fit_detect(&self, history: Series<'_>) -> Result<(ShiftModel, Verdicts)> {
        self.shift()?.fit_detect(history, self.fencing)
    }
}
