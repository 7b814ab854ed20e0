//! Time: nanoseconds of UTC, and ranges of them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// An instant: nanoseconds since 1970-01-01T00:00:00 UTC.
///
/// It covers the years 1677 to 2262. There is no local time and no leap second.
///
/// # Text
///
/// Printed as RFC 3339 in UTC, with a fraction of 3, 6 or 9 digits where there is one. Read from RFC 3339 with any offset
/// (`Z`, `±HH:MM` or `±HHMM`), and, always as UTC, from `YYYY-MM-DD HH:MM[:SS[.fraction]]` (a space or a `T` between)
/// and `YYYY-MM-DD`. Anything else is refused: a zone by its name, an offset of a date alone, the second 60.
///
/// ```
/// use iot_core::Timestamp;
///
/// let time: Timestamp = "2025-02-05 00:00:00".parse()?;
/// assert_eq!(time, "2025-02-05T01:00:00+01:00".parse()?);
/// assert_eq!(time.to_string(), "2025-02-05T00:00:00Z");
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first instant.
    pub const MIN: Self = Self(i64::MIN);
    /// The last instant.
    pub const MAX: Self = Self(i64::MAX);

    /// The instant this many nanoseconds after 1970-01-01T00:00:00 UTC.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The instant this many milliseconds after 1970-01-01T00:00:00 UTC, or the nearest one there is.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// The instant this many seconds after 1970-01-01T00:00:00 UTC, or the nearest one there is.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// Now, by the system's clock. For the rim: producers, simulators, screens.
    pub fn now() -> Self {
        Self::from_jiff(jiff::Timestamp::now()).unwrap_or(Self::MAX)
    }

    /// Nanoseconds since 1970-01-01T00:00:00 UTC.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The instant `duration` later, or the last one there is.
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }

    /// The instant `duration` earlier, or the first one there is.
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(duration)))
    }

    fn from_jiff(time: jiff::Timestamp) -> Option<Self> {
        time.as_nanosecond().try_into().ok().map(Self)
    }

    fn to_jiff(self) -> jiff::Timestamp {
        // Every i64 of nanoseconds is inside jiff's range of years -9999 to 9999.
        jiff::Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or_default()
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = match self.0.rem_euclid(1_000_000_000) {
            0 => 0,
            fraction if fraction % 1_000_000 == 0 => 3,
            fraction if fraction % 1_000 == 0 => 6,
            _ => 9,
        };
        let time = self.to_jiff();
        write!(f, "{time:.digits$}")
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let not_a_time = || {
            let text = shorten(text);
            Error::invalid(format!("{text:?} is not a time (RFC 3339, or YYYY-MM-DD HH:MM:SS of UTC)"))
        };
        let utc = |time: DateTime| TimeZone::UTC.to_timestamp(time);
        // The library reads more than these, and drops what it does not need: a zone, or the second of a :60.
        let parsed = match Form::of(text.as_bytes()).ok_or_else(not_a_time)? {
            Form::Date => text.parse::<Date>().and_then(|date| utc(date.into())),
            Form::Civil => text.parse::<DateTime>().and_then(utc),
            Form::Offset => text.parse::<jiff::Timestamp>(),
        };
        let time = parsed.map_err(|source| not_a_time().with_source(source))?;
        Self::from_jiff(time)
            .ok_or_else(|| Error::invalid(format!("time {text} is outside the years 1678 to 2261")))
    }
}

/// The forms in which a time may come as text.
enum Form {
    /// `YYYY-MM-DD`
    Date,
    /// `YYYY-MM-DD HH:MM[:SS[.fraction]]`
    Civil,
    /// The same with `Z`, `±HH:MM` or `±HHMM` behind it.
    Offset,
}

impl Form {
    /// The form of a text, whatever its digits are.
    fn of(text: &[u8]) -> Option<Self> {
        let rest = after(text, b"0000-00-00")?;
        let Some((b' ' | b'T' | b't', rest)) = rest.split_first() else {
            return rest.is_empty().then_some(Self::Date);
        };
        let mut rest = after(rest, b"00:00")?;
        if let Some(seconds) = after(rest, b":00") {
            if rest.starts_with(b":6") {
                return None;
            }
            rest = seconds;
            if let Some((b'.' | b',', fraction)) = rest.split_first() {
                let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
                rest = (digits > 0).then(|| &fraction[digits..])?;
            }
        }
        match rest {
            [] => Some(Self::Civil),
            [b'Z' | b'z'] => Some(Self::Offset),
            [b'+' | b'-', offset @ ..] => {
                let fits = |pattern: &&[u8]| after(offset, pattern) == Some(&[]);
                [&b"00:00"[..], b"0000"].iter().any(fits).then_some(Self::Offset)
            }
            _ => None,
        }
    }
}

/// What follows the `pattern` that `text` starts with, in which 0 stands for any digit.
fn after<'a>(text: &'a [u8], pattern: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(pattern.len())?;
    let fits = |(byte, model): (&u8, &u8)| if *model == b'0' { byte.is_ascii_digit() } else { byte == model };
    start.iter().zip(pattern).all(fits).then_some(rest)
}

/// The start of a text that a stranger sent, short enough for a message.
fn shorten(text: &str) -> String {
    text.chars().take(64).collect()
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The instants from `from` (included) to `to` (excluded).
///
/// ```
/// use iot_core::{TimeRange, Timestamp};
///
/// let hour = TimeRange::new(Timestamp::from_secs(0), Timestamp::from_secs(3600))?;
/// assert!(hour.contains(Timestamp::from_secs(0)) && !hour.contains(Timestamp::from_secs(3600)));
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bounds")]
pub struct TimeRange {
    from: Timestamp,
    to: Timestamp,
}

impl TimeRange {
    /// All instants but the last one there is.
    pub const ALL: Self = Self { from: Timestamp::MIN, to: Timestamp::MAX };

    /// The range from `from` (included) to `to` (excluded); empty where they are equal.
    ///
    /// # Errors
    ///
    /// `Invalid` if `to` is before `from`.
    pub fn new(from: Timestamp, to: Timestamp) -> Result<Self> {
        if to < from {
            return Err(Error::invalid(format!("to {to} is before from {from}")));
        }
        Ok(Self { from, to })
    }

    /// The first instant inside.
    pub fn from(self) -> Timestamp {
        self.from
    }

    /// The first instant past the end.
    pub fn to(self) -> Timestamp {
        self.to
    }

    /// Whether `time` is inside.
    pub fn contains(self, time: Timestamp) -> bool {
        self.from <= time && time < self.to
    }

    /// Its length in nanoseconds.
    pub fn nanos(self) -> u64 {
        self.to.0.abs_diff(self.from.0)
    }
}

#[derive(Deserialize)]
struct Bounds {
    from: Timestamp,
    to: Timestamp,
}

impl TryFrom<Bounds> for TimeRange {
    type Error = Error;

    fn try_from(bounds: Bounds) -> Result<Self> {
        Self::new(bounds.from, bounds.to)
    }
}

#[cfg(test)]
mod tests {
    use super::TimeRange;

    #[test]
    fn a_range_that_ends_before_it_starts_cannot_be_read() {
        let read = serde_json::from_str::<TimeRange>;
        assert!(read(r#"{"from": "2025-02-05", "to": "2025-02-06"}"#).is_ok());
        assert!(read(r#"{"from": "2025-02-06", "to": "2025-02-05"}"#).is_err());
    }
}
