//! `GET /api/v1/readings`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Context;
use crate::columns::Columns;
use crate::params::{Params, page};
use crate::problem::Problem;

/// The most readings of one answer: they may be of devices that have nothing in common, and then have a column each.
const MAX_ROWS: usize = 10_000;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// At most so many readings; 1,000 unless stated, and never more than 10,000.
    limit: Option<usize>,
    /// Where to go on: `next` of the answer before.
    #[param(value_type = Option<String>)]
    cursor: Option<u64>,
}

/// The newest readings of all devices, newest first, in columns.
#[utoipa::path(
    get,
    path = "/readings",
    tag = "readings",
    params(Wanted),
    responses((status = 200, description = "readings in columns", body = Columns), (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn newest(
    State(context): State<Arc<Context>>,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Columns>, Problem> {
    let limit = page(wanted.limit, 1000, context.limits.rows.min(MAX_ROWS))?;
    let _turn = context.answers.acquire().await.map_err(|_| Problem::ending())?;
    let skip = wanted.cursor.unwrap_or(0);
    let batch = context.store.newest(skip, limit).await?;
    let next = (batch.len() == limit).then(|| skip.saturating_add(limit as u64).to_string());
    Ok(Json(Columns::new(batch, next)))
}
