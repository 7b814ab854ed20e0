//! `/metrics`, `/healthz` and `/readyz` of a binary that serves no readings.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use iot::Store;
use iot::api::{Api, ServerOptions, serve};
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
