//! Anomaly detectors.

mod adaptive_quantile;
mod any_of;
mod autoregression;
mod baseline;
mod causal;
mod cusum;
mod ewma;
mod fence;
mod flat_line;
mod generalized_esd;
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
pub use cusum::{Cusum, CusumScore};
pub use ewma::{Ewma, EwmaScore};
pub use fence::Side;
pub use flat_line::{FlatLine, FlatLineScore};
pub use generalized_esd::{GeneralizedEsd, GeneralizedEsdScore, Rule};
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
