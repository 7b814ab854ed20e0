//! `GET /api/v1/devices/{device_id}/statistics`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use futures_util::StreamExt as _;
use iot_core::Query;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ahead::ahead;
use crate::api::Context;
use crate::cadence::Cadence;
use crate::describe::{Describe, Description};
use crate::params::{DeviceId, Instant, Names, Params, range};
use crate::problem::Problem;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The first instant wanted: RFC 3339, or nanoseconds since 1970; the beginning unless stated.
    #[param(value_type = Option<String>, example = "2025-02-05T00:00:00Z")]
    from: Option<Instant>,
    /// The first instant no longer wanted; the end unless stated.
    #[param(value_type = Option<String>, example = "2025-02-06T00:00:00Z")]
    to: Option<Instant>,
    /// Names of quantities, separated by commas; all unless stated. Power, energy and correlation need `voltage` and `current`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "voltage,current")]
    quantities: Names,
    /// Energy is not counted between readings further apart than this, seconds; unless stated, where readings pause
    /// for three times as long as they use to.
    #[param(example = 7200.0)]
    max_gap_s: Option<f64>,
}

/// The statistics of a device over a range: all of its readings, however many.
#[utoipa::path(
    get,
    path = "/devices/{device_id}/statistics",
    tag = "devices",
    params(("device_id" = String, Path, description = "the device, percent-encoded"), Wanted),
    responses((status = 200, description = "statistics", body = Description), (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn statistics(
    State(context): State<Arc<Context>>,
    DeviceId(id): DeviceId,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Description>, Problem> {
    let cadence = match wanted.max_gap_s.map(Duration::try_from_secs_f64) {
        None => Cadence::default(),
        Some(Ok(gap)) => Cadence::stated(u64::try_from(gap.as_nanos()).unwrap_or(u64::MAX)),
        Some(Err(_)) => return Err(Problem::bad_request("max_gap_s is not a number of seconds from 0")),
    };
    let _turn = context.analyses.turn().await?;
    let mut describe = Describe::new(cadence);
    let query = Query::device(&id).range(range(wanted.from, wanted.to)?).quantities(wanted.quantities.0);
    let mut frames = ahead(&context.store, query);
    while let Some(frame) = frames.next().await {
        describe.add(&frame?)?;
    }
    Ok(Json(describe.finish(id)))
}
