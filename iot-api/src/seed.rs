//! The routes of the system this one replaces: same paths, same JSON, so that its other parts work unchanged.
//!
//! They are FastAPI's in form: `{"detail": …}` for every error, with pydantic's list of what is wrong where the
//! request is to blame.

mod detail;
mod insert;
mod page;
mod reading;
mod rows;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use iot_core::{Error, ErrorKind, Quantity};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Context;

pub(crate) fn routes() -> OpenApiRouter<Arc<Context>> {
    OpenApiRouter::default()
        .routes(routes!(hello))
        .routes(routes!(insert::insert, rows::newest))
        .routes(routes!(rows::of_device))
        .route("/data/{device_id}/{*rest}", axum::routing::get(rows::of_unquoted_device))
        .routes(routes!(devices))
}

/// An error in the form of these routes.
pub(crate) fn refusal(status: StatusCode, detail: &str) -> Response {
    let mut response = (status, Json(json!({"detail": detail}))).into_response();
    crate::problem::add_hints(status, response.headers_mut());
    response
}

/// A store's error in the form of these routes.
fn failure(error: &Error) -> Response {
    crate::problem::log(error);
    let status = match error.kind() {
        ErrorKind::Invalid | ErrorKind::Corrupt => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    };
    refusal(status, &error.to_string())
}

/// Says that the service runs.
#[utoipa::path(get, path = "/", tag = "replaced system", responses((status = 200, description = "a greeting")))]
async fn hello() -> Json<serde_json::Value> {
    Json(json!({"message": "API is running"}))
}

/// The ids of all devices that have both voltage and current.
#[utoipa::path(
    get,
    path = "/devices",
    tag = "replaced system",
    responses((status = 200, description = "ids", body = Vec<String>))
)]
async fn devices(State(context): State<Arc<Context>>) -> Response {
    let summaries = match context.store.devices().await {
        Ok(summaries) => summaries,
        Err(error) => return failure(&error),
    };
    // The clients of this route show both, and fail on a device that lacks one.
    let whole = summaries.iter().filter(|summary| {
        [Quantity::VOLTAGE, Quantity::CURRENT].iter().all(|needed| summary.quantities.contains(needed))
    });
    Json(whole.map(|summary| summary.device.id()).collect::<Vec<_>>()).into_response()
}
