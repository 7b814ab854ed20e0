//! `GET /data` and `GET /data/{device_id}`: readings, one a row.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use iot_core::{Batch, Device, Quantity, Result, Timestamp};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use utoipa::ToSchema;

use super::detail;
use super::page::Page;
use super::{failure, refusal};
use crate::api::Context;
use crate::columns;

/// One reading.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Row<'a> {
    /// The time, UTC. All times of an answer have the same digits: none of a second's fraction, or nine.
    #[schema(example = "2025-02-05T00:00:00")]
    timestamp: String,
    #[schema(example = "pump-7")]
    device_id: &'a str,
    /// V.
    #[schema(example = 3.7)]
    voltage: Option<f64>,
    /// A.
    #[schema(example = 0.5)]
    current: Option<f64>,
    #[schema(example = "Controller")]
    device_type: Option<&'a str>,
    #[schema(example = "warehouse")]
    location: Option<&'a str>,
}

type Asked = Query<Vec<(String, String)>>;

/// The newest readings of all devices, newest first.
///
/// The answer has two elements: the rows, and the offset that was asked for.
#[utoipa::path(
    get,
    path = "/data",
    tag = "replaced system",
    params(
        ("limit" = Option<u64>, Query, description = "at most so many rows, 0 to 1000; 100 unless stated"),
        ("offset" = Option<u64>, Query, description = "passing over so many")
    ),
    responses((status = 200, description = "rows and offset", body = (Vec<Row>, u64)), (status = 422, description = "refused, and why", body = detail::Details))
)]
pub(super) async fn newest(State(context): State<Arc<Context>>, Query(query): Asked) -> Response {
    let page = match Page::from_query(&query) {
        Ok(page) => page,
        Err(faults) => return detail::unprocessable(faults),
    };
    let batch = match page.limit {
        0 => Ok(Batch::default()),
        limit => context.store.newest(page.offset, limit).await,
    };
    answer(batch, page)
}

/// The readings of one device that have a voltage or a current, oldest first.
///
/// The answer has two elements: the rows, and the offset that was asked for.
#[utoipa::path(
    get,
    path = "/data/{device_id}",
    tag = "replaced system",
    params(
        ("device_id" = String, Path, description = "the device"),
        ("limit" = Option<u64>, Query, description = "at most so many rows, 0 to 1000; 100 unless stated"),
        ("offset" = Option<u64>, Query, description = "passing over so many")
    ),
    responses((status = 200, description = "rows and offset", body = (Vec<Row>, u64)), (status = 422, description = "refused, and why", body = detail::Details))
)]
pub(super) async fn of_device(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Query(query): Asked,
) -> Response {
    scan(&context, &id, &query).await
}

/// The same for an id with slashes, from a client that does not quote it.
pub(super) async fn of_unquoted_device(
    State(context): State<Arc<Context>>,
    uri: Uri,
    Query(query): Asked,
) -> Response {
    let quoted = uri.path().strip_prefix("/data/").unwrap_or_default();
    match percent_decode_str(quoted).decode_utf8() {
        Ok(id) => scan(&context, &id, &query).await,
        Err(_) => refusal(StatusCode::NOT_FOUND, "Not Found"),
    }
}

async fn scan(context: &Context, id: &str, query: &[(String, String)]) -> Response {
    let page = match Page::from_query(query) {
        Ok(page) => page,
        Err(faults) => return detail::unprocessable(faults),
    };
    answer(read(context, id, page).await, page)
}

async fn read(context: &Context, id: &str, page: Page) -> Result<Batch> {
    if page.limit == 0 {
        return Ok(Batch::default());
    }
    let query = iot_core::Query::device(id)
        .quantities([Quantity::VOLTAGE.name(), Quantity::CURRENT.name()])
        .skip(page.offset)
        .limit(page.limit as u64);
    let mut frames = context.store.scan(query);
    let mut read = Vec::new();
    while let Some(frame) = frames.next().await {
        read.push(frame?);
    }
    columns::join(read)
}

fn answer(batch: Result<Batch>, page: Page) -> Response {
    match batch {
        Ok(batch) => Json((rows(&batch), page.offset)).into_response(),
        Err(error) => failure(&error),
    }
}

fn rows(batch: &Batch) -> Vec<Row<'_>> {
    let column =
        |wanted: &Quantity| batch.columns().iter().find(|column| column.quantity.name() == wanted.name());
    let (voltage, current) = (column(&Quantity::VOLTAGE), column(&Quantity::CURRENT));
    let value = |column: Option<&iot_core::Column>, row: usize| {
        column.map(|column| column.values[row]).filter(|value| !value.is_nan())
    };
    let whole = batch.times().iter().all(|time| time.rem_euclid(1_000_000_000) == 0);
    let row = |row: usize| {
        let device: &Device = batch.device(row);
        Row {
            timestamp: text(Timestamp::from_nanos(batch.times()[row]), whole),
            device_id: device.id(),
            voltage: value(voltage, row),
            current: value(current, row),
            device_type: device.kind(),
            location: device.location(),
        }
    };
    (0..batch.len()).map(row).collect()
}

/// A time without its zone, which is UTC; with nine digits of a fraction unless all times of the answer are `whole` seconds.
fn text(time: Timestamp, whole: bool) -> String {
    let text = time.to_string();
    let text = text.trim_end_matches('Z');
    if whole {
        return text.to_owned();
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{seconds}.{fraction:0<9}")
}
