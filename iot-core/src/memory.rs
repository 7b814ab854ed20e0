//! A log and a store inside the process: the reference reading of the ports.
//!
//! Nothing outlives the process. For one-process installations with nothing else to run, for tests, and to read
//! what a port means.

mod log;
mod store;

pub use log::{Log, LogConsumer, LogOptions, LogProducer};
pub use store::MemoryStore;
