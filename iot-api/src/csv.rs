//! Readings as rows of a table.

use std::fmt::Write as _;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use iot_core::{Frame, FrameStream, Quantity, Result, Timestamp};

/// The rows of these frames under a head that names each quantity with its unit; a piece a frame.
///
/// Quantities that are not listed are left out.
pub(crate) fn rows(
    quantities: Vec<Quantity>,
    frames: FrameStream,
) -> impl Stream<Item = Result<Bytes>> + Send {
    let mut head = String::from("timestamp,device_id,device_type,location");
    for quantity in &quantities {
        head.push(',');
        push_text(&mut head, &quantity.to_string());
    }
    head.push_str("\r\n");
    let pieces = frames.map(move |frame| {
        let frame = frame.inspect_err(crate::problem::log)?;
        Ok(Bytes::from(piece(&quantities, &frame)))
    });
    stream::once(async { Ok(Bytes::from(head)) }).chain(pieces)
}

fn piece(quantities: &[Quantity], frame: &Frame) -> String {
    let device = frame.device();
    let mut names = String::new();
    for text in [Some(device.id()), device.kind(), device.location()] {
        names.push(',');
        push_text(&mut names, text.unwrap_or_default());
    }
    let columns: Vec<_> = quantities.iter().map(|quantity| frame.values(quantity.name())).collect();
    let mut text = String::new();
    for (row, &time) in frame.times().iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{names}", Timestamp::from_nanos(time));
        for column in &columns {
            text.push(',');
            if let Some(value) = column.map(|values| values[row]).filter(|value| !value.is_nan()) {
                let _ = write!(text, "{value}");
            }
        }
        text.push_str("\r\n");
    }
    text
}

/// Adds a field, quoted where it must be (RFC 4180), and never the beginning of a spreadsheet's formula; nor is it one
/// where cells end with a semicolon, as they do where numbers have a comma. No text has a tab or a line break.
fn push_text(line: &mut String, text: &str) {
    let formula = text.split(';').any(is_formula);
    let quoted = formula || text.contains(['"', ',', '\n', '\r']);
    if !quoted {
        line.push_str(text);
        return;
    }
    line.push('"');
    for (place, cell) in text.split(';').enumerate() {
        if place > 0 {
            line.push(';');
        }
        if is_formula(cell) {
            line.push('\'');
        }
        line.push_str(&cell.replace('"', "\"\""));
    }
    line.push('"');
}

fn is_formula(cell: &str) -> bool {
    // The wide ones are taken for the others by some.
    cell.trim_start_matches('"').starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_never_a_formula_and_never_two() {
        let field = |text: &str| {
            let mut line = String::new();
            push_text(&mut line, text);
            line
        };
        assert_eq!(field("pump-7"), "pump-7");
        assert_eq!(field("=1+1"), "\"'=1+1\"");
        assert_eq!(field("-2"), "\"'-2\"");
        assert_eq!(field("＝1+1"), "\"'＝1+1\"");
        assert_eq!(field("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(field("x;y"), "x;y");
        assert_eq!(field("x;=1+1;y"), "\"x;'=1+1;y\"");
        assert_eq!(field("x;\"=1+1\""), "\"x;'\"\"=1+1\"\"\"");
    }
}
