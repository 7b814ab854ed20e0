//! The log ports: how readings get from devices to a store without being lost.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Batch, Result, Timestamp};

/// Puts readings into a log.
///
/// # Contract
///
/// Each line is a law of `iot-testkit`.
///
/// - `send` answers `Ok` when the log has the whole batch; what was sent can be consumed.
/// - Readings of one device come out in the order they went in.
/// - A log that is full or away delays or refuses a batch; it never drops one it has accepted.
#[async_trait]
pub trait Producer: Debug + Send + Sync + 'static {
    /// Hands these readings to the log, and waits until it has them.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the same call may succeed later (some of it may have been accepted then), `Invalid` if the
    /// batch cannot be put into the log.
    async fn send(&self, batch: &Batch) -> Result<()>;
}

/// Takes readings from a log, as one member of a group.
///
/// # Contract
///
/// Each line is a law of `iot-testkit`.
///
/// - Every reading is delivered to some member of the group; in the order of the log within a partition.
/// - A payload that is not readings is delivered too, as a [`Reject`] with its bytes and provenance, and stops nothing.
/// - A message of very many bad readings is few rejects with all their bytes, of which one may have many, as an array;
///   its good readings are delivered.
/// - After a restart a group goes on at its committed position: what was not committed comes again, what was does not.
/// - A position only moves forward: committing an older one changes nothing.
/// - `next` is cancel-safe: dropping its future loses no delivery.
#[async_trait]
pub trait Consumer: Debug + Send + 'static {
    /// The next readings and rejects; waits until there are some.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the log cannot be reached now.
    async fn next(&mut self) -> Result<Delivery>;

    /// Makes `position` the point at which the group goes on after a restart.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the log cannot be reached now.
    async fn commit(&mut self, position: &Position) -> Result<()>;

    /// How many messages the log has that its group has not committed and this member has not been given, in the
    /// partitions it has; `None` where it cannot be known now.
    fn lag(&self) -> Option<u64> {
        None
    }
}

/// Keeps what could not be stored, with the reason.
///
/// # Contract
///
/// Each line is a law of `iot-testkit`.
///
/// - `bury` answers `Ok` when all of the letters are kept for good, also over a restart.
/// - Bytes, key, provenance and reason come back unchanged. (A place that cannot keep so many bytes may cut them, and says so.)
/// - Letters of one key stay in their order.
/// - Burying again, after a failure or a crash, may keep a letter twice, and loses none.
#[async_trait]
pub trait DeadLetters: Debug + Send + Sync + 'static {
    /// Keeps these rejects; `Ok` when they are durable.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the same call may succeed later.
    async fn bury(&self, rejects: &[Reject]) -> Result<()>;
}

#[async_trait]
impl<P: Producer + ?Sized> Producer for Arc<P> {
    async fn send(&self, batch: &Batch) -> Result<()> {
        (**self).send(batch).await
    }
}

#[async_trait]
impl<C: Consumer + ?Sized> Consumer for Box<C> {
    async fn next(&mut self) -> Result<Delivery> {
        (**self).next().await
    }

    async fn commit(&mut self, position: &Position) -> Result<()> {
        (**self).commit(position).await
    }

    fn lag(&self) -> Option<u64> {
        (**self).lag()
    }
}

#[async_trait]
impl<D: DeadLetters + ?Sized> DeadLetters for Arc<D> {
    async fn bury(&self, rejects: &[Reject]) -> Result<()> {
        (**self).bury(rejects).await
    }
}

/// Some of a log, as it was consumed.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// The topic it came from.
    pub topic: Arc<str>,
    /// The readings, in log order within a partition.
    pub batch: Batch,
    /// The payloads that are not readings.
    pub rejects: Vec<Reject>,
    /// Where the rows come from: one entry a message that gave any, by ascending first row.
    pub origins: Vec<Origin>,
    /// What to commit once all of it is dealt with. A message of which not all is here is not passed: the delivery
    /// with its last readings does that.
    pub position: Position,
}

impl Delivery {
    /// The message that a row of the batch came from.
    pub fn origin(&self, row: usize) -> Option<Origin> {
        let at = self.origins.partition_point(|origin| origin.first_row as usize <= row);
        at.checked_sub(1).map(|at| self.origins[at])
    }
}

/// The message that the rows from `first_row` came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The first row of the batch that is of this message.
    pub first_row: u32,
    /// The partition.
    pub partition: i32,
    /// The offset in the partition.
    pub offset: i64,
    /// When the log got it, if the log knows.
    pub time: Option<Timestamp>,
}

/// How far a log has been consumed: for each partition, the offset of the message to go on with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    offsets: BTreeMap<i32, i64>,
}

impl Position {
    /// A position before every message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that the message at `offset` of `partition` has been consumed; an earlier one changes nothing.
    pub fn consumed(&mut self, partition: i32, offset: i64) {
        let next = self.offsets.entry(partition).or_insert(0);
        *next = (*next).max(offset + 1);
    }

    /// Moves forward to `other` in every partition where that is ahead.
    pub fn advance(&mut self, other: &Self) {
        for (&partition, &next) in &other.offsets {
            let mine = self.offsets.entry(partition).or_insert(next);
            *mine = (*mine).max(next);
        }
    }

    /// The offset to go on with, for each partition known here.
    pub fn offsets(&self) -> impl Iterator<Item = (i32, i64)> + '_ {
        self.offsets.iter().map(|(&partition, &next)| (partition, next))
    }

    /// The offset to go on with in `partition`.
    pub fn next(&self, partition: i32) -> Option<i64> {
        self.offsets.get(&partition).copied()
    }

    /// Whether no partition is known here.
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }
}

/// A payload that could not become a stored reading, with where it came from and why.
#[derive(Clone, PartialEq, Eq)]
pub struct Reject {
    /// The message's value as it was, or what of it was refused; for a reading that a store refused, the reading in the wire format.
    pub payload: Vec<u8>,
    /// The message's key, if it had one; shared by all rejects of the message.
    pub key: Option<Arc<[u8]>>,
    /// The topic it came from.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The offset in the partition.
    pub offset: i64,
    /// When the log got it, if the log knows.
    pub time: Option<Timestamp>,
    /// Why it was refused, naming field and value.
    pub reason: String,
}

impl Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The payload may be long, and is a stranger's: its length is enough for a log.
        write!(
            f,
            "Reject {{ {}/{}@{}, {} bytes, {:?} }}",
            self.topic,
            self.partition,
            self.offset,
            self.payload.len(),
            self.reason
        )
    }
}
