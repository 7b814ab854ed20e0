//! Sending messages, and hearing that they have arrived.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use iot_core::Result;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext, ThreadedProducer};
use tokio::sync::Notify;

use crate::error::error;
use crate::{KafkaConfig, client};

/// A message to be sent.
#[derive(Debug)]
pub(crate) struct Letter<'a> {
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) payload: &'a [u8],
    pub(crate) headers: Option<&'a OwnedHeaders>,
}

/// A producer of librdkafka for one topic.
pub(crate) struct Outbox {
    producer: Arc<ThreadedProducer<Receipts>>,
    topic: Arc<str>,
}

impl Outbox {
    pub(crate) async fn open(config: &KafkaConfig) -> Result<Self> {
        let producer: ThreadedProducer<Receipts> = config
            .producer()?
            .create_with_context(Receipts::default())
            .map_err(|cause| error("a producer cannot be made", cause))?;
        let producer = Arc::new(producer);
        client::check_topic(Arc::clone(&producer), |producer| producer.client(), config.topic()).await?;
        Ok(Self { producer, topic: config.shared_topic() })
    }

    pub(crate) fn topic(&self) -> &str {
        &self.topic
    }

    /// Sends a message as part of a shipment, waiting while too much is in flight.
    pub(crate) async fn put(&self, letter: &Letter<'_>, shipment: &Arc<Shipment>) -> Result<()> {
        if self.try_put(letter, shipment)? {
            return Ok(());
        }
        let receipts = self.producer.client().context();
        loop {
            let mut freed = pin!(receipts.freed.notified());
            freed.as_mut().enable();
            receipts.waiting.fetch_add(1, Ordering::SeqCst);
            let put = self.try_put(letter, shipment);
            if matches!(put, Ok(false)) {
                freed.await;
            }
            receipts.waiting.fetch_sub(1, Ordering::SeqCst);
            if put? {
                return Ok(());
            }
        }
    }

    /// Sends a message if there is room for it.
    fn try_put(&self, letter: &Letter<'_>, shipment: &Arc<Shipment>) -> Result<bool> {
        shipment.open.fetch_add(1, Ordering::Relaxed);
        let record = BaseRecord {
            key: letter.key,
            headers: letter.headers.cloned(),
            ..BaseRecord::with_opaque_to(&self.topic, Arc::clone(shipment)).payload(letter.payload)
        };
        let Err((cause, _)) = self.producer.send(record) else { return Ok(true) };
        shipment.open.fetch_sub(1, Ordering::Relaxed);
        match cause.rdkafka_error_code() {
            Some(RDKafkaErrorCode::QueueFull) => Ok(false),
            _ => Err(not_sent(&self.topic, cause)),
        }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("topic", &self.topic).finish_non_exhaustive()
    }
}

fn not_sent(topic: &str, cause: KafkaError) -> iot_core::Error {
    error(format!("topic {topic} has not taken a message"), cause)
}

/// Messages that arrive together, or fail together.
#[derive(Debug)]
pub(crate) struct Shipment {
    /// Messages of which nothing has been heard yet.
    open: AtomicUsize,
    failure: OnceLock<KafkaError>,
    closed: Notify,
}

impl Shipment {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { open: AtomicUsize::new(0), failure: OnceLock::new(), closed: Notify::new() })
    }

    /// The first failure until now, as an error.
    pub(crate) fn check(&self, topic: &str) -> Result<()> {
        self.failure.get().map_or(Ok(()), |cause| Err(not_sent(topic, cause.clone())))
    }

    /// Waits until something has been heard of every message. `Ok` if all have arrived.
    pub(crate) async fn arrived(&self, topic: &str) -> Result<()> {
        while self.open.load(Ordering::Acquire) > 0 {
            self.closed.notified().await;
        }
        self.check(topic)
    }

    fn heard(&self, failure: Option<KafkaError>) {
        if let Some(cause) = failure {
            // The first one is what is reported.
            let _ = self.failure.set(cause);
        }
        if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.closed.notify_one();
        }
    }
}

/// Hears from librdkafka what has become of each message.
#[derive(Debug, Default)]
struct Receipts {
    /// How many are waiting for room.
    waiting: AtomicUsize,
    freed: Notify,
}

impl ClientContext for Receipts {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        client::log(level, facility, text);
    }

    fn error(&self, cause: KafkaError, reason: &str) {
        client::log_error(&cause, reason);
    }
}

impl ProducerContext for Receipts {
    type DeliveryOpaque = Arc<Shipment>;

    fn delivery(&self, result: &DeliveryResult<'_>, shipment: Arc<Shipment>) {
        shipment.heard(result.as_ref().err().map(|(cause, _)| cause.clone()));
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.freed.notify_waiters();
        }
    }
}
