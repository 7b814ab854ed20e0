//! Waiting for brokers and members, and not for ever.

use std::future::Future;
use std::time::{Duration, Instant};

use iot_core::{Consumer, Delivery, Result};
use iot_kafka::{KafkaConfig, KafkaConsumer, KafkaDeadLetters, KafkaProducer};
use tokio::time::{sleep, timeout};

/// How long anything may take, on a machine that has much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often a condition is looked at.
pub(crate) const GLANCE: Duration = Duration::from_millis(20);

/// Repeats a call while it is unavailable: a busy broker may take longer than a client waits.
pub(crate) async fn settled<T, F: Future<Output = Result<T>>>(mut call: impl FnMut() -> F) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match call().await {
            Err(error) if error.is_unavailable() && Instant::now() < deadline => sleep(GLANCE).await,
            outcome => return outcome,
        }
    }
}

/// A new producer.
pub(crate) async fn sender(config: &KafkaConfig) -> KafkaProducer {
    settled(|| KafkaProducer::connect(config)).await.unwrap()
}

/// A new member of a group.
pub(crate) async fn join(config: &KafkaConfig) -> KafkaConsumer {
    settled(|| KafkaConsumer::connect(config)).await.unwrap()
}

/// A topic of dead letters.
pub(crate) async fn graveyard(config: &KafkaConfig) -> KafkaDeadLetters {
    settled(|| KafkaDeadLetters::connect(config)).await.unwrap()
}

/// The next delivery or error, in good time.
pub(crate) async fn try_next(consumer: &mut (impl Consumer + ?Sized)) -> Result<Delivery> {
    timeout(PATIENCE, consumer.next()).await.unwrap()
}

/// The next delivery, in good time.
pub(crate) async fn next(consumer: &mut (impl Consumer + ?Sized)) -> Delivery {
    try_next(consumer).await.unwrap()
}
