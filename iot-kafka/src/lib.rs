//! Kafka as the log of the iot SDK.
//!
//! - **[`KafkaProducer`]** puts readings into a topic: idempotent, acknowledged by all replicas, compressed; a reading
//!   a message, in the [wire format](iot_core::wire), keyed by the device id.
//! - **[`KafkaConsumer`]** takes them out, as a member of a consumer group: decoded into columns on a thread of its
//!   own, offsets committed only when you say that they are dealt with.
//! - **[`KafkaDeadLetters`]** keeps what could not be stored, with where it came from and why.
//! - **[`ensure_topic`]** makes a topic that is not there.
//! - **[`KafkaConfig`]** says where and how: an address `kafka://host:port/topic?group=g`, and any property of librdkafka.
//!
//! ```no_run
//! use iot_core::{Consumer, DeadLetters};
//! use iot_kafka::{KafkaConfig, KafkaConsumer, KafkaDeadLetters};
//!
//! # async fn store(_: &iot_core::Batch) -> iot_core::Result<()> { Ok(()) }
//! # async fn run() -> iot_core::Result<()> {
//! let config: KafkaConfig = "kafka://127.0.0.1:9092/machinery-data?group=archive".parse()?;
//! let dead_letters = KafkaDeadLetters::connect(&config.dead_letters()?).await?;
//! let mut consumer = KafkaConsumer::connect(&config).await?;
//! loop {
//!     let delivery = consumer.next().await?;
//!     store(&delivery.batch).await?;
//!     dead_letters.bury(&delivery.rejects).await?;
//!     consumer.commit(&delivery.position).await?;
//! }
//! # }
//! ```
//!
//! It speaks to brokers through librdkafka, which is built with it (g++ and make). The feature `tls` adds TLS.

mod client;
mod config;
mod consumer;
mod dead_letters;
mod error;
mod producer;
mod topic;

pub use config::KafkaConfig;
pub use consumer::KafkaConsumer;
pub use dead_letters::KafkaDeadLetters;
pub use producer::KafkaProducer;
pub use topic::ensure_topic;
