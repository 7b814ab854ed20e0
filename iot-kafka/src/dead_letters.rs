//! Keeping what could not be stored.

use async_trait::async_trait;
use iot_core::{DeadLetters, ErrorKind, Reject, Result};
use rdkafka::message::{Header, OwnedHeaders};

use crate::KafkaConfig;
use crate::producer::{Letter, Outbox, Shipment};

/// A Kafka topic of dead letters.
///
/// A letter has the key and the bytes of the message that was refused, and these headers, all of them text:
///
/// | header | |
/// | --- | --- |
/// | `topic`, `partition`, `offset` | where the message lies |
/// | `time` | when the log got it, RFC 3339; left out where that is not known |
/// | `reason` | why it was refused |
/// | `cut` | only where the whole was too large for the topic: how many bytes it had |
///
/// ```no_run
/// use iot_core::DeadLetters;
/// use iot_kafka::KafkaDeadLetters;
///
/// # async fn run(rejects: Vec<iot_core::Reject>) -> iot_core::Result<()> {
/// let dead_letters = KafkaDeadLetters::open("kafka://127.0.0.1:9092/machinery-data.dead-letters").await?;
/// dead_letters.bury(&rejects).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct KafkaDeadLetters {
    outbox: Outbox,
}

/// The start of a payload that is kept where the whole does not fit.
const CUT: usize = 64 << 10;

impl KafkaDeadLetters {
    /// Opens the topic of an [address](KafkaConfig#address) for dead letters.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect), and `Invalid` if it is not an address.
    pub async fn open(address: &str) -> Result<Self> {
        Self::connect(&address.parse()?).await
    }

    /// Opens the topic of this config for dead letters; see [`KafkaConfig::dead_letters`].
    ///
    /// # Errors
    ///
    /// `Invalid` if a property is not accepted, the topic is not there, or the brokers refuse the client;
    /// `Unavailable` if no broker answers.
    pub async fn connect(config: &KafkaConfig) -> Result<Self> {
        Ok(Self { outbox: Outbox::open(config).await? })
    }

    /// Sends a letter with this much of its payload.
    async fn put(&self, reject: &Reject, payload: &[u8]) -> Result<std::sync::Arc<Shipment>> {
        let shipment = Shipment::new();
        let headers = headers(reject, payload.len());
        let letter = Letter { key: reject.key.as_deref(), payload, headers: Some(&headers) };
        self.outbox.put(&letter, &shipment).await?;
        Ok(shipment)
    }

    async fn arrived(&self, sent: Result<std::sync::Arc<Shipment>>) -> Result<()> {
        sent?.arrived(self.outbox.topic()).await
    }
}

#[async_trait]
impl DeadLetters for KafkaDeadLetters {
    async fn bury(&self, rejects: &[Reject]) -> Result<()> {
        let mut sent = Vec::with_capacity(rejects.len());
        for reject in rejects {
            sent.push(self.put(reject, &reject.payload).await);
        }
        for (reject, sent) in rejects.iter().zip(sent) {
            match self.arrived(sent).await {
                // With the headers it may be larger than the topic takes; kept in part it stops nothing.
                Err(error) if error.kind() == ErrorKind::Invalid && reject.payload.len() > CUT => {
                    self.arrived(self.put(reject, &reject.payload[..CUT]).await).await?;
                }
                arrived => arrived?,
            }
        }
        Ok(())
    }
}

fn headers(reject: &Reject, kept: usize) -> OwnedHeaders {
    let mut headers = OwnedHeaders::new_with_capacity(6);
    let mut add = |key: &str, value: &str| {
        headers = std::mem::take(&mut headers).insert(Header { key, value: Some(value) });
    };
    add("topic", &reject.topic);
    add("partition", &reject.partition.to_string());
    add("offset", &reject.offset.to_string());
    if let Some(time) = reject.time {
        add("time", &time.to_string());
    }
    add("reason", &reject.reason);
    if kept < reject.payload.len() {
        add("cut", &reject.payload.len().to_string());
    }
    headers
}
