//! Steps of the noise.

use iot_core::{Detector, Error, Result, Series, Verdicts};
use serde::{Deserialize, Serialize};

use super::check_not_negative;
use super::fence::{Fencing, Side, fenced};
use super::shift::{Comparison, Shift, ShiftModel};
use crate::rolling::{Aggregate, Rolling, Window};

/// What measures the noise of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// The standard deviation.
    #[default]
    Std,
    /// The distance between the quartiles, which a few spikes do not move.
    InterquartileRange,
    /// The distance between the first and the last decile.
    InterdecileRange,
}

impl From<Spread> for Aggregate {
    fn from(spread: Spread) -> Self {
        match spread {
            Spread::Std => Self::Std,
            Spread::InterquartileRange => Self::InterquartileRange,
            Spread::InterdecileRange => Self::InterdecileRange,
        }
    }
}

/// How the noise after a sample is compared with that before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ratio {
    /// |after - before| / before, as ADTK has it: a rise has no limit, a fall is at most 1, and so is hardly ever an anomaly.
    #[default]
    Relative,
    /// |ln(after / before)|: a fall to a half weighs as much as a rise to the double.
    Log,
}

/// Steps of the noise: the spread of the window after a sample is many times that of the window before, or a small part of
/// it.
///
/// **Finds** loose contacts, worn bearings, hunting controllers; with a `ratio` of `log` also sensors that fall quiet.
/// **Misses** noise that grows slowly. By default it is ADTK's, which hardly sees falls, and where the window before is flat,
/// divides by 0: 0/0 is unknown, and if more than a quarter of the history is flat there is no bound and nothing is found. With `log` and a `min_spread` both are cured.
///
#[doc = include_str!("../../docs/detectors/volatility_shift.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `window` | needed | the windows before and after, as a number of samples or a duration (`"15m"`) |
/// | `right_window` | `window` | the window after, if it is to be another |
/// | `spread` | `std` | what measures the noise: `std`, `interquartile_range` or `interdecile_range` |
/// | `ratio` | `relative` | `relative` as in ADTK, or `log` |
/// | `min_spread` | 0 | with `log`: a spread is taken to be at least this, in the unit of the values |
/// | `factor` | 6 | how many interquartile ranges above the third quartile a ratio is an anomaly |
/// | `side` | `both` | `positive` for rises only, `negative` for falls only |
/// | `min_periods` | the window, or 1 of a duration | the fewest values a window must have to judge by |
/// | `right_min_periods` | `min_periods` | the same of the window after, if it is to be another |
/// | `min_range` | 0 | the interquartile range of ratios is taken to be at least this |
///
/// The score is the ratio, and the bound is drawn from the scores of the history. It looks ahead: in a stream the verdict on
/// a sample comes when the window after it is over. Cost: O(1) a sample, some 20 ns with `std`.
/// Source: ADTK's `VolatilityShiftAD`.
///
/// ```
/// use iot_analytics::detect::{Ratio, VolatilityShift};
/// use iot_analytics::rolling::Window;
/// use iot_core::{Detect, Detector, Series};
///
/// // A sensor that falls quiet after forty samples.
/// let times: Vec<i64> = (0..60).collect();
/// let values: Vec<f64> = (0..60).map(|i| f64::from(i * 7 % 5) * if i < 40 { 1.0 } else { 0.01 }).collect();
/// let vibration = Series::new(&times, &values)?;
/// let detector = VolatilityShift::new(Window::Samples(10))?.with_ratio(Ratio::Log, 0.01)?.with_min_range(0.1)?;
/// assert!(detector.fit(vibration)?.detect(vibration).anomalies().any(|at| at == 40));
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct VolatilityShift {
    left: Window,
    right: Window,
    spread: Spread,
    ratio: Ratio,
    min_spread: f64,
    min_periods: Option<usize>,
    right_min_periods: Option<usize>,
    fencing: Fencing,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    window: Window,
    right_window: Option<Window>,
    #[serde(default)]
    spread: Spread,
    #[serde(default)]
    ratio: Ratio,
    #[serde(default)]
    min_spread: f64,
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

impl TryFrom<Parameters> for VolatilityShift {
    type Error = Error;

    fn try_from(from: Parameters) -> Result<Self> {
        let fencing = Fencing { factor: from.factor, side: from.side, min_range: from.min_range }.check()?;
        let right = from.right_window.unwrap_or(from.window);
        let ratio = Self::with_windows(from.window, right)?.with_ratio(from.ratio, from.min_spread)?;
        let (min_periods, right_min_periods) = (from.min_periods, from.right_min_periods);
        Ok(Self { spread: from.spread, min_periods, right_min_periods, fencing, ..ratio })
    }
}

impl From<VolatilityShift> for Parameters {
    fn from(from: VolatilityShift) -> Self {
        let Fencing { factor, side, min_range } = from.fencing;
        Self {
            window: from.left,
            right_window: Some(from.right),
            spread: from.spread,
            ratio: from.ratio,
            min_spread: from.min_spread,
            factor,
            side,
            min_periods: from.min_periods,
            right_min_periods: from.right_min_periods,
            min_range,
        }
    }
}

impl VolatilityShift {
    /// Compares the standard deviations of windows of one length before and after, as ADTK does, with a factor of 6.
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
        Ok(Self {
            left,
            right,
            spread: Spread::Std,
            ratio: Ratio::Relative,
            min_spread: 0.0,
            min_periods: None,
            right_min_periods: None,
            fencing: Fencing::new(factor()),
        })
    }

    /// The same with another measure of the noise.
    #[must_use]
    pub fn with_spread(self, spread: Spread) -> Self {
        Self { spread, ..self }
    }

    /// The same with another ratio; for [`Ratio::Log`], no spread is taken to be less than `min_spread`, in the unit of the
    /// values.
    ///
    /// # Errors
    ///
    /// `Invalid` if `min_spread` is negative or not finite.
    pub fn with_ratio(self, ratio: Ratio, min_spread: f64) -> Result<Self> {
        check_not_negative("min_spread", min_spread)?;
        Ok(Self { ratio, min_spread, ..self })
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
        let spread = |window| Rolling::new(window, self.spread.into());
        let left = spread(self.left)?.with_min_periods(self.min_periods);
        let right = spread(self.right)?.with_min_periods(self.right_min_periods.or(self.min_periods));
        let comparison = match self.ratio {
            Ratio::Relative => Comparison::Relative,
            Ratio::Log => Comparison::LogRatio { least: self.min_spread },
        };
        Shift::new(left, right, comparison)
    }
}

fenced!(VolatilityShift: "rises or falls", "ratios of at least this");

impl Detector for VolatilityShift {
    type Model = ShiftModel;

    fn fit(&self, history: Series<'_>) -> Result<ShiftModel> {
        self.shift()?.fit(history, self.fencing)
    }

    fn fit_detect(&self, history: Series<'_>) -> Result<(ShiftModel, Verdicts)> {
        self.shift()?.fit_detect(history, self.fencing)
    }
}
