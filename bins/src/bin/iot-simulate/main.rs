//! `iot-simulate`: readings from devices that are not there, or from a file.

mod fleet;
mod replay;
mod send;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use iot_bins::{Common, EXIT_CODES, SinkAddress, TokenFile, Topic, speed};
use tracing::info;

/// Send readings of simulated devices, or of a CSV file, to Kafka, an API or a store
///
/// Simulated devices are those of a plant: five kinds in three places, with daily load, mains noise and faults whose
/// truth is known (--truth), the same to the byte for the same --seed. Without --start they live now, in real time;
/// with --start and --end they fill that range as fast as possible.
///
/// With --replay the readings of a CSV file are sent with their own times, as fast as possible or at --speed.
///
/// Examples:
///   iot-simulate --to kafka://127.0.0.1:9092/machinery-data --create-topic
///   iot-simulate --to http://127.0.0.1:8000 --devices 100 --step 1m --start 2025-02-01 --end 2025-02-08 --truth truth.json
///   iot-simulate --to http://127.0.0.1:8000 --replay household.csv.gz --time-column date_time \
///       --map voltage=Voltage --map current=Global_intensity --device house-1
#[derive(Debug, Parser)]
#[command(name = "iot-simulate", version, verbatim_doc_comment, after_help = EXIT_CODES)]
struct Settings {
    /// Where readings go: a Kafka topic (kafka:), an API (http:), or a store (sqlite:, questdb:)
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8000")]
    to: SinkAddress,

    #[command(flatten)]
    token: TokenFile,

    #[command(flatten)]
    topic: Topic,

    #[command(flatten)]
    fleet: fleet::Simulation,

    /// Send the readings of this CSV file, gzipped or not, instead of simulated ones
    #[arg(long, value_name = "FILE", help_heading = "Replay")]
    replay: Option<PathBuf>,

    #[command(flatten)]
    columns: replay::Columns,

    /// How much faster than the clock: a factor, or max [default: 1, and max for a file or a past range]
    #[arg(long, value_name = "FACTOR", value_parser = speed)]
    speed: Option<f64>,

    /// How many readings to send at a time at the most
    #[arg(long, value_name = "READINGS", default_value_t = 10_000)]
    batch: usize,

    /// Show no progress bar
    #[arg(long)]
    quiet: bool,

    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    iot_bins::main("simulate", |settings: &Settings| &settings.common, run)
}

async fn run(settings: Settings) -> Result<()> {
    let Settings { topic, fleet, columns, .. } = &settings;
    let to = settings.to.clone().showing(&settings.token)?;
    let progress = send::progress(settings.quiet);
    let source = match &settings.replay {
        Some(file) => columns.open(file, &progress).with_context(|| format!("replay {}", file.display()))?,
        None => fleet.open(&progress, settings.common.check)?,
    };
    let speed = settings.speed.unwrap_or(source.default_speed);
    if settings.common.check {
        info!(%to, speed, "settings are good");
        return Ok(());
    }
    if let SinkAddress::Log(log) = &to {
        topic.create_if_asked(log).await?;
    }
    let sink = to.open().await?;
    send::send(source, sink, speed, settings.batch.max(1), &progress).await
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_flags_are_well_formed() {
        super::Settings::command().debug_assert();
    }
}
