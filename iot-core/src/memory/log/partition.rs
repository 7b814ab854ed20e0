//! The messages of one partition that some group still needs.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::Batch;

/// A queue of messages, of which each has its offset.
#[derive(Debug, Default)]
pub(super) struct Partition {
    /// The offset of the first message that is kept.
    first: i64,
    messages: VecDeque<Arc<Batch>>,
}

impl Partition {
    /// The offset of the oldest message that is kept, or of the next one to come.
    pub(super) fn start(&self) -> i64 {
        self.first
    }

    /// The offset of the next message to come.
    pub(super) fn end(&self) -> i64 {
        self.first + self.messages.len() as i64
    }

    pub(super) fn push(&mut self, message: Batch) {
        self.messages.push_back(Arc::new(message));
    }

    pub(super) fn get(&self, offset: i64) -> Option<&Arc<Batch>> {
        usize::try_from(offset - self.first).ok().and_then(|at| self.messages.get(at))
    }

    /// Drops the messages before `offset`, and says how many readings they had.
    pub(super) fn let_go_before(&mut self, offset: i64) -> usize {
        let mut readings = 0;
        while self.first < offset
            && let Some(message) = self.messages.pop_front()
        {
            self.first += 1;
            readings += message.len();
        }
        readings
    }
}
