//! Messages gathered into a delivery.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iot_core::wire::{Decoder, Rest};
use iot_core::{Delivery, Error, Origin, Position, Reject, Result, Timestamp};
use rdkafka::message::{BorrowedMessage, Message};

use super::refused::{Refused, Source};
use crate::KafkaConfig;

/// The most bytes of messages in a delivery, whatever they hold.
const MAX_BYTES: usize = 32 << 20;

/// A delivery in the making.
#[derive(Debug)]
pub(super) struct Gatherer {
    topic: Arc<str>,
    decoder: Decoder,
    origins: Vec<Origin>,
    rejects: Vec<Reject>,
    position: Position,
    /// The first offset of each partition.
    firsts: BTreeMap<i32, i64>,
    /// The last message. It is not in `position` yet: messages come in runs of one partition.
    last: Option<(i32, i64)>,
    /// The message after that, if there was no room for all of it.
    unfinished: Option<Unfinished>,
    /// Of messages, with their keys.
    bytes: usize,
    since: Option<Instant>,
    max_rows: usize,
    linger: Duration,
}

impl Gatherer {
    pub(super) fn new(config: &KafkaConfig) -> Result<Self> {
        Ok(Self {
            topic: config.shared_topic(),
            decoder: Decoder::new(&config.decoding)?,
            origins: Vec::new(),
            rejects: Vec::new(),
            position: Position::new(),
            firsts: BTreeMap::new(),
            last: None,
            unfinished: None,
            bytes: 0,
            since: None,
            max_rows: config.max_rows,
            linger: config.linger,
        })
    }

    /// Decodes a message, as far as it fits.
    pub(super) fn add(&mut self, message: &BorrowedMessage<'_>) {
        let source = Source {
            key: message.key(),
            payload: message.payload().unwrap_or_default(),
            partition: message.partition(),
            offset: message.offset(),
            time: message.timestamp().to_millis().map(Timestamp::from_millis),
        };
        self.bytes += source.payload.len() + source.key.map_or(0, <[u8]>::len);
        match self.decode(source, None) {
            None => self.pass(source.partition, source.offset),
            Some(rest) => self.unfinished = Some(Unfinished::new(source, rest)),
        }
    }

    /// Decodes a message from where it was left. Says where it is left now.
    fn decode(&mut self, source: Source<'_>, rest: Option<Rest>) -> Option<Rest> {
        let Self { topic, decoder, rejects, .. } = self;
        let first_row = decoder.rows();
        let mut refused = Refused::new(source, topic, rejects);
        let mut refuse = |bytes: &[u8], cause: Error| refused.add(bytes, &cause);
        let rest = match rest {
            None => decoder.message(source.key, source.payload, &mut refuse),
            Some(rest) => decoder.rest(source.key, source.payload, rest, &mut refuse),
        };
        refused.finish();
        if decoder.rows() > first_row {
            let Source { partition, offset, time, .. } = source;
            self.origins.push(Origin { first_row: first_row as u32, partition, offset, time });
        }
        self.since.get_or_insert_with(Instant::now);
        rest
    }

    /// Notes that all of a message is in this delivery, or in those before it.
    fn pass(&mut self, partition: i32, offset: i64) {
        if self.last.is_none_or(|(last, _)| last != partition) {
            self.pass_last();
            self.firsts.entry(partition).or_insert(offset);
        }
        self.last = Some((partition, offset));
    }

    fn pass_last(&mut self) {
        if let Some((partition, offset)) = self.last.take() {
            self.position.consumed(partition, offset);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.since.is_none()
    }

    /// Whether it is as long as it may be.
    pub(super) fn is_full(&self) -> bool {
        self.unfinished.is_some()
            || self.decoder.rows() + self.rejects.len() >= self.max_rows
            || self.bytes >= MAX_BYTES
    }

    /// How long it may wait for more.
    pub(super) fn patience(&self) -> Duration {
        self.since.map_or(self.linger, |since| self.linger.saturating_sub(since.elapsed()))
    }

    /// What was gathered, with the first offset of each partition in it.
    pub(super) fn finish(&mut self) -> (Delivery, BTreeMap<i32, i64>) {
        self.pass_last();
        self.since = None;
        self.bytes = 0;
        let origins = Vec::with_capacity(self.origins.len());
        let delivery = Delivery {
            topic: Arc::clone(&self.topic),
            batch: self.decoder.finish(),
            rejects: std::mem::take(&mut self.rejects),
            origins: std::mem::replace(&mut self.origins, origins),
            position: std::mem::take(&mut self.position),
        };
        let firsts = std::mem::take(&mut self.firsts);
        self.go_on();
        (delivery, firsts)
    }

    /// Begins the next delivery with what is left of a message.
    fn go_on(&mut self) {
        let Some(Unfinished { key, payload, partition, offset, time, rest }) = self.unfinished.take() else {
            return;
        };
        self.bytes = payload.len();
        let source = Source { key: key.as_deref(), payload: &payload, partition, offset, time };
        match self.decode(source, Some(rest)) {
            None => self.pass(partition, offset),
            Some(rest) => {
                self.unfinished = Some(Unfinished { key, payload, partition, offset, time, rest });
            }
        }
    }
}

/// A message of which the end does not fit into the delivery.
#[derive(Debug)]
struct Unfinished {
    key: Option<Vec<u8>>,
    payload: Vec<u8>,
    partition: i32,
    offset: i64,
    time: Option<Timestamp>,
    rest: Rest,
}

impl Unfinished {
    fn new(source: Source<'_>, rest: Rest) -> Self {
        let Source { key, payload, partition, offset, time } = source;
        Self { key: key.map(<[u8]>::to_vec), payload: payload.to_vec(), partition, offset, time, rest }
    }
}
