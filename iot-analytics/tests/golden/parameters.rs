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
        self.parsed(name, number)
    }

    /// A limit; one that is infinite is none.
    pub(crate) fn limit(&self, name: &str) -> Option<f64> {
        self.number(name).filter(|limit| limit.is_finite())
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
            Some(Value::Array(pair)) => (number(&pair[0]), number(&pair[1])),
            Some(one) => (number(one), number(one)),
        }
    }
}

/// A number, or an infinity as a word.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
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

/// A duration as pandas writes it: numbers (1 if there is none), whole or not, each with its unit.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) =
            rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len()));
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let number: f64 = if number.is_empty() { 1.0 } else { number.parse().ok()? };
        let nanos = match unit.trim() {
            "" if number == 0.0 => 0.0,
            "ns" | "N" => 1.0,
            "us" | "U" => 1e3,
            "ms" | "L" => 1e6,
            "s" | "S" => 1e9,
            "min" | "T" => 60e9,
            "h" | "H" => 3600e9,
            "d" | "D" => 86_400e9,
            _ => return None,
        };
        sum += Duration::from_nanos((number * nanos).round() as u64);
        rest = after;
    }
    (!text.trim().is_empty()).then_some(sum)
}

#[test]
fn durations_are_read_as_pandas_writes_them() {
    let cases = [("7s", 7000), ("1.5s", 1500), ("1min30s", 90_000), ("500ms", 500), ("s", 1000), ("0", 0)];
    for (text, millis) in cases {
        assert_eq!(duration(text), Some(Duration::from_millis(millis)), "{text}");
    }
    assert!(["", "7", "soon", "1.5.2s"].into_iter().all(|text| duration(text).is_none()));
}
