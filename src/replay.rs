//! Readings from a CSV file.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::str::FromStr;

use csv::ByteRecord;
use flate2::read::MultiGzDecoder;
use iot_core::{Batch, BatchBuilder, Device, Error, Quantity, Result, Timestamp};

/// What a gzipped file starts with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Which columns of a CSV file are what.
///
/// ```
/// use iot::Device;
/// use iot::replay::{CsvReplay, Mapping};
///
/// let file = "at,U,I\n2025-02-05 00:00:00,229.7,4.1\n2025-02-05 00:00:01,,4.2\n";
/// let mapping = Mapping::new("at", Device::new("house")?)
///     .with_quantity("U", iot::Quantity::VOLTAGE)
///     .with_quantity("I", iot::Quantity::CURRENT);
/// let mut replay = CsvReplay::new(file.as_bytes(), &mapping)?;
/// let batch = replay.next_batch(1000)?.unwrap_or_default();
/// assert_eq!(batch.len(), 2);
/// # Ok::<(), iot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mapping {
    time: String,
    device: Device,
    device_column: Option<String>,
    quantities: Vec<(String, Quantity)>,
    delimiter: u8,
}

impl Mapping {
    /// The column of this name holds the times (as [`Timestamp`] reads them); all readings are of `device`.
    pub fn new(time_column: &str, device: Device) -> Self {
        Self {
            time: time_column.to_owned(),
            device,
            device_column: None,
            quantities: Vec::new(),
            delimiter: b',',
        }
    }

    /// The same, with device ids from this column; kind and location stay those of the device given.
    #[must_use]
    pub fn with_device_column(mut self, column: &str) -> Self {
        self.device_column = Some(column.to_owned());
        self
    }

    /// The same, with a quantity from this column. An empty cell is a missing value.
    #[must_use]
    pub fn with_quantity(mut self, column: &str, quantity: Quantity) -> Self {
        self.quantities.push((column.to_owned(), quantity));
        self
    }

    /// The same, with cells apart by this byte instead of a comma.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }
}

/// Reads a CSV file, gzipped or not, as batches of readings, in bounded memory.
///
/// A row that is not a reading is told and passed over: see [`bad_rows`](Self::bad_rows).
pub struct CsvReplay {
    rows: csv::Reader<Box<dyn Read + Send>>,
    record: ByteRecord,
    builder: BatchBuilder,
    device: Device,
    time_at: usize,
    device_at: Option<usize>,
    quantities: Vec<(usize, Quantity)>,
    values: Vec<(usize, f64)>,
    bad_rows: u64,
    /// Why the file cannot be read any further; told when what was read before has been handed out.
    broken: Option<Error>,
}

impl std::fmt::Debug for CsvReplay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvReplay")
            .field("quantities", &self.quantities)
            .field("bad_rows", &self.bad_rows)
            .finish()
    }
}

impl CsvReplay {
    /// Opens a file, gzipped or not.
    ///
    /// # Errors
    ///
    /// `Invalid` if the file cannot be opened, or has not the columns of `mapping`.
    pub fn open(path: impl AsRef<Path>, mapping: &Mapping) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|source| {
            Error::invalid(format!("cannot open {}", path.display())).with_source(source)
        })?;
        Self::new(file, mapping)
    }

    /// Reads from `reader`, gzipped or not; the first line names the columns.
    ///
    /// # Errors
    ///
    /// `Invalid` if it has not the columns of `mapping`, or `mapping` has no quantity; `Corrupt` if it cannot be read.
    pub fn new(reader: impl Read + Send + 'static, mapping: &Mapping) -> Result<Self> {
        let mut reader = BufReader::new(reader);
        let start = reader.fill_buf().map_err(|source| unreadable(source.into()))?;
        let reader: Box<dyn Read + Send> =
            if start.starts_with(&GZIP) { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
        let mut rows =
            csv::ReaderBuilder::new().delimiter(mapping.delimiter).flexible(true).from_reader(reader);
        let header = rows.headers().map_err(unreadable)?.clone();
        let find = |name: &str| {
            header.iter().position(|column| column.trim() == name).ok_or_else(|| {
                let columns: Vec<&str> = header.iter().collect();
                Error::invalid(format!("the file has no column {name:?}; it has {}", columns.join(", ")))
            })
        };
        if mapping.quantities.is_empty() {
            return Err(Error::invalid("no column is mapped to a quantity"));
        }
        let quantities = mapping.quantities.iter();
        let quantities = quantities.map(|(column, quantity)| Ok((find(column)?, quantity.clone())));
        Ok(Self {
            time_at: find(&mapping.time)?,
            device_at: mapping.device_column.as_deref().map(find).transpose()?,
            quantities: quantities.collect::<Result<_>>()?,
            rows,
            record: ByteRecord::new(),
            builder: BatchBuilder::new(),
            device: mapping.device.clone(),
            values: Vec::new(),
            bad_rows: 0,
            broken: None,
        })
    }

    /// The next readings, at most `max_rows` of them; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// `Corrupt` if the file cannot be read any further.
    pub fn next_batch(&mut self, max_rows: usize) -> Result<Option<Batch>> {
        while self.broken.is_none() && self.builder.len() < max_rows {
            match self.rows.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(source) => {
                    self.broken = Some(unreadable(source));
                    break;
                }
            }
            if let Err(error) = self.take_record() {
                self.bad_rows += 1;
                let line = self.record.position().map_or(0, csv::Position::line);
                tracing::warn!(line, %error, "not a reading, passed over");
            }
        }
        match self.broken.take_if(|_| self.builder.is_empty()) {
            Some(error) => Err(error),
            None => Ok((!self.builder.is_empty()).then(|| self.builder.finish())),
        }
    }

    /// How many rows were not readings, and so were passed over. Each is logged with its line and the fault.
    pub fn bad_rows(&self) -> u64 {
        self.bad_rows
    }

    fn take_record(&mut self) -> Result<()> {
        let time: Timestamp = cell(&self.record, self.time_at)?.parse()?;
        let id = self.device_at.map(|at| cell(&self.record, at)).transpose()?;
        let device = self.builder.device(
            id.unwrap_or(self.device.id()),
            self.device.kind(),
            self.device.location(),
        )?;
        self.values.clear();
        for (at, quantity) in &self.quantities {
            let text = cell(&self.record, *at)?;
            if !text.is_empty() {
                let value = f64::from_str(text)
                    .map_err(|_| Error::invalid(format!("{} {text:?} is not a number", quantity.name())))?;
                if !value.is_finite() {
                    return Err(Error::invalid(format!("{} {text:?} is not finite", quantity.name())));
                }
                self.values.push((self.builder.quantity(quantity)?, value));
            }
        }
        self.builder.row(device, time, &self.values)
    }
}

fn cell(record: &ByteRecord, at: usize) -> Result<&str> {
    let bytes = record.get(at).ok_or_else(|| Error::invalid(format!("the row has no column {}", at + 1)))?;
    let text =
        std::str::from_utf8(bytes).map_err(|_| Error::invalid(format!("column {} is not UTF-8", at + 1)))?;
    Ok(text.trim())
}

fn unreadable(source: csv::Error) -> Error {
    Error::corrupt("cannot read the CSV file").with_source(source)
}
