#![doc = include_str!("../README.md")]
//!
//! The architecture and the examples are pages of [`_documentation`].

pub mod _documentation;
pub mod address;
pub mod pipeline;
pub mod replay;

pub use address::{open_consumer, open_dead_letters, open_producer, open_store};
pub use iot_analytics as analytics;
pub use iot_api as api;
pub use iot_core::*;
#[cfg(feature = "kafka")]
pub use iot_kafka as kafka;
pub use iot_store as stores;
pub use pipeline::forward;
