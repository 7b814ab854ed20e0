//! Windows in parameters: a number of samples, or a duration as text.

use std::fmt;
use std::time::Duration;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Window;

/// The form for formats that are not text.
#[derive(Serialize, Deserialize)]
enum Plain {
    Samples(usize),
    Duration(Duration),
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (*self, serializer.is_human_readable()) {
            (Self::Samples(samples), true) => samples.serialize(serializer),
            (Self::Duration(duration), true) => crate::duration::serialize(&duration, serializer),
            (Self::Samples(samples), false) => Plain::Samples(samples).serialize(serializer),
            (Self::Duration(duration), false) => Plain::Duration(duration).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(WindowVisitor);
        }
        Ok(match Plain::deserialize(deserializer)? {
            Plain::Samples(samples) => Self::Samples(samples),
            Plain::Duration(duration) => Self::Duration(duration),
        })
    }
}

struct WindowVisitor;

impl Visitor<'_> for WindowVisitor {
    type Value = Window;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of samples, or a duration such as \"90s\"")
    }

    fn visit_u64<E: Error>(self, samples: u64) -> Result<Window, E> {
        let samples = usize::try_from(samples);
        samples.map(Window::Samples).map_err(|_| E::custom("more samples than there can be"))
    }

    fn visit_i64<E: Error>(self, samples: i64) -> Result<Window, E> {
        let samples =
            u64::try_from(samples).map_err(|_| E::invalid_value(Unexpected::Signed(samples), &self))?;
        self.visit_u64(samples)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Window, E> {
        crate::duration::parse(text).map(Window::Duration)
    }
}
