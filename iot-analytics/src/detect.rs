//! Anomaly detectors.

mod baseline;
mod causal;
mod cusum;
mod ewma;
mod fence;
mod flat_line;
mod interquartile_range;
mod level_shift;
mod limits;
mod page_hinkley;
mod persist;
mod quantile;
mod rate_of_change;
mod shift;
mod silence;
mod threshold;
mod volatility_shift;

use std::time::Duration;

use iot_core::{Error, Result};

pub use causal::{Causal, Score};
pub use cusum::{Cusum, CusumScore};
pub use ewma::{Ewma, EwmaScore};
pub use fence::Side;
pub use flat_line::{FlatLine, FlatLineScore};
pub use interquartile_range::InterquartileRange;
pub use level_shift::LevelShift;
pub use limits::Limits;
pub use page_hinkley::{PageHinkley, PageHinkleyScore};
pub use persist::{Center, Persist};
pub use quantile::Quantile;
pub use rate_of_change::{RateOfChange, RateOfChangeScore};
pub use shift::{ShiftModel, ShiftMonitor};
pub use silence::{Silence, SilenceScore};
pub use threshold::Threshold;
pub use volatility_shift::{Ratio, Spread, VolatilityShift};

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
