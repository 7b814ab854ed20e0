//! `GET /api/v1/devices/{device_id}/readings`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
#[cfg(not(feature = "arrow"))]
use axum::http::StatusCode;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use iot_core::{Query, TimeRange};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::Context;
use crate::columns::{self, Columns, place};
use crate::csv;
use crate::disposition;
use crate::params::{DeviceId, Instant, Names, Params, page, range};
use crate::pieces::{self, Piece, piece};
use crate::problem::Problem;

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
    /// Names of quantities, separated by commas; all unless stated. Readings that have none of them are left out.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "voltage,current")]
    quantities: Names,
    /// At most so many readings, and fewer of very many quantities. JSON: 10,000 unless stated. CSV and Arrow: all unless stated.
    limit: Option<usize>,
    /// How many readings to pass over first.
    #[serde(default)]
    skip: u64,
    /// Where to go on: `next` of the answer before, with the same other parameters but `skip`.
    #[param(value_type = Option<String>)]
    cursor: Option<Instant>,
    /// `json`, `csv` or `arrow`, whatever the `Accept` header says.
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Json,
    Csv,
    Arrow,
}

impl Format {
    fn accepted(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        if accept.contains("text/csv") {
            Self::Csv
        } else if accept.contains("application/vnd.apache.arrow.stream") {
            Self::Arrow
        } else {
            Self::Json
        }
    }
}

impl Wanted {
    fn query(&self, id: &str) -> Result<Query, Problem> {
        let range = range(self.from, self.to)?;
        let query = Query::device(id).quantities(self.quantities.0.iter().cloned());
        Ok(match self.cursor {
            // A cursor from another range leads nowhere rather than out of this one.
            Some(Instant(from)) => {
                query.range(TimeRange::new(from.clamp(range.from(), range.to()), range.to())?)
            }
            None => query.range(range).skip(self.skip),
        })
    }
}

/// The readings of a device, oldest first: columns in JSON or Arrow, or rows in CSV.
///
/// JSON comes in pages, each with the cursor of the next one. Arrow (an IPC stream) and CSV come whole, whatever their
/// length; in CSV a text that a spreadsheet would take for a formula has a `'` before it.
#[utoipa::path(
    get,
    path = "/devices/{device_id}/readings",
    tag = "devices",
    params(("device_id" = String, Path, description = "the device, percent-encoded"), Wanted),
    responses(
        (status = 200, description = "readings", content((Columns = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))),
        (status = "default", description = "refused, and why", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn readings(
    State(context): State<Arc<Context>>,
    DeviceId(id): DeviceId,
    Params(wanted): Params<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = wanted.query(&id)?;
    let format = wanted.format.unwrap_or_else(|| Format::accepted(&headers));
    if format == Format::Json {
        let limit = page(wanted.limit, 10_000, context.limits.rows)?;
        return Ok(Json(read(&context, query, limit).await?).into_response());
    }
    let query = match wanted.limit {
        Some(limit) => query.limit(limit as u64),
        None => query,
    };
    // The head of a table comes before its rows: its columns must be known.
    let summary = context.store.device(&id).await?;
    let mut quantities = summary.map(|summary| summary.quantities).unwrap_or_default();
    quantities.sort_by(|a, b| place(a).cmp(&place(b)));
    if !wanted.quantities.0.is_empty() {
        quantities.retain(|quantity| wanted.quantities.0.iter().any(|name| name == quantity.name()));
    }
    let (store, turns) = (Arc::clone(&context.store), Arc::clone(&context.answers));
    let frames = pieces::frames(store, turns, query, context.limits.values);
    match format {
        #[cfg(feature = "arrow")]
        Format::Arrow => {
            let body = Body::from_stream(crate::arrow::batches(quantities, frames));
            Ok(file(crate::arrow::MEDIA_TYPE, &id, "arrows", body))
        }
        #[cfg(not(feature = "arrow"))]
        Format::Arrow => Err(Problem::new(
            StatusCode::NOT_ACCEPTABLE,
            "this server was built without the feature \"arrow\"",
        )),
        _ => {
            Ok(file("text/csv; charset=utf-8", &id, "csv", Body::from_stream(csv::rows(quantities, frames))))
        }
    }
}

/// An answer that a browser saves under the device's name, as far as every system takes it for one.
fn file(media_type: &'static str, id: &str, ending: &str, body: Body) -> Response {
    let disposition = disposition::attachment(id, ending);
    ([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body)
        .into_response()
}

async fn read(context: &Context, query: Query, limit: usize) -> Result<Columns, Problem> {
    let _turn = context.answers.acquire().await.map_err(|_| Problem::ending())?;
    let Piece { frames, rest } = piece(&*context.store, query, limit as u64, context.limits.values).await?;
    let next = rest.map(|rest| rest.range.from().nanos().to_string());
    Ok(Columns::new(columns::join(frames)?, next))
}
