//! Stores of the iot SDK: SQLite and QuestDB.

#[cfg(feature = "questdb")]
mod questdb;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "questdb")]
pub use questdb::{QuestDbOptions, QuestDbStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOptions, SqliteStore};
