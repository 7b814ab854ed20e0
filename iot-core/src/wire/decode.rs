//! Reading messages into columns.

use std::borrow::Cow;

use super::draft::{Draft, MAX_VALUES, Time, Values};
use super::names::Names;
use super::scan::{NotJson, Scan, shorten};
use super::{Epoch, Options, time};
use crate::{Batch, BatchBuilder, Error, Result, Timestamp};

/// Reads messages into one [`Batch`] after the other, without an allocation a reading.
///
/// It remembers devices, names and their order from message to message: keep one for a stream.
///
/// ```
/// use iot_core::wire::Decoder;
///
/// let mut decoder = Decoder::default();
/// let mut refused = Vec::new();
/// let mut refuse = |_: &[u8], reason: iot_core::Error| refused.push(reason.to_string());
/// decoder.message(Some(b"pump-7"), br#"{"timestamp": "2025-02-05 00:00:00", "voltage": 229.7}"#, &mut refuse);
/// decoder.message(None, br#"[{"timestamp": 0, "device_id": "pump-8", "voltage": "high"}]"#, &mut refuse);
///
/// let batch = decoder.finish();
/// assert_eq!(batch.len(), 1);
/// assert_eq!(batch.device(0).id(), "pump-7");
/// assert_eq!(refused, [r#"voltage "high" is not a number"#]);
/// ```
#[derive(Debug, Default)]
pub struct Decoder {
    epoch: Epoch,
    time: Option<Timestamp>,
    names: Names,
    /// The values of the reading at hand.
    values: Values,
    /// For each quantity of `names`, its column in the batch being built, once it has one.
    columns: Vec<Option<usize>>,
    builder: BatchBuilder,
}

impl Decoder {
    /// A decoder at the start of an empty batch.
    ///
    /// # Errors
    ///
    /// `Invalid` if a quantity is given in two units.
    pub fn new(options: &Options) -> Result<Self> {
        Ok(Self { epoch: options.epoch, time: options.time, names: Names::new(options)?, ..Self::default() })
    }

    /// Adds the readings of one message, and says how many rows that gave.
    ///
    /// `key` is the id of readings that state none. Each reading that is refused is handed to `on_reject` with
    /// its bytes and the reason, an `Invalid` error, and stops nothing else. A message that is not JSON is one
    /// reject as a whole and adds no row.
    pub fn message(
        &mut self,
        key: Option<&[u8]>,
        payload: &[u8],
        on_reject: &mut dyn FnMut(&[u8], Error),
    ) -> usize {
        let before = self.rows();
        if let Err(error) = self.read(key, payload, on_reject) {
            on_reject(payload, error.reason(payload));
        }
        self.rows() - before
    }

    fn read(
        &mut self,
        key: Option<&[u8]>,
        payload: &[u8],
        on_reject: &mut dyn FnMut(&[u8], Error),
    ) -> Result<(), NotJson> {
        let mut scan = Scan::new(payload)?;
        match scan.space() {
            b'{' => {
                let draft = Draft::read(&mut scan, &mut self.names, &mut self.values)?;
                scan.end()?;
                self.add(draft, key).unwrap_or_else(|reason| on_reject(payload, reason));
            }
            b'[' => {
                // All of it is looked at before any of it is taken.
                let mut ahead = scan.clone();
                ahead.skip(0)?;
                ahead.end()?;
                scan.at += 1;
                while scan.space() != b']' {
                    let start = scan.at;
                    let outcome = if scan.peek() == b'{' {
                        let draft = Draft::read(&mut scan, &mut self.names, &mut self.values)?;
                        self.add(draft, key)
                    } else {
                        Err(not_an_object(scan.skip(1)?))
                    };
                    if let Err(reason) = outcome {
                        on_reject(&payload[start..scan.at], reason);
                    }
                    scan.at += usize::from(scan.space() == b',');
                }
            }
            _ => {
                let value = scan.skip(0)?;
                scan.end()?;
                on_reject(payload, not_an_object(value));
            }
        }
        Ok(())
    }

    /// Adds the reading whose values are in `self.values`.
    fn add(&mut self, draft: Draft<'_>, key: Option<&[u8]>) -> Result<()> {
        if let Some(wrong) = draft.wrong {
            return Err(wrong);
        }
        let time = match draft.time {
            Some(Time::Text(text)) => {
                time::read(&text).map_err(|error| Error::invalid(format!("timestamp {error}")))?
            }
            Some(Time::Number(number)) => self.epoch_time(number)?,
            None => self.time.ok_or_else(|| Error::invalid("timestamp is missing"))?,
        };
        let id = match draft.id {
            Some(id) => id,
            None => Cow::Borrowed(id_of_key(key)?),
        };
        let present = self.values.iter().filter(|(_, value)| !value.is_nan()).count();
        if present == 0 {
            return Err(Error::invalid("the reading has no value"));
        }
        if present > MAX_VALUES {
            return Err(Error::invalid(format!("the reading has {present} values, more than {MAX_VALUES}")));
        }
        for (at, _) in &mut self.values {
            if self.columns.len() <= *at {
                self.columns.resize(*at + 1, None);
            }
            *at = match self.columns[*at] {
                Some(column) => column,
                None => *self.columns[*at].insert(self.builder.quantity(self.names.quantity(*at))?),
            };
        }
        let device = self.builder.device(&id, draft.kind.as_deref(), draft.location.as_deref())?;
        self.builder.row(device, time, &self.values)
    }

    fn epoch_time(&self, number: &[u8]) -> Result<Timestamp> {
        let units = str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        units.and_then(|units| self.epoch.time(units)).ok_or_else(|| {
            let (number, unit) = (shorten(number), self.epoch);
            Error::invalid(format!("timestamp {number} is not a whole number of {unit} from 1678 to 2261"))
        })
    }

    /// The number of readings in the batch being built.
    pub fn rows(&self) -> usize {
        self.builder.len()
    }

    /// The bytes that its columns take.
    pub fn bytes(&self) -> usize {
        self.builder.bytes()
    }

    /// The batch built so far; the decoder starts an empty one.
    pub fn finish(&mut self) -> Batch {
        self.columns.clear();
        self.builder.finish()
    }
}

fn id_of_key(key: Option<&[u8]>) -> Result<&str> {
    let key = key.filter(|key| !key.is_empty()).ok_or_else(|| Error::invalid("device_id is missing"))?;
    str::from_utf8(key)
        .map_err(|_| Error::invalid(format!("device_id is missing, and key {:?} is not UTF-8", shorten(key))))
}

fn not_an_object(value: &[u8]) -> Error {
    Error::invalid(format!("a reading is an object, not {}", shorten(value)))
}
