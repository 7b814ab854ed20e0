//! The API over a real socket, with the memory store behind it.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod access;
mod anomalies;
#[cfg(feature = "arrow")]
mod arrow;
mod client;
mod conditions;
mod distribution;
mod gone;
mod limits;
mod moody;
mod operation;
#[cfg(feature = "dashboard")]
mod page;
mod reading;
mod replaced;
mod seed;
mod server;
mod statistics;
mod stream;
mod writing;
