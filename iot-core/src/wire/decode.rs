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
/// let rest = decoder.message(Some(b"pump-7"), br#"{"timestamp": "2025-02-05 00:00:00", "voltage": 229.7}"#, &mut refuse);
/// assert_eq!(rest, None);
/// let rest = decoder.message(None, br#"[{"timestamp": 0, "device_id": "pump-8", "voltage": "high"}]"#, &mut refuse);
/// assert_eq!(rest, None);
///
/// let batch = decoder.finish();
/// assert_eq!(batch.len(), 1);
/// assert_eq!(batch.device(0).id(), "pump-7");
/// assert_eq!(refused, [r#"voltage "high" is not a number"#]);
/// ```
#[derive(Debug)]
pub struct Decoder {
    epoch: Epoch,
    time: Option<Timestamp>,
    max_bytes: usize,
    names: Names,
    /// The values of the reading at hand.
    values: Values,
    /// For each quantity of `names`, its column in the batch being built, once it has one.
    columns: Vec<Option<usize>>,
    builder: BatchBuilder,
}

/// Where to go on in a message whose readings do not all fit into one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the message has more readings"]
pub struct Rest {
    /// Where the first reading that is not in the batch starts; 0 if nothing of the message is.
    at: usize,
}

/// Why a reading is not added.
enum Refusal {
    /// It does not fit into this batch.
    Full,
    Wrong(Error),
}

impl From<Error> for Refusal {
    fn from(reason: Error) -> Self {
        Self::Wrong(reason)
    }
}

impl Decoder {
    /// A decoder at the start of an empty batch.
    ///
    /// # Errors
    ///
    /// `Invalid` if a quantity is given in two units.
    pub fn new(options: &Options) -> Result<Self> {
        Ok(Self::with(options, Names::new(options)?))
    }

    fn with(options: &Options, names: Names) -> Self {
        Self {
            epoch: options.epoch,
            time: options.time,
            max_bytes: options.max_bytes,
            names,
            values: Values::new(),
            columns: Vec::new(),
            builder: BatchBuilder::new(),
        }
    }

    /// Adds the readings of one message, up to the first that does not fit into the batch: [`finish`](Self::finish) it
    /// and take [`rest`](Self::rest) into the next one. `None` if there is nothing more.
    ///
    /// `key` is the id of readings that state none. Each reading that is refused is handed to `on_reject` with
    /// its bytes and the reason, an `Invalid` error, and stops nothing else. A message that is not JSON is one
    /// reject as a whole and adds no row.
    #[must_use = "the message may have more readings than fit"]
    pub fn message(
        &mut self,
        key: Option<&[u8]>,
        payload: &[u8],
        on_reject: &mut dyn FnMut(&[u8], Error),
    ) -> Option<Rest> {
        self.rest(key, payload, Rest { at: 0 }, on_reject)
    }

    /// Goes on with a message of which not all went into the batch before.
    ///
    /// An empty batch takes one reading, whatever that is: finishing and going on comes to an end.
    #[must_use = "the message may have more readings than fit"]
    pub fn rest(
        &mut self,
        key: Option<&[u8]>,
        payload: &[u8],
        rest: Rest,
        on_reject: &mut dyn FnMut(&[u8], Error),
    ) -> Option<Rest> {
        self.read(key, payload, rest, on_reject).unwrap_or_else(|error| {
            on_reject(payload, error.reason(payload));
            None
        })
    }

    fn read(
        &mut self,
        key: Option<&[u8]>,
        payload: &[u8],
        rest: Rest,
        on_reject: &mut dyn FnMut(&[u8], Error),
    ) -> Result<Option<Rest>, NotJson> {
        let mut scan = Scan::new(payload)?;
        if rest.at > 0 {
            scan.at = rest.at.min(payload.len());
            return self.elements(scan, key, on_reject);
        }
        match scan.space() {
            b'{' => {
                let outcome = self.object(&mut scan, key, true)?;
                match outcome {
                    Ok(()) => {}
                    Err(Refusal::Full) => return Ok(Some(rest)),
                    Err(Refusal::Wrong(reason)) => on_reject(payload, reason),
                }
                Ok(None)
            }
            b'[' => {
                // All of it is looked at before any of it is taken.
                let mut ahead = scan.clone();
                ahead.skip(0)?;
                ahead.end()?;
                scan.at += 1;
                self.elements(scan, key, on_reject)
            }
            _ => {
                let value = scan.skip(0)?;
                scan.end()?;
                on_reject(payload, not_an_object(value));
                Ok(None)
            }
        }
    }

    /// Adds the readings of an array, from the one at which `scan` is.
    fn elements(
        &mut self,
        mut scan: Scan<'_>,
        key: Option<&[u8]>,
        on_reject: &mut dyn FnMut(&[u8], Error),
    ) -> Result<Option<Rest>, NotJson> {
        while scan.space() != b']' {
            let start = scan.at;
            let outcome = if scan.peek() == b'{' {
                self.object(&mut scan, key, false)?
            } else {
                Err(Refusal::Wrong(not_an_object(scan.skip(1)?)))
            };
            match outcome {
                Ok(()) => {}
                Err(Refusal::Full) => return Ok(Some(Rest { at: start })),
                Err(Refusal::Wrong(reason)) => on_reject(&scan.bytes[start..scan.at], reason),
            }
            scan.at += usize::from(scan.space() == b',');
        }
        Ok(None)
    }

    /// Adds the reading at which `scan` is; `alone` if nothing may follow it.
    #[inline]
    fn object(
        &mut self,
        scan: &mut Scan<'_>,
        key: Option<&[u8]>,
        alone: bool,
    ) -> Result<Result<(), Refusal>, NotJson> {
        if self.builder.is_empty() && self.names.is_crowded() {
            self.forget();
        }
        let draft = Draft::read(scan, &mut self.names, &mut self.values)?;
        if alone {
            scan.end()?;
        }
        Ok(self.add(draft, key))
    }

    /// Adds the reading whose values are in `self.values`.
    fn add(&mut self, draft: Draft<'_>, key: Option<&[u8]>) -> Result<(), Refusal> {
        if draft.is_one_too_many && !self.builder.is_empty() {
            return Err(Refusal::Full);
        }
        if let Some(wrong) = draft.wrong {
            return Err(wrong.into());
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
        let (mut present, mut new) = (0, 0);
        for (at, value) in &self.values {
            present += usize::from(!value.is_nan());
            new += usize::from(self.columns.get(*at).is_none_or(Option::is_none));
        }
        if present == 0 {
            return Err(Error::invalid("the reading has no value").into());
        }
        if present > MAX_VALUES {
            let reason = format!("the reading has {present} values, more than {MAX_VALUES}");
            return Err(Error::invalid(reason).into());
        }
        if self.builder.bytes_with(1, new) > self.max_bytes && !self.builder.is_empty() {
            return Err(Refusal::Full);
        }
        // Before any column: a reading that is refused leaves none.
        let device = self.builder.device(&id, draft.kind.as_deref(), draft.location.as_deref())?;
        for (at, _) in &mut self.values {
            if self.columns.len() <= *at {
                self.columns.resize(*at + 1, None);
            }
            *at = match self.columns[*at] {
                Some(column) => column,
                None => *self.columns[*at].insert(self.builder.quantity(self.names.quantity(*at))?),
            };
        }
        Ok(self.builder.well_formed_row(device, time, &self.values)?)
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
        if self.names.is_crowded() {
            self.forget();
        }
        self.builder.finish()
    }

    fn forget(&mut self) {
        self.names.forget();
        self.columns.clear();
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::with(&Options::default(), Names::default())
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
