//! `DELETE /api/v1/readings`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Context;
use crate::params::{Instant, Params};
use crate::problem::Problem;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The time before which readings are removed: RFC 3339, or nanoseconds since 1970.
    #[param(value_type = String, example = "2024-01-01T00:00:00Z")]
    before: Instant,
}

/// What was removed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Deleted {
    /// How many readings have gone.
    deleted: u64,
}

/// Removes readings before a time, for good. A store may keep some of them: whole partitions go at a time.
#[utoipa::path(
    delete,
    path = "/readings",
    tag = "readings",
    params(Wanted),
    responses((status = 200, description = "deleted", body = Deleted), (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn delete(
    State(context): State<Arc<Context>>,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Deleted>, Problem> {
    let deleted = context.store.delete_before(wanted.before.0).await?;
    tracing::info!(before = %wanted.before.0, deleted, "readings were deleted");
    Ok(Json(Deleted { deleted }))
}
