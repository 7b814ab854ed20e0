//! Writing to the system that this one replaces: a request a reading.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use futures_util::future::join_all;
use iot_core::{Batch, Error, Result, Timestamp};
use serde::Serialize;

use super::http::{Answer, Denied, Http, Request};

/// How many requests are under way at a time.
const LANES: usize = 8;

/// How many readings of appends that failed are remembered as posted.
const MAX_REMEMBERED: usize = 1 << 18;

/// Whether the server is the replaced system, and what it must not be sent again.
#[derive(Debug, Default)]
pub(super) struct Replaced {
    known: AtomicBool,
    /// Readings that were posted by appends that failed on others: the call comes again, and that system would keep
    /// them twice.
    posted: Mutex<HashSet<u64>>,
    hasher: RandomState,
}

/// A reading as that system takes it.
#[derive(Serialize)]
struct Reading<'a> {
    timestamp: String,
    device_id: &'a str,
    voltage: Option<f64>,
    current: Option<f64>,
    device_type: &'a str,
    location: &'a str,
}

impl Replaced {
    pub(super) fn is_known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    pub(super) fn found(&self, http: &Http) {
        if !self.known.swap(true, Ordering::Relaxed) {
            tracing::info!("{http} has no /api/v1: each reading goes to it by a POST /data of its own");
        }
    }

    /// Posts each row of a batch; rows of one device in order, one after the other.
    pub(super) async fn append(&self, http: &Http, batch: &Batch) -> Result<()> {
        let mut lanes: [Vec<usize>; LANES] = Default::default();
        for row in 0..batch.len() {
            // By id: a device's rows may have several codes.
            lanes[self.hasher.hash_one(batch.device(row).id()) as usize % LANES].push(row);
        }
        let ends = join_all(lanes.iter().map(|rows| self.lane(http, batch, rows))).await;
        let posted: HashSet<u64> = ends.iter().flat_map(|(posted, _)| posted.iter().copied()).collect();
        let errors: Vec<Error> = ends.into_iter().filter_map(|(_, end)| end.err()).collect();
        let mut remembered = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
        if errors.is_empty() {
            remembered.retain(|reading| !posted.contains(reading));
            return Ok(());
        }
        if remembered.len() + posted.len() > MAX_REMEMBERED {
            remembered.clear();
        }
        remembered.extend(posted);
        // Readings that are refused are looked for once the system is there again.
        let first = errors.iter().position(Error::is_unavailable).unwrap_or(0);
        if errors[first].is_unavailable() {
            // When it comes back it may be another one.
            self.known.store(false, Ordering::Relaxed);
        }
        errors.into_iter().nth(first).map_or(Ok(()), Err)
    }

    /// Posts these rows until one fails; answers those that were posted, now or before.
    async fn lane(&self, http: &Http, batch: &Batch, rows: &[usize]) -> (Vec<u64>, Result<()>) {
        let mut posted = Vec::with_capacity(rows.len());
        for &row in rows {
            let body = match body(batch, row) {
                Ok(body) => body,
                Err(error) => return (posted, Err(error)),
            };
            let reading = self.hasher.hash_one(&body);
            let before = self.posted.lock().unwrap_or_else(PoisonError::into_inner).contains(&reading);
            if !before {
                // Not asked again here: whether the first one was kept is not known.
                let answer = http.once(&Request::post("/data", "application/json", body)).await;
                if let Err(error) = answer.and_then(|answer| accepted(http, &answer)) {
                    return (posted, Err(error));
                }
            }
            posted.push(reading);
        }
        (posted, Ok(()))
    }
}

fn body(batch: &Batch, row: usize) -> Result<Vec<u8>> {
    let value = |name: &str| {
        let column = batch.columns().iter().find(|column| column.quantity.name() == name);
        column.map(|column| column.values[row]).filter(|value| !value.is_nan())
    };
    let device = batch.device(row);
    let (voltage, current) = (value("voltage"), value("current"));
    if voltage.is_none() && current.is_none() {
        return Err(Error::invalid(
            "the replaced system keeps voltage and current only, and the reading has neither",
        ));
    }
    let reading = Reading {
        // It takes no zone.
        timestamp: Timestamp::from_nanos(batch.times()[row]).to_string().trim_end_matches('Z').to_owned(),
        device_id: device.id(),
        voltage,
        current,
        device_type: device.kind().unwrap_or_default(),
        location: device.location().unwrap_or_default(),
    };
    serde_json::to_vec(&reading)
        .map_err(|error| Error::internal("a reading cannot be written as JSON").with_source(error))
}

fn accepted(http: &Http, answer: &Answer) -> Result<()> {
    if answer.status.is_success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&answer.body).chars().take(1000).collect::<String>();
    if let Some(denied) = Denied::of(answer.status) {
        let error = Error::internal(format!("{http} answered status {} to POST /data", answer.status));
        return Err(error.with_source(denied));
    }
    let error = match answer.status {
        // Any other status of a client's error is about the call, which is the same for all readings.
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Error::invalid(format!("{http} refused the reading with status {}", answer.status))
        }
        // It answers 500 while its database is away.
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Error::unavailable(format!("{http} answered status {status}"))
        }
        status => Error::internal(format!("{http} answered status {status} to POST /data")),
    };
    Err(error.with_source(words))
}
