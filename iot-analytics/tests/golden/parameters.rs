//! Parameters as ADTK writes them.

use std::time::Duration;

use iot_analytics::detect::Side;
use iot_analytics::rolling::Window;
use serde_json::Value;

/// The parameters of a class, each of which is asked for by name; those nobody asks for are a failure.
pub(crate) struct Parameters<'a> {
    class: &'a str,
    given: &'a Value,
}

impl<'a> Parameters<'a> {
    /// Parameters that are all among `known`.
    pub(crate) fn of(class: &'a str, given: &'a Value, known: &[&str]) -> Self {
        for key in given.as_object().unwrap().keys() {
            assert!(known.contains(&&**key), "{class} has no parameter {key:?} here");
        }
        Self { class, given }
    }

    /// What is given; `None` if nothing is.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.given.get(name).filter(|value| !value.is_null())
    }

    fn parsed<T>(&self, name: &str, parse: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let given = self.get(name)?;
        Some(parse(given).unwrap_or_else(|| panic!("{}: {name} {given} cannot be read", self.class)))
    }

    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.parsed(name, Value::as_f64)
    }

    pub(crate) fn whole(&self, name: &str) -> Option<usize> {
        self.parsed(name, whole)
    }

    pub(crate) fn yes(&self, name: &str) -> bool {
        self.parsed(name, Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn word(&self, name: &str) -> Option<&'a str> {
        self.parsed(name, Value::as_str)
    }

    pub(crate) fn side(&self) -> Side {
        match self.word("side") {
            None | Some("both") => Side::Both,
            Some("positive") => Side::Positive,
            Some("negative") => Side::Negative,
            Some(other) => panic!("{}: side {other}", self.class),
        }
    }

    /// One window.
    pub(crate) fn window(&self) -> Option<Window> {
        self.parsed("window", window)
    }

    /// A window for each side.
    pub(crate) fn windows(&self) -> Option<(Window, Window)> {
        self.parsed("window", |given| match given {
            Value::Array(pair) => Some((window(pair.first()?)?, window(pair.get(1)?)?)),
            one => window(one).map(|window| (window, window)),
        })
    }

    /// The fewest values for each side of these windows.
    pub(crate) fn min_periods(&self, right: Window) -> (Option<usize>, Option<usize>) {
        let Some(Value::Array(pair)) = self.get("min_periods") else {
            return (self.whole("min_periods"), None);
        };
        let all = match right {
            Window::Samples(samples) => samples,
            Window::Duration(_) => 1,
        };
        (whole(&pair[0]), Some(whole(&pair[1]).unwrap_or(all)))
    }

    /// One number, or one for each side, either of which may be null.
    pub(crate) fn factors(&self, default: f64) -> (Option<f64>, Option<f64>) {
        match self.given.get("c") {
            None => (Some(default), Some(default)),
            Some(Value::Array(pair)) => (pair[0].as_f64(), pair[1].as_f64()),
            Some(one) => (one.as_f64(), one.as_f64()),
        }
    }
}

fn whole(value: &Value) -> Option<usize> {
    value.as_u64().map(|number| number as usize)
}

/// A number of samples, or a duration as pandas writes it.
fn window(value: &Value) -> Option<Window> {
    match value {
        Value::String(text) => duration(text).map(Window::Duration),
        number => whole(number).map(Window::Samples),
    }
}

/// A window in the name of a case.
pub(crate) fn window_in_text(text: &str) -> Option<Window> {
    let text = text.trim_matches('\'');
    text.parse().ok().map(Window::Samples).or_else(|| duration(text).map(Window::Duration))
}

/// A duration as pandas writes it: a whole number (1 if there is none) and a unit.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let number: u64 = if number.is_empty() { 1 } else { number.parse().ok()? };
    let nanos = match unit.trim() {
        "" if number == 0 => 0,
        "ns" | "N" => 1,
        "us" | "U" => 1_000,
        "ms" | "L" => 1_000_000,
        "s" | "S" => 1_000_000_000,
        "min" | "T" => 60_000_000_000,
        "h" | "H" => 3_600_000_000_000,
        "d" | "D" => 86_400_000_000_000,
        _ => return None,
    };
    Some(Duration::from_nanos(number * nanos))
}
