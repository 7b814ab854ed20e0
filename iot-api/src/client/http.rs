//! Requests and answers.

use std::fmt;
use std::time::Duration;

use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use iot_core::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Token;

/// The longest answer that is read.
const MAX_ANSWER: usize = 256 << 20;

/// One end of the connections to a server.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    /// `http://host:port`, and a path before all of ours if there is one.
    base: String,
    authorization: Option<HeaderValue>,
    timeout: Duration,
}

impl fmt::Display for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

/// What is asked of the server.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    /// Path and query, percent-encoded.
    pub(super) path: String,
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
}

impl Request {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), content_type: "", body: Bytes::new() }
    }

    pub(super) fn post(path: &str, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { method: Method::POST, path: path.to_owned(), content_type, body: body.into() }
    }
}

/// What the server answered, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// The part of a problem that says what to do.
#[derive(Deserialize)]
struct Problem {
    detail: String,
    kind: String,
    #[serde(default)]
    readings_refused: bool,
}

/// Why a server did not let its client in: a cause of an error that is neither the fault of readings nor a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// It asks for a token, and was shown none, or a wrong one.
    #[error("the token is missing or wrong")]
    Token,
    /// It does not let in a client like this one, or by this name.
    #[error("the server does not let this client in")]
    Client,
}

impl Denied {
    pub(super) fn of(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::UNAUTHORIZED => Some(Self::Token),
            StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST => Some(Self::Client),
            _ => None,
        }
    }
}

/// The cause of an error of a server that does not have our routes.
#[derive(Debug, thiserror::Error)]
#[error("it has no /api/v1")]
struct Absent;

/// Whether an error says that the server does not have our routes.
pub(super) fn is_absent(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<Absent>())
}

impl Http {
    pub(super) fn new(url: &str) -> Result<Self> {
        let refused = |why: &str| Error::invalid(format!("address {url:?} {why}"));
        let rest = match url.split_once("://") {
            Some(("http", rest)) => rest,
            Some(("https", _)) => {
                return Err(refused("is https: only http is spoken here, TLS is a proxy's work"));
            }
            _ => return Err(refused("is not of the form http://host:port")),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            // The address is not repeated: it holds a secret.
            return Err(Error::invalid(
                "an address holds no user and password: a token comes from a file or the environment",
            ));
        }
        let authority: Authority =
            authority.parse().map_err(|_| refused("is not of the form http://host:port"))?;
        if authority.host().is_empty() || path.contains(['?', '#']) {
            return Err(refused("is not of the form http://host:port"));
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let client = Client::builder(TokioExecutor::new())
            // Servers close idle connections, and a request into a closing one is lost: be first.
            .pool_idle_timeout(Duration::from_secs(10))
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self {
            client,
            base: format!("http://{authority}{}", path.trim_end_matches('/')),
            authorization: None,
            timeout: Duration::from_secs(75),
        })
    }

    pub(super) fn set_token(&mut self, token: &Token) {
        // A token is visible ASCII, which every header may hold.
        self.authorization = HeaderValue::from_str(&token.header()).ok().map(|mut value| {
            value.set_sensitive(true);
            value
        });
    }

    pub(super) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// The answer to a request, whatever its status; asked once.
    pub(super) async fn once(&self, request: &Request) -> Result<Answer> {
        let mut head = axum::http::Request::builder()
            .method(&request.method)
            .uri(format!("{}{}", self.base, request.path));
        if !request.content_type.is_empty() {
            head = head.header(header::CONTENT_TYPE, request.content_type);
        }
        if let Some(authorization) = &self.authorization {
            head = head.header(header::AUTHORIZATION, authorization);
        }
        let request = head.body(Full::new(request.body.clone())).map_err(|error| {
            Error::invalid(format!("a request to {self} cannot be built")).with_source(error)
        })?;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| self.away(error))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
            let body = body.map_err(|error| self.away(error))?.to_bytes();
            Ok(Answer { status, body })
        };
        let late = |_| Err(Error::unavailable(format!("{self} did not answer within {:?}", self.timeout)));
        tokio::time::timeout(self.timeout, exchange).await.unwrap_or_else(late)
    }

    /// The same, asked once more if the connection broke: it may have been an old one.
    pub(super) async fn exchange(&self, request: Request) -> Result<Answer> {
        match self.once(&request).await {
            Err(error) if error.is_unavailable() && std::error::Error::source(&error).is_some() => {
                self.once(&request).await
            }
            answer => answer,
        }
    }

    /// The body of the answer, if its status is that of success.
    pub(super) async fn send(&self, request: Request) -> Result<Bytes> {
        let answer = self.exchange(request).await?;
        if answer.status.is_success() { Ok(answer.body) } else { Err(self.refused(&answer)) }
    }

    /// The JSON of the answer, if its status is that of success.
    pub(super) async fn json<T: DeserializeOwned>(&self, request: Request) -> Result<T> {
        let body = self.send(request).await?;
        serde_json::from_slice(&body).map_err(|error| {
            Error::internal(format!("{self} answered what this version does not understand"))
                .with_source(error)
        })
    }

    fn away(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::unavailable(format!("{self} cannot be reached")).with_source(error)
    }

    /// What an answer that is not a success means.
    pub(super) fn refused(&self, answer: &Answer) -> Error {
        let status = answer.status;
        let problem: Option<Problem> = serde_json::from_slice(&answer.body).ok();
        if problem.is_none() && status == StatusCode::NOT_FOUND {
            let context = format!("{self} has no /api/v1: it can be written to only");
            return Error::internal(context).with_source(Absent);
        }
        let kind = match (status, problem.as_ref().map(|problem| problem.kind.as_str())) {
            // A wrong token or address is no fault of the readings: they must not be given up for it.
            (status, _) if status == StatusCode::NOT_FOUND || Denied::of(status).is_some() => {
                ErrorKind::Internal
            }
            (_, Some("invalid")) => ErrorKind::Invalid,
            (_, Some("corrupt")) => ErrorKind::Corrupt,
            (_, Some("internal")) => ErrorKind::Internal,
            (StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS, _) => ErrorKind::Unavailable,
            _ if status.is_server_error() => ErrorKind::Unavailable,
            _ => ErrorKind::Internal,
        };
        let detail = problem.map_or_else(|| format!("status {status}"), |problem| problem.detail);
        let error = Error::new(kind, format!("{self}: {detail}"));
        match Denied::of(status) {
            Some(denied) => error.with_source(denied),
            None => error,
        }
    }

    /// The same of an answer to readings: they are refused only where the server says so of themselves. A call that it
    /// does not understand, as one of another version, is no fault of theirs.
    pub(super) fn refused_readings(&self, answer: &Answer) -> Error {
        let error = self.refused(answer);
        let problem: Option<Problem> = serde_json::from_slice(&answer.body).ok();
        let theirs = problem.is_some_and(|problem| problem.readings_refused);
        match error.kind() {
            _ if answer.status == StatusCode::PAYLOAD_TOO_LARGE => Error::invalid(error.to_string()),
            ErrorKind::Invalid | ErrorKind::Corrupt if !theirs => Error::internal(error.to_string()),
            _ => error,
        }
    }
}
