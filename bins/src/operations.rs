//! `/metrics`, `/healthz` and `/readyz` of a binary that serves no readings.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use iot::Store;
use iot::api::{Api, ServerOptions, serve};
use metrics::{counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::PrometheusBuilder;
use tracing::info;

use crate::bind;

/// Counts from here on, and serves the counts and the state of `store` on `address` until the process ends.
///
/// # Errors
///
/// If the address is not to be had.
pub async fn serve_operations(address: SocketAddr, store: Arc<dyn Store>) -> Result<()> {
    let counts = PrometheusBuilder::new().install_recorder().context("cannot count")?;
    let listener = bind(address).await.context("metrics")?;
    info!("metrics on http://{}/metrics", listener.local_addr()?);
    let router = Api::new(store).with_metrics(move || counts.render()).operation_router();
    tokio::spawn(serve(listener, router, ServerOptions::default(), std::future::pending()));
    Ok(())
}

/// Tells what a forwarder counts, from 0 on: nobody can alert on a count that is not there before the first fault.
pub fn describe_forwarding() {
    for (name, what) in [
        ("iot_forward_consumed_total", "Readings taken from the log."),
        ("iot_forward_stored_total", "Readings that the store has for good."),
        ("iot_forward_rejected_total", "Readings that are dead letters for good."),
        ("iot_forward_committed_total", "Readings that the log has been told of as stored or rejected."),
        ("iot_forward_retries_total", "How often an append or a dead letter had to be tried again."),
    ] {
        describe_counter!(name, what);
        counter!(name).increment(0);
    }
    describe_gauge!("iot_forward_in_flight", "Readings that are neither stored nor rejected yet.");
    gauge!("iot_forward_in_flight").set(0.0);
}
