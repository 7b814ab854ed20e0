//! Stores of the iot SDK: SQLite and QuestDB.

#[cfg(feature = "sqlite")]
mod sqlite;
