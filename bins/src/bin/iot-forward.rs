//! `iot-forward`: from a log into a store or an API.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use iot::address::{LogAddress, StoreAddress};
use iot::pipeline::ForwardOptions;
use iot_bins::{Common, EXIT_CODES, Topic, duration, serve_operations, stopped};
use tracing::info;

/// Forward readings from a log into a store or an API, none lost, none doubled
///
/// A reading is committed to the log only when the store, or the dead letters, have it for good; after a crash it
/// comes again, and is stored once all the same. A store that is away is waited for. A reading that can never be
/// stored becomes a dead letter, with the reason, and stops nothing.
///
/// Examples:
///   iot-forward --from kafka://127.0.0.1:9092/machinery-data --to http://127.0.0.1:8000
///   iot-forward --from 'kafka://127.0.0.1:9092/machinery-data?group=archive' --to sqlite:readings.sqlite
///   iot-forward --to 'questdb://127.0.0.1:9000/readings?pg=8812' --metrics 127.0.0.1:9100
#[derive(Debug, Parser)]
#[command(name = "iot-forward", version, verbatim_doc_comment, after_help = EXIT_CODES)]
struct Settings {
    /// The log to consume; `group` names the consumer group, any other parameter is one of librdkafka
    #[arg(
        long,
        value_name = "URL",
        env = "IOT_FROM",
        default_value = "kafka://127.0.0.1:9092/machinery-data"
    )]
    from: String,

    /// Where readings go: an API (http:), or straight into a store (questdb:, sqlite:)
    #[arg(long, value_name = "URL", env = "IOT_TO", default_value = "http://127.0.0.1:8000")]
    to: String,

    /// Where refused readings go: a Kafka topic, or file:PATH [default: the topic's name with .dead-letters, same Kafka]
    #[arg(long, value_name = "URL", env = "IOT_DEAD_LETTERS")]
    dead_letters: Option<String>,

    #[command(flatten)]
    topic: Topic,

    /// The most readings in one transaction of the store; batches grow up to it with the backlog
    #[arg(long, value_name = "READINGS", default_value_t = ForwardOptions::default().max_rows)]
    max_rows: usize,

    /// The most bytes of readings in one transaction of the store; with --max-rows this bounds the memory
    #[arg(long, value_name = "BYTES", default_value_t = ForwardOptions::default().max_bytes)]
    max_bytes: usize,

    /// How long a reading may wait for others to share its transaction
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "200ms")]
    linger: Duration,

    /// How long Ctrl-C or SIGTERM waits for the store to take what is in flight
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "30s")]
    drain: Duration,

    /// Serve /metrics, /healthz and /readyz on this address
    #[arg(long, value_name = "ADDR", env = "IOT_METRICS")]
    metrics: Option<SocketAddr>,

    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    iot_bins::main("forward", |settings: &Settings| &settings.common, run)
}

async fn run(settings: Settings) -> Result<()> {
    let Settings { topic, .. } = &settings;
    let from: LogAddress = settings.from.parse().context("from")?;
    let to: StoreAddress = settings.to.parse().context("to")?;
    let dead_letters = match &settings.dead_letters {
        Some(address) => address.parse(),
        None => from.dead_letters(),
    };
    let dead_letters = dead_letters.context("dead-letters")?;
    info!(%from, %to, %dead_letters, "forwarding");
    if settings.common.check {
        return Ok(());
    }

    topic.create_if_asked(&from).await?;
    if topic.create_topic {
        dead_letters.create_topic(topic.replication).await.context("create-topic")?;
    }
    let store = to.open().await.with_context(|| format!("to {to}"))?;
    let consumer = from.consumer().await.with_context(|| format!("from {from}"))?;
    let dead_letters = dead_letters.open().await.with_context(|| format!("dead-letters {dead_letters}"))?;
    if let Some(address) = settings.metrics {
        serve_operations(address, Arc::clone(&store)).await?;
    }
    let mut options = ForwardOptions::default();
    options.max_rows = settings.max_rows.max(1);
    options.max_bytes = settings.max_bytes.max(1);
    options.linger = settings.linger;
    options.drain = settings.drain;
    let forwarder = iot::forward(consumer, store, dead_letters).with_options(options);
    let ledger = forwarder.ledger();
    let outcome = forwarder.run(stopped()).await;
    let totals = ledger.totals();
    info!(
        consumed = totals.consumed,
        stored = totals.stored,
        rejected = totals.rejected,
        in_flight = totals.in_flight,
        committed = totals.committed,
        "stopped"
    );
    Ok(outcome.map(|_| ())?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_flags_are_well_formed() {
        super::Settings::command().debug_assert();
    }
}
