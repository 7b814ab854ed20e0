//! Readings of simulated devices.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use indicatif::ProgressBar;
use iot::simulate::{Fleet, FleetOptions};
use iot::{Quantity, Timestamp};
use iot_bins::{duration, quantity};

use crate::send::{Source, Take};

/// The flags about simulated devices.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Simulation")]
pub(crate) struct Simulation {
    /// How many devices
    #[arg(long, value_name = "N", default_value_t = 10)]
    devices: usize,

    /// The same seed, the same devices and readings
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,

    /// From one reading of a device to its next
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1s")]
    step: Duration,

    /// The time of the first readings [default: now]
    #[arg(long, value_name = "TIME")]
    start: Option<Timestamp>,

    /// The end, which has no reading any more [default: none, or now with --start]
    #[arg(long, value_name = "TIME")]
    end: Option<Timestamp>,

    /// What is measured, once for each; known are voltage, current, power, temperature, humidity, rotation and speed
    #[arg(long, value_name = "NAME[:UNIT]", value_parser = quantity, default_values = ["voltage", "current"])]
    quantity: Vec<Quantity>,

    /// Let no faults befall the devices
    #[arg(long)]
    no_faults: bool,

    /// Write the truth about each fault to this file, a JSON object a line
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
}

impl Simulation {
    /// The readings of these devices, with their number as progress. A `check` leaves the file of the truth as it is.
    pub(crate) fn open(&self, progress: &ProgressBar, check: bool) -> Result<Source> {
        let now = Timestamp::now();
        let past = self.start.is_some_and(|start| start < now);
        let mut options = FleetOptions {
            seed: self.seed,
            devices: self.devices,
            step: self.step,
            quantities: self.quantity.clone(),
            ..FleetOptions::live(self.start.unwrap_or(now))
        };
        options.end = self.end.or(past.then_some(now));
        if self.no_faults {
            options.faults.clear();
        }
        if let Some(end) = options.end {
            let nanos = end.nanos().abs_diff(options.start.nanos());
            let steps = u128::from(nanos).div_ceil(self.step.as_nanos().max(1));
            progress.set_length(u64::try_from(steps * self.devices as u128).unwrap_or(u64::MAX));
        }
        let mut fleet = Fleet::new(options)?;
        let unwritten =
            |path: &PathBuf| iot::Error::invalid(format!("truth {} cannot be written", path.display()));
        let mut truth = match &self.truth {
            Some(path) if check => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                if path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
                    return Err(unwritten(path).into());
                }
                None
            }
            Some(path) => Some(BufWriter::new(
                File::create(path).map_err(|source| unwritten(path).with_source(source))?,
            )),
            None => None,
        };
        let progress = progress.clone();
        Ok(Source {
            default_speed: if past { f64::INFINITY } else { 1.0 },
            next_batch: Box::new(move |take| {
                let batch = match take {
                    Take::Rows(rows) => fleet.next_batch(rows),
                    Take::Due => step(&mut fleet),
                };
                for fault in fleet.take_faults() {
                    if let Some(file) = &mut truth {
                        writeln!(file, "{}", serde_json::to_string(&fault)?)
                            .context("truth cannot be written")?;
                    }
                }
                if let Some(file) = &mut truth {
                    file.flush().context("truth cannot be written")?;
                }
                progress.inc(batch.as_ref().map_or(0, |batch| batch.len() as u64));
                Ok(batch)
            }),
        })
    }
}

/// The readings of the next time at which there are any.
fn step(fleet: &mut Fleet) -> Option<iot::Batch> {
    loop {
        let batch = fleet.due(fleet.next_time()?, usize::MAX);
        if !batch.is_empty() {
            return Some(batch);
        }
    }
}
