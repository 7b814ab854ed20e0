//! The forms in which readings come in.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use iot_core::wire::{Decoder, Options};
use iot_core::{Batch, Error, Quantity};
use serde_json::value::RawValue;

use crate::columns::{Columns, MEDIA_TYPE};
use crate::problem::{Problem, Refused};

/// How many refused readings an answer lists.
pub(super) const MAX_LISTED: usize = 100;

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
    fn refuse(&mut self, line: impl FnOnce() -> u64, reading: &[u8], reason: &Error) {
        self.rejected += 1;
        if self.rejects.len() < MAX_LISTED {
            let reason = reason.to_string();
            self.rejects.push(Refused { line: line(), field: field(reading, &reason), reason });
        }
    }
}

/// Decodes a body in this form.
///
/// # Errors
///
/// `Invalid` if columns are not well formed, or the options contradict each other.
pub(super) fn decode(form: Form, options: &Options, body: &Bytes) -> iot_core::Result<Decoded> {
    if form == Form::Columns {
        let columns: Columns =
            serde_json::from_slice(body).map_err(|error| Error::invalid(format!("not columns: {error}")))?;
        return Ok(Decoded { batch: columns.into_batch()?.0, ..Decoded::default() });
    }
    let mut decoder = Decoder::new(options)?;
    let mut decoded = Decoded::default();
    if form == Form::Lines {
        for (line, text) in (1..).zip(body.split(|&byte| byte == b'\n')) {
            if !text.trim_ascii().is_empty() {
                decoder.message(None, text, &mut |reading, reason| decoded.refuse(|| line, reading, &reason));
            }
        }
    } else {
        decoder.message(None, body, &mut |reading, reason| {
            decoded.refuse(|| place(body, reading), reading, &reason);
        });
    }
    decoded.batch = decoder.finish();
    Ok(decoded)
}

/// The place, from 1, of a reading in the array that it was cut out of.
fn place(body: &[u8], reading: &[u8]) -> u64 {
    let Ok(all) = serde_json::from_slice::<Vec<&RawValue>>(body) else { return 1 };
    // Two slices of one body are the same element where they start at one address.
    let at = all.iter().position(|element| std::ptr::eq(element.get().as_ptr(), reading.as_ptr()));
    at.map_or(1, |at| at as u64 + 1)
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
