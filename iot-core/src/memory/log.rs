//! The in-process log.

mod consumer;
mod group;
mod partition;
mod producer;
mod split;

pub use consumer::LogConsumer;
pub use producer::LogProducer;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use self::group::Group;
use self::partition::Partition;
use crate::{Error, Position, Result};

/// How a [`Log`] is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOptions {
    /// The topic that deliveries name.
    pub topic: String,
    /// How many partitions there are: so many members of a group can share the work.
    pub partitions: usize,
    /// How many readings the log holds before producers wait.
    pub capacity: usize,
    /// How many readings make a delivery full. A delivery may be longer by less than one batch that was sent, of
    /// which this is the longest piece that is kept in one, and is shorter where several would take more than 64 MiB.
    pub delivery: usize,
}

impl Default for LogOptions {
    /// Topic `memory`, 8 partitions, 1,000,000 readings of about 30 bytes, 50,000 of them a delivery.
    fn default() -> Self {
        Self { topic: "memory".to_owned(), partitions: 8, capacity: 1_000_000, delivery: 50_000 }
    }
}

/// A log inside the process: bounded, partitioned by device, consumed by groups.
///
/// Its messages are batches: what is sent is split by partition, so that an offset counts batches and not readings.
/// The partition of a device is that of Kafka's own clients. A group starts with the oldest message that the log
/// still has; a message is let go when every group has committed it, and while there is no group all are kept.
///
/// When it is full, producers wait, and so does a log that no group reads. A group is there from the first call of
/// [`consumer`](Self::consumer) on, with or without members: one that stops committing stops the producers.
///
/// The partitions of a group are shared evenly between its members. A member that joins gets its share when the
/// others have committed what they had been given of it; when a member is dropped, what it had not committed comes again.
///
/// Cloning is cheap: clones are the same log.
///
/// ```
/// use iot_core::memory::Log;
/// use iot_core::{Batch, Consumer, Device, Producer, Quantity, Reading, Timestamp};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let log = Log::default();
/// let reading = Reading::new(Device::new("pump-7")?, Timestamp::from_secs(0)).with(Quantity::VOLTAGE, 229.7)?;
/// log.producer().send(&Batch::from_readings(&[reading])?).await?;
///
/// let mut consumer = log.consumer("store");
/// let delivery = consumer.next().await?;
/// assert_eq!(delivery.batch.len(), 1);
/// consumer.commit(&delivery.position).await?;
/// # Ok::<(), iot_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Log {
    shared: Arc<Shared>,
}

impl Log {
    /// An empty log.
    ///
    /// # Errors
    ///
    /// `Invalid` if the partitions, the capacity or a delivery are none, or the partitions more than 65,536.
    pub fn new(options: LogOptions) -> Result<Self> {
        let LogOptions { partitions, capacity, delivery, .. } = options;
        if !(1..=1 << 16).contains(&partitions) {
            return Err(Error::invalid(format!("partitions {partitions} is not in 1..=65536")));
        }
        if capacity == 0 {
            return Err(Error::invalid("capacity 0 holds no reading"));
        }
        if delivery == 0 {
            return Err(Error::invalid("delivery 0 gives no reading"));
        }
        Ok(Self::with_checked(options))
    }

    fn with_checked(options: LogOptions) -> Self {
        let partitions = (0..options.partitions).map(|_| Partition::default()).collect();
        let state = State { partitions, groups: BTreeMap::new(), readings: 0, members: 0 };
        Self {
            shared: Arc::new(Shared {
                topic: options.topic.into(),
                capacity: options.capacity,
                delivery: options.delivery,
                partitions: options.partitions,
                state: Mutex::new(state),
                arrived: Notify::new(),
                freed: Notify::new(),
            }),
        }
    }

    /// A producer into this log.
    pub fn producer(&self) -> LogProducer {
        LogProducer::new(Arc::clone(&self.shared))
    }

    /// A new member of this group, which comes into being with its first member.
    pub fn consumer(&self, group: &str) -> LogConsumer {
        LogConsumer::join(Arc::clone(&self.shared), group)
    }
}

impl Default for Log {
    fn default() -> Self {
        Self::with_checked(LogOptions::default())
    }
}

/// What producers and consumers of one log have in common.
#[derive(Debug)]
struct Shared {
    topic: Arc<str>,
    partitions: usize,
    capacity: usize,
    delivery: usize,
    state: Mutex<State>,
    /// A member may have something to take now.
    arrived: Notify,
    /// A producer may have room now.
    freed: Notify,
}

impl Shared {
    /// No code that holds the lock can panic half-way through a change, so a poisoned lock guards good state.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct State {
    partitions: Vec<Partition>,
    groups: BTreeMap<String, Group>,
    /// How many readings the partitions hold.
    readings: usize,
    /// How many members there have ever been.
    members: u64,
}

impl State {
    /// Moves a group's restart point forward. Says whether readings have been let go.
    fn commit(&mut self, group: &str, position: &Position) -> Result<bool> {
        let Self { partitions, groups, .. } = self;
        if let Some((partition, _)) =
            position.offsets().find(|&(at, _)| partitions.get(at as usize).is_none())
        {
            let there = partitions.len();
            return Err(Error::invalid(format!(
                "partition {partition} is not one of the {there} of this log"
            )));
        }
        if let Some(group) = groups.get_mut(group) {
            for (at, next) in position.offsets() {
                group.commit(at as usize, next.min(partitions[at as usize].end()));
            }
        }
        Ok(self.let_go())
    }

    /// Drops the messages that every group has committed. Says whether there were any.
    fn let_go(&mut self) -> bool {
        let mut freed = 0;
        for (at, partition) in self.partitions.iter_mut().enumerate() {
            if let Some(needed) = self.groups.values().map(|group| group.committed(at)).min() {
                freed += partition.let_go_before(needed);
            }
        }
        self.readings -= freed;
        freed > 0
    }
}
