//! The one error type of the SDK.

use std::error::Error as StdError;
use std::fmt;

/// The result of an operation of the SDK.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the caller should do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The call is wrong: change it. Repeating it fails again.
    Invalid,
    /// The other side is away or overloaded: try the same call later.
    Unavailable,
    /// The data is damaged or refused where it lies: give up on this data, not on the rest.
    Corrupt,
    /// A bug or a broken environment: report it.
    Internal,
}

impl ErrorKind {
    /// The kind as one lower-case word, for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unavailable => "unavailable",
            Self::Corrupt => "corrupt",
            Self::Internal => "internal",
        }
    }
}

/// What went wrong: a [kind](ErrorKind) to act on, what was being done, and the cause in
/// [`source`](StdError::source).
///
/// It is opaque so that a backend can change its driver without breaking its callers. Its
/// [`Display`](fmt::Display) is safe to show to a stranger; a driver's own words are in `source` only, and in the
/// alternate form `{error:#}`, which is for logs.
///
/// ```
/// use iot_core::{Error, ErrorKind};
///
/// let error = Error::invalid("low 2 is not a probability in 0..=1");
/// assert_eq!(error.kind(), ErrorKind::Invalid);
/// assert_eq!(error.to_string(), "low 2 is not a probability in 0..=1");
/// ```
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    context: Box<str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind` that happened while or because of `context`.
    pub fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into().into_boxed_str(), source: None }
    }

    /// An [`ErrorKind::Invalid`] error; `context` names the field and its value.
    pub fn invalid(context: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, context)
    }

    /// An [`ErrorKind::Unavailable`] error.
    pub fn unavailable(context: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, context)
    }

    /// An [`ErrorKind::Corrupt`] error.
    pub fn corrupt(context: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, context)
    }

    /// An [`ErrorKind::Internal`] error.
    pub fn internal(context: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, context)
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later.
    pub fn is_unavailable(&self) -> bool {
        self.kind == ErrorKind::Unavailable
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)?;
        if f.alternate() {
            let mut cause = self.source();
            while let Some(error) = cause {
                write!(f, ": {error}")?;
                cause = error.source();
            }
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
