//! Anomaly detectors: a handbook.
//!
//! A detector learns from a history with [`fit`](iot_core::Detector::fit) and gives a model. The model judges a whole series with
//! [`detect`](iot_core::Detect::detect): a label (normal, anomaly, unknown), a score and the bounds it was compared with. Or it makes a
//! [monitor](iot_core::Online::monitor) that judges a stream sample by sample, with the same verdicts and in bounded memory, and can be saved in
//! between.
//!
//! ```
//! use iot_analytics::detect::{LevelShift, Side};
//! use iot_analytics::rolling::Window;
//! use iot_core::{Detect, Detector, Monitor, Online, Series, Timestamp};
//!
//! let times: Vec<i64> = (0..120).collect();
//! let values: Vec<f64> = (0..120).map(|i| f64::from(i * 7 % 5) + if i < 90 { 230.0 } else { 210.0 }).collect();
//! let voltage = Series::new(&times, &values)?;
//!
//! let sag = LevelShift::new(Window::Samples(10))?.with_side(Side::Negative).with_min_range(1.0)?;
//! let model = sag.fit(voltage)?;
//! assert!(model.detect(voltage).anomalies().any(|at| at == 90));
//!
//! let mut monitor = model.monitor();
//! let alarm = voltage.iter().filter_map(|(time, value)| monitor.observe(time, value)).find(|verdict| verdict.label.is_anomaly());
//! assert!(alarm.is_some_and(|alarm| alarm.time.nanos().abs_diff(90) < 10));
//! # Ok::<(), iot_core::Error>(())
//! ```
//!
//! # Which one?
//!
//! | what is wrong | detector | learns | looks ahead |
//! | --- | --- | --- | --- |
//! | a value that is forbidden | [`Threshold`] | nothing | no |
//! | a value that is rare in its range | [`Quantile`], [`InterquartileRange`], [`GeneralizedEsd`] | a history | no |
//! | the same in a stream without history | [`AdaptiveQuantile`], [`Conformal`] | as it goes | no |
//! | a spike | [`Hampel`], [`ZScore`], [`Persist`], [`Autoregression`] | as it goes; a history | no |
//! | a step of the level | [`LevelShift`]; as it happens [`PageHinkley`] | a history | a window; no |
//! | a small shift, a drift away | [`Cusum`], [`Ewma`] | a history | no |
//! | noise that grows, or dies | [`VolatilityShift`] | a history | a window |
//! | a value at the wrong time of day | [`Seasonal`] | a history | no; with trend half a period |
//! | a change that inertia forbids | [`RateOfChange`] | nothing | no |
//! | a sensor that is stuck | [`FlatLine`] | nothing | no |
//! | no data | [`Silence`] | nothing | no |
//! | quantities that do not fit together | [`HotellingT2`], [`SquaredPredictionError`], [`Pca`], [`Regression`] | a history | no |
//! | a state that is rare | [`HalfSpaceTrees`] | a history, and as it goes | no |
//! | any of several of these | [`AnyOf`] | | no |
//!
//! Signals that wander, or have a daily course, are prepared by a [`Pipeline`](crate::pipeline::Pipeline). Labels become events by
//! [`rules`](crate::rules). Every detector can be chosen by name in JSON: [`Method`](crate::Method), [`FrameMethod`](crate::FrameMethod). A detector
//! of one's own is a [`Score`] or a [`RowScore`] in thirty lines (`examples/own_detector.rs`).
//!
//! In the plots, a detector has learnt from what is left of the grey line, and crosses are anomalies; below is the score with its bounds.
//!
//! # What they have in common
//!
//! - Comparisons are strict: a score equal to a bound is normal.
//! - A missing sample (NaN) is unknown. It is never filled in.
//! - No detector panics on data, however strange, and none gives up on a stream after it.
//! - What is learnt is a value of its own type: a detector that is not fitted cannot judge.

mod adaptive_quantile;
mod any_of;
mod autoregression;
mod baseline;
mod causal;
mod conformal;
mod cusum;
mod ewma;
mod fence;
mod flat_line;
mod generalized_esd;
mod half_space_trees;
mod hampel;
mod hotelling_t2;
mod interquartile_range;
mod level_shift;
mod limits;
mod page_hinkley;
mod pca;
mod persist;
mod principal;
mod quantile;
mod rate_of_change;
mod regression;
mod rows;
mod seasonal;
mod shift;
mod silence;
mod smooth;
mod sorted;
mod squared_prediction_error;
mod threshold;
mod volatility_shift;
mod z_score;

use std::time::Duration;

use iot_core::{Error, Result};

pub use adaptive_quantile::{AdaptiveQuantile, AdaptiveQuantileScore};
pub use any_of::{AnyOf, AnyOfModel, AnyOfMonitor};
pub use autoregression::{Autoregression, AutoregressionScore};
pub use causal::{Causal, Score};
pub use conformal::{Conformal, ConformalScore, Strangeness};
pub use cusum::{Cusum, CusumScore};
pub use ewma::{Ewma, EwmaScore};
pub use fence::Side;
pub use flat_line::{FlatLine, FlatLineScore};
pub use generalized_esd::{GeneralizedEsd, GeneralizedEsdScore, Rule};
pub use half_space_trees::{HalfSpaceTrees, HalfSpaceTreesScore};
pub use hampel::{Hampel, HampelScore};
pub use hotelling_t2::{HotellingT2, HotellingT2Score};
pub use interquartile_range::InterquartileRange;
pub use level_shift::LevelShift;
pub use limits::Limits;
pub use page_hinkley::{PageHinkley, PageHinkleyScore};
pub use pca::{Pca, PcaScore};
pub use persist::{Center, Persist};
pub use quantile::Quantile;
pub use rate_of_change::{RateOfChange, RateOfChangeScore};
pub use regression::{Regression, RegressionScore};
pub use rows::{CausalFrame, RowScore};
pub use seasonal::{Seasonal, SeasonalModel, SeasonalMonitor};
pub use shift::{ShiftModel, ShiftMonitor};
pub use silence::{Silence, SilenceScore};
pub use squared_prediction_error::{Limit, SquaredPredictionError, SquaredPredictionErrorScore};
pub use threshold::Threshold;
pub use volatility_shift::{Ratio, Spread, VolatilityShift};
pub use z_score::{ZScore, ZScoreState};

/// That there is a value to learn from.
fn check_present(values: &[f64]) -> Result<()> {
    if values.iter().all(|value| value.is_nan()) {
        return Err(Error::invalid("the history has no value to learn from"));
    }
    Ok(())
}

/// That a lower parameter is not above an upper one.
fn check_order(low: Option<f64>, high: Option<f64>) -> Result<()> {
    match (low, high) {
        (Some(low), Some(high)) if low > high => {
            Err(Error::invalid(format!("low {low} is above high {high}")))
        }
        _ => Ok(()),
    }
}

/// That the parameter called `name` is finite and not negative.
fn check_not_negative(name: &str, value: f64) -> Result<()> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Error::invalid(format!("{name} {value} is not a finite number of at least 0")))
}

/// That the parameter called `name` is finite and above 0.
fn check_positive(name: &str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::invalid(format!("{name} {value} is not a finite number above 0")))
}

/// That the parameter called `name` is some time.
fn check_duration(name: &str, duration: Duration) -> Result<()> {
    if duration.is_zero() {
        return Err(Error::invalid(format!("{name} is no time at all")));
    }
    Ok(())
}

/// That a confidence is between 0 and 1.
fn check_confidence(confidence: f64) -> Result<()> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(());
    }
    Err(Error::invalid(format!("confidence {confidence} is not between 0 and 1")))
}

/// That the weight of the newest in a moving average is one.
fn check_weight(weight: f64) -> Result<()> {
    if weight > 0.0 && weight <= 1.0 {
        return Ok(());
    }
    Err(Error::invalid(format!("weight {weight} is not above 0 and at most 1")))
}
