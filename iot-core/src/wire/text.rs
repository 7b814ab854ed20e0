//! Texts: borrowed as they are, or with their escapes resolved.

use std::borrow::Cow;

use super::scan::{NotJson, Scan};

/// The text that starts at the quote here.
#[inline]
pub(super) fn read<'a>(scan: &mut Scan<'a>) -> Result<Cow<'a, str>, NotJson> {
    scan.at += 1;
    let start = scan.at;
    scan.at = plain(scan.bytes, start);
    if scan.peek() != b'"' {
        return read_escaped(scan, start).map(Cow::Owned);
    }
    let text = scan.since(start);
    scan.at += 1;
    Ok(Cow::Borrowed(text))
}

/// Where the first quote, backslash or control character stands, from `at`; the end if there is none.
#[inline]
fn plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // Eight at a time. A high bit is set for each byte that is below `than`; above the first such byte there
    // may be false ones, which are not looked at.
    let below = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than)) & !word;
    while let Some(&chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(chunk);
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = (quote | backslash | below(word, 0x20)) & HIGHS;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)) {
        at += 1;
    }
    at
}

/// Goes on where the first escape of the text stands.
#[cold]
fn read_escaped(scan: &mut Scan<'_>, start: usize) -> Result<String, NotJson> {
    let mut text = scan.since(start).to_owned();
    loop {
        match scan.peek() {
            b'"' => {
                scan.at += 1;
                return Ok(text);
            }
            b'\\' => text.push(read_escape(scan)?),
            _ => return scan.expected("a quote, not the end or a control character"),
        }
        let start = scan.at;
        scan.at = plain(scan.bytes, start);
        text.push_str(scan.since(start));
    }
}

fn read_escape(scan: &mut Scan<'_>) -> Result<char, NotJson> {
    scan.at += 1;
    let escaped = match scan.peek() {
        letter @ (b'"' | b'\\' | b'/') => char::from(letter),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return read_code_point(scan),
        _ => return scan.expected("an escape"),
    };
    scan.at += 1;
    Ok(escaped)
}

/// The character that one or two `\u` escapes mean; here is the first `u`.
fn read_code_point(scan: &mut Scan<'_>) -> Result<char, NotJson> {
    let first = read_unit(scan)?;
    let units = if (0xd800..0xdc00).contains(&first) && scan.bytes[scan.at..].starts_with(b"\\u") {
        scan.at += 1;
        [first, read_unit(scan)?]
    } else {
        [first, 0]
    };
    let mut characters = char::decode_utf16(units);
    match characters.next() {
        Some(Ok(character)) => Ok(character),
        _ => scan.expected("a pair of surrogates before this"),
    }
}

fn read_unit(scan: &mut Scan<'_>) -> Result<u16, NotJson> {
    scan.at += 1;
    let mut unit = 0;
    for _ in 0..4 {
        let Some(digit) = char::from(scan.peek()).to_digit(16) else {
            return scan.expected("a hexadecimal digit");
        };
        unit = unit << 4 | digit as u16;
        scan.at += 1;
    }
    Ok(unit)
}
