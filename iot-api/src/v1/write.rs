//! `POST /api/v1/readings`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use iot_core::Quantity;
use iot_core::wire::Options;
use serde::Serialize;
use utoipa::ToSchema;

use super::decode::{Form, MAX_LISTED, decode};
use crate::api::Context;
use crate::body::{Reading, SHORT, Unreadable};
use crate::problem::{Problem, Refused};

/// What became of the readings of a request.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Written {
    /// How many are durable now.
    #[schema(example = 2)]
    stored: u64,
    /// How many were refused.
    #[schema(example = 0)]
    rejected: u64,
    /// The first hundred of those, each with the reason.
    rejects: Vec<Refused>,
}

/// Stores readings.
///
/// A reading is an object `{"timestamp": "2025-02-05T00:00:00Z", "device_id": "pump-7", "voltage": 3.7}`; members
/// that are not fields of a reading are quantities. Status 200 says that all readings but the listed rejects are
/// durable. Repeating a request changes nothing: a reading is identified by device and time.
#[utoipa::path(
    post,
    path = "/readings",
    tag = "readings",
    params(
        ("unit.{quantity}" = Option<String>, Query, description = "the unit of a quantity that has no fixed one, as in `unit.co2=ppm`; any number of them"),
        ("epoch" = Option<String>, Query, description = "the unit of times that are numbers: s, ms, us or ns (unless stated)")
    ),
    request_body(
        description = "one reading, an array of them, one a line, or columns as this API answers them; gzip and zstd are understood",
        content(
            ("application/json"),
            ("application/x-ndjson"),
            (crate::columns::Columns = "application/vnd.iot.columns+json")
        )
    ),
    responses(
        (status = 200, description = "stored", body = Written),
        (status = 422, description = "nothing stored, all of it refused", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "nothing acknowledged: the store is away", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn write(
    State(context): State<Arc<Context>>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Written>, Problem> {
    let form = Form::of(&headers)?;
    let options = options(&query)?;
    let unread = |error: Unreadable| Problem::new(error.status(), error.detail());
    let mut body = Reading::new(body, context.limits.body_bytes, &context.limits);
    // Whoever sends nothing must not keep a turn from those who do.
    body.more_than(SHORT).await.map_err(unread)?;
    // Bodies are the memory of the service: so many at a time, and no more.
    let _turn = context.writes.acquire().await.map_err(|_| Problem::ending())?;
    body.go_on();
    let bytes = body.whole().await.map_err(unread)?;
    // Megabytes of text are no work for a thread that serves others too.
    let decoded = tokio::task::spawn_blocking(move || decode(form, &options, &bytes));
    let decoded = decoded.await.map_err(|_| Problem::ending())??;
    let stored = decoded.batch.len() as u64;
    if stored == 0 && decoded.rejected > 0 {
        context.telemetry.readings(0, decoded.rejected);
        let detail = match decoded.rejected {
            1 => "the reading is refused".to_owned(),
            all => format!("all {all} readings are refused; the first {MAX_LISTED} at most are listed"),
        };
        return Err(Problem::unprocessable(detail).with_rejects(decoded.rejects));
    }
    if stored > 0 {
        context.store.append(&decoded.batch).await.map_err(|error| Problem::of_readings(&error))?;
    }
    context.stored(stored, decoded.rejected);
    Ok(Json(Written { stored, rejected: decoded.rejected, rejects: decoded.rejects }))
}

fn options(query: &[(String, String)]) -> Result<Options, Problem> {
    let mut options = Options::default();
    for (name, value) in query {
        if let Some(quantity) = name.strip_prefix("unit.") {
            options.quantities.push(Quantity::new(quantity, value)?);
        } else if name == "epoch" {
            options.epoch = value.parse()?;
        } else {
            return Err(Problem::bad_request(format!(
                "unknown parameter {name:?}: there are unit.QUANTITY and epoch"
            )));
        }
    }
    Ok(options)
}
