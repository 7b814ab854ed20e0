//! `GET /api/v1/devices/{device_id}/stream`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use iot_core::{Column, Detector as _, Frame, Query, TimeRange, Timestamp};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{sleep, timeout};

use super::anomalies::Points;
use super::method::{Choice, Chosen};
use crate::api::Context;
use crate::columns::place;
use crate::derive;
use crate::findings::Judge;
use crate::history::{History, Samples};
use crate::millis::Millis;
use crate::params::DeviceId;
use crate::problem::{self, Problem};
use crate::server::Ending;

/// How often the store is asked, where nothing is stored through this API.
const POLL: Duration = Duration::from_secs(1);

/// The least time between two questions to the store.
const PAUSE: Duration = Duration::from_millis(200);

/// How many readings one event brings at most.
const MAX_READINGS: u64 = 5000;

/// New readings, by quantity.
#[derive(Debug, Serialize)]
struct Readings {
    quantities: Vec<Piece>,
}

#[derive(Debug, Serialize)]
struct Piece {
    name: String,
    unit: String,
    times_ms: Vec<Millis>,
    values: Vec<f64>,
}

/// Anomalies among them.
#[derive(Debug, Serialize)]
struct Anomalies<'a> {
    quantity: &'a str,
    #[serde(flatten)]
    points: Points,
}

/// New readings of a device as they come, and the anomalies among them, as server-sent events.
///
/// An event `readings` has `quantities`, each with `name`, `unit`, `times_ms` and `values`. Where a `quantity` and a
/// `method` are named, as for `/anomalies`, an event `anomalies` has `quantity`, `times_ms`, `values` and `scores`; the
/// detector learns from all readings before the stream begins unless `learn_from` or `learn_to` is stated. The id of an
/// event is the time of the last reading in nanoseconds: a client that comes back with it as `Last-Event-ID` misses none.
/// Readings with anomalies among them have no id, but their anomalies do: who goes away in between gets both again.
#[utoipa::path(
    get,
    path = "/devices/{device_id}/stream",
    tag = "devices",
    params(
        ("device_id" = String, Path, description = "the device, percent-encoded"),
        ("quantities" = Option<String>, Query, description = "names of quantities, separated by commas; all unless stated"),
        ("from" = Option<String>, Query, description = "where the stream begins; after the newest reading unless stated"),
        ("quantity" = Option<String>, Query, description = "the quantity to judge"),
        ("method" = Option<String>, Query, description = "the detector; its parameters as for `/anomalies`"),
        ("Last-Event-ID" = Option<String>, Header, description = "the last event that was seen")
    ),
    responses(
        (status = 200, description = "events", body = String, content_type = "text/event-stream"),
        (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn stream(
    State(context): State<Arc<Context>>,
    ending: Option<Extension<Ending>>,
    DeviceId(id): DeviceId,
    choice: Choice,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let full = |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "as many streams are open as may be");
    let place = Arc::clone(&context.streams).try_acquire_owned().map_err(full)?;
    let from = begin(&context, &id, &choice, &headers).await?;
    let judged = match choice.chosen() {
        Some(chosen) => Some(judge(&context, &id, chosen, from).await?),
        None => None,
    };
    let live = Live {
        appended: context.appended.subscribe(),
        wanted: choice.names("quantities").0,
        ending: ending.map(|Extension(ending)| ending),
        context,
        id,
        from,
        judged,
        _place: place,
    };
    let events = stream::unfold(live, async |mut live| Some((live.next().await?, live)));
    Ok(Sse::new(events.flat_map(stream::iter).map(Ok)).keep_alive(KeepAlive::default()))
}

/// The first instant of the stream.
async fn begin(context: &Context, id: &str, choice: &Choice, headers: &HeaderMap) -> Result<i64, Problem> {
    if let Some(last) = headers.get("last-event-id") {
        let last = last.to_str().ok().and_then(|text| text.parse::<i64>().ok());
        let last = last.ok_or_else(|| Problem::bad_request("Last-Event-ID is not the id of an event"))?;
        return Ok(last.saturating_add(1));
    }
    if choice.text("from").is_some() {
        return Ok(choice.range()?.from().nanos());
    }
    let newest = context.store.device(id).await?.map(|summary| summary.last_seen.nanos().saturating_add(1));
    Ok(newest.unwrap_or(i64::MIN))
}

/// The judge of a quantity, who has seen all samples before the stream begins.
async fn judge(context: &Context, id: &str, chosen: Chosen, from: i64) -> Result<(String, Judge), Problem> {
    let Chosen { quantity, method, learn } = chosen;
    let turn = context.analyses.turn().await?;
    let before = TimeRange::new(Timestamp::MIN, Timestamp::from_nanos(from))?;
    let history = History::read(&context.store, id, &quantity, learn.unwrap_or(before)).await?;
    let learnt = turn.run(move |_| method.fit(history.series()?));
    let model = learnt.await.map_err(|error| Problem::of_content(&error))?;
    let mut judge = Judge::new(&model);
    let mut samples = Samples::new(&context.store, id, &quantity, before);
    while let Some(piece) = samples.next().await {
        let (_, times, values) = piece?;
        times.iter().zip(&values).for_each(|(&time, &value)| judge.observe(time, value, &mut |_| {}));
    }
    Ok((quantity, judge))
}

/// A stream that is open.
struct Live {
    context: Arc<Context>,
    id: String,
    wanted: Vec<String>,
    /// The first instant not sent yet.
    from: i64,
    judged: Option<(String, Judge)>,
    appended: watch::Receiver<()>,
    ending: Option<Ending>,
    _place: OwnedSemaphorePermit,
}

impl Live {
    /// The next events; `None` if there will be none.
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            match self.read().await {
                Ok(events) if !events.is_empty() => return Some(events),
                Ok(_) => {}
                // The store may come back; the client has time.
                Err(error) if error.is_unavailable() => problem::log(&error),
                Err(error) => {
                    problem::log(&error);
                    return None;
                }
            }
            self.wait().await?;
        }
    }

    /// Waits until there may be something; `None` if the service ends.
    async fn wait(&mut self) -> Option<()> {
        let appended = async {
            sleep(PAUSE).await;
            let _ = timeout(POLL - PAUSE, self.appended.changed()).await;
        };
        match &mut self.ending {
            None => appended.await,
            Some(ending) => tokio::select! {
                () = appended => {}
                () = ending.wait() => return None,
            },
        }
        Some(())
    }

    /// What has come since the last event.
    async fn read(&mut self) -> iot_core::Result<Vec<Event>> {
        let range = TimeRange::new(Timestamp::from_nanos(self.from), Timestamp::MAX)?;
        // The judge may want another quantity than the client: all are asked for.
        let frames = self.context.store.scan(Query::device(&self.id).range(range).limit(MAX_READINGS));
        // All at once: were a part of them judged when the others fail, it would be judged again.
        let frames: Vec<Frame> = frames.try_collect().await?;
        let mut quantities: Vec<Piece> = Vec::new();
        let mut anomalies = Vec::new();
        let mut from = self.from;
        for frame in frames {
            from = frame.times().last().map_or(from, |&last| last.saturating_add(1));
            if let Some((quantity, judge)) = &mut self.judged {
                let (times, columns) = derive::with_power(frame.clone(), std::slice::from_ref(quantity))?;
                for column in columns {
                    for (&time, &value) in times.iter().zip(&column.values) {
                        judge.observe(time, value, &mut |judged| anomalies.extend(judged.anomaly()));
                    }
                }
            }
            let (times, columns) = derive::with_power(frame, &self.wanted)?;
            add(&mut quantities, &times, columns);
        }
        self.from = from;
        let id = from.saturating_sub(1).to_string();
        let judged = self.judged.as_ref().filter(|_| !anomalies.is_empty());
        let mut events = Vec::new();
        if !quantities.is_empty() {
            // A client that goes away before their anomalies must come back for both.
            let id = judged.is_none().then_some(&*id);
            events.push(event("readings", id, &Readings { quantities })?);
        }
        if let Some((quantity, _)) = judged {
            events.push(event(
                "anomalies",
                Some(&id),
                &Anomalies { quantity, points: Points::new(&anomalies) },
            )?);
        }
        Ok(events)
    }
}

/// Adds the values of a frame to those of frames before it; what is missing is left out.
fn add(quantities: &mut Vec<Piece>, times: &[i64], mut columns: Vec<Column>) {
    columns.sort_by(|a, b| place(&a.quantity).cmp(&place(&b.quantity)));
    for column in columns {
        let there = || times.iter().zip(&column.values).filter(|(_, value)| !value.is_nan());
        if there().next().is_none() {
            continue;
        }
        let (name, unit) = (column.quantity.name(), column.quantity.unit());
        let at = match quantities.iter().position(|quantity| quantity.name == name) {
            Some(at) => at,
            None => {
                let (name, unit) = (name.to_owned(), unit.to_owned());
                quantities.push(Piece { name, unit, times_ms: Vec::new(), values: Vec::new() });
                quantities.len() - 1
            }
        };
        quantities[at].times_ms.extend(there().map(|(&time, _)| Millis(time)));
        quantities[at].values.extend(there().map(|(_, &value)| value));
    }
}

fn event(name: &str, id: Option<&str>, data: &impl Serialize) -> iot_core::Result<Event> {
    let event = Event::default().event(name);
    let event = if let Some(id) = id { event.id(id) } else { event };
    event
        .json_data(data)
        .map_err(|error| iot_core::Error::internal("an event cannot be written as JSON").with_source(error))
}
