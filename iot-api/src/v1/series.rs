//! `GET /api/v1/devices/{device_id}/series`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use futures_util::StreamExt as _;
use iot_core::{Column, Quantity, Query};
use serde::Serialize;
use utoipa::ToSchema;

use super::anomalies::search;
use super::method::Choice;
use crate::ahead::ahead;
use crate::api::Context;
use crate::columns::place;
use crate::derive;
use crate::downsample::{Downsample, Point};
use crate::findings::Anomaly;
use crate::millis::Millis;
use crate::params::{DeviceId, bounded};
use crate::problem::Problem;

/// How many quantities one answer has at most.
const MAX_QUANTITIES: usize = 16;

/// A device over time, in no more points than a screen can show.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Series {
    #[schema(example = "pump-7")]
    device_id: String,
    quantities: Vec<Line>,
}

/// One quantity over time.
#[derive(Debug, Serialize, ToSchema)]
struct Line {
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

/// A device over time, for a screen: each quantity in about as many points as asked for.
///
/// Each point is a reading as it was. The smallest and the largest value of the range are always among them. So are both
/// ends of a pause: the longest of each stretch as narrow as a point, and of more than a quarter of `points` the longest
/// of all. Where a `quantity` and a `method` are named, as for `/anomalies`, so are the anomalies: of more than a quarter of
/// `points` those furthest out; `/anomalies` counts them all.
#[utoipa::path(
    get,
    path = "/devices/{device_id}/series",
    tag = "devices",
    params(
        ("device_id" = String, Path, description = "the device, percent-encoded"),
        ("from" = Option<String>, Query, description = "the first instant wanted: RFC 3339, or nanoseconds since 1970; the beginning unless stated"),
        ("to" = Option<String>, Query, description = "the first instant no longer wanted; the end unless stated"),
        ("quantities" = Option<String>, Query, description = "names of quantities, separated by commas; all unless stated; a `power` that was not measured is voltage times current", example = "voltage,current"),
        ("points" = Option<usize>, Query, description = "about how many points a quantity may have; 1,000 unless stated"),
        ("quantity" = Option<String>, Query, description = "the quantity of which to keep the anomalies"),
        ("method" = Option<String>, Query, description = "the detector that finds them; its parameters, `learn_from` and `learn_to` as for `/anomalies`")
    ),
    responses((status = 200, description = "points by quantity", body = Series), (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn series(
    State(context): State<Arc<Context>>,
    DeviceId(id): DeviceId,
    choice: Choice,
) -> Result<Json<Series>, Problem> {
    let points = bounded("points", choice.number("points")?, 1000, 3, context.limits.points)?;
    let range = choice.range()?;
    let turn = context.analyses.turn().await?;
    let mut drawing = Drawing::new(points);
    if let Some(chosen) = choice.chosen() {
        // A quarter of the points at most, so that a line is left.
        let found = search(&turn, &context.store, &id, chosen, range, points / 4).await?;
        drawing.keep = Some((found.quantity, found.points));
    }
    let wanted = choice.names("quantities").0;
    let query = Query::device(&id).range(range).quantities(derive::sources(&wanted));
    let mut frames = ahead(&context.store, query);
    while let Some(frame) = frames.next().await {
        let (times, columns) = derive::with_power(frame?, &wanted)?;
        drawing.add(&times, columns)?;
    }
    Ok(Json(Series { device_id: id, quantities: drawing.finish() }))
}

/// The quantities of a device, each as it is reduced.
#[derive(Debug)]
struct Drawing {
    points: usize,
    drawn: Vec<(Quantity, Downsample)>,
    /// Points of one quantity that must be among those kept.
    keep: Option<(Quantity, Vec<Anomaly>)>,
}

impl Drawing {
    fn new(points: usize) -> Self {
        Self { points, drawn: Vec::new(), keep: None }
    }

    fn add(&mut self, times: &[i64], columns: Vec<Column>) -> Result<(), Problem> {
        for column in columns {
            let name = column.quantity.name();
            let at = match self.drawn.iter().position(|(quantity, _)| quantity.name() == name) {
                Some(at) => at,
                None => {
                    self.drawn.push((column.quantity.clone(), Downsample::new(self.points)));
                    self.drawn.len() - 1
                }
            };
            if self.drawn.len() > MAX_QUANTITIES {
                let detail =
                    format!("the device has more than {MAX_QUANTITIES} quantities: name those wanted");
                return Err(Problem::bad_request(detail));
            }
            let (quantity, downsample) = &mut self.drawn[at];
            *quantity = quantity.merge(&column.quantity)?;
            times.iter().zip(&column.values).for_each(|(&time, &value)| downsample.push(time, value));
        }
        Ok(())
    }

    fn finish(mut self) -> Vec<Line> {
        self.drawn.retain(|(_, downsample)| downsample.count() > 0);
        self.drawn.sort_by(|(a, _), (b, _)| place(a).cmp(&place(b)));
        let (points, keep) = (self.points, self.keep);
        let of = |(quantity, downsample): (Quantity, Downsample)| {
            let kept = keep.iter().filter(|(of, _)| of.name() == quantity.name()).flat_map(|(_, kept)| kept);
            let kept: Vec<_> = kept.map(|anomaly| (anomaly.time, anomaly.value)).collect();
            line(&quantity, downsample, points, &kept)
        };
        self.drawn.into_iter().map(of).collect()
    }
}

fn line(quantity: &Quantity, downsample: Downsample, points: usize, kept: &[Point]) -> Line {
    let readings = downsample.count();
    let (times_ms, values) =
        downsample.finish(kept).into_iter().map(|(time, value)| (Millis(time), value)).unzip();
    Line {
        name: quantity.name().to_owned(),
        unit: quantity.unit().to_owned(),
        readings,
        complete: readings <= points as u64,
        times_ms,
        values,
    }
}
