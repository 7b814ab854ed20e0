//! `POST /data`: one reading, stored before it is answered.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use iot_core::{Batch, Error, Timestamp};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::{detail, failure, reading, refusal};
use crate::api::Context;
use crate::body::Reading;

/// The longest body of one reading.
const MAX_BODY: usize = 64 << 10;

/// The replaced system's forwarder drops a reading that is not answered within 5 s (three times), and repeats one
/// that is refused at once and for ever. So the answer comes before that, and a store that is away is waited for.
const PATIENCE: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(200);

/// Stores one reading.
///
/// A missing or null `timestamp` means now, a null quantity is a missing value, a number may be text, and members
/// that are not known are ignored.
#[utoipa::path(
    post,
    path = "/data",
    tag = "replaced system",
    request_body(
        content = Object,
        content_type = "application/json",
        example = json!({"timestamp": "2025-02-05 00:00:00", "device_id": "pump-7", "voltage": 3.7, "current": 0.5, "device_type": "Controller", "location": "warehouse"})
    ),
    responses(
        (status = 200, description = "stored"),
        (status = 422, description = "refused, and why", body = detail::Details),
        (status = 503, description = "not stored: the store is away")
    )
)]
pub(super) async fn insert(State(context): State<Arc<Context>>, body: Body) -> Response {
    let bytes = match Reading::new(body, MAX_BODY, &context.limits).whole().await {
        Ok(bytes) => bytes,
        Err(error) => return refusal(error.status(), &error.detail()),
    };
    let batch = match reading::parse(&bytes, Timestamp::now()) {
        Ok(reading) => Batch::from_readings(&[reading]),
        Err(faults) => {
            context.telemetry.readings(0, 1);
            return detail::unprocessable(faults);
        }
    };
    let stored = match batch {
        Ok(batch) => append(&context, &batch).await,
        Err(error) => Err(error),
    };
    match stored {
        Ok(()) => {
            context.stored(1, 0);
            (StatusCode::OK, Json(json!({"message": "Data inserted successfully"}))).into_response()
        }
        Err(error) => failure(&error),
    }
}

async fn append(context: &Context, batch: &Batch) -> iot_core::Result<()> {
    let began = Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(began.elapsed());
        match timeout(left, context.store.append(batch)).await {
            Ok(Err(error)) if error.is_unavailable() && began.elapsed() + PAUSE < PATIENCE => {
                sleep(PAUSE).await;
            }
            Ok(answer) => return answer,
            Err(_) => return Err(Error::unavailable("the store did not answer in time")),
        }
    }
}
