//! Stores of the iot SDK: SQLite and QuestDB.
