//! `iot-demo`: the whole chain in one process, with nothing installed.

mod plant;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use iot::api::{Api, HostName, ServerOptions, serve};
use iot::memory::Log;
use iot::pipeline::FileDeadLetters;
use iot::stores::SqliteStore;
use iot_bins::{Common, EXIT_CODES, bind, duration, fail, served, stopped};
use tokio::sync::watch;
use tracing::info;

/// How long the end waits for a store that is stuck.
const PATIENCE: Duration = Duration::from_secs(10);

/// The whole chain in one process: simulated devices, a log, the forwarder, SQLite, the API and the dashboard
///
/// Open the address it prints. Ctrl-C ends it, with every reading stored; a second start goes on where it stopped.
/// Everything it keeps is in the folder --data: readings.sqlite, dead-letters.ndjson, and faults.ndjson, which tells
/// what has gone wrong with which device: look at the dashboard first.
#[derive(Debug, Parser)]
#[command(name = "iot-demo", version, verbatim_doc_comment, after_help = EXIT_CODES)]
struct Settings {
    /// The folder that keeps everything; delete it to begin afresh
    #[arg(long, value_name = "DIR", default_value = "iot-data")]
    data: PathBuf,

    /// The address to listen on; port 0 is any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,

    /// A name by which it is called, once for each; needed for names with a dot
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    host: Vec<HostName>,

    /// How many devices
    #[arg(long, value_name = "N", default_value_t = 10)]
    devices: usize,

    /// The same seed, the same devices
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,

    /// From one reading of a device to its next
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1s")]
    step: Duration,

    /// How much of the past to fill in, at the first start and after a pause
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "6h")]
    history: Duration,

    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    iot_bins::main("demo", |settings: &Settings| &settings.common, run)
}

async fn run(settings: Settings) -> Result<()> {
    let Settings { data, listen, .. } = &settings;
    plant::check(settings.devices, settings.seed, settings.step)?;
    if data.exists() && !data.is_dir() {
        return Err(fail(iot::ErrorKind::Invalid, format!("data {} is not a folder", data.display())));
    }
    if settings.common.check {
        info!(data = %data.display(), %listen, "settings are good");
        return Ok(());
    }
    // First what may be refused, so that a second demo does not touch the data of the first.
    let listener = bind(*listen).await?;
    std::fs::create_dir_all(data).map_err(|source| {
        iot::Error::invalid(format!("cannot make the folder {}", data.display())).with_source(source)
    })?;
    let store = Arc::new(SqliteStore::open(data.join("readings.sqlite")).await?);
    let dead_letters = FileDeadLetters::open(data.join("dead-letters.ndjson"))?;
    let fleet =
        plant::fleet(&*store, settings.devices, settings.seed, settings.step, settings.history).await?;

    let log = Log::default();
    let (stop, stopping) = watch::channel(false);
    let forwarder = iot::forward(log.consumer("store"), Arc::clone(&store), dead_letters);
    let ledger = forwarder.ledger();
    let plant = tokio::spawn(plant::run(fleet, log.producer(), data.join("faults.ndjson"), stopping.clone()));
    // The forwarder ends after the devices, when it has consumed all that they have sent.
    let (sent, all_sent) = tokio::sync::oneshot::channel::<u64>();
    let consumed = {
        let ledger = Arc::clone(&ledger);
        async move {
            let sent = all_sent.await.unwrap_or(0);
            let all = async {
                while ledger.totals().consumed < sent {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            // A store that is stuck takes no more of the log: the forwarder says what it has not stored.
            let _ = tokio::time::timeout(PATIENCE, all).await;
        }
    };
    let forwarding = tokio::spawn(forwarder.run(consumed));
    let url = format!("http://{}", listener.local_addr()?);
    let router = Api::new(store).with_hosts(settings.host.clone()).router();
    let serving = tokio::spawn(serve(listener, router, ServerOptions::default(), ended(stopping)));
    announce(&url, data);

    let ended_by_itself = tokio::select! {
        () = stopped() => false,
        () = failed(&plant, &forwarding, &serving) => true,
    };
    info!("stopping");
    let _ = stop.send(true);
    let readings = plant.await.context("the devices have panicked")??;
    let _ = sent.send(readings);
    let totals = forwarding.await.context("the forwarder has panicked")??;
    served(serving.await.context("the API has panicked")?);
    info!(sent = readings, stored = totals.stored, "stopped; the next start goes on from here");
    if ended_by_itself {
        return Err(fail(iot::ErrorKind::Internal, "a part of the demo ended before it was told to"));
    }
    Ok(())
}

/// Tells a newcomer where to look, whatever is logged. A standard output that nobody reads ends nothing.
fn announce(url: &str, data: &std::path::Path) {
    let text = format!(
        "dashboard  {url}/dashboard/\nAPI        {url}/api/v1/openapi.json\ndata       {}\n\
         Ctrl-C ends it; the next start goes on from there.\n",
        data.display()
    );
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Ready when the demo is to end.
async fn ended(mut stopping: watch::Receiver<bool>) {
    // A sender that is gone is an end too.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// Ready when one of the parts has ended by itself.
async fn failed<A, B, C>(
    plant: &tokio::task::JoinHandle<A>,
    forwarding: &tokio::task::JoinHandle<B>,
    serving: &tokio::task::JoinHandle<C>,
) {
    while !plant.is_finished() && !forwarding.is_finished() && !serving.is_finished() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_flags_are_well_formed() {
        super::Settings::command().debug_assert();
    }
}
