//! Errors as HTTP has them: `application/problem+json` (RFC 9457).

use std::error::Error as _;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use iot_core::{Error, ErrorKind};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, in words that are safe to show.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[schema(example = "about:blank")]
    r#type: &'static str,
    /// The status in words.
    #[schema(example = "Bad Request")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// What went wrong, naming the field and its value.
    #[schema(example = "limit 0 is not in 1..=100000")]
    detail: String,
    /// What to do: `invalid` (change the call), `unavailable` (repeat it later), `corrupt` (give up on this data),
    /// `internal` (report it).
    #[schema(example = "invalid")]
    kind: &'static str,
    /// Whether readings are refused for what they are, and not the call for how it was made: nobody need send them again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    readings_refused: bool,
    /// Readings that were refused, where that is the problem.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejects: Vec<Refused>,
}

/// A reading of a request that was refused.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Refused {
    /// Its line, or its place in the array, from 1.
    #[schema(example = 7)]
    pub(crate) line: u64,
    /// The member that is to blame, where there is one.
    #[schema(example = "voltage")]
    pub(crate) field: Option<String>,
    /// Why, naming field and value.
    #[schema(example = "voltage \"x\" is not a number")]
    pub(crate) reason: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let kind = match status.as_u16() {
            408 | 429 | 502..=504 => ErrorKind::Unavailable,
            400..=499 => ErrorKind::Invalid,
            _ => ErrorKind::Internal,
        };
        Self {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            kind: kind.as_str(),
            readings_refused: false,
            rejects: Vec::new(),
        }
    }

    /// The call is wrong.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// There is no time left to answer.
    pub(crate) fn ending() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the service is ending")
    }

    /// The call is understood, and what it brings is refused.
    pub(crate) fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    pub(crate) fn with_rejects(mut self, rejects: Vec<Refused>) -> Self {
        (self.readings_refused, self.rejects) = (true, rejects);
        self
    }

    /// The same where what was refused is the content of the request, not its form.
    pub(crate) fn of_content(error: &Error) -> Self {
        let mut problem = Self::from_error(error);
        if problem.status == 400 {
            problem = Self { kind: problem.kind, ..Self::unprocessable(problem.detail) };
        }
        problem
    }

    /// The same where what was refused is readings.
    pub(crate) fn of_readings(error: &Error) -> Self {
        let problem = Self::of_content(error);
        Self { readings_refused: problem.status == 422, ..problem }
    }

    fn from_error(error: &Error) -> Self {
        log(error);
        let status = match error.kind() {
            ErrorKind::Invalid => StatusCode::BAD_REQUEST,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Corrupt => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { kind: error.kind().as_str(), ..Self::new(status, error.to_string()) }
    }
}

/// Logs an error with its causes: they may hold a driver's own words, which no caller is shown.
pub(crate) fn log(error: &Error) {
    if error.kind() == ErrorKind::Invalid && error.source().is_none() {
        return;
    }
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let causes = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    tracing::warn!(kind = error.kind().as_str(), causes, "{error}");
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::from_error(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        add_hints(status, headers);
        response
    }
}

/// What a client needs besides the status: when to come back, how to show who it is.
pub(crate) fn add_hints(status: StatusCode, headers: &mut axum::http::HeaderMap) {
    match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
}
