//! The QuestDB store on a real server.

#![cfg(feature = "questdb")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[path = "questdb/faults.rs"]
mod faults;
#[path = "questdb/laws.rs"]
mod laws;
#[path = "questdb/proxy.rs"]
mod proxy;
#[path = "questdb/quantities.rs"]
mod quantities;
#[path = "questdb/schema.rs"]
mod schema;
#[path = "questdb/server.rs"]
mod server;
#[path = "questdb/text.rs"]
mod text;
