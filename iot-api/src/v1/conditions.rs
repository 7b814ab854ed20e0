//! `GET /api/v1/conditions` and `GET /api/v1/devices/{device_id}/condition`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
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

/// What is no older is told again, even if readings have come since.
const FRESH: Duration = Duration::from_secs(5);

/// A page that has taken so long ends early, and the cursor leads on.
const LONG: Duration = Duration::from_secs(2);

/// Of no more devices is anything remembered.
const MAX_KNOWN: usize = 4_000;

/// The conditions of late, by device id.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<HashMap<String, Remembered>>);

#[derive(Debug)]
struct Remembered {
    condition: Condition,
    last_seen: Timestamp,
    at: Instant,
}

impl Known {
    fn find(&self, summary: &DeviceSummary) -> Option<Condition> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(summary.device.id())?;
        let good = found.last_seen == summary.last_seen || found.at.elapsed() < FRESH;
        good.then(|| found.condition.clone())
    }

    fn keep(&self, summary: &DeviceSummary, condition: Condition) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        let remembered = Remembered { condition, last_seen: summary.last_seen, at: Instant::now() };
        known.insert(summary.device.id().to_owned(), remembered);
    }
}

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
    let mut all = context.store.devices().await?;
    if let Some(cursor) = &wanted.cursor {
        let seen = all.partition_point(|summary| summary.device.id() <= cursor.as_str());
        all.drain(..seen);
    }
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
    let condition = match context.conditions.find(summary) {
        Some(condition) => condition,
        None => {
            let _turn = context.analyses.acquire().await.map_err(|_| Problem::ending())?;
            let condition = Condition::of(&*context.store, summary).await?;
            context.conditions.keep(summary, condition.clone());
            condition
        }
    };
    Ok(condition.seen(Timestamp::now()))
}
