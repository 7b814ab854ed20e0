//! The forms in which readings come in.

use std::fmt;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use iot_core::wire::{Decoder, MAX_QUANTITIES, Options};
use iot_core::{Batch, Error, Quantity};
use serde::Deserializer as _;
use serde::de::{SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::columns::{Columns, MEDIA_TYPE};
use crate::problem::{Problem, Refused};

/// How many refused readings an answer lists.
pub(super) const MAX_LISTED: usize = 100;

/// The most bytes of columns that a body may become: readings of few quantities each, and of many together, take much
/// more room than their text.
const MAX_BYTES: usize = 256 << 20;

fn too_wide() -> Error {
    Error::invalid(format!(
        "the readings have more than {MAX_QUANTITIES} quantities, or take more than {MAX_BYTES} bytes in columns of \
         all their quantities: send fewer at once"
    ))
}

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One reading, or an array of them.
    Json,
    /// One reading a line.
    Lines,
    /// Readings in columns, as this API answers them.
    Columns,
}

impl Form {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(value) = headers.get(header::CONTENT_TYPE) else {
            return Ok(Self::Json);
        };
        let text = value.to_str().unwrap_or_default();
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Ok(Self::Json),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Ok(Self::Lines),
            MEDIA_TYPE => Ok(Self::Columns),
            _ => Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!(
                    "content-type {essence:?} is none of application/json, application/x-ndjson, {MEDIA_TYPE}"
                ),
            )),
        }
    }
}

/// What a body brought.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) batch: Batch,
    pub(super) rejected: u64,
    /// The first of the rejected.
    pub(super) rejects: Vec<Refused>,
}

impl Decoded {
    fn refuse(&mut self, line: u64, reading: &[u8], reason: &Error) {
        self.rejected += 1;
        if self.rejects.len() < MAX_LISTED {
            let reason = reason.to_string();
            self.rejects.push(Refused { line, field: field(reading, &reason), reason });
        }
    }
}

/// Decodes a body in this form.
///
/// # Errors
///
/// If columns are not well formed, there are too many of them, or the options contradict each other.
pub(super) fn decode(form: Form, options: &Options, body: &Bytes) -> Result<Decoded, Problem> {
    match form {
        Form::Columns => {
            // A form that is not understood says nothing about the readings in it.
            let columns: Columns = serde_json::from_slice(body)
                .map_err(|error| Problem::unprocessable(format!("not columns: {error}")))?;
            let (batch, _) = columns.into_batch().map_err(|error| Problem::of_readings(&error))?;
            Ok(Decoded { batch, ..Decoded::default() })
        }
        Form::Json | Form::Lines => {
            decode_text(form, options, body).map_err(|error| Problem::of_content(&error))
        }
    }
}

fn decode_text(form: Form, options: &Options, body: &Bytes) -> iot_core::Result<Decoded> {
    let mut decoder = Decoder::new(&Options { max_bytes: MAX_BYTES, ..options.clone() })?;
    let mut decoded = Decoded::default();
    if form == Form::Lines {
        for (line, text) in (1..).zip(body.split(|&byte| byte == b'\n')) {
            if !text.trim_ascii().is_empty() {
                let refuse = &mut |reading: &[u8], reason| decoded.refuse(line, reading, &reason);
                decoder.message(None, text, refuse).map_or(Ok(()), |_| Err(too_wide()))?;
            }
        }
    } else {
        let mut starts = Vec::new();
        let rest = decoder.message(None, body, &mut |reading, reason| {
            if starts.len() < MAX_LISTED {
                starts.push(reading.as_ptr().addr());
            }
            decoded.refuse(1, reading, &reason);
        });
        rest.map_or(Ok(()), |_| Err(too_wide()))?;
        for (refused, place) in decoded.rejects.iter_mut().zip(places(body, &starts)) {
            refused.line = place;
        }
    }
    decoded.batch = decoder.finish();
    Ok(decoded)
}

/// The places, from 1, of the elements that start at these addresses, in their order, in the array that a body is: one
/// pass for all of them, which keeps nothing of the others.
fn places(body: &[u8], starts: &[usize]) -> Vec<u64> {
    let mut walk = Walk { starts, places: Vec::with_capacity(starts.len()) };
    if !starts.is_empty() {
        // What is no array, or ends early, has no further places.
        let _ = serde_json::Deserializer::from_slice(body).deserialize_seq(&mut walk);
    }
    walk.places
}

/// A walk along an array.
struct Walk<'a> {
    starts: &'a [usize],
    places: Vec<u64>,
}

impl<'de> Visitor<'de> for &mut Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
        let mut place = 0;
        while let Some(start) = self.starts.get(self.places.len()) {
            let Some(element) = all.next_element::<&RawValue>()? else { break };
            place += 1;
            // Two slices of one body are the same element where they start at one address.
            if element.get().as_ptr().addr() == *start {
                self.places.push(place);
            }
        }
        Ok(())
    }
}

/// The member of a refused reading that the reason begins with.
fn field(reading: &[u8], reason: &str) -> Option<String> {
    const FIXED: [&str; 4] = Quantity::RESERVED;
    let first = reason.split(' ').next()?;
    let is_member = || {
        let members = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(reading);
        members.is_ok_and(|members| members.keys().any(|name| name.eq_ignore_ascii_case(first)))
    };
    (FIXED.contains(&first) || is_member()).then(|| first.to_owned())
}
