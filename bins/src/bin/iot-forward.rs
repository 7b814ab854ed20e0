//! `iot-forward`: from a log into a store or an API.

use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use iot::address::{DeadLettersAddress, LogAddress, StoreAddress};
use iot::pipeline::ForwardOptions;
use iot::{Consumer, DeadLetters, Store};
use iot_bins::{
    Common, EXIT_CODES, TokenFile, Topic, describe_forwarding, duration, opened, serve_operations, stopped,
};
use tracing::info;

/// Forward readings from a log into a store or an API, none lost, none doubled
///
/// A reading is committed to the log only when the store, or the dead letters, have it for good; after a crash it
/// comes again, and is stored once all the same. A log or a store that is away is waited for. A reading that can never be
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
    #[arg(long, value_name = "URL", default_value = "kafka://127.0.0.1:9092/machinery-data")]
    from: String,

    /// Where readings go: an API (http:), or straight into a store (questdb:, sqlite:)
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8000")]
    to: String,

    /// Where refused readings go: a Kafka topic, or file:PATH [default: the topic's name with .dead-letters, same Kafka,
    /// created if it is not there]
    #[arg(long, value_name = "URL")]
    dead_letters: Option<String>,

    #[command(flatten)]
    token: TokenFile,

    #[command(flatten)]
    topic: Topic,

    /// The readings at which a transaction of the store is full, or more by less than one delivery of the log; batches
    /// grow up to it with the backlog
    #[arg(long, value_name = "READINGS", default_value_t = ForwardOptions::default().max_rows)]
    max_rows: usize,

    /// The bytes in memory at which a transaction is full; only a single delivery of the log can take more
    #[arg(long, value_name = "BYTES", default_value_t = ForwardOptions::default().max_bytes)]
    max_bytes: usize,

    /// How long a reading may wait for others to share its transaction
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "200ms")]
    linger: Duration,

    /// How long Ctrl-C or SIGTERM waits for the store to take what is in flight
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "30s")]
    drain: Duration,

    /// Serve /metrics, /healthz and /readyz on this address
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,

    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    iot_bins::main("forward", |settings: &Settings| &settings.common, run)
}

async fn run(settings: Settings) -> Result<()> {
    let from: LogAddress = settings.from.parse().context("from")?;
    let to = settings.token.shown_to(settings.to.parse().context("to")?)?;
    let dead_letters = match &settings.dead_letters {
        Some(address) => address.parse(),
        None => from.dead_letters(),
    };
    let dead_letters = dead_letters.context("dead-letters")?;
    info!(%from, %to, %dead_letters, "forwarding");
    if settings.common.check {
        return Ok(());
    }

    let mut stop = pin!(stopped());
    let (store, consumer, dead_letters) = tokio::select! {
        parts = open(&settings, &from, &to, &dead_letters) => parts?,
        () = &mut stop => return Ok(()),
    };
    if let Some(address) = settings.metrics {
        serve_operations(address, Arc::clone(&store)).await?;
        describe_forwarding();
    }
    let mut options = ForwardOptions::default();
    options.max_rows = settings.max_rows.max(1);
    options.max_bytes = settings.max_bytes.max(1);
    options.linger = settings.linger;
    options.drain = settings.drain;
    let forwarder = iot::forward(consumer, store, dead_letters).with_options(options);
    let ledger = forwarder.ledger();
    let outcome = forwarder.run(stop).await;
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

type Parts = (Arc<dyn Store>, Box<dyn Consumer>, Arc<dyn DeadLetters>);

/// Opens all that a forwarder needs, and waits for what is away.
async fn open(
    settings: &Settings,
    from: &LogAddress,
    to: &StoreAddress,
    dead_letters: &DeadLettersAddress,
) -> Result<Parts> {
    let Topic { create_topic, partitions, replication } = settings.topic;
    if create_topic {
        opened(&format!("create-topic {from}"), || from.create_topic(partitions, replication)).await?;
    }
    let store = opened(&format!("to {to}"), || to.open()).await?;
    let consumer = opened(&format!("from {from}"), || from.consumer()).await?;
    let what = format!("dead-letters {dead_letters}");
    // The topic that nobody named is the forwarder's own: who has the other need not know of it.
    if create_topic || settings.dead_letters.is_none() {
        opened(&what, || dead_letters.create_topic(replication)).await?;
    }
    let dead_letters = opened(&what, || dead_letters.open()).await?;
    Ok((store, consumer, dead_letters))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_flags_are_well_formed() {
        super::Settings::command().debug_assert();
    }
}
