//! The partitions this member has, and how far it is in each.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use iot_core::Position;

/// How far this member is in a partition that it has.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    /// The first offset it was given; `None` before that. The group had committed no more than this when it got the partition.
    first: Option<i64>,
    /// The offset after the last one it was given; 0 before that.
    next: i64,
    /// Where the group goes on in it, as far as is known.
    start: Option<i64>,
    /// What it has committed; 0 before that.
    committed: i64,
    /// The offset after the last one in the log, as far as is known.
    end: Option<i64>,
}

/// The partitions this member has.
#[derive(Debug, Default)]
pub(super) struct Assignment {
    shares: Mutex<BTreeMap<i32, Share>>,
}

impl Assignment {
    fn shares(&self) -> MutexGuard<'_, BTreeMap<i32, Share>> {
        // Every change is whole by itself, so a poisoned lock guards good state.
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn gain(&self, partitions: impl IntoIterator<Item = i32>) {
        self.shares().extend(partitions.into_iter().map(|partition| (partition, Share::default())));
    }

    pub(super) fn lose(&self, partitions: impl IntoIterator<Item = i32>) {
        let mut shares = self.shares();
        for partition in partitions {
            shares.remove(&partition);
        }
    }

    /// Notes what is being delivered: the first offset of each partition, and the position after all of it.
    pub(super) fn delivered(&self, firsts: &BTreeMap<i32, i64>, position: &Position) {
        let mut shares = self.shares();
        for (partition, next) in position.offsets() {
            if let Some(share) = shares.get_mut(&partition) {
                share.next = next;
                share.first = share.first.or_else(|| firsts.get(&partition).copied());
            }
        }
    }

    /// Whether nothing that was delivered of these partitions is uncommitted.
    pub(super) fn is_resolved(&self, partitions: &[i32]) -> bool {
        let shares = self.shares();
        let mut of_these = partitions.iter().filter_map(|partition| shares.get(partition));
        of_these.all(|share| share.first.is_none() || share.committed >= share.next)
    }

    /// What of `position` is ahead of what is committed, in partitions that this member has.
    ///
    /// One that it has no longer is another's to commit: an older offset of this member would set that one back.
    pub(super) fn ahead(&self, position: &Position) -> Vec<(i32, i64)> {
        let shares = self.shares();
        let is_ahead = |&(partition, next): &(i32, i64)| {
            let share = shares.get(&partition).copied().unwrap_or_default();
            share.first.is_some_and(|first| next > first) && next > share.committed
        };
        position.offsets().filter(is_ahead).collect()
    }

    /// Notes what has been committed.
    pub(super) fn committed(&self, offsets: &[(i32, i64)]) {
        let mut shares = self.shares();
        for (partition, next) in offsets {
            if let Some(share) = shares.get_mut(partition) {
                share.committed = share.committed.max(*next);
            }
        }
    }

    /// Notes where the group goes on in a partition, and how far that goes.
    pub(super) fn extent(&self, partition: i32, start: Option<i64>, end: Option<i64>) {
        if let Some(share) = self.shares().get_mut(&partition) {
            share.start = share.start.or(start);
            share.end = end;
        }
    }

    /// The messages that are in the log and have not been delivered; `None` while that is not known of every partition.
    pub(super) fn lag(&self) -> Option<u64> {
        let shares = self.shares();
        let reached = |share: &Share| if share.first.is_some() { Some(share.next) } else { share.start };
        let ahead = |share: &Share| Some((share.end? - reached(share)?).max(0).unsigned_abs());
        if shares.is_empty() { None } else { shares.values().map(ahead).sum() }
    }
}
