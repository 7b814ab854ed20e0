//! `GET /api/v1/devices/{device_id}/buckets`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use iot_core::{Bucket, BucketQuery, Error, Quantity, TimeRange, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Context;
use crate::columns::place;
use crate::params::{DeviceId, Instant, Names, Params, range};
use crate::problem::Problem;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Where the first bucket starts: RFC 3339, or nanoseconds since 1970; the first instant there is unless stated.
    #[param(value_type = Option<String>, example = "2025-02-05T00:00:00Z")]
    from: Option<Instant>,
    /// Where the last bucket ends; the last instant there is unless stated.
    #[param(value_type = Option<String>, example = "2025-02-06T00:00:00Z")]
    to: Option<Instant>,
    /// The width of a bucket, nanoseconds.
    #[param(example = 3_600_000_000_000_u64)]
    width_ns: u64,
    /// Names of quantities, separated by commas; all unless stated.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "voltage,current")]
    quantities: Names,
}

/// Aggregates of a device, one a bucket of time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Buckets {
    /// Where the first bucket starts, nanoseconds since 1970.
    from_ns: i64,
    /// Where the last bucket ends.
    to_ns: i64,
    /// The width of a bucket, nanoseconds.
    width_ns: u64,
    quantities: Vec<BucketColumn>,
}

/// The buckets of one quantity: the *i*-th entry of each list is of the *i*-th bucket; null where it has no value.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
struct BucketColumn {
    #[schema(example = "voltage")]
    name: String,
    #[schema(example = "V")]
    unit: String,
    /// How many values.
    count: Vec<u64>,
    sum: Vec<f64>,
    min: Vec<Option<f64>>,
    max: Vec<Option<f64>>,
    /// The earliest value.
    first: Vec<Option<f64>>,
    /// The latest value.
    last: Vec<Option<f64>>,
    /// The time of the earliest value, nanoseconds since 1970.
    first_time_ns: Vec<i64>,
    /// The time of the latest value, nanoseconds since 1970.
    last_time_ns: Vec<i64>,
}

impl BucketColumn {
    fn new(quantity: &Quantity, buckets: &[Bucket]) -> Self {
        let some = |value: f64| (!value.is_nan()).then_some(value);
        Self {
            name: quantity.name().to_owned(),
            unit: quantity.unit().to_owned(),
            count: buckets.iter().map(|bucket| bucket.count).collect(),
            sum: buckets.iter().map(|bucket| bucket.sum).collect(),
            min: buckets.iter().map(|bucket| some(bucket.min)).collect(),
            max: buckets.iter().map(|bucket| some(bucket.max)).collect(),
            first: buckets.iter().map(|bucket| some(bucket.first)).collect(),
            last: buckets.iter().map(|bucket| some(bucket.last)).collect(),
            first_time_ns: buckets.iter().map(|bucket| bucket.first_time).collect(),
            last_time_ns: buckets.iter().map(|bucket| bucket.last_time).collect(),
        }
    }

    fn buckets(&self) -> Option<Vec<Bucket>> {
        let some = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let bucket = |at: usize| {
            Some(Bucket {
                count: self.count[at],
                sum: *self.sum.get(at)?,
                min: some(*self.min.get(at)?),
                max: some(*self.max.get(at)?),
                first: some(*self.first.get(at)?),
                first_time: *self.first_time_ns.get(at)?,
                last: some(*self.last.get(at)?),
                last_time: *self.last_time_ns.get(at)?,
            })
        };
        (0..self.count.len()).map(bucket).collect()
    }
}

impl From<iot_core::Buckets> for Buckets {
    fn from(mut buckets: iot_core::Buckets) -> Self {
        buckets.columns.sort_by(|(a, _), (b, _)| place(a).cmp(&place(b)));
        Self {
            from_ns: buckets.range.from().nanos(),
            to_ns: buckets.range.to().nanos(),
            width_ns: buckets.width_nanos,
            quantities: buckets
                .columns
                .iter()
                .map(|(quantity, all)| BucketColumn::new(quantity, all))
                .collect(),
        }
    }
}

impl TryFrom<Buckets> for iot_core::Buckets {
    type Error = Error;

    fn try_from(buckets: Buckets) -> iot_core::Result<Self> {
        let column = |of: &BucketColumn| {
            let torn =
                || Error::invalid(format!("lists of the buckets of {} are not of one length", of.name));
            Ok((Quantity::new(&of.name, &of.unit)?, of.buckets().ok_or_else(torn)?))
        };
        let (from, to) = (Timestamp::from_nanos(buckets.from_ns), Timestamp::from_nanos(buckets.to_ns));
        Ok(Self {
            range: TimeRange::new(from, to)?,
            width_nanos: buckets.width_ns,
            columns: buckets.quantities.iter().map(column).collect::<iot_core::Result<_>>()?,
        })
    }
}

/// Count, sum, extremes, first and last value of a device by bucket of time, computed where the data is.
#[utoipa::path(
    get,
    path = "/devices/{device_id}/buckets",
    tag = "devices",
    params(("device_id" = String, Path, description = "the device, percent-encoded"), Wanted),
    responses((status = 200, description = "aggregates by bucket", body = Buckets), (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn buckets(
    State(context): State<Arc<Context>>,
    DeviceId(id): DeviceId,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Buckets>, Problem> {
    let query = BucketQuery::new(&id, range(wanted.from, wanted.to)?, wanted.width_ns)?;
    let _turn = context.answers.acquire().await.map_err(|_| Problem::ending())?;
    let mut names = wanted.quantities.0;
    if names.is_empty() {
        // By name, for a store may have hundreds of quantities that the device has not.
        let summary = context.store.device(&id).await?;
        names = summary.iter().flat_map(|it| &it.quantities).map(|it| it.name().to_owned()).collect();
        if names.is_empty() {
            let (range, width_nanos) = (query.range, query.width_nanos);
            return Ok(Json(iot_core::Buckets { range, width_nanos, columns: Vec::new() }.into()));
        }
    }
    let (values, most) = (query.len().saturating_mul(names.len()), context.limits.values);
    if values > most {
        return Err(Problem::bad_request(format!(
            "{} buckets of {} quantities are more than {most} values: ask for wider ones, or for fewer quantities",
            query.len(),
            names.len()
        )));
    }
    let buckets = context.store.buckets(query.with_quantities(names)).await?;
    Ok(Json(buckets.into()))
}
