//! What the service counts of itself, as Prometheus reads it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::{counter, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::api::Context;

/// Upper bounds of the durations of requests, seconds.
const SECONDS: [f64; 10] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0];

/// Durations are kept one by one until somebody reads them; this often they are summed up where nobody does.
const UPKEEP: u64 = 1024;

/// Text that an embedder adds to `/metrics`.
pub(crate) type Source = Arc<dyn Fn() -> String + Send + Sync>;

/// The counters of one [`Api`](crate::Api), apart from those of the process.
pub(crate) struct Telemetry {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    requests: AtomicU64,
    sources: Vec<Source>,
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").field("sources", &self.sources.len()).finish_non_exhaustive()
    }
}

impl Telemetry {
    pub(crate) fn new(sources: Vec<Source>) -> Self {
        let builder = PrometheusBuilder::new();
        // It refuses an empty list only.
        let builder = builder.set_buckets(&SECONDS).unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let telemetry = Self { handle: recorder.handle(), recorder, requests: AtomicU64::new(0), sources };
        telemetry.describe();
        telemetry
    }

    fn describe(&self) {
        metrics::with_local_recorder(&self.recorder, || {
            metrics::describe_counter!("iot_api_requests_total", "Requests answered.");
            metrics::describe_histogram!(
                "iot_api_request_seconds",
                "Seconds from the head of a request to the head of its answer."
            );
            metrics::describe_counter!(
                "iot_api_readings_stored_total",
                "Readings that the store has acknowledged."
            );
            metrics::describe_counter!("iot_api_readings_rejected_total", "Readings that were refused.");
            counter!("iot_api_readings_stored_total").absolute(0);
            counter!("iot_api_readings_rejected_total").absolute(0);
        });
    }

    /// Counts readings that came in.
    pub(crate) fn readings(&self, stored: u64, rejected: u64) {
        metrics::with_local_recorder(&self.recorder, || {
            counter!("iot_api_readings_stored_total").increment(stored);
            counter!("iot_api_readings_rejected_total").increment(rejected);
        });
    }

    fn request(&self, method: String, route: String, status: u16, took: Duration) {
        let labels = [("method", method), ("route", route.clone()), ("status", status.to_string())];
        metrics::with_local_recorder(&self.recorder, || {
            counter!("iot_api_requests_total", &labels).increment(1);
            histogram!("iot_api_request_seconds", "route" => route).record(took);
        });
        if self.requests.fetch_add(1, Ordering::Relaxed) % UPKEEP == UPKEEP - 1 {
            self.handle.run_upkeep();
        }
    }

    fn render(&self) -> String {
        let mut text = self.handle.render();
        for source in &self.sources {
            text.push_str(&source());
            if !text.ends_with('\n') {
                text.push('\n');
            }
        }
        text
    }
}

/// Counts and times every request.
pub(crate) async fn observe(State(context): State<Arc<Context>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    // Any text may stand in a path or as a method, and each label is memory: only those we know are kept.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "DELETE" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let response = next.run(request).await;
    context.telemetry.request(method, route, response.status().as_u16(), began.elapsed());
    response
}

/// The metrics, in the text format of Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain"))
)]
pub(crate) async fn metrics(State(context): State<Arc<Context>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], context.telemetry.render())
        .into_response()
}
