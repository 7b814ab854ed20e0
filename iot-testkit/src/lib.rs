//! The laws of the ports of the iot SDK, one named test each.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed unwrap fails the test")]

pub mod data;
pub mod dead_letters;
pub mod detector;
pub mod live;
pub mod store;
pub mod transport;
