//! Stores of the iot SDK: SQLite and QuestDB.
//!
//! | store | feature | for |
//! | --- | --- | --- |
//! | `SqliteStore` | `sqlite` | one machine, nothing to install: a file |
//! | `QuestDbStore` | `questdb` | many writers and readers, years of readings: a server |
//!
//! Both keep every law of [`Store`](iot_core::Store), so that one can be put in the place of the other.

#[cfg(feature = "questdb")]
mod questdb;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "questdb")]
pub use questdb::{QuestDbOptions, QuestDbStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOptions, SqliteStore};
