//! What a decoder must be told about the messages it is to read.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Quantity, Result, Timestamp};

/// What a [`Decoder`](super::Decoder) must be told about the messages it is to read.
#[derive(Debug, Clone)]
pub struct Options {
    /// The unit of times that are numbers; nanoseconds unless told.
    pub epoch: Epoch,
    /// Quantities beside the [known](Quantity::KNOWN) ones that have a unit, and must be numbers.
    pub quantities: Vec<Quantity>,
    /// The time of readings that have none; `None` refuses them.
    pub time: Option<Timestamp>,
    /// The most bytes of columns in a batch, 64 MiB unless told. Every row takes room in every column of its batch, so
    /// that few names, each in few readings, make it large.
    pub max_bytes: usize,
}

/// Nanoseconds, the known quantities, a time in each reading, 64 MiB.
impl Default for Options {
    fn default() -> Self {
        Self { epoch: Epoch::default(), quantities: Vec::new(), time: None, max_bytes: 64 << 20 }
    }
}

/// The unit of a time that is a number: how much of it has passed since 1970-01-01T00:00:00 UTC.
///
/// ```
/// use iot_core::wire::Epoch;
///
/// assert_eq!("ms".parse::<Epoch>()?, Epoch::Millis);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Epoch {
    /// Seconds, `s`.
    Seconds,
    /// Milliseconds, `ms`.
    Millis,
    /// Microseconds, `us`.
    Micros,
    /// Nanoseconds, `ns`.
    #[default]
    Nanos,
}

impl Epoch {
    const ALL: [Self; 4] = [Self::Seconds, Self::Millis, Self::Micros, Self::Nanos];

    fn as_str(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Millis => "ms",
            Self::Micros => "us",
            Self::Nanos => "ns",
        }
    }

    /// The instant after this many units; `None` outside the range of [`Timestamp`].
    pub(super) fn time(self, units: i64) -> Option<Timestamp> {
        let nanos = match self {
            Self::Seconds => 1_000_000_000,
            Self::Millis => 1_000_000,
            Self::Micros => 1_000,
            Self::Nanos => 1,
        };
        units.checked_mul(nanos).map(Timestamp::from_nanos)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Epoch {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unit = Self::ALL.into_iter().find(|unit| unit.as_str() == text);
        unit.ok_or_else(|| Error::invalid(format!("epoch unit {text:?} is not one of s, ms, us, ns")))
    }
}
