//! Reading the body of a request, within bounds.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is longer than this many bytes.
    TooLong(usize),
    /// It broke off, or is not compressed as it says.
    Broken,
}

impl Unreadable {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }

    pub(crate) fn detail(&self) -> String {
        match self {
            Self::TooLong(limit) => format!("the body has more than {limit} bytes: send less at a time"),
            Self::Broken => "the body broke off, or is not compressed as its header says".to_owned(),
        }
    }
}

/// The whole body, already decompressed, if it has at most `limit` bytes.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, Unreadable> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Unreadable::TooLong(limit)),
        Err(error) => {
            tracing::debug!(%error, "a request's body could not be read");
            Err(Unreadable::Broken)
        }
    }
}
