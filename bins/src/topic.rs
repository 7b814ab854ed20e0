//! Creating a topic at the start.

use anyhow::{Context, Result};
use clap::Args;
use iot::address::LogAddress;

/// The flags about the topic.
#[derive(Debug, Clone, Args)]
pub struct Topic {
    /// Create the Kafka topic if it is not there, with --partitions and --replication
    #[arg(long)]
    pub create_topic: bool,

    /// The partitions of a topic that is created: so many forwarders can share the work
    #[arg(long, value_name = "N", default_value_t = 6)]
    pub partitions: u32,

    /// The brokers that keep a copy of a topic that is created
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub replication: u32,
}

impl Topic {
    /// Creates the topic of this log if that was asked for.
    ///
    /// # Errors
    ///
    /// If it cannot be created.
    pub async fn create_if_asked(&self, log: &LogAddress) -> Result<()> {
        if self.create_topic {
            log.create_topic(self.partitions, self.replication).await.context("create-topic")?;
        }
        Ok(())
    }
}
