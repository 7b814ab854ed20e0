//! What is refused of a message, as rejects.

use std::sync::Arc;

use iot_core::{Error, Reject, Timestamp};

/// So many refused readings of a message are a reject each. Each costs much more than the few bytes that a bad reading
/// may have, of which a message may hold a million: what is past these is one reject, an array of them.
const MAX_EACH: usize = 1_000;

/// A message, and where it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) key: Option<&'a [u8]>,
    pub(super) payload: &'a [u8],
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) time: Option<Timestamp>,
}

/// Makes rejects of what is refused of one message.
pub(super) struct Refused<'a> {
    source: Source<'a>,
    topic: &'a Arc<str>,
    rejects: &'a mut Vec<Reject>,
    /// Once for all rejects, from the first on.
    key: Option<Arc<[u8]>>,
    count: usize,
    /// What is past the first ones: the start of an array.
    more: Vec<u8>,
    /// The reason of the first of them.
    reason: String,
}

impl<'a> Refused<'a> {
    pub(super) fn new(source: Source<'a>, topic: &'a Arc<str>, rejects: &'a mut Vec<Reject>) -> Self {
        Self { source, topic, rejects, key: None, count: 0, more: Vec::new(), reason: String::new() }
    }

    #[cold]
    pub(super) fn add(&mut self, bytes: &[u8], cause: &Error) {
        self.count += 1;
        if self.count <= MAX_EACH {
            self.push(bytes.to_vec(), cause.to_string());
        } else if self.more.is_empty() {
            self.reason = cause.to_string();
            self.more = [b"[", bytes].concat();
        } else {
            self.more.push(b',');
            self.more.extend_from_slice(bytes);
        }
    }

    /// Says that this was all.
    pub(super) fn finish(mut self) {
        if self.count > MAX_EACH {
            self.more.push(b']');
            let payload = std::mem::take(&mut self.more);
            let reason =
                format!("{} more readings of one message, the first: {}", self.count - MAX_EACH, self.reason);
            self.push(payload, reason);
        }
    }

    fn push(&mut self, payload: Vec<u8>, reason: String) {
        let Source { partition, offset, time, .. } = self.source;
        if self.key.is_none() {
            self.key = self.source.key.map(Arc::from);
        }
        let (key, topic) = (self.key.clone(), Arc::clone(self.topic));
        self.rejects.push(Reject { payload, key, topic, partition, offset, time, reason });
    }
}
