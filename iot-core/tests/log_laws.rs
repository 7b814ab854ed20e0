//! The in-process log keeps the laws of a log.

use async_trait::async_trait;
use iot_core::memory::{Log, LogOptions};
use iot_core::{Consumer, Producer};
use iot_testkit::transport::Transport;

#[derive(Debug)]
struct Memory {
    log: Log,
    capacity: usize,
}

#[async_trait]
impl Transport for Memory {
    async fn producer(&self) -> Box<dyn Producer> {
        Box::new(self.log.producer())
    }

    async fn consumer(&self, group: &str) -> Box<dyn Consumer> {
        Box::new(self.log.consumer(group))
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.capacity)
    }
}

async fn fresh() -> Option<Memory> {
    // Room for what the laws send ahead, and small deliveries so that there are many.
    let options = LogOptions { capacity: 2_000, delivery: 100, ..LogOptions::default() };
    Some(Memory { capacity: options.capacity, log: Log::new(options).ok()? })
}

iot_testkit::transport_laws!(log, fresh);
