//! `GET /api/v1/conditions` and `GET /api/v1/devices/{device_id}/condition`.

mod known;

pub(crate) use known::Known;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use iot_core::{DeviceSummary, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Context;
use crate::condition::Condition;
use crate::params::{DeviceId, Params, page};
use crate::problem::Problem;

/// A page that has taken so long ends early, and the cursor leads on.
const LONG: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// At most so many devices; 100 unless stated.
    limit: Option<usize>,
    /// Where to go on: `next` of the answer before.
    cursor: Option<String>,
}

/// Which devices are odd, a page of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Conditions {
    conditions: Vec<Condition>,
    /// What to pass as `cursor` to go on; null at the end.
    next: Option<String>,
}

/// Which devices are odd, since when and by how much, by id.
///
/// Each quantity of the newest few thousand readings is compared with what was usual before: values far from the median
/// of those before, values that are stuck, and pauses. Nothing needs to be set, and nothing is kept.
#[utoipa::path(
    get,
    path = "/conditions",
    tag = "devices",
    params(Wanted),
    responses((status = 200, description = "conditions", body = Conditions), (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn conditions(
    State(context): State<Arc<Context>>,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Conditions>, Problem> {
    let limit = page(wanted.limit, 100, 1000)?;
    let began = Instant::now();
    // The pages of one fleet are of one list.
    let listed = wanted.cursor.as_ref().and_then(|_| context.conditions.listed(began));
    let all = match listed {
        Some(listed) => listed,
        None => context.conditions.list(context.store.devices().await?, began),
    };
    let after = |cursor: &String| all.partition_point(|summary| summary.device.id() <= cursor.as_str());
    let all = &all[wanted.cursor.as_ref().map_or(0, after)..];
    let mut conditions = Vec::new();
    for summary in all.iter().take(limit) {
        conditions.push(of(&context, summary).await?);
        if began.elapsed() > LONG {
            break;
        }
    }
    let more = all.len() > conditions.len();
    let next = conditions.last().filter(|_| more).map(|last| last.device_id.clone());
    Ok(Json(Conditions { conditions, next }))
}

/// Whether a device is odd, since when and by how much.
#[utoipa::path(
    get,
    path = "/devices/{device_id}/condition",
    tag = "devices",
    params(("device_id" = String, Path, description = "the device, percent-encoded")),
    responses(
        (status = 200, description = "its condition", body = Condition),
        (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn condition(
    State(context): State<Arc<Context>>,
    DeviceId(id): DeviceId,
) -> Result<Json<Condition>, Problem> {
    match context.store.device(&id).await? {
        Some(summary) => Ok(Json(of(&context, &summary).await?)),
        None => Ok(Json(Condition::unknown(id))),
    }
}

async fn of(context: &Context, summary: &DeviceSummary) -> Result<Condition, Problem> {
    let condition = match context.conditions.find(summary, Instant::now()) {
        Some(condition) => condition,
        None => {
            let turn = context.analyses.turn().await?;
            let condition = Condition::of(&turn, &context.store, summary).await?;
            context.conditions.keep(summary, condition.clone(), Instant::now());
            condition
        }
    };
    Ok(condition.seen(Timestamp::now()))
}
