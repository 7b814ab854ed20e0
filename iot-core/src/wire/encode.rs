//! Writing readings.

use super::time;
use crate::Batch;

/// Appends one row of a batch as one JSON object; the same row is always the same bytes.
///
/// Members in the order `timestamp`, `device_id`, `voltage`, `current`, further quantities in the order of the
/// columns, `device_type`, `location`; what is missing is left out. The time is `YYYY-MM-DD HH:MM:SS` of UTC with
/// a fraction of 3, 6 or 9 digits where there is one; a number is the shortest text that is read as the same `f64`.
///
/// Panics if there is no such row, as a slice does.
///
/// ```
/// use iot_core::{Batch, Device, Quantity, Reading, Timestamp, wire};
///
/// let pump = Device::new("pump-7")?.with_location("packaging")?;
/// let reading = Reading::new(pump, Timestamp::from_millis(500)).with(Quantity::VOLTAGE, 229.7)?;
/// let mut out = Vec::new();
/// wire::encode_row(&Batch::from_readings(&[reading])?, 0, &mut out);
/// let expected = r#"{"timestamp":"1970-01-01 00:00:00.500","device_id":"pump-7","voltage":229.7,"location":"packaging"}"#;
/// assert_eq!(out, expected.as_bytes());
/// # Ok::<(), iot_core::Error>(())
/// ```
pub fn encode_row(batch: &Batch, row: usize, out: &mut Vec<u8>) {
    let device = batch.device(row);
    out.extend_from_slice(b"{\"timestamp\":\"");
    time::write(batch.times()[row], out);
    out.push(b'"');
    write_text("device_id", device.id(), out);
    let rank = |name: &str| match name {
        "voltage" => 0,
        "current" => 1,
        _ => 2,
    };
    for turn in 0..3 {
        for column in batch.columns() {
            let (name, value) = (column.quantity.name(), column.values[row]);
            if rank(name) == turn && !value.is_nan() {
                write_name(name, out);
                out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
            }
        }
    }
    if let Some(kind) = device.kind() {
        write_text("device_type", kind, out);
    }
    if let Some(location) = device.location() {
        write_text("location", location, out);
    }
    out.push(b'}');
}

fn write_name(name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn write_text(name: &str, text: &str, out: &mut Vec<u8>) {
    write_name(name, out);
    out.push(b'"');
    // A device has no control characters, so nothing else must be escaped.
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[b'\\', rest[at]]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
