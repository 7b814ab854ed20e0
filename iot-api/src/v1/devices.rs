//! `GET /api/v1/devices`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use iot_core::{DeviceSummary, Quantity};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Context;
use crate::columns::place;
use crate::params::{Params, page};
use crate::problem::Problem;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// At most so many devices; 1,000 unless stated.
    limit: Option<usize>,
    /// Where to go on: `next` of the answer before.
    cursor: Option<String>,
}

/// Devices by id.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Devices {
    pub(crate) devices: Vec<Summary>,
    /// What to pass as `cursor` to go on; null at the end.
    pub(crate) next: Option<String>,
}

/// What is known of a device.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Summary {
    #[schema(example = "pump-7")]
    device_id: String,
    #[schema(example = "Controller")]
    device_type: Option<String>,
    #[schema(example = "warehouse")]
    location: Option<String>,
    /// The time of its earliest reading.
    #[schema(value_type = String, example = "2025-02-05T00:00:00Z")]
    first_seen: iot_core::Timestamp,
    /// The time of its latest reading.
    #[schema(value_type = String, example = "2025-02-12T00:00:00Z")]
    last_seen: iot_core::Timestamp,
    /// How many readings there are; null where the store cannot count cheaply.
    #[schema(example = 168)]
    readings: Option<u64>,
    /// The quantities of which it has a value.
    #[schema(value_type = Vec<QuantityParts>)]
    quantities: Vec<Quantity>,
}

/// A quantity.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form that iot-core gives a quantity")]
struct QuantityParts {
    #[schema(example = "voltage")]
    name: String,
    #[schema(example = "V")]
    unit: String,
}

impl From<DeviceSummary> for Summary {
    fn from(mut summary: DeviceSummary) -> Self {
        summary.quantities.sort_by(|a, b| place(a).cmp(&place(b)));
        Self {
            device_id: summary.device.id().to_owned(),
            device_type: summary.device.kind().map(str::to_owned),
            location: summary.device.location().map(str::to_owned),
            first_seen: summary.first_seen,
            last_seen: summary.last_seen,
            readings: summary.readings,
            quantities: summary.quantities,
        }
    }
}

impl TryFrom<Summary> for DeviceSummary {
    type Error = iot_core::Error;

    fn try_from(summary: Summary) -> iot_core::Result<Self> {
        let (kind, location) = (summary.device_type.as_deref(), summary.location.as_deref());
        Ok(Self {
            device: iot_core::Device::from_parts(&summary.device_id, kind, location)?,
            first_seen: summary.first_seen,
            last_seen: summary.last_seen,
            readings: summary.readings,
            quantities: summary.quantities,
        })
    }
}

/// All devices, by id.
#[utoipa::path(
    get,
    path = "/devices",
    tag = "devices",
    params(Wanted),
    responses((status = 200, description = "devices", body = Devices), (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn devices(
    State(context): State<Arc<Context>>,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Devices>, Problem> {
    let limit = page(wanted.limit, 1000, 10_000)?;
    let mut all = context.store.devices().await?;
    if let Some(cursor) = &wanted.cursor {
        let seen = all.partition_point(|summary| summary.device.id() <= cursor.as_str());
        all.drain(..seen);
    }
    let more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| more).map(|last| last.device.id().to_owned());
    Ok(Json(Devices { devices: all.into_iter().map(Summary::from).collect(), next }))
}
