//! Transports and stores by address: one URL each, in flags, environment, settings files and code alike.
//!
//! | address | what |
//! | --- | --- |
//! | `memory:NAME` | the in-process log or store of this name; every use of the name is the same one |
//! | `kafka://host:port[,host:port]/topic?group=g&any.librdkafka.property=x` | a Kafka topic (feature `kafka`) |
//! | `sqlite:PATH` | a SQLite file (feature `sqlite`) |
//! | `questdb://host:9000/table?pg=8812` | a QuestDB table (feature `questdb`) |
//! | `http://host:port` | the API of another process |
//! | `file:PATH` | dead letters only: a file, a JSON object a line |
//!
//! There are no secrets in an address: it may stand in a log.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use iot_core::memory::{Log, MemoryStore};
use iot_core::{Consumer, DeadLetters, Error, Producer, Result, Store};

use crate::pipeline::FileDeadLetters;

/// Things of this process by name.
type Named<T> = LazyLock<Mutex<HashMap<String, Arc<T>>>>;

static LOGS: Named<Log> = LazyLock::new(Mutex::default);
static STORES: Named<MemoryStore> = LazyLock::new(Mutex::default);

fn named<T>(things: &Named<T>, name: &str, new: impl FnOnce() -> T) -> Arc<T> {
    let mut things = things.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(things.entry(name.to_owned()).or_insert_with(|| Arc::new(new())))
}

/// An address, taken apart at its first colon.
fn scheme(address: &str) -> Result<(&str, &str)> {
    address
        .split_once(':')
        .ok_or_else(|| Error::invalid(format!("{address:?} is not an address: it has no scheme, such as sqlite:")))
}

fn unknown(what: &str, address: &str, known: &str) -> Error {
    Error::invalid(format!("{address:?} is not the address of a {what}: known are {known}"))
}

#[cfg(not(all(feature = "kafka", feature = "questdb", feature = "sqlite")))]
fn not_built_in(address: &str, feature: &str) -> Error {
    Error::invalid(format!("{address:?} needs a feature that this build has not: build with --features {feature}"))
}

/// Opens the store at an address.
///
/// # Errors
///
/// `Invalid` if the address is not one of a store, needs a feature that is not built in, or names something that
/// is not a store of ours; `Unavailable` if its server does not answer.
pub async fn open_store(address: &str) -> Result<Arc<dyn Store>> {
    let (scheme, rest) = scheme(address)?;
    match scheme {
        "memory" => Ok(named(&STORES, rest, MemoryStore::new)),
        #[cfg(feature = "sqlite")]
        "sqlite" => Ok(Arc::new(iot_store::SqliteStore::open(rest).await?)),
        #[cfg(not(feature = "sqlite"))]
        "sqlite" => Err(not_built_in(address, "sqlite")),
        #[cfg(feature = "questdb")]
        "questdb" => Ok(Arc::new(iot_store::QuestDbStore::open(address).await?)),
        #[cfg(not(feature = "questdb"))]
        "questdb" => Err(not_built_in(address, "questdb")),
        "http" => Ok(Arc::new(iot_api::ApiStore::open(address).await?)),
        _ => Err(unknown("store", address, "memory:, sqlite:, questdb: and http:")),
    }
}

/// Joins the consumer group of a log.
///
/// # Errors
///
/// `Invalid` if the address is not one of a log, or needs a feature that is not built in; `Unavailable` if its
/// server does not answer.
pub async fn open_consumer(address: &str) -> Result<Box<dyn Consumer>> {
    let (scheme, rest) = scheme(address)?;
    match scheme {
        "memory" => Ok(Box::new(named(&LOGS, rest, Log::default).consumer("iot-forward"))),
        #[cfg(feature = "kafka")]
        "kafka" => Ok(Box::new(iot_kafka::KafkaConsumer::open(address).await?)),
        #[cfg(not(feature = "kafka"))]
        "kafka" => Err(not_built_in(address, "kafka")),
        _ => Err(unknown("log", address, "memory: and kafka:")),
    }
}

/// Opens a log for writing.
///
/// # Errors
///
/// As [`open_consumer`].
pub async fn open_producer(address: &str) -> Result<Arc<dyn Producer>> {
    let (scheme, rest) = scheme(address)?;
    match scheme {
        "memory" => Ok(Arc::new(named(&LOGS, rest, Log::default).producer())),
        #[cfg(feature = "kafka")]
        "kafka" => Ok(Arc::new(iot_kafka::KafkaProducer::open(address).await?)),
        #[cfg(not(feature = "kafka"))]
        "kafka" => Err(not_built_in(address, "kafka")),
        _ => Err(unknown("log", address, "memory: and kafka:")),
    }
}

/// Opens a place for dead letters: a file, or a Kafka topic.
///
/// # Errors
///
/// As [`open_consumer`].
pub async fn open_dead_letters(address: &str) -> Result<Arc<dyn DeadLetters>> {
    let (scheme, rest) = scheme(address)?;
    match scheme {
        "file" => Ok(Arc::new(FileDeadLetters::open(rest)?)),
        #[cfg(feature = "kafka")]
        "kafka" => Ok(Arc::new(iot_kafka::KafkaDeadLetters::open(address).await?)),
        #[cfg(not(feature = "kafka"))]
        "kafka" => Err(not_built_in(address, "kafka")),
        _ => Err(unknown("place for dead letters", address, "file: and kafka:")),
    }
}
