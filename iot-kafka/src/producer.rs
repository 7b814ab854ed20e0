//! Putting readings into a topic.

mod outbox;

use async_trait::async_trait;
use iot_core::{Batch, Producer, Result, wire};

pub(crate) use self::outbox::{Letter, Outbox, Shipment};
use crate::KafkaConfig;

/// A producer into a Kafka topic.
///
/// A reading is a message in the [wire format](iot_core::wire), and its key is the device id, so that the readings of
/// a device share a partition, the one that Java's clients choose for that key. The producer is idempotent and waits
/// for all replicas. Dropping it is closing it.
///
/// [`send`](Producer::send) answers when the brokers have the whole batch. While too much is in flight it waits; after
/// `message.timeout.ms` (30 s) without a broker it is `Unavailable`, and some of the batch may have been
/// accepted: sending it again may double readings in the log, which a [`Store`](iot_core::Store) holds once all the same.
///
/// ```no_run
/// use iot_core::{Batch, Device, Producer, Quantity, Reading, Timestamp};
/// use iot_kafka::KafkaProducer;
///
/// # async fn run() -> iot_core::Result<()> {
/// let producer = KafkaProducer::open("kafka://127.0.0.1:9092/machinery-data").await?;
/// let reading = Reading::new(Device::new("pump-7")?, Timestamp::now()).with(Quantity::VOLTAGE, 229.7)?;
/// producer.send(&Batch::from_readings(&[reading])?).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct KafkaProducer {
    outbox: Outbox,
}

impl KafkaProducer {
    /// Opens a producer into the topic of an [address](KafkaConfig#address).
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect), and `Invalid` if it is not an address.
    pub async fn open(address: &str) -> Result<Self> {
        Self::connect(&address.parse()?).await
    }

    /// Opens a producer into the topic of this config.
    ///
    /// # Errors
    ///
    /// `Invalid` if a property is not accepted, the topic is not there, or the brokers refuse the client;
    /// `Unavailable` if no broker answers.
    pub async fn connect(config: &KafkaConfig) -> Result<Self> {
        Ok(Self { outbox: Outbox::open(config).await? })
    }
}

#[async_trait]
impl Producer for KafkaProducer {
    async fn send(&self, batch: &Batch) -> Result<()> {
        let shipment = Shipment::new();
        let mut payload = Vec::new();
        for row in 0..batch.len() {
            payload.clear();
            wire::encode_row(batch, row, &mut payload);
            let key = Some(batch.device(row).id().as_bytes());
            self.outbox.put(&Letter { key, payload: &payload, headers: None }, &shipment).await?;
            if row % 1024 == 1023 {
                // A long batch must not keep the runtime's thread to itself, nor go on after a failure.
                shipment.check(self.outbox.topic())?;
                tokio::task::yield_now().await;
            }
        }
        shipment.arrived(self.outbox.topic()).await
    }
}
