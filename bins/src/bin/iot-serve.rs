//! `iot-serve`: the HTTP API and the dashboard over a store.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use iot_bins::{Common, EXIT_CODES, duration, stopped};

/// Serve the HTTP API and the dashboard over a store
///
/// The routes of the replaced system (/data, /devices) and our own (/api/v1, described at /api/v1/openapi.json),
/// the dashboard at /dashboard/, and /healthz, /readyz and /metrics.
///
/// Examples:
///   iot-serve --store sqlite:readings.sqlite
///   iot-serve --store 'questdb://127.0.0.1:9000/readings?pg=8812' --listen 127.0.0.1:8000 --keep 90d
#[derive(Debug, Parser)]
#[command(version, verbatim_doc_comment, after_help = EXIT_CODES)]
struct Settings {
    /// The store: sqlite:PATH, questdb://host:port/table?pg=port, or memory:
    #[arg(long, value_name = "URL", env = "IOT_STORE", default_value = "sqlite:readings.sqlite")]
    store: String,

    /// The address to listen on; port 0 is any free one. Other than 127.0.0.1, use a token file and a TLS proxy
    #[arg(long, value_name = "ADDR", env = "IOT_LISTEN", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,

    /// Ask every caller for the bearer token in this file
    #[arg(long, value_name = "FILE", env = "IOT_TOKEN_FILE")]
    token_file: Option<PathBuf>,

    /// Remove readings older than this, once an hour [default: keep all]
    #[arg(long, value_name = "DURATION", env = "IOT_KEEP", value_parser = duration)]
    keep: Option<Duration>,

    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    iot_bins::main("serve", |settings: &Settings| &settings.common, run)
}
