//! Values of flags.

use std::time::Duration;

use iot::Quantity;
use jiff::SignedDuration;

/// A duration such as `200ms`, `1m 30s`, `6h` or `90d`.
///
/// # Errors
///
/// A text that is not one, or is negative.
pub fn duration(text: &str) -> Result<Duration, String> {
    // Units of a day are 24 hours here: there is no calendar in a duration.
    let parsed = match text.trim().strip_suffix('d').and_then(|days| days.trim().parse::<f64>().ok()) {
        Some(days) => Duration::try_from_secs_f64(days * 86_400.0).ok(),
        None => text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok()),
    };
    parsed.ok_or_else(|| format!("{text:?} is not a duration such as 200ms, 1m 30s, 6h or 90d"))
}

/// A quantity, `NAME` or `NAME:UNIT`.
///
/// # Errors
///
/// A name or unit that is not one.
pub fn quantity(text: &str) -> Result<Quantity, String> {
    let (name, unit) = text.split_once(':').unwrap_or((text, ""));
    Quantity::new(name, unit).map_err(|error| error.to_string())
}

/// How much faster than the clock: a positive number, or `max`, which is as fast as possible and reads as infinity.
///
/// # Errors
///
/// A text that is neither.
pub fn speed(text: &str) -> Result<f64, String> {
    if text == "max" {
        return Ok(f64::INFINITY);
    }
    let speed =
        text.trim_end_matches('x').parse::<f64>().ok().filter(|speed| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| format!("{text:?} is not a speed: a positive factor such as 60, or max"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in
            [("200ms", 0.2), ("1m 30s", 90.0), ("6h", 21_600.0), ("90d", 7_776_000.0), ("1.5d", 129_600.0)]
        {
            assert_eq!(duration(text), Ok(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in ["", "-1s", "5", "d", "-2d", "1 fortnight", "inf d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_speed_is_a_positive_factor_or_max() {
        assert_eq!(speed("60"), Ok(60.0));
        assert_eq!(speed("0.5x"), Ok(0.5));
        assert_eq!(speed("max"), Ok(f64::INFINITY));
        for text in ["0", "-1", "NaN", "inf", "fast"] {
            assert!(speed(text).is_err(), "{text}");
        }
    }
}
