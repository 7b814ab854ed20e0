//! Addresses of logs, and of places for dead letters.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use iot_core::{Consumer, DeadLetters, Error, Producer, Result};

use super::{named, scheme, unknown};
use crate::pipeline::FileDeadLetters;

/// The address of a log, known to be well formed; see the [module](super).
#[derive(Clone)]
pub struct LogAddress {
    text: String,
    place: Place,
}

#[derive(Clone)]
enum Place {
    Memory(String),
    #[cfg(feature = "kafka")]
    Kafka(iot_kafka::KafkaConfig),
}

impl LogAddress {
    /// Joins the consumer group.
    ///
    /// # Errors
    ///
    /// `Invalid` if the topic is not there or refused; `Unavailable` if no server answers.
    pub async fn consumer(&self) -> Result<Box<dyn Consumer>> {
        Ok(match &self.place {
            Place::Memory(name) => Box::new(named::log(name).consumer("iot-forward")),
            #[cfg(feature = "kafka")]
            Place::Kafka(config) => Box::new(iot_kafka::KafkaConsumer::connect(config).await?),
        })
    }

    /// Opens the log for writing.
    ///
    /// # Errors
    ///
    /// `Invalid` if the topic is not there or refused; `Unavailable` if no server answers.
    pub async fn producer(&self) -> Result<Arc<dyn Producer>> {
        Ok(match &self.place {
            Place::Memory(name) => Arc::new(named::log(name).producer()),
            #[cfg(feature = "kafka")]
            Place::Kafka(config) => Arc::new(iot_kafka::KafkaProducer::connect(config).await?),
        })
    }

    /// Where its dead letters go unless told: the Kafka topic of its name and `.dead-letters`.
    ///
    /// # Errors
    ///
    /// `Invalid` for a log that has no such place.
    pub fn dead_letters(&self) -> Result<DeadLettersAddress> {
        match &self.place {
            Place::Memory(_) => Err(Error::invalid(format!(
                "{} has no place for dead letters: name one, file:PATH",
                self.text
            ))),
            #[cfg(feature = "kafka")]
            Place::Kafka(config) => {
                let config = config.dead_letters()?;
                let text = format!("kafka://{}/{}", config.brokers(), config.topic());
                Ok(DeadLettersAddress { text, place: DeadLettersPlace::Kafka(config) })
            }
        }
    }

    /// Creates the topic if it is not there, with so many partitions, each on so many brokers.
    ///
    /// # Errors
    ///
    /// `Invalid` for a log without topics, or where the brokers refuse it; `Unavailable` if none answers.
    pub async fn create_topic(&self, partitions: u32, replication: u32) -> Result<()> {
        match &self.place {
            Place::Memory(_) => Err(Error::invalid(format!("{} has no topics to create", self.text))),
            #[cfg(feature = "kafka")]
            Place::Kafka(config) => iot_kafka::ensure_topic(config, partitions, replication).await,
        }
        .inspect(|()| tracing::info!(log = self.text, partitions, replication, "the topic is there"))
    }
}

impl FromStr for LogAddress {
    type Err = Error;

    fn from_str(address: &str) -> Result<Self> {
        let (scheme, rest) = scheme(address)?;
        let place = match scheme {
            "memory" => Place::Memory(rest.to_owned()),
            #[cfg(feature = "kafka")]
            "kafka" => Place::Kafka(address.parse()?),
            #[cfg(not(feature = "kafka"))]
            "kafka" => return Err(super::not_built_in(address, "kafka")),
            _ => return Err(unknown("log", address, "memory: and kafka:")),
        };
        Ok(Self { text: address.to_owned(), place })
    }
}

/// The address of a place for dead letters, known to be well formed; see the [module](super).
#[derive(Clone)]
pub struct DeadLettersAddress {
    text: String,
    place: DeadLettersPlace,
}

#[derive(Clone)]
enum DeadLettersPlace {
    File(PathBuf),
    #[cfg(feature = "kafka")]
    Kafka(iot_kafka::KafkaConfig),
}

impl DeadLettersAddress {
    /// Opens the place.
    ///
    /// # Errors
    ///
    /// `Invalid` if the file cannot be written, or the topic is not there or refused; `Unavailable` if no server answers.
    pub async fn open(&self) -> Result<Arc<dyn DeadLetters>> {
        Ok(match &self.place {
            DeadLettersPlace::File(path) => Arc::new(FileDeadLetters::open(path)?),
            #[cfg(feature = "kafka")]
            DeadLettersPlace::Kafka(config) => Arc::new(iot_kafka::KafkaDeadLetters::connect(config).await?),
        })
    }

    /// Creates the topic if it is one and is not there, with one partition on so many brokers.
    ///
    /// # Errors
    ///
    /// `Invalid` where the brokers refuse it; `Unavailable` if none answers.
    #[cfg_attr(
        not(feature = "kafka"),
        expect(clippy::unused_async, unused_variables, reason = "only a topic is created")
    )]
    pub async fn create_topic(&self, replication: u32) -> Result<()> {
        match &self.place {
            DeadLettersPlace::File(_) => Ok(()),
            #[cfg(feature = "kafka")]
            DeadLettersPlace::Kafka(config) => iot_kafka::ensure_topic(config, 1, replication).await,
        }
    }
}

impl FromStr for DeadLettersAddress {
    type Err = Error;

    fn from_str(address: &str) -> Result<Self> {
        let (scheme, rest) = scheme(address)?;
        let place = match scheme {
            "file" if rest.is_empty() => return Err(Error::invalid("file: names no file: write file:PATH")),
            "file" => DeadLettersPlace::File(rest.into()),
            #[cfg(feature = "kafka")]
            "kafka" => DeadLettersPlace::Kafka(address.parse()?),
            #[cfg(not(feature = "kafka"))]
            "kafka" => return Err(super::not_built_in(address, "kafka")),
            _ => return Err(unknown("place for dead letters", address, "file: and kafka:")),
        };
        Ok(Self { text: address.to_owned(), place })
    }
}

super::shown_as_text!(LogAddress, DeadLettersAddress);
