//! The name that an answer is saved under.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 8187 wants encoded; of the characters it spares only these are left in a name.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// The value of a `Content-Disposition` that saves a device's readings under its id, as far as every system takes it for
/// the name of a file; in other scripts too, for clients that read them (RFC 6266).
pub(crate) fn attachment(id: &str, ending: &str) -> String {
    let name = |plain: fn(char) -> bool| -> String {
        id.chars().take(80).map(|c| if plain(c) || "-_".contains(c) { c } else { '-' }).collect()
    };
    let (ascii, whole) = (name(|c| c.is_ascii_alphanumeric()), name(char::is_alphanumeric));
    let mut value = format!("attachment; filename=\"{ascii}.{ending}\"");
    if whole != ascii {
        value.push_str(&format!("; filename*=UTF-8''{}.{ending}", utf8_percent_encode(&whole, ENCODED)));
    }
    value
}
