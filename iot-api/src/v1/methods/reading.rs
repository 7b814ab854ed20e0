//! The parameters of a method, as the texts of a query.

use serde_json::Value;

use super::described::Kind;
use super::table::DESCRIBED;
use crate::problem::Problem;

/// The value of a parameter of a method, for its detector to read; what neither has is the detector's to refuse.
pub(in crate::v1) fn parameter(method: &str, name: &str, text: String) -> Result<Value, Problem> {
    let method = DESCRIBED.iter().find(|described| described.name == method);
    let described = method.and_then(|method| method.parameters.iter().find(|known| known.name == name));
    let wrong = |what| Err(Problem::bad_request(format!("{name} {text:?} is not {what}")));
    match described.map(|described| described.kind) {
        Some(Kind::Number) => number(&text).map(Value::from).map_or_else(|| wrong("a number"), Ok),
        Some(Kind::Integer) => {
            whole(&text).map(Value::from).map_or_else(|| wrong("a whole number from 0"), Ok)
        }
        Some(Kind::Window) => Ok(whole(&text).map_or(Value::String(text), Value::from)),
        Some(Kind::Choice | Kind::Duration) => Ok(Value::String(text)),
        Some(Kind::Boolean) => text.trim().parse().map(Value::Bool).or_else(|_| wrong("true or false")),
        Some(Kind::Json) | None => Ok(serde_json::from_str(&text).unwrap_or(Value::String(text))),
    }
}

/// A number as people write it: `012`, `.5`, `+1`, `1e3`.
fn number(text: &str) -> Option<f64> {
    // A + that was not percent-encoded has become a space.
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn whole(text: &str) -> Option<u64> {
    let exact = || number(text).filter(|number| number.fract() == 0.0 && (0.0..9e15).contains(number));
    text.trim().parse().ok().or_else(|| exact().map(|number| number as u64))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let read = |name: &str, text: &str| parameter("persist", name, text.to_owned()).unwrap();
        for (text, number) in
            [("012", 12.0), (".5", 0.5), ("+1", 1.0), (" 1", 1.0), ("1e3", 1000.0), ("-2.", -2.0)]
        {
            assert_eq!(read("factor", text), json!(number), "{text}");
        }
        for (text, number) in
            [("012", 12), ("+1", 1), ("1e3", 1000), ("5.0", 5), ("18446744073709551615", u64::MAX)]
        {
            assert_eq!(read("min_periods", text), json!(number), "{text}");
            assert_eq!(read("window", text), json!(number), "{text}");
        }
        assert_eq!((read("window", "90s"), read("side", "1")), (json!("90s"), json!("1")));
    }
}
