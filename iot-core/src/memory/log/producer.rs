//! Putting readings into the log.

use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;

use super::Shared;
use super::split::split;
use crate::{Batch, Producer, Result};

/// A producer into a [`Log`](super::Log). Cloning is cheap.
///
/// While the log is full, [`send`](Producer::send) waits: for the slowest group to commit.
#[derive(Debug, Clone)]
pub struct LogProducer {
    shared: Arc<Shared>,
}

impl LogProducer {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn send_piece(&self, batch: &Batch) -> Result<()> {
        for (partition, part) in split(batch, self.shared.partitions)? {
            self.append(partition, part).await;
        }
        Ok(())
    }

    async fn append(&self, partition: usize, part: Batch) {
        loop {
            let mut freed = pin!(self.shared.freed.notified());
            freed.as_mut().enable();
            {
                let mut state = self.shared.state();
                if state.readings + part.len() <= self.shared.capacity {
                    state.readings += part.len();
                    state.partitions[partition].push(part);
                    break;
                }
            }
            freed.await;
        }
        self.shared.arrived.notify_waiters();
    }
}

#[async_trait]
impl Producer for LogProducer {
    async fn send(&self, batch: &Batch) -> Result<()> {
        let longest = self.shared.delivery.min(self.shared.capacity);
        if batch.len() <= longest {
            return self.send_piece(batch).await;
        }
        for from in (0..batch.len()).step_by(longest) {
            self.send_piece(&batch.slice(from..batch.len().min(from + longest))).await?;
        }
        Ok(())
    }
}
