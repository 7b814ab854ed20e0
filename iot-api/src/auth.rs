//! Who may read and write: bearer tokens.

use std::fmt;

use axum::http::{HeaderMap, header};
use iot_core::{Error, Result};
use subtle::ConstantTimeEq;

/// A secret that a caller shows as `Authorization: Bearer …`.
///
/// It is compared in constant time, and its `Debug` does not show it.
///
/// ```
/// use iot_api::Token;
///
/// let token = Token::new("correct horse battery staple")?;
/// assert_eq!(format!("{token:?}"), "Token(…)");
/// assert!(Token::new("").is_err());
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// The token of this text; white space around it is not part of it, for it often comes from a file.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is empty, or has anything but visible ASCII characters and spaces.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::invalid("token is empty"));
        }
        if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(Error::invalid("token has a character that is not visible ASCII"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The token as a header of a request.
    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    fn is_shown(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
            scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
        });
        shown.is_some_and(|shown| shown.ct_eq(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Which tokens are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access {
    pub(crate) read: Option<Token>,
    pub(crate) write: Option<Token>,
}

impl Access {
    /// Whether those who read, or write, have to show a token.
    pub(crate) fn asks(&self, writes: bool) -> bool {
        if writes { self.write.is_some() } else { self.read.is_some() }
    }

    /// Whether a caller who sent these headers may go on.
    pub(crate) fn allows(&self, writes: bool, headers: &HeaderMap) -> bool {
        let token = if writes { &self.write } else { &self.read };
        token.as_ref().is_none_or(|token| token.is_shown(headers))
    }
}
