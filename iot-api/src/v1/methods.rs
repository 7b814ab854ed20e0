//! `GET /api/v1/methods`.

mod described;
mod reading;
mod shared;
mod table;

use axum::Json;
use iot_analytics::Method;
use iot_core::Result;
use serde::Serialize;
use utoipa::ToSchema;

use crate::condition;
use crate::problem::Problem;
use described::Described;
pub(super) use reading::parameter;
use table::DESCRIBED;

/// The methods of anomaly detection, with what may be set.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Methods {
    methods: Vec<Described>,
    /// The method that `/conditions` judges by: a fair first choice for any quantity.
    #[schema(value_type = Object, example = json!({"method": "persist", "window": 600}))]
    usual: Method,
}

/// The methods of anomaly detection, each with its parameters: kinds, units, limits and defaults.
#[utoipa::path(
    get,
    path = "/methods",
    tag = "devices",
    responses((status = 200, description = "methods", body = Methods), (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn methods() -> Result<Json<Methods>, Problem> {
    Ok(Json(Methods { methods: DESCRIBED.to_vec(), usual: condition::usual_method()?.into() }))
}
