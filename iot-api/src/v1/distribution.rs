//! `GET /api/v1/devices/{device_id}/distribution`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use iot_analytics::{Bandwidth, Bins, Curve, Histogram, KernelDensity, Moments};
use iot_core::{Quantity, Result, Store, TimeRange};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Context;
use crate::history::{History, Samples};
use crate::params::{DeviceId, Instant, Params, bounded, range};
use crate::problem::Problem;

/// The most bins one answer has, and the most points of a curve.
const MAX_BINS: usize = 1000;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The quantity; a `power` that was not measured is voltage times current.
    #[param(example = "voltage")]
    quantity: String,
    /// The first instant wanted: RFC 3339, or nanoseconds since 1970; the beginning unless stated.
    #[param(value_type = Option<String>, example = "2025-02-05T00:00:00Z")]
    from: Option<Instant>,
    /// The first instant no longer wanted; the end unless stated.
    #[param(value_type = Option<String>, example = "2025-02-06T00:00:00Z")]
    to: Option<Instant>,
    /// How many bins of equal width; 20 unless stated.
    bins: Option<usize>,
    /// How many points of the density; 200 unless stated.
    points: Option<usize>,
}

/// How the values of a quantity are distributed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Distribution {
    #[schema(example = "pump-7")]
    device_id: String,
    #[schema(example = "voltage")]
    quantity: String,
    #[schema(example = "V")]
    unit: String,
    /// How many values there are.
    count: u64,
    /// The edges of the bins, one more than there are bins; none where there is no value.
    edges: Vec<f64>,
    /// How many values each bin has.
    counts: Vec<u64>,
    /// The density estimated by Gaussian kernels; null where it cannot be.
    density: Option<Density>,
    /// Why there is no density, where there is none.
    density_absent: Option<Absent>,
}

/// Why there is no density.
#[derive(Debug, Serialize, ToSchema)]
struct Absent {
    reason: Reason,
    /// The same in words.
    #[schema(example = "all values are 5: a constant has no density")]
    detail: String,
}

/// What a density cannot be made of.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Reason {
    /// Less than two values.
    TooFewValues,
    /// Values that are all the same.
    Constant,
    /// Values too far apart, or too close together, for numbers of 64 bits.
    OutOfRange,
}

/// A density at points of equal distance, from the smallest value to the largest.
#[derive(Debug, Serialize, ToSchema)]
struct Density {
    points: Vec<f64>,
    /// Per unit of the values: times `count` and the width of a bin it lies over the bins.
    densities: Vec<f64>,
    /// The standard deviation of the kernel, by Scott's rule.
    bandwidth: f64,
    /// Of how many values it is: of very many only the first few millions.
    values: u64,
}

/// How the values of a quantity are distributed: a histogram, and the density estimated by kernels.
#[utoipa::path(
    get,
    path = "/devices/{device_id}/distribution",
    tag = "devices",
    params(("device_id" = String, Path, description = "the device, percent-encoded"), Wanted),
    responses(
        (status = 200, description = "bins and density", body = Distribution),
        (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn distribution(
    State(context): State<Arc<Context>>,
    DeviceId(id): DeviceId,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Distribution>, Problem> {
    let bins = bounded("bins", wanted.bins, 20, 1, MAX_BINS)?;
    let points = bounded("points", wanted.points, 200, 2, MAX_BINS)?;
    let range = range(wanted.from, wanted.to)?;
    let turn = context.analyses.turn().await?;
    let history = History::read(&context.store, &id, &wanted.quantity, range).await?;
    let (quantity, whole) = (history.quantity.clone(), history.whole);
    let at_hand = turn.run(move |place| {
        let histogram = if whole { Some(Histogram::of(&history.values, Bins::Count(bins))?) } else { None };
        place.check()?;
        Ok((histogram, density(&history.values, points)))
    });
    let (histogram, density) = at_hand.await.map_err(|error| Problem::of_content(&error))?;
    let histogram = match histogram {
        Some(histogram) => histogram,
        None => long(&context.store, &id, &quantity, range, bins).await?,
    };
    let (density, density_absent) = match density {
        Ok(density) => (Some(density), None),
        Err(absent) => (None, Some(absent)),
    };
    let count = histogram.total();
    Ok(Json(Distribution {
        device_id: id,
        quantity: quantity.name().to_owned(),
        unit: quantity.unit().to_owned(),
        count,
        edges: if count > 0 { histogram.edges().to_vec() } else { Vec::new() },
        counts: if count > 0 { histogram.counts().to_vec() } else { Vec::new() },
        density,
        density_absent,
    }))
}

fn density(values: &[f64], points: usize) -> Result<Density, Absent> {
    let moments = Moments::of(values);
    let curve = KernelDensity::of(values, Bandwidth::Scott).and_then(|estimate| {
        Ok((estimate.curve_over(moments.min(), moments.max(), points)?, estimate.bandwidth()))
    });
    match curve {
        Ok((Curve { points, densities }, bandwidth)) => {
            Ok(Density { points, densities, bandwidth, values: moments.count() })
        }
        Err(error) => {
            let reason = match moments.count() {
                0 | 1 => Reason::TooFewValues,
                _ if moments.min() == moments.max() => Reason::Constant,
                _ => Reason::OutOfRange,
            };
            Err(Absent { reason, detail: error.to_string() })
        }
    }
}

/// The histogram of more values than are held at a time: first where they lie, then how many where.
async fn long(
    store: &Arc<dyn Store>,
    id: &str,
    quantity: &Quantity,
    range: TimeRange,
    bins: usize,
) -> Result<Histogram> {
    let mut moments = Moments::new();
    let mut samples = Samples::new(store, id, quantity.name(), range);
    while let Some(piece) = samples.next().await {
        moments.extend(&piece?.2);
    }
    let (low, high) = (moments.min(), moments.max());
    let (low, high) = if low == high { (low - 0.5, high + 0.5) } else { (low, high) };
    let mut histogram = Histogram::empty(low, high, bins)?;
    let mut samples = Samples::new(store, id, quantity.name(), range);
    while let Some(piece) = samples.next().await {
        histogram.extend(&piece?.2);
    }
    Ok(histogram)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use iot_core::memory::MemoryStore;
    use iot_core::{Batch, Column, Device, Store as _};

    use super::*;

    #[tokio::test]
    async fn the_histogram_of_more_values_than_are_held_is_the_same() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let values: Vec<f64> = (0..20_000).map(|i| f64::from(i * 7919 % 1000) / 7.0).collect();
        for values in [values, vec![5.0; 300]] {
            let times = (0..values.len() as i64).collect();
            let column = Column { quantity: Quantity::VOLTAGE, values: values.clone() };
            let devices = vec![Device::new("a").unwrap()];
            store
                .append(&Batch::new(devices, vec![0; values.len()], times, vec![column]).unwrap())
                .await
                .unwrap();
            let all = TimeRange::new(
                iot_core::Timestamp::MIN,
                iot_core::Timestamp::from_nanos(values.len() as i64),
            );
            let long = long(&store, "a", &Quantity::VOLTAGE, all.unwrap(), 20).await.unwrap();
            assert_eq!(long, Histogram::of(&values, Bins::Count(20)).unwrap());
        }
    }
}
