//! The wire format against `serde_json` and against itself, on generated messages.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::fmt;

use iot_core::wire::{Decoder, encode_row};
use iot_core::{Batch, BatchBuilder, Device, Quantity, Reading, Timestamp};
use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

fn decode(payload: &[u8]) -> (Batch, Vec<String>) {
    let (mut decoder, mut reasons) = (Decoder::default(), Vec::new());
    let rest = decoder.message(Some(b"key"), payload, &mut |_, reason| reasons.push(reason.to_string()));
    assert_eq!(rest, None);
    let rows = decoder.rows();
    let batch = decoder.finish();
    assert_eq!(batch.len(), rows);
    (batch, reasons)
}

/// Whether the decoder takes this for JSON.
fn is_json(payload: &[u8]) -> bool {
    !matches!(&*decode(payload).1, [reason] if reason.starts_with("not JSON"))
}

/// Whether `serde_json` takes this for JSON; `None` where it stops at a number that is too large, which is JSON.
fn is_json_to_serde(payload: &[u8]) -> Option<bool> {
    match serde_json::from_slice::<Value>(payload) {
        Ok(_) => Some(true),
        Err(error) if error.to_string().starts_with("number out of range") => None,
        Err(_) => Some(false),
    }
}

/// One piece of a message as `serde_json` reads it, with all members in order.
enum Piece {
    Members(Vec<(String, Value)>),
    Other,
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pieces;
        impl<'de> Visitor<'de> for Pieces {
            type Value = Piece;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a piece of a message")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Piece, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Piece::Members(members))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Piece, A::Error> {
                while seq.next_element::<Value>()?.is_some() {}
                Ok(Piece::Other)
            }
            fn visit_str<E>(self, _: &str) -> Result<Piece, E> {
                Ok(Piece::Other)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Piece, E> {
                Ok(Piece::Other)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Piece, E> {
                Ok(Piece::Other)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Piece, E> {
                Ok(Piece::Other)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Piece, E> {
                Ok(Piece::Other)
            }
            fn visit_unit<E>(self) -> Result<Piece, E> {
                Ok(Piece::Other)
            }
        }
        deserializer.deserialize_any(Pieces)
    }
}

/// The rules of the format once more, in the plainest way.
fn reading_of(piece: Piece) -> Option<Reading> {
    let Piece::Members(members) = piece else { return None };
    let (mut time, mut id, mut kind, mut location) = (Value::Null, Value::Null, Value::Null, Value::Null);
    let mut values: Vec<(Quantity, Option<f64>)> = Vec::new();
    for (name, value) in members {
        let text = value.is_string() || value.is_null();
        match &*name {
            "timestamp" if text || value.is_number() => time = value,
            "device_id" if text => id = value,
            "device_type" if text => kind = value,
            "location" if text => location = value,
            name if Quantity::RESERVED.contains(&name) => return None,
            name => {
                let quantity = Quantity::named(name);
                let known = quantity.as_ref().is_ok_and(|quantity| !quantity.unit().is_empty());
                match (quantity, value.as_f64()) {
                    (Ok(quantity), Some(value)) => values.push((quantity, Some(value))),
                    (Err(_), Some(_)) => return None,
                    (Ok(_), None) if known && !value.is_null() => return None,
                    (Ok(quantity), None) => values.push((quantity, None)),
                    (Err(_), None) => {}
                }
            }
        }
    }
    let time = match time {
        Value::String(text) => text.parse().ok()?,
        time => Timestamp::from_nanos(time.as_i64()?),
    };
    let id = id.as_str().unwrap_or("key");
    let device = Device::from_parts(id, kind.as_str(), location.as_str()).ok()?;
    let last = |at: usize| values[at + 1..].iter().all(|(later, _)| *later != values[at].0);
    let mut reading = Reading::new(device, time);
    for (at, (quantity, value)) in values.iter().enumerate() {
        if let (Some(value), true) = (value, last(at)) {
            reading = reading.with(quantity.clone(), *value).unwrap();
        }
    }
    (!reading.values().is_empty()).then_some(reading)
}

/// Readings and the number of refusals.
fn oracle(payload: &[u8]) -> serde_json::Result<(Vec<Reading>, usize)> {
    let array = payload.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let pieces = match array {
        true => serde_json::from_slice::<Vec<Piece>>(payload)?,
        false => vec![serde_json::from_slice(payload)?],
    };
    let all = pieces.len();
    let readings: Vec<_> = pieces.into_iter().filter_map(reading_of).collect();
    let refused = all - readings.len();
    Ok((readings, refused))
}

fn same(mut a: Vec<Reading>, mut b: Vec<Reading>) {
    let sorted = |reading: &Reading| {
        let mut values: Vec<_> =
            reading.values().iter().map(|(quantity, value)| (quantity.clone(), value.to_bits())).collect();
        values.sort();
        (reading.device().clone(), reading.time(), values)
    };
    let (a, b): (Vec<_>, Vec<_>) =
        (a.drain(..).map(|r| sorted(&r)).collect(), b.drain(..).map(|r| sorted(&r)).collect());
    assert_eq!(a, b);
}

fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just(""), 2 => Just(" "), 1 => Just("\n\t\r ")]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,4})?",
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?",
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| format!("{x:?}")),
        any::<i64>().prop_map(|x| x.to_string()),
        any::<u64>().prop_map(|x| x.to_string()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\"[a-zA-Z0-9 _-]{0,20}\"",
        "\"([^\"\\\\\\x00-\\x1f]|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}){0,12}\"",
        "\"(\\\\ud[89ab][0-9a-f]{2}\\\\ud[c-f][0-9a-f]{2}|\\\\u[de][0-9a-f]{3}|[a-z]){1,4}\"",
    ]
}

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => number(),
        3 => text(),
        1 => prop_oneof![Just("null"), Just("true"), Just("false")].prop_map(str::to_owned),
    ]
}

fn object(member: impl Strategy<Value = (String, String)>) -> impl Strategy<Value = String> {
    (proptest::collection::vec((space(), member, space()), 0..7), space()).prop_map(|(members, end)| {
        let members: Vec<_> = members
            .into_iter()
            .map(|(before, (name, value), after)| format!("{before}{name}{after}:{before}{value}{after}"))
            .collect();
        format!("{{{}{end}}}", members.join(","))
    })
}

fn array(element: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (proptest::collection::vec((space(), element, space()), 0..5), space()).prop_map(|(elements, end)| {
        let elements: Vec<_> = elements
            .into_iter()
            .map(|(before, element, after)| format!("{before}{element}{after}"))
            .collect();
        format!("[{}{end}]", elements.join(","))
    })
}

fn json() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 32, 5, |inner| prop_oneof![array(inner.clone()), object((text(), inner))])
}

/// What stands for a time: right, nearly right, or not at all.
fn time() -> impl Strategy<Value = String> {
    prop_oneof![
        "\"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?Z?\"",
        "\"[12][0-9]{3}-[01][0-9]-[0-3][0-9][T t_]?[0-2][0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{0,10})?)?(Z|z|[+-]0[0-9]:?00)?\"",
        any::<i64>().prop_map(|nanos| nanos.to_string()),
        // To serde_json the whole number -0 is no whole number.
        leaf().prop_filter("not -0", |leaf| !leaf.starts_with("-0")),
    ]
}

fn reading() -> impl Strategy<Value = String> {
    let name = |name: &'static str| Just(format!("\"{name}\""));
    let quantity = prop_oneof![
        3 => name("voltage"),
        3 => name("current"),
        1 => name("VOLTAGE"),
        1 => name("volt\\u0061ge"),
        1 => name("humidity"),
        1 => name("co2"),
        1 => name("Co2"),
        1 => name("Timestamp"),
        1 => name("no name"),
        1 => text(),
    ];
    object(prop_oneof![
        4 => (name("timestamp"), time()),
        2 => (name("device_id"), prop_oneof![3 => text(), 1 => json()]),
        1 => (name("device_type"), prop_oneof![3 => text(), 1 => json()]),
        1 => (name("location"), prop_oneof![3 => text(), 1 => json()]),
        4 => (quantity.clone(), number()),
        1 => (quantity, json()),
    ])
}

fn message() -> impl Strategy<Value = String> {
    prop_oneof![4 => reading(), 3 => array(prop_oneof![5 => reading(), 1 => json()]), 1 => json()]
}

/// A message with some of its bytes changed, taken out or put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        any::<u8>(),
        proptest::sample::select(b"{}[]\",:\\u0123456789.eE+-ntf \x00\xff".to_vec())
    ];
    let change = (any::<proptest::sample::Index>(), 0..3, byte);
    (message(), proptest::collection::vec(change, 1..4)).prop_map(|(message, changes)| {
        let mut bytes = message.into_bytes();
        for (at, how, byte) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

/// Any reading that there can be.
fn any_reading() -> impl Strategy<Value = Reading> {
    let part = || proptest::option::of("\\PC{1,12}");
    let quantity = prop_oneof![
        proptest::sample::select(Quantity::KNOWN.to_vec()),
        "[a-zA-Z][a-zA-Z0-9_]{0,10}".prop_filter_map("a name", |name| Quantity::named(&name).ok()),
    ];
    let value =
        prop_oneof![any::<f64>(), -1e4..1e4, (-100_000..100_000_i32).prop_map(|n| f64::from(n) / 100.0)];
    let value = value.prop_filter("finite", |value| value.is_finite());
    let time = prop_oneof![i64::MIN..i64::MAX, any::<i32>().prop_map(|secs| i64::from(secs) * 1_000_000_000)];
    let device = ("\\PC{1,40}", part(), part()).prop_filter_map("a device", |(id, kind, location)| {
        Device::from_parts(&id, kind.as_deref(), location.as_deref()).ok()
    });
    (device, time, proptest::collection::vec((quantity, value), 1..6)).prop_map(|(device, time, values)| {
        values
            .into_iter()
            .try_fold(Reading::new(device, Timestamp::from_nanos(time)), |reading, (quantity, value)| {
                reading.with(quantity, value)
            })
            .unwrap()
    })
}

fn encoded(batch: &Batch) -> Vec<u8> {
    let mut out = Vec::new();
    (0..batch.len()).for_each(|row| encode_row(batch, row, &mut out));
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_json_to_serde_json_is_json_here_and_nothing_else(text in json(), bytes in damaged()) {
        for payload in [text.as_bytes(), &bytes] {
            if let Some(expected) = is_json_to_serde(payload) {
                prop_assert_eq!(is_json(payload), expected, "{}", String::from_utf8_lossy(payload));
            }
        }
    }

    #[test]
    fn readings_are_those_that_serde_json_and_the_plain_rules_give(message in message()) {
        let (batch, reasons) = decode(message.as_bytes());
        match oracle(message.as_bytes()) {
            Ok((readings, refused)) => {
                prop_assert_eq!(reasons.len(), refused, "{:?} of {}", reasons, message);
                same(batch.readings().collect(), readings);
            }
            // A lone surrogate is not JSON; a number that is too large is, and refuses a reading at the most.
            Err(error) => prop_assert!(reasons.len() == 1 || is_json_to_serde(message.as_bytes()).is_none(), "{error}"),
        }
    }

    #[test]
    fn numbers_are_the_nearest_there_are(number in number()) {
        let message = format!(r#"{{"timestamp":0,"voltage":{number}}}"#);
        let (batch, _) = decode(message.as_bytes());
        let value = batch.columns()[0].values[0];
        prop_assert_eq!(value.to_bits(), number.parse::<f64>().unwrap().to_bits());
        let serde = serde_json::from_str::<Value>(&number).unwrap().as_f64().unwrap();
        prop_assert_eq!(value.to_bits(), serde.to_bits());
    }

    #[test]
    fn times_are_those_that_timestamp_reads(time in time()) {
        if let Ok(Value::String(text)) = serde_json::from_str(&time) {
            let (batch, _) = decode(format!(r#"{{"timestamp":{time},"voltage":1}}"#).as_bytes());
            let expected: Vec<_> = text.parse().map(Timestamp::nanos).into_iter().collect();
            prop_assert_eq!(batch.times(), &expected);
        }
    }

    #[test]
    fn what_is_written_is_read_to_the_last_bit(readings in proptest::collection::vec(any_reading(), 1..5)) {
        let batch = Batch::from_readings(&readings).unwrap();
        let mut decoder = Decoder::default();
        for row in 0..batch.len() {
            let mut out = Vec::new();
            encode_row(&batch, row, &mut out);
            prop_assert!(serde_json::from_slice::<Value>(&out).is_ok());
            let rest = decoder.message(Some(b"another"), &out, &mut |_, reason| panic!("{reason}"));
            prop_assert_eq!(rest, None);
        }
        let decoded = decoder.finish();
        prop_assert_eq!(encoded(&decoded), encoded(&batch));
        same(decoded.readings().collect(), batch.readings().collect());
    }

    #[test]
    fn no_bytes_whatsoever_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), damaged in damaged()) {
        let mut decoder = Decoder::default();
        for payload in [&bytes, &damaged] {
            let (mut rejects, key) = (0, Some(&bytes[..bytes.len().min(8)]));
            let rest = decoder.message(key, payload, &mut |piece, _| {
                rejects += 1;
                assert!(piece.len() <= payload.len());
            });
            assert_eq!(rest, None);
        }
        decoder.finish();
    }

    #[test]
    fn a_decoder_with_a_past_decodes_as_a_new_one(messages in proptest::collection::vec(message(), 1..8)) {
        let mut one = Decoder::default();
        let mut builder = BatchBuilder::new();
        let (mut kept, mut fresh) = (Vec::new(), Vec::new());
        for message in &messages {
            let rest = one.message(Some(b"key"), message.as_bytes(), &mut |_, reason| kept.push(reason.to_string()));
            prop_assert_eq!(rest, None);
            let (batch, reasons) = decode(message.as_bytes());
            builder.extend(&batch).unwrap();
            fresh.extend(reasons);
        }
        prop_assert_eq!(kept, fresh);
        same(one.finish().readings().collect(), builder.finish().readings().collect());
    }
}

#[test]
fn every_byte_is_taken_or_refused_as_serde_json_does() {
    let around = |before: &str, byte, after: &str| [before.as_bytes(), &[byte], after.as_bytes()].concat();
    for byte in 0..=u8::MAX {
        let mut payloads = vec![
            around("{\"voltage\":1", byte, ",\"a\":[]}"),
            around("{\"voltage\":", byte, "}"),
            around("{\"voltage\":1}", byte, ""),
            around("[{\"a\":\"\\", byte, "\"}]"),
            around("{", byte, "\"a\":null}"),
        ];
        for place in 0..10 {
            let before = format!("{{\"a\":\"{}", &"x".repeat(place));
            payloads.extend([around(&before, byte, "\"}"), around(&before, byte, "yyyyyyyyyyyy\"}")]);
        }
        for payload in payloads {
            let shown = String::from_utf8_lossy(&payload);
            assert_eq!(Some(is_json(&payload)), is_json_to_serde(&payload), "{shown:?} {byte}");
        }
    }
}

#[test]
fn an_ignored_value_is_checked_too() {
    // What `IgnoredAny` would let through.
    assert!(serde_json::from_slice::<IgnoredAny>(b"\"\\ud800\"").is_ok());
    assert!(!is_json(b"{\"a\":\"\\ud800\"}"));
}
