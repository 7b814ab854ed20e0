//! Durations as text, `"90s"` or `"1h 30m"`, in parameters.

use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serializer, de};

pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    let signed = SignedDuration::try_from(*duration).unwrap_or(SignedDuration::MAX);
    serializer.collect_str(&format_args!("{signed:#}"))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    parse(&std::borrow::Cow::<'de, str>::deserialize(deserializer)?)
}

/// The duration that a text names.
pub(crate) fn parse<E: de::Error>(text: &str) -> Result<Duration, E> {
    let signed: Option<SignedDuration> = text.parse().ok();
    signed.and_then(|signed| Duration::try_from(signed).ok()).ok_or_else(|| {
        E::invalid_value(de::Unexpected::Str(text), &"a duration such as \"90s\" or \"1h 30m\"")
    })
}
