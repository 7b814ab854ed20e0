//! One reading as `POST /data` takes it, with pydantic's leniency.

use iot_core::{Device, Quantity, Reading, TimeRange, Timestamp};
use serde_json::{Map, Value};

use super::detail::Detail;

type Fields = Map<String, Value>;

/// The reading that a body is, or all that is wrong with it. A reading without a time is of `now`.
///
/// Its quantities are the [known](Quantity::KNOWN) ones; other members are ignored.
pub(super) fn parse(body: &[u8], now: Timestamp) -> Result<Reading, Vec<Detail>> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        vec![Detail::new("json_invalid", &["body"], "JSON decode error", Value::from(error.to_string()))]
    })?;
    let Value::Object(fields) = value else {
        let msg = "Input should be a valid dictionary or object to extract fields from";
        return Err(vec![Detail::new("model_attributes_type", &["body"], msg, value)]);
    };
    let mut faults = Vec::new();
    let id = faultless(&mut faults, id(&fields));
    let kind = faultless(&mut faults, text(&fields, "device_type"));
    let location = faultless(&mut faults, text(&fields, "location"));
    let time = faultless(&mut faults, time(&fields, now));
    let mut values = Vec::new();
    for quantity in Quantity::KNOWN {
        if let Some(Some(value)) = faultless(&mut faults, number(&fields, quantity.name())) {
            values.push((quantity, value));
        }
    }
    let (Some(id), Some(kind), Some(location), Some(time), true) =
        (id, kind, location, time, faults.is_empty())
    else {
        return Err(faults);
    };
    let refused = |msg: &str, place: &[&str]| vec![fault(place, msg, Value::Object(fields.clone()))];
    let device =
        Device::from_parts(id, kind, location).map_err(|error| refused(&error.to_string(), &["body"]))?;
    if values.is_empty() {
        return Err(refused("the reading has no value", &["body"]));
    }
    values
        .into_iter()
        .try_fold(Reading::new(device, time), |reading, (quantity, value)| reading.with(quantity, value))
        .map_err(|error| refused(&error.to_string(), &["body"]))
}

/// A field, its fault put aside.
fn faultless<T>(faults: &mut Vec<Detail>, field: Result<T, Detail>) -> Option<T> {
    field.map_err(|fault| faults.push(fault)).ok()
}

fn fault(place: &[&str], msg: &str, input: Value) -> Detail {
    Detail::new("value_error", place, format!("Value error, {msg}"), input)
}

fn id(fields: &Fields) -> Result<&str, Detail> {
    match fields.get("device_id") {
        None => {
            let input = Value::Object(fields.clone());
            Err(Detail::new("missing", &["body", "device_id"], "Field required", input))
        }
        Some(Value::String(id)) => Ok(id),
        Some(other) => Err(not_a_string("device_id", other)),
    }
}

fn text<'a>(fields: &'a Fields, name: &str) -> Result<Option<&'a str>, Detail> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(not_a_string(name, other)),
    }
}

fn not_a_string(name: &str, input: &Value) -> Detail {
    Detail::new("string_type", &["body", name], "Input should be a valid string", input.clone())
}

fn number(fields: &Fields, name: &str) -> Result<Option<f64>, Detail> {
    let input = match fields.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(input) => input,
    };
    let wrong = |kind, msg: &str| Detail::new(kind, &["body", name], msg, input.clone());
    let value = match input {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => Some(text.trim().parse().map_err(|_| {
            wrong("float_parsing", "Input should be a valid number, unable to parse string as a number")
        })?),
        _ => None,
    };
    match value {
        None => Err(wrong("float_type", "Input should be a valid number")),
        Some(value) if value.is_finite() => Ok(Some(value)),
        Some(_) => Err(wrong("finite_number", "Input should be a finite number")),
    }
}

fn time(fields: &Fields, now: Timestamp) -> Result<Timestamp, Detail> {
    let input = match fields.get("timestamp") {
        None | Some(Value::Null) => return Ok(now),
        Some(input) => input,
    };
    let wrong = |msg: String| Detail::new("datetime_parsing", &["body", "timestamp"], msg, input.clone());
    let in_range = |time: Option<Timestamp>| {
        // The last instant there is would be in no range that anybody can ask for.
        time.filter(|&time| TimeRange::ALL.contains(time))
            .ok_or_else(|| wrong("Input is out of range".to_owned()))
    };
    match input {
        Value::Number(number) => in_range(match number.as_i64() {
            Some(whole) => since_epoch_whole(whole),
            None => number.as_f64().and_then(since_epoch),
        }),
        Value::String(text) => match text.trim().parse::<i64>() {
            Ok(whole) => in_range(since_epoch_whole(whole)),
            Err(_) => {
                let time = text.trim().parse::<Timestamp>();
                let invalid = |error| wrong(format!("Input should be a valid datetime or date, {error}"));
                in_range(Some(time.map_err(invalid)?))
            }
        },
        _ => Err(Detail::new(
            "datetime_type",
            &["body", "timestamp"],
            "Input should be a valid datetime",
            input.clone(),
        )),
    }
}

/// The instant of a number of seconds, milliseconds, microseconds or nanoseconds since 1970: the unit in which it
/// is nearest to our time, as pydantic tells the first two apart.
fn since_epoch_whole(number: i64) -> Option<Timestamp> {
    let nanos = match number.unsigned_abs() {
        0..=20_000_000_000 => 1_000_000_000,
        20_000_000_001..=20_000_000_000_000 => 1_000_000,
        20_000_000_000_001..=20_000_000_000_000_000 => 1_000,
        _ => 1,
    };
    number.checked_mul(nanos).map(Timestamp::from_nanos)
}

/// The same of a number with a fraction.
fn since_epoch(number: f64) -> Option<Timestamp> {
    // What is outside of whole numbers would become the nearest of them.
    let unit = since_epoch_whole(Some(number as i64).filter(|_| number.abs() < i64::MAX as f64)?)?;
    let whole = number.trunc();
    // A fraction is of the unit that the whole part is in.
    let scale = if whole == 0.0 { 1e9 } else { unit.nanos() as f64 / whole };
    let fraction = ((number - whole) * scale).round() as i64;
    unit.nanos().checked_add(fraction).map(Timestamp::from_nanos)
}
