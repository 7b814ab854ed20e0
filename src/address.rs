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
//! There are no secrets in an address: it may stand in a log. A login for QuestDB comes from `IOT_QUESTDB_USER` and
//! `IOT_QUESTDB_PASSWORD` (or `IOT_QUESTDB_PASSWORD_FILE`), the token for an API from `IOT_TOKEN_FILE` or `IOT_TOKEN`.
//!
//! An address is read first, and told wrong by name, and opened later:
//!
//! ```
//! use iot::address::StoreAddress;
//!
//! let address: StoreAddress = "memory:demo".parse()?;
//! let error = "memroy:demo".parse::<StoreAddress>().unwrap_err();
//! assert!(error.to_string().contains("memroy:demo"));
//! # Ok::<(), iot::Error>(())
//! ```

mod log;
mod named;
mod store;

pub use log::{DeadLettersAddress, LogAddress};
pub use store::StoreAddress;

use std::sync::Arc;

use iot_core::{Consumer, DeadLetters, Error, Producer, Result, Store};

/// Opens the store at an address.
///
/// # Errors
///
/// `Invalid` if the address is not one of a store, needs a feature that is not built in, or names something that
/// is not a store of ours; `Unavailable` if its server does not answer.
pub async fn open_store(address: &str) -> Result<Arc<dyn Store>> {
    address.parse::<StoreAddress>()?.open().await
}

/// Joins the consumer group of the log at an address.
///
/// # Errors
///
/// `Invalid` if the address is not one of a log, or needs a feature that is not built in; `Unavailable` if its
/// server does not answer.
pub async fn open_consumer(address: &str) -> Result<Box<dyn Consumer>> {
    address.parse::<LogAddress>()?.consumer().await
}

/// Opens the log at an address for writing.
///
/// # Errors
///
/// Those of [`open_consumer`].
pub async fn open_producer(address: &str) -> Result<Arc<dyn Producer>> {
    address.parse::<LogAddress>()?.producer().await
}

/// Opens the place for dead letters at an address: a file, or a Kafka topic.
///
/// # Errors
///
/// Those of [`open_consumer`].
pub async fn open_dead_letters(address: &str) -> Result<Arc<dyn DeadLetters>> {
    address.parse::<DeadLettersAddress>()?.open().await
}

/// An address, taken apart at its first colon.
fn scheme(address: &str) -> Result<(&str, &str)> {
    address.split_once(':').ok_or_else(|| {
        Error::invalid(format!("{address:?} is not an address: it has no scheme, such as sqlite:"))
    })
}

fn unknown(what: &str, address: &str, known: &str) -> Error {
    Error::invalid(format!("{address:?} is not the address of a {what}: known are {known}"))
}

#[cfg(not(all(feature = "kafka", feature = "questdb", feature = "sqlite")))]
fn not_built_in(address: &str, feature: &str) -> Error {
    Error::invalid(format!(
        "{address:?} needs a feature that was not built in: build with --features {feature}"
    ))
}

/// Shows addresses as they were written: there are no secrets in them.
macro_rules! shown_as_text {
    ($($address:ident),*) => {$(
        impl std::fmt::Display for $address {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.text)
            }
        }

        impl std::fmt::Debug for $address {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($address)).field(&self.text).finish()
            }
        }
    )*};
}
use shown_as_text;
