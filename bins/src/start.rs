//! From `main` to a running binary, and back to an exit code.

use std::ffi::OsString;
use std::future::Future;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, CommandFactory, FromArgMatches};
use iot::api::Denied;
use tracing_subscriber::EnvFilter;

use crate::{Settings, exit};

/// The flags that every binary has.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Read settings from this TOML file; flags and environment come before it
    #[arg(long, value_name = "FILE", help_heading = "Common")]
    pub config: Option<PathBuf>,

    /// Check all settings, say what would be done, and end
    #[arg(long, help_heading = "Common")]
    pub check: bool,

    /// What to log: a level (error, warn, info, debug, trace), or levels by module
    #[arg(long, value_name = "FILTER", default_value = "info", help_heading = "Common")]
    pub log: String,
}

/// Parses settings of type `T`, starts logs and a runtime, and runs `body` to an exit code.
pub fn main<T, F>(table: &'static str, common: fn(&T) -> &Common, body: impl FnOnce(T) -> F) -> ExitCode
where
    T: CommandFactory + FromArgMatches,
    F: Future<Output = Result<()>>,
{
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let settings = match Settings::of::<T>(table).parse::<T>(arguments) {
        Ok(settings) => settings,
        Err(error) => match error.downcast::<clap::Error>() {
            // Also the way `--help` and `--version` end.
            Ok(usage) => usage.exit(),
            Err(error) => return report(&error),
        },
    };
    let run = || -> Result<()> {
        start_logs(&common(&settings).log)?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
        runtime.block_on(body(settings))
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

#[expect(clippy::print_stderr, reason = "the last word of a failed binary goes to standard error")]
fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    if exit::denied(error) == Some(Denied::Token) {
        eprintln!(
            "name the file that holds the token: --token-file or IOT_TOKEN_FILE, or give it in IOT_TOKEN"
        );
    }
    exit::code(error)
}

fn start_logs(filter: &str) -> Result<()> {
    let filter = EnvFilter::try_new(filter).map_err(|source| {
        iot::Error::invalid(format!("log {filter:?} is not a filter")).with_source(source)
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}

/// Ready when the user or the system asks the binary to stop: Ctrl-C or SIGTERM. Whoever asks twice does not want to
/// wait, and the process ends at once.
pub async fn stopped() {
    asked_to_stop().await;
    tokio::spawn(async {
        asked_to_stop().await;
        tracing::warn!("stopped at once; what was in flight comes again");
        std::process::exit(130);
    });
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            },
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
