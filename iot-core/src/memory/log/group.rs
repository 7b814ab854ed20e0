//! A group: who reads which partition, and how far.

/// One partition, as a group sees it.
#[derive(Debug, Clone, Copy)]
struct Share {
    /// The member that reads it; `None` while the group has no member.
    owner: Option<u64>,
    /// The member that gets it once its owner has committed what it was given.
    heir: Option<u64>,
    /// The next offset to deliver.
    next: i64,
    /// Where the group goes on after a restart.
    committed: i64,
}

impl Share {
    /// Who has it in the end.
    fn reader(&self) -> Option<u64> {
        self.heir.or(self.owner)
    }

    /// Hands it over if nothing that was delivered of it is unresolved.
    fn hand_over(&mut self) {
        if self.heir.is_some() && self.next == self.committed {
            self.owner = self.heir.take();
        }
    }
}

/// The members of a group and their shares of the partitions.
#[derive(Debug)]
pub(super) struct Group {
    members: Vec<u64>,
    shares: Vec<Share>,
}

impl Group {
    /// A group without members that starts at these offsets.
    pub(super) fn new(starts: impl Iterator<Item = i64>) -> Self {
        let share = |start| Share { owner: None, heir: None, next: start, committed: start };
        Self { members: Vec::new(), shares: starts.map(share).collect() }
    }

    pub(super) fn join(&mut self, member: u64) {
        self.members.push(member);
        self.rebalance();
    }

    /// What the member had been given and has not committed is to be delivered again.
    pub(super) fn leave(&mut self, member: u64) {
        self.members.retain(|&other| other != member);
        for share in &mut self.shares {
            if share.heir == Some(member) {
                share.heir = None;
            }
            if share.owner == Some(member) {
                share.owner = share.heir.take();
                share.next = share.committed;
            }
        }
        self.rebalance();
    }

    /// Gives every partition a reader, and no member two partitions more than another.
    fn rebalance(&mut self) {
        loop {
            let load =
                |member: u64| self.shares.iter().filter(|share| share.reader() == Some(member)).count();
            let loads = self.members.iter().map(|&member| (load(member), member));
            let (Some((least, to)), Some((most, from))) = (loads.clone().min(), loads.max()) else { return };
            let orphan = self.shares.iter().position(|share| share.owner.is_none());
            let surplus =
                || self.shares.iter().position(|share| share.reader() == Some(from) && most > least + 1);
            let Some(at) = orphan.or_else(surplus) else { return };
            let share = &mut self.shares[at];
            match share.owner {
                None => share.owner = Some(to),
                Some(owner) => share.heir = (owner != to).then_some(to),
            }
            share.hand_over();
        }
    }

    /// The next offset to deliver, for each partition that this member may take from.
    pub(super) fn readable(&mut self, member: u64) -> impl Iterator<Item = (usize, &mut i64)> {
        self.shares.iter_mut().enumerate().filter_map(move |(at, share)| {
            (share.owner == Some(member) && share.heir.is_none()).then_some((at, &mut share.next))
        })
    }

    /// Moves the restart point of a partition forward; an earlier one changes nothing.
    pub(super) fn commit(&mut self, partition: usize, next: i64) {
        let share = &mut self.shares[partition];
        share.committed = share.committed.max(next);
        // Another member may have dealt with what this one was to be given.
        share.next = share.next.max(share.committed);
        share.hand_over();
    }

    pub(super) fn committed(&self, partition: usize) -> i64 {
        self.shares[partition].committed
    }
}
