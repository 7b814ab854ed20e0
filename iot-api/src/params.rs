//! The parameters that routes have in common, and how they read.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use iot_core::{TimeRange, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::problem::Problem;

/// The device id of a path, percent-decoded.
#[derive(Debug)]
pub(crate) struct DeviceId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for DeviceId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = Path::<String>::from_request_parts(parts, state).await;
        let id =
            id.map_err(|_| Problem::bad_request("the device id in the path is not percent-encoded UTF-8"))?;
        Ok(Self(id.0))
    }
}

/// The query of a request, read as `T`; what `T` does not know is refused.
#[derive(Debug)]
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let query = query.map_err(|error| Problem::bad_request(cause(&error)))?;
        Ok(Self(query.0))
    }
}

/// The words of the innermost cause: those around it only say that a query was read.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let last = std::iter::successors(Some(error), |error| error.source()).last();
    last.map_or_else(String::new, ToString::to_string)
}

/// An instant: RFC 3339 and what else [`Timestamp`] reads, or nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if let Ok(nanos) = text.parse() {
            return Ok(Self(Timestamp::from_nanos(nanos)));
        }
        // A + of an offset that was not percent-encoded has become a space.
        let repaired = match text.rsplit_once(' ') {
            Some((time, offset)) if time.contains(':') => format!("{time}+{offset}"),
            _ => text,
        };
        repaired.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// Names separated by commas; empty for all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::read(&String::deserialize(deserializer)?))
    }
}

impl Names {
    /// The names in a text; as everywhere, without regard to case.
    pub(crate) fn read(text: &str) -> Self {
        let names = text.split(',').map(|name| name.trim().to_ascii_lowercase());
        Self(names.filter(|name| !name.is_empty()).collect())
    }
}

/// The range from `from` to `to`, unbounded where one is missing.
pub(crate) fn range(from: Option<Instant>, to: Option<Instant>) -> Result<TimeRange, Problem> {
    let from = from.map_or(Timestamp::MIN, |from| from.0);
    let to = to.map_or(Timestamp::MAX, |to| to.0);
    Ok(TimeRange::new(from, to)?)
}

/// How many things one page holds: `default` unless stated, and never more than `most`; the cursor leads on.
pub(crate) fn page(asked: Option<usize>, default: usize, most: usize) -> Result<usize, Problem> {
    match asked {
        Some(0) => Err(Problem::bad_request("limit 0 asks for nothing")),
        asked => Ok(asked.unwrap_or(default).min(most)),
    }
}

/// A number of things asked for: `default` unless stated, and from `least` to `most`.
pub(crate) fn bounded(
    name: &str,
    asked: Option<usize>,
    default: usize,
    least: usize,
    most: usize,
) -> Result<usize, Problem> {
    match asked {
        None => Ok(default.min(most)),
        Some(asked) if (least..=most).contains(&asked) => Ok(asked),
        Some(asked) => Err(Problem::bad_request(format!("{name} {asked} is not in {least}..={most}"))),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    fn instant(text: &str) -> Result<Instant, serde_json::Error> {
        serde_json::from_value(serde_json::Value::String(text.to_owned()))
    }

    #[test]
    fn an_instant_is_rfc_3339_or_nanoseconds() {
        let noon = Timestamp::from_secs(1_738_756_800);
        for text in [
            "2025-02-05T12:00:00Z",
            "2025-02-05T13:00:00+01:00",
            "2025-02-05T13:00:00 01:00",
            "2025-02-05 13:00:00 01:00",
            "2025-02-05 12:00:00",
            "1738756800000000000",
        ] {
            assert_eq!(instant(text).unwrap(), Instant(noon), "{text}");
        }
        assert_eq!(instant("2025-02-05").unwrap(), Instant(Timestamp::from_secs(1_738_713_600)));
        assert!(instant("noon").is_err());
    }
}
