//! `iot-serve`: the HTTP API and the dashboard over a store.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use iot::api::{Api, HostName, ServerOptions, serve};
use iot::pipeline::retain;
use iot_bins::{Common, EXIT_CODES, TokenFile, bind, duration, served, stopped, token};
use tracing::{info, warn};

/// Serve the HTTP API and the dashboard over a store
///
/// The routes of the replaced system (/data, /devices) and our own (/api/v1, described at /api/v1/openapi.json),
/// the dashboard at /dashboard/, and /healthz, /readyz and /metrics.
///
/// Examples:
///   iot-serve --store sqlite:readings.sqlite
///   iot-serve --store 'questdb://127.0.0.1:9000/readings?pg=8812' --listen 127.0.0.1:8000 --keep 90d
#[derive(Debug, Parser)]
#[command(name = "iot-serve", version, verbatim_doc_comment, after_help = EXIT_CODES)]
struct Settings {
    /// The store: sqlite:PATH, questdb://host:port/table?pg=port, memory:, or another API (http://host:port)
    #[arg(long, value_name = "URL", default_value = "sqlite:readings.sqlite")]
    store: String,

    /// The address to listen on; port 0 is any free one. Other than 127.0.0.1, use a token file and a TLS proxy
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,

    /// Take readings only from callers who show the bearer token in this file
    #[arg(long, value_name = "FILE")]
    write_token_file: Option<PathBuf>,

    /// Answer only callers who show the bearer token in this file
    #[arg(long, value_name = "FILE")]
    read_token_file: Option<PathBuf>,

    #[command(flatten)]
    token: TokenFile,

    /// A name by which the service is called, once for each; needed where no tokens are asked for, for names with a dot
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    host: Vec<HostName>,

    /// Remove readings older than this, once an hour [default: keep all]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    keep: Option<Duration>,

    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    iot_bins::main("serve", |settings: &Settings| &settings.common, run)
}

async fn run(settings: Settings) -> Result<()> {
    let Settings { store, listen, .. } = &settings;
    let address = settings.token.shown_to(store.parse().context("store")?)?;
    let write_token =
        settings.write_token_file.as_deref().map(token).transpose().context("write-token-file")?;
    let read_token = settings.read_token_file.as_deref().map(token).transpose().context("read-token-file")?;
    if settings.common.check {
        info!(store, %listen, "settings are good");
        return Ok(());
    }
    if !listen.ip().is_loopback() && (write_token.is_none() || read_token.is_none()) {
        warn!(%listen, "listening beyond this machine without tokens: everyone there can read and write");
    }

    let store = address.open().await.with_context(|| format!("store {store}"))?;
    let listener = bind(*listen).await?;
    let mut api = Api::new(Arc::clone(&store)).with_hosts(settings.host.clone());
    if let Some(token) = write_token {
        api = api.with_write_token(token);
    }
    if let Some(token) = read_token {
        api = api.with_read_token(token);
    }
    info!("listening on http://{} (dashboard at /dashboard/)", listener.local_addr()?);
    let retention = async {
        match settings.keep {
            Some(keep) => retain(&*store, keep, Duration::from_secs(3600), std::future::pending()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        outcome = serve(listener, api.router(), ServerOptions::default(), stopped()) => served(outcome),
        () = retention => {}
    }
    info!("stopped");
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_flags_are_well_formed() {
        super::Settings::command().debug_assert();
    }
}
