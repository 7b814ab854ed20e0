//! Reading the body of a request, within bounds.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use bytes::BytesMut;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::{Instant, timeout_at};

use crate::Limits;

/// So much of a body is one second of its time.
const BYTES_A_SECOND: u64 = 64 << 10;

/// What is no longer takes no turn of those that bound the memory of bodies.
pub(crate) const SHORT: usize = 64 << 10;

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is longer than this many bytes.
    TooLong(usize),
    /// It takes too long to arrive.
    TooSlow,
    /// It broke off, or is not compressed as it says.
    Broken,
}

impl Unreadable {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }

    pub(crate) fn detail(&self) -> String {
        match self {
            Self::TooLong(limit) => format!("the body has more than {limit} bytes: send less at a time"),
            Self::TooSlow => "the body takes too long to arrive: send less at a time".to_owned(),
            Self::Broken => "the body broke off, or is not compressed as its header says".to_owned(),
        }
    }
}

/// A body that is being read, already decompressed.
pub(crate) struct Reading {
    body: Limited<Body>,
    limit: usize,
    read: BytesMut,
    ended: bool,
    began: Instant,
    time: Duration,
}

impl Reading {
    /// Begins to read a body of at most `limit` bytes.
    pub(crate) fn new(body: Body, limit: usize, limits: &Limits) -> Self {
        let (read, began) = (BytesMut::new(), Instant::now());
        Self { body: Limited::new(body, limit), limit, read, ended: false, began, time: limits.body_time }
    }

    /// Reads until there is more than `bytes`, or all of it.
    pub(crate) async fn more_than(&mut self, bytes: usize) -> Result<(), Unreadable> {
        while !self.ended && self.read.len() <= bytes {
            // One that drips must not keep its turn for as long as it likes.
            let earned = Duration::from_secs(self.read.len() as u64 / BYTES_A_SECOND);
            let frame = timeout_at(self.began + self.time + earned, self.body.frame()).await;
            match frame.map_err(|_| Unreadable::TooSlow)? {
                None => self.ended = true,
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.read.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) if error.is::<LengthLimitError>() => {
                    return Err(Unreadable::TooLong(self.limit));
                }
                Some(Err(error)) => {
                    tracing::debug!(%error, "a request's body could not be read");
                    return Err(Unreadable::Broken);
                }
            }
        }
        Ok(())
    }

    /// Gives the rest its full time: what came before it was waiting for others.
    pub(crate) fn go_on(&mut self) {
        self.began = Instant::now();
    }

    /// All of it.
    pub(crate) async fn whole(mut self) -> Result<Bytes, Unreadable> {
        self.more_than(usize::MAX).await?;
        Ok(self.read.freeze())
    }
}
