//! `GET /api/v1/devices/{device_id}/series`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use futures_util::StreamExt as _;
use iot_core::{Quantity, Query};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::{IntoParams, ToSchema};

use crate::api::Context;
use crate::columns::place;
use crate::downsample::Downsample;
use crate::params::{DeviceId, Instant, Names, Params, bounded, range};
use crate::problem::Problem;

/// How many quantities one answer has at most.
const MAX_QUANTITIES: usize = 16;

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
    /// Names of quantities, separated by commas; all unless stated.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "voltage,current")]
    quantities: Names,
    /// About how many points a quantity may have; 1,000 unless stated.
    points: Option<usize>,
}

/// A device over time, in no more points than a screen can show.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Series {
    #[schema(example = "pump-7")]
    device_id: String,
    quantities: Vec<OfQuantity>,
}

/// One quantity over time.
#[derive(Debug, Serialize, ToSchema)]
struct OfQuantity {
    #[schema(example = "voltage")]
    name: String,
    #[schema(example = "V")]
    unit: String,
    /// How many values there are in the range.
    readings: u64,
    /// Whether the points are all of them.
    complete: bool,
    /// The times of the points, milliseconds since 1970-01-01T00:00:00 UTC.
    #[schema(value_type = Vec<f64>, example = json!([1_738_713_600_000_u64]))]
    times_ms: Vec<Millis>,
    /// Their values; null where the readings pause.
    #[schema(value_type = Vec<Option<f64>>, example = json!([229.7]))]
    values: Vec<f64>,
}

/// Nanoseconds, written as milliseconds: whole where they are.
#[derive(Debug, Clone, Copy)]
struct Millis(i64);

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1_000_000 == 0 {
            return serializer.serialize_i64(self.0 / 1_000_000);
        }
        serializer.serialize_f64(self.0 as f64 / 1e6)
    }
}

/// A device over time, for a screen: each quantity in about as many points as asked for.
///
/// Each point is a reading as it was. The smallest and the largest value of the range are always among them, and so
/// are both ends of a pause.
#[utoipa::path(
    get,
    path = "/devices/{device_id}/series",
    tag = "devices",
    params(("device_id" = String, Path, description = "the device, percent-encoded"), Wanted),
    responses((status = 200, body = Series), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn series(
    State(context): State<Arc<Context>>,
    DeviceId(id): DeviceId,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Series>, Problem> {
    let points = bounded("points", wanted.points, 1000, 3, context.limits.points)?;
    let query = Query::device(&id).range(range(wanted.from, wanted.to)?).quantities(wanted.quantities.0);
    let mut frames = context.store.scan(query);
    let mut drawn: Vec<(Quantity, Downsample)> = Vec::new();
    while let Some(frame) = frames.next().await {
        let (_, times, columns) = frame?.into_parts();
        for column in columns {
            let name = column.quantity.name();
            let at = match drawn.iter().position(|(quantity, _)| quantity.name() == name) {
                Some(at) => at,
                None => {
                    drawn.push((column.quantity.clone(), Downsample::new(points)));
                    drawn.len() - 1
                }
            };
            if drawn.len() > MAX_QUANTITIES {
                let detail =
                    format!("the device has more than {MAX_QUANTITIES} quantities: name those wanted");
                return Err(Problem::bad_request(detail));
            }
            let (quantity, downsample) = &mut drawn[at];
            *quantity = quantity.merge(&column.quantity)?;
            times.iter().zip(&column.values).for_each(|(&time, &value)| downsample.push(time, value));
        }
    }
    drawn.sort_by(|(a, _), (b, _)| place(a).cmp(&place(b)));
    let quantities = drawn.into_iter().filter(|(_, downsample)| downsample.count() > 0);
    Ok(Json(Series {
        device_id: id,
        quantities: quantities.map(|(q, d)| of_quantity(&q, d, points)).collect(),
    }))
}

fn of_quantity(quantity: &Quantity, downsample: Downsample, points: usize) -> OfQuantity {
    let readings = downsample.count();
    let (times_ms, values) =
        downsample.finish().into_iter().map(|(time, value)| (Millis(time), value)).unzip();
    OfQuantity {
        name: quantity.name().to_owned(),
        unit: quantity.unit().to_owned(),
        readings,
        complete: readings <= points as u64,
        times_ms,
        values,
    }
}
