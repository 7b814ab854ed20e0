//! Steps of the level.

use iot_core::{Detector, Error, Result, Series, Verdicts};
use serde::{Deserialize, Serialize};

use super::fence::{Fencing, Side, fenced};
use super::shift::{Comparison, Shift, ShiftModel};
use crate::rolling::{Aggregate, Rolling, Window};

/// Steps of the level: the medians of the windows before and after a sample are far apart.
///
/// **Finds** sags, swells and steps that last at least half a window, and is blind to spikes shorter than that. **Misses** drifts
/// slower than the window. Several samples around a step are anomalies, up to a window on either side. A daily course makes
/// the fence wide if the window is long enough to see it. On a signal that hardly moves, every change is an
/// anomaly: set `min_range`.
///
#[doc = include_str!("../../docs/detectors/level_shift.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `window` | needed | the windows before and after, as a number of samples or a duration (`"15m"`) |
/// | `right_window` | `window` | the window after, if it is to be another |
/// | `factor` | 6 | how many interquartile ranges above the third quartile a step is an anomaly |
/// | `side` | `both` | `positive` for rises only, `negative` for falls only |
/// | `min_periods` | the window, or 1 of a duration | the fewest values a window must have to judge by |
/// | `right_min_periods` | `min_periods` | the same of the window after, if it is to be another |
/// | `min_range` | 0 | the interquartile range is taken to be at least this, in the unit of the values |
///
/// The score is the height of the step, and the bound is drawn from the scores of the history. It looks ahead: in a stream the
/// verdict on a sample comes when the window after it is over. Cost: O(1) a sample on a steady signal, some 50 ns.
/// Source: ADTK's `LevelShiftAD`.
///
/// ```
/// use iot_analytics::detect::LevelShift;
/// use iot_analytics::rolling::Window;
/// use iot_core::{Detect, Detector, Series};
///
/// let times: Vec<i64> = (0..60).collect();
/// let values: Vec<f64> = (0..60).map(|i| f64::from(i % 3) + if i < 40 { 230.0 } else { 215.0 }).collect();
/// let voltage = Series::new(&times, &values)?;
/// let model = LevelShift::new(Window::Samples(6))?.with_min_range(0.5)?.fit(voltage)?;
/// let step: Vec<usize> = model.detect(voltage).anomalies().collect();
/// assert!(step.contains(&40) && step.iter().all(|at| at.abs_diff(40) < 6));
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct LevelShift {
    left: Window,
    right: Window,
    min_periods: Option<usize>,
    right_min_periods: Option<usize>,
    fencing: Fencing,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    window: Window,
    right_window: Option<Window>,
    #[serde(default = "factor")]
    factor: f64,
    #[serde(default)]
    side: Side,
    min_periods: Option<usize>,
    right_min_periods: Option<usize>,
    #[serde(default)]
    min_range: f64,
}

fn factor() -> f64 {
    6.0
}

impl TryFrom<Parameters> for LevelShift {
    type Error = Error;

    fn try_from(from: Parameters) -> Result<Self> {
        let Parameters { window, right_window, factor, side, min_periods, right_min_periods, min_range } =
            from;
        let fencing = Fencing { factor, side, min_range }.check()?;
        let windows = Self::with_windows(window, right_window.unwrap_or(window))?;
        Ok(Self { min_periods, right_min_periods, fencing, ..windows })
    }
}

impl From<LevelShift> for Parameters {
    fn from(LevelShift { left, right, min_periods, right_min_periods, fencing }: LevelShift) -> Self {
        let Fencing { factor, side, min_range } = fencing;
        Self {
            window: left,
            right_window: Some(right),
            factor,
            side,
            min_periods,
            right_min_periods,
            min_range,
        }
    }
}

impl LevelShift {
    /// Compares windows of one length before and after, with a factor of 6.
    ///
    /// # Errors
    ///
    /// `Invalid` if the window is empty or too long.
    pub fn new(window: Window) -> Result<Self> {
        Self::with_windows(window, window)
    }

    /// Compares a window before with one of another length after.
    ///
    /// # Errors
    ///
    /// `Invalid` if one of the windows is empty or too long.
    pub fn with_windows(left: Window, right: Window) -> Result<Self> {
        left.check("window")?;
        right.check("right_window")?;
        Ok(Self { left, right, min_periods: None, right_min_periods: None, fencing: Fencing::new(factor()) })
    }

    /// The same with a verdict wherever both windows have at least so many values.
    #[must_use]
    pub fn with_min_periods(self, min_periods: impl Into<Option<usize>>) -> Self {
        Self { min_periods: min_periods.into(), ..self }
    }

    /// The same where the window after has at least so many values, if that is to be another number.
    #[must_use]
    pub fn with_right_min_periods(self, min_periods: impl Into<Option<usize>>) -> Self {
        Self { right_min_periods: min_periods.into(), ..self }
    }

    /// Its windows, and how they are compared.
    fn shift(&self) -> Result<Shift> {
        let median = |window| Rolling::new(window, Aggregate::Median);
        let left = median(self.left)?.with_min_periods(self.min_periods);
        let right = median(self.right)?.with_min_periods(self.right_min_periods.or(self.min_periods));
        Shift::new(left, right, Comparison::Absolute)
    }
}

fenced!(LevelShift: "rises or falls", "at least this, in the unit of the values");

impl Detector for LevelShift {
    type Model = ShiftModel;

    fn fit(&self, history: Series<'_>) -> Result<ShiftModel> {
        self.shift()?.fit(history, self.fencing)
    }

    fn fit_detect(&self, history: Series<'_>) -> Result<(ShiftModel, Verdicts)> {
        self.shift()?.fit_detect(history, self.fencing)
    }
}
