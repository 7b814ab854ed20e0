//! What is wrong with a request, as pydantic lists it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The longest text or list that an answer gives back.
const MAX_ECHO: usize = 1024;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(super) struct Detail {
    /// What kind of fault it is.
    #[schema(example = "missing")]
    pub(super) r#type: &'static str,
    /// Where it is.
    #[schema(value_type = Vec<String>, example = json!(["body", "device_id"]))]
    pub(super) loc: Vec<Value>,
    /// What is wrong.
    #[schema(example = "Field required")]
    pub(super) msg: String,
    /// What was sent there.
    #[schema(value_type = Object)]
    pub(super) input: Value,
}

/// The form of an answer of status 422.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Details {
    /// Everything that is wrong.
    detail: Vec<Detail>,
}

impl Detail {
    pub(super) fn new(kind: &'static str, loc: &[&str], msg: impl Into<String>, input: Value) -> Self {
        let loc = loc.iter().map(|&place| place.into()).collect();
        Self { r#type: kind, loc, msg: msg.into(), input: echo(input) }
    }
}

/// What was sent, unless it is too long to send back.
fn echo(input: Value) -> Value {
    let short = match &input {
        Value::String(text) => text.len() <= MAX_ECHO,
        Value::Array(_) | Value::Object(_) => input.to_string().len() <= MAX_ECHO,
        _ => true,
    };
    if short { input } else { Value::Null }
}

/// Status 422 with all that is wrong.
pub(super) fn unprocessable(detail: Vec<Detail>) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!(Details { detail }))).into_response()
}
