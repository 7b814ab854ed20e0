//! Messages gathered into a delivery.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iot_core::wire::Decoder;
use iot_core::{Delivery, Origin, Position, Reject, Result, Timestamp};
use rdkafka::message::{BorrowedMessage, Message};

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
            bytes: 0,
            since: None,
            max_rows: config.max_rows,
            linger: config.linger,
        })
    }

    /// Decodes a message.
    pub(super) fn add(&mut self, message: &BorrowedMessage<'_>) {
        let (partition, offset) = (message.partition(), message.offset());
        let payload = message.payload().unwrap_or_default();
        let (topic, rejects) = (&self.topic, &mut self.rejects);
        let first_row = self.decoder.rows() as u32;
        let rows = self.decoder.message(message.key(), payload, &mut |payload, cause| {
            rejects.push(Reject {
                payload: payload.to_vec(),
                key: message.key().map(<[u8]>::to_vec),
                topic: Arc::clone(topic),
                partition,
                offset,
                time: message.timestamp().to_millis().map(Timestamp::from_millis),
                reason: cause.to_string(),
            });
        });
        if rows > 0 {
            self.origins.push(Origin { first_row, partition, offset });
        }
        self.bytes += payload.len();
        if self.last.is_none_or(|(last, _)| last != partition) {
            self.pass_last();
            self.firsts.entry(partition).or_insert(offset);
            self.since.get_or_insert_with(Instant::now);
        }
        self.last = Some((partition, offset));
    }

    fn pass_last(&mut self) {
        if let Some((partition, offset)) = self.last.take() {
            self.position.consumed(partition, offset);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// Whether it is as long as it may be.
    pub(super) fn is_full(&self) -> bool {
        self.decoder.rows() + self.rejects.len() >= self.max_rows || self.bytes >= MAX_BYTES
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
        (delivery, std::mem::take(&mut self.firsts))
    }
}
