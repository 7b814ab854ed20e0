//! Taking readings from the log, as one member of a group.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Group, Shared, State};
use crate::{Batch, BatchBuilder, Consumer, Delivery, Origin, Position, Result};

/// A member of a group that consumes a [`Log`](super::Log). Dropping it is leaving the group.
#[derive(Debug)]
pub struct LogConsumer {
    shared: Arc<Shared>,
    group: String,
    member: u64,
    /// Taken from the log and not yet delivered.
    taken: VecDeque<Message>,
    builder: BatchBuilder,
}

/// The most bytes of columns in a delivery of more than one message: every row takes room in every column.
const MAX_BYTES: usize = 64 << 20;

#[derive(Debug)]
struct Message {
    partition: usize,
    offset: i64,
    batch: Arc<Batch>,
}

impl LogConsumer {
    pub(super) fn join(shared: Arc<Shared>, group: &str) -> Self {
        let member = {
            let State { partitions, groups, members, .. } = &mut *shared.state();
            *members += 1;
            groups
                .entry(group.to_owned())
                .or_insert_with(|| Group::new(partitions.iter().map(|partition| partition.start())))
                .join(*members);
            *members
        };
        Self { shared, group: group.to_owned(), member, taken: VecDeque::new(), builder: BatchBuilder::new() }
    }

    /// Takes messages up to a full delivery: one of each partition in turn, so that none waits for another.
    fn take(&mut self) {
        let State { partitions, groups, .. } = &mut *self.shared.state();
        let Some(group) = groups.get_mut(&self.group) else { return };
        let mut readings = 0;
        let mut found = true;
        while found && readings < self.shared.delivery {
            found = false;
            for (partition, next) in group.readable(self.member) {
                if let Some(batch) = partitions[partition].get(*next) {
                    self.taken.push_back(Message { partition, offset: *next, batch: Arc::clone(batch) });
                    *next += 1;
                    readings += batch.len();
                    found = true;
                }
            }
        }
    }

    /// Makes a delivery of what was taken, up to a message that does not go with those before it.
    fn deliver(&mut self) -> Result<Delivery> {
        let mut delivery = Delivery { topic: Arc::clone(&self.shared.topic), ..Delivery::default() };
        let alone = self.taken.len() == 1;
        while let Some(Message { partition, offset, batch }) = self.taken.pop_front() {
            let first_row = self.builder.len() as u32;
            let bytes = self.builder.bytes_with(batch.len(), self.builder.new_columns(&batch));
            if alone {
                delivery.batch = Batch::clone(&batch);
            } else if bytes > MAX_BYTES && !self.builder.is_empty() {
                self.taken.push_front(Message { partition, offset, batch });
                break;
            } else if let Err(conflict) = self.builder.extend(&batch) {
                self.taken.push_front(Message { partition, offset, batch });
                if self.builder.is_empty() {
                    return Err(conflict);
                }
                break;
            }
            let partition = partition as i32;
            delivery.origins.push(Origin { first_row, partition, offset, time: None });
            delivery.position.consumed(partition, offset);
        }
        if !alone {
            delivery.batch = self.builder.finish();
        }
        Ok(delivery)
    }
}

#[async_trait]
impl Consumer for LogConsumer {
    async fn next(&mut self) -> Result<Delivery> {
        let shared = Arc::clone(&self.shared);
        loop {
            let mut arrived = pin!(shared.arrived.notified());
            arrived.as_mut().enable();
            if self.taken.is_empty() {
                self.take();
            }
            if !self.taken.is_empty() {
                return self.deliver();
            }
            arrived.await;
        }
    }

    async fn commit(&mut self, position: &Position) -> Result<()> {
        let freed = self.shared.state().commit(&self.group, position)?;
        // A partition may have got another reader.
        self.shared.arrived.notify_waiters();
        if freed {
            self.shared.freed.notify_waiters();
        }
        Ok(())
    }

    fn lag(&self) -> Option<u64> {
        let State { partitions, groups, .. } = &mut *self.shared.state();
        let group = groups.get_mut(&self.group)?;
        let ahead =
            group.readable(self.member).map(|(at, next)| partitions[at].end().abs_diff(*next)).sum::<u64>();
        Some(ahead + self.taken.len() as u64)
    }
}

impl Drop for LogConsumer {
    fn drop(&mut self) {
        if let Some(group) = self.shared.state().groups.get_mut(&self.group) {
            group.leave(self.member);
        }
        self.shared.arrived.notify_waiters();
    }
}
