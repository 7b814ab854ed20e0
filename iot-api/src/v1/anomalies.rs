//! `GET /api/v1/devices/{device_id}/anomalies`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use iot_analytics::Method;
use iot_core::{Bounds, Detect as _, Detector as _, Quantity, Store, TimeRange};
use serde::Serialize;
use utoipa::ToSchema;

use super::method::{Choice, Chosen};
use crate::analysis::Turn;
use crate::api::Context;
use crate::findings::{Anomaly, Findings, Judge, Run};
use crate::history::{History, Samples};
use crate::millis::Millis;
use crate::params::{DeviceId, bounded};
use crate::problem::Problem;

/// What a detector found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Anomalies {
    #[schema(example = "pump-7")]
    device_id: String,
    /// The quantity that was judged.
    #[schema(example = "voltage")]
    quantity: String,
    #[schema(example = "V")]
    unit: String,
    /// The detector, with all of its parameters.
    #[schema(value_type = Object, example = json!({"method": "quantile", "low": 0.12, "high": 0.67}))]
    method: Method,
    learnt_from: LearntFrom,
    bounds: BoundsUsed,
    /// How many values there are in the range.
    values: u64,
    /// Of how many samples something could be said.
    judged: u64,
    /// How many are anomalies.
    anomalies: u64,
    /// How many events they make: runs of anomalies with nothing else between them.
    events_in_all: u64,
    points: Points,
    /// The events, in order; where there are more than asked for, those furthest out.
    events: Vec<Event>,
}

/// The samples that the detector has learnt from.
#[derive(Debug, Serialize, ToSchema)]
struct LearntFrom {
    samples: u64,
    /// The time of the first of them, milliseconds since 1970; null if there is none.
    #[schema(value_type = Option<f64>)]
    from_ms: Option<Millis>,
    /// The time of the last of them.
    #[schema(value_type = Option<f64>)]
    to_ms: Option<Millis>,
    /// Whether these are all samples of the range to learn from: of very long ones only the first few millions are.
    whole: bool,
}

/// The bounds that scores were compared with; null where a side has none.
#[derive(Debug, Serialize, ToSchema)]
struct BoundsUsed {
    low: Option<f64>,
    high: Option<f64>,
    /// `value` if they are bounds of the quantity itself, `score` if they are in the detector's own scale.
    #[schema(example = "value")]
    of: &'static str,
}

/// Anomalous samples: the *i*-th entry of each list is of one of them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Points {
    /// Milliseconds since 1970-01-01T00:00:00 UTC.
    #[schema(value_type = Vec<f64>)]
    times_ms: Vec<Millis>,
    /// Null where the anomaly is that a value is missing.
    #[schema(value_type = Vec<Option<f64>>)]
    values: Vec<f64>,
    #[schema(value_type = Vec<Option<f64>>)]
    scores: Vec<f64>,
}

/// A run of anomalies with nothing else between them.
#[derive(Debug, Serialize, ToSchema)]
struct Event {
    /// The time of the first of them.
    #[schema(value_type = f64)]
    from_ms: Millis,
    /// The time of the last of them.
    #[schema(value_type = f64)]
    to_ms: Millis,
    /// How many.
    samples: u64,
    /// The time of the one furthest out.
    #[schema(value_type = f64)]
    peak_ms: Millis,
    peak_value: Option<f64>,
    peak_score: f64,
}

impl Points {
    pub(super) fn new(anomalies: &[Anomaly]) -> Self {
        Self {
            times_ms: anomalies.iter().map(|anomaly| Millis(anomaly.time)).collect(),
            values: anomalies.iter().map(|anomaly| anomaly.value).collect(),
            scores: anomalies.iter().map(|anomaly| anomaly.score).collect(),
        }
    }
}

impl From<Run> for Event {
    fn from(run: Run) -> Self {
        Self {
            from_ms: Millis(run.from),
            to_ms: Millis(run.to),
            samples: run.samples,
            peak_ms: Millis(run.peak.time),
            peak_value: Some(run.peak.value).filter(|value| value.is_finite()),
            peak_score: run.peak.score,
        }
    }
}

impl LearntFrom {
    fn new(history: &History) -> Self {
        let ends = history.ends();
        Self {
            samples: history.times.len() as u64,
            from_ms: ends.map(|(from, _)| Millis(from.nanos())),
            to_ms: ends.map(|(_, to)| Millis(to.nanos())),
            whole: history.whole,
        }
    }
}

impl BoundsUsed {
    fn new(bounds: Bounds, of_values: bool) -> Self {
        let some = |bound: f64| bound.is_finite().then_some(bound);
        Self { low: some(bounds.low), high: some(bounds.high), of: if of_values { "value" } else { "score" } }
    }
}

/// The anomalies of one quantity of a device, found by any method over any range.
///
/// `method` names the detector; the parameters of the detector are parameters of the query, as in
/// `quantity=voltage&method=quantile&low=0.12&high=0.67`. It learns from the range itself unless `learn_from` or
/// `learn_to` is stated.
#[utoipa::path(
    get,
    path = "/devices/{device_id}/anomalies",
    tag = "devices",
    params(
        ("device_id" = String, Path, description = "the device, percent-encoded"),
        ("quantity" = String, Query, description = "the quantity to judge; a `power` that was not measured is voltage times current", example = "voltage"),
        ("method" = String, Query, description = "the detector: value_based, quantile, interquartile_range, persist, level_shift, …", example = "quantile"),
        ("{parameter}" = Option<String>, Query, description = "a parameter of the detector, as `low` and `high` of value_based and quantile"),
        ("from" = Option<String>, Query, description = "the first instant to judge: RFC 3339, or nanoseconds since 1970; the beginning unless stated"),
        ("to" = Option<String>, Query, description = "the first instant no longer judged; the end unless stated"),
        ("learn_from" = Option<String>, Query, description = "the first instant to learn from"),
        ("learn_to" = Option<String>, Query, description = "the first instant no longer learnt from"),
        ("limit" = Option<usize>, Query, description = "at most so many points and events; 1,000 unless stated")
    ),
    responses((status = 200, description = "what was found", body = Anomalies), (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn anomalies(
    State(context): State<Arc<Context>>,
    DeviceId(id): DeviceId,
    choice: Choice,
) -> Result<Json<Anomalies>, Problem> {
    let limit = bounded("limit", choice.number("limit")?, 1000, 0, context.limits.points)?;
    let range = choice.range()?;
    let chosen = choice.chosen().ok_or_else(|| Problem::bad_request("quantity and method are missing"))?;
    let method = chosen.method.clone();
    let turn = context.analyses.turn().await?;
    let found = search(&turn, &context.store, &id, chosen, range, limit).await?;
    Ok(Json(Anomalies {
        device_id: id,
        quantity: found.quantity.name().to_owned(),
        unit: found.quantity.unit().to_owned(),
        method,
        learnt_from: found.learnt_from,
        bounds: BoundsUsed::new(found.bounds, found.counts.of_values),
        values: found.counts.values,
        judged: found.counts.judged,
        anomalies: found.counts.anomalies,
        events_in_all: found.counts.runs,
        points: Points::new(&found.points),
        events: found.events.into_iter().map(Event::from).collect(),
    }))
}

/// What a search found.
pub(super) struct Found {
    pub(super) quantity: Quantity,
    learnt_from: LearntFrom,
    bounds: Bounds,
    counts: Findings,
    /// The anomalies, in order of time.
    pub(super) points: Vec<Anomaly>,
    events: Vec<Run>,
}

/// Learns, and judges all of a range in bounded memory; keeps at most `limit` anomalies.
pub(super) async fn search(
    turn: &Turn,
    store: &Arc<dyn Store>,
    id: &str,
    chosen: Chosen,
    range: TimeRange,
    limit: usize,
) -> Result<Found, Problem> {
    let Chosen { quantity: name, method, learn } = chosen;
    let learn = learn.unwrap_or(range);
    let history = History::read(store, id, &name, learn).await?;
    let mut quantity = history.quantity.clone();
    let learnt_from = LearntFrom::new(&history);
    // What was read to learn from need not be read again to be judged.
    let at_hand = history.whole && learn == range;
    let learnt = turn.run(move |place| {
        let model = method.fit(history.series()?)?;
        let mut judge = Judge::new(&model);
        let mut findings = Findings::new(limit);
        if at_hand {
            for (times, values) in history.pieces() {
                place.check()?;
                for (&time, &value) in times.iter().zip(values) {
                    judge.observe(time, value, &mut |judged| findings.add(judged));
                }
            }
        }
        Ok((model.bounds(), judge, findings))
    });
    let (bounds, mut judge, mut findings) = learnt.await.map_err(|error| Problem::of_content(&error))?;
    if !at_hand {
        let mut samples = Samples::new(store, id, &name, range);
        while let Some(piece) = samples.next().await {
            let (of, times, values) = piece?;
            quantity = quantity.merge(&of)?;
            for (&time, &value) in times.iter().zip(&values) {
                judge.observe(time, value, &mut |judged| findings.add(judged));
            }
        }
    }
    judge.end(&mut |judged| findings.add(judged));
    let (counts, points, events) = findings.finish();
    Ok(Found { quantity, learnt_from, bounds, counts, points, events })
}
