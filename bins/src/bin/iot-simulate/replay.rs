//! Readings from a CSV file.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use indicatif::ProgressBar;
use iot::replay::{CsvReplay, Mapping};
use iot::{Device, Quantity};
use iot_bins::fail;

use crate::send::{Source, Take};

/// The flags about the columns of a file.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Replay")]
pub(crate) struct Columns {
    /// The column with the times: RFC 3339, or YYYY-MM-DD HH:MM:SS of UTC
    #[arg(long, value_name = "COLUMN", default_value = "timestamp")]
    time_column: String,

    /// A quantity and the column that holds it; the unit is asked for where the name does not say it
    #[arg(long, value_name = "QUANTITY[:UNIT]=COLUMN", value_parser = mapped, default_values = ["voltage=voltage", "current=current"])]
    map: Vec<(Quantity, String)>,

    /// The device all readings are of
    #[arg(long, value_name = "ID", default_value = "replay")]
    device: String,

    /// The column with the device ids, instead of --device
    #[arg(long, value_name = "COLUMN")]
    device_column: Option<String>,

    /// The kind of the device, or of all of them
    #[arg(long, value_name = "KIND", default_value = "")]
    kind: String,

    /// The location of the device, or of all of them
    #[arg(long, value_name = "LOCATION", default_value = "")]
    location: String,

    /// What is between cells: one ASCII character
    #[arg(long, value_name = "CHARACTER", default_value = ",")]
    delimiter: char,
}

impl Columns {
    /// Opens the file, with its bytes as progress.
    pub(crate) fn open(&self, path: &Path, progress: &ProgressBar) -> Result<Source> {
        let device = Device::from_parts(&self.device, Some(&self.kind), Some(&self.location))?;
        let delimiter = u8::try_from(self.delimiter).ok().filter(u8::is_ascii).with_context(|| {
            fail(iot::ErrorKind::Invalid, format!("delimiter {:?} is not an ASCII character", self.delimiter))
        })?;
        let mut mapping = Mapping::new(&self.time_column, device).with_delimiter(delimiter);
        if let Some(column) = &self.device_column {
            mapping = mapping.with_device_column(column);
        }
        for (quantity, column) in &self.map {
            mapping = mapping.with_quantity(column, quantity.clone());
        }
        let file = File::open(path)
            .map_err(|source| iot::Error::invalid("cannot open the file").with_source(source))?;
        progress.set_length(file.metadata().map_or(0, |metadata| metadata.len()));
        let mut replay = CsvReplay::new(progress.wrap_read(file), &mapping)?;
        Ok(Source {
            default_speed: f64::INFINITY,
            next_batch: Box::new(move |take| {
                let rows = match take {
                    Take::Rows(rows) => rows,
                    Take::Due => 1,
                };
                match (replay.next_batch(rows)?, replay.bad_rows()) {
                    (None, bad_rows) if bad_rows > 0 => {
                        let message =
                            format!("{bad_rows} rows of the file are not readings and were passed over");
                        Err(fail(iot::ErrorKind::Corrupt, message))
                    }
                    (batch, _) => Ok(batch),
                }
            }),
        })
    }
}

fn mapped(text: &str) -> Result<(Quantity, String), String> {
    let form = || format!("{text:?} is not of the form QUANTITY[:UNIT]=COLUMN");
    let (quantity, column) = text.split_once('=').ok_or_else(form)?;
    let quantity = iot_bins::quantity(quantity)?;
    if column.is_empty() {
        return Err(form());
    }
    Ok((quantity, column.to_owned()))
}
