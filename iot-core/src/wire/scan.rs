//! Walking through JSON, once and without recursion.

use std::borrow::Cow;

use super::{number, text};
use crate::Error;

/// Where a text stops being JSON.
#[derive(Debug)]
pub(super) struct NotJson {
    pub(super) at: usize,
    pub(super) expected: &'static str,
}

impl NotJson {
    pub(super) fn reason(&self, payload: &[u8]) -> Error {
        let Self { at, expected } = self;
        match payload.get(*at..).filter(|rest| !rest.is_empty()) {
            Some(rest) => {
                Error::invalid(format!("not JSON: expected {expected} at byte {at}, got {:?}", shorten(rest)))
            }
            None => Error::invalid(format!("not JSON: expected {expected} at byte {at}, where it ends")),
        }
    }
}

/// The start of what a stranger sent, short enough for a message.
pub(super) fn shorten(bytes: &[u8]) -> String {
    // 64 characters have at most 256 bytes.
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]);
    let mut short: String = text.chars().take(64).collect();
    if short.len() < bytes.len() {
        short.push('…');
    }
    short
}

/// A place in a text that should be JSON.
#[derive(Debug, Clone)]
pub(super) struct Scan<'a> {
    text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

/// The deepest nesting; that of `serde_json`, so that what one reads the other does.
const MAX_DEPTH: u32 = 127;

impl<'a> Scan<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, NotJson> {
        // Once for all of it: by and by, for short texts, it costs more.
        let text =
            str::from_utf8(bytes).map_err(|error| NotJson { at: error.valid_up_to(), expected: "UTF-8" })?;
        Ok(Self { text, bytes, at: 0 })
    }

    /// What lies from `start`, behind a quote, to here.
    #[inline]
    pub(super) fn since(&self, start: usize) -> &'a str {
        // Both ends are beside ASCII characters.
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(super) fn expected<T>(&self, expected: &'static str) -> Result<T, NotJson> {
        Err(NotJson { at: self.at, expected })
    }

    /// The byte here; 0, which JSON does not have, at the end.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// The first byte here that is not white space.
    #[inline]
    pub(super) fn space(&mut self) -> u8 {
        loop {
            match self.peek() {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return byte,
            }
        }
    }

    /// The text that starts here, at its quote.
    #[inline]
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, NotJson> {
        text::read(self)
    }

    /// The number that starts here; infinite if it is too large.
    #[inline]
    pub(super) fn number(&mut self) -> Result<f64, NotJson> {
        number::read(self)
    }

    /// The name of a member, with the colon behind it.
    pub(super) fn name(&mut self) -> Result<Cow<'a, str>, NotJson> {
        if self.space() != b'"' {
            return self.expected("a name in quotes");
        }
        let name = self.text()?;
        self.colon()?;
        Ok(name)
    }

    #[inline]
    pub(super) fn colon(&mut self) -> Result<(), NotJson> {
        if self.space() != b':' {
            return self.expected("a colon");
        }
        self.at += 1;
        Ok(())
    }

    /// The end of the text, but for white space.
    #[inline]
    pub(super) fn end(&mut self) -> Result<(), NotJson> {
        self.space();
        if self.at < self.bytes.len() {
            return self.expected("nothing more");
        }
        Ok(())
    }

    /// Passes over the value that starts here, `depth` levels down, and answers with its bytes.
    pub(super) fn skip(&mut self, mut depth: u32) -> Result<&'a [u8], NotJson> {
        self.space();
        let (start, outside) = (self.at, depth);
        // One bit a level: whether it is an object.
        let mut objects: u128 = 0;
        loop {
            match self.space() {
                open @ (b'{' | b'[') => {
                    if depth == MAX_DEPTH {
                        return self.expected("at most 127 levels");
                    }
                    depth += 1;
                    objects = objects << 1 | u128::from(open == b'{');
                    self.at += 1;
                    match (open, self.space()) {
                        (b'{', b'}') | (b'[', b']') => {}
                        (b'{', _) => {
                            self.name()?;
                            continue;
                        }
                        _ => continue,
                    }
                }
                b'"' => drop(self.text()?),
                b'-' | b'0'..=b'9' => drop(self.number()?),
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => return self.expected("a value"),
            }
            // Behind a value: close what ends here.
            loop {
                if depth == outside {
                    return Ok(&self.bytes[start..self.at]);
                }
                let object = objects & 1 == 1;
                match (self.space(), object) {
                    (b'}', true) | (b']', false) => {
                        self.at += 1;
                        depth -= 1;
                        objects >>= 1;
                    }
                    (b',', true) => {
                        self.at += 1;
                        self.name()?;
                        break;
                    }
                    (b',', false) => {
                        self.at += 1;
                        break;
                    }
                    (_, true) => return self.expected("a comma or }"),
                    (_, false) => return self.expected("a comma or ]"),
                }
            }
        }
    }

    #[inline]
    pub(super) fn literal(&mut self, word: &'static [u8]) -> Result<(), NotJson> {
        if !self.bytes[self.at..].starts_with(word) {
            return self.expected("a value");
        }
        self.at += word.len();
        Ok(())
    }
}
