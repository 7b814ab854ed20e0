//! The queues of the partitions, read so that the partitions advance together.
//!
//! Brokers answer with long runs of one partition after the other. Taken as they come, readings of one time are far
//! apart: a delivery holds an hour of some devices, the next one the same hour of others. A store that keeps readings
//! by time then sorts what it has stored already, which costs it more than all that is done here. With a queue for
//! each partition the one that is furthest behind is read next.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::consumer::BaseConsumer;
use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};

use super::membership::Membership;

/// As many partitions get a queue of their own, each of which takes some MB. More share the queue of the client.
const MAX_LANES: usize = 16;

/// How many messages are read from a lane in a turn.
const TURN: usize = 256;

/// After so many turns the lane that has waited longest has one, however far ahead it is: times may be wrong.
pub(super) const FAIR: u64 = 16;

/// The lanes of the partitions that this member has, or once had.
#[derive(Debug)]
pub(super) struct Lanes {
    lanes: BTreeMap<i32, Lane>,
    turns: u64,
    bell: Arc<Bell>,
}

struct Lane {
    queue: PartitionQueue<Membership>,
    /// The time of the last message, as the log has it.
    reached: i64,
    last_turn: u64,
    /// Whether older messages of the partition may still lie in the queue of the client.
    behind_client: bool,
    is_dry: bool,
}

impl Lanes {
    pub(super) fn new(bell: Arc<Bell>) -> Self {
        Self { lanes: BTreeMap::new(), turns: 0, bell }
    }

    /// Opens a lane for a partition. A lane stays open: librdkafka keeps using it if the partition comes again.
    pub(super) fn open(&mut self, client: &Arc<BaseConsumer<Membership>>, topic: &str, partition: i32) {
        if self.lanes.contains_key(&partition) || self.lanes.len() == MAX_LANES {
            return;
        }
        let Some(mut queue) = client.split_partition_queue(topic, partition) else { return };
        let bell = Arc::clone(&self.bell);
        queue.set_nonempty_callback(move || bell.ring());
        let lane = Lane { queue, reached: i64::MIN, last_turn: 0, behind_client: true, is_dry: false };
        self.lanes.insert(partition, lane);
    }

    /// Says that the queue of the client is empty: messages of the lanes are read from the lanes alone now.
    pub(super) fn client_is_dry(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.behind_client = false;
        }
    }

    /// Begins a round: lanes that were dry may have something.
    pub(super) fn begin(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.is_dry = false;
        }
    }

    /// Reads a turn from one lane; `take` says whether to go on. Says whether there was a lane that is not dry.
    pub(super) fn read(
        &mut self,
        mut take: impl FnMut(Result<BorrowedMessage<'_>, KafkaError>) -> bool,
    ) -> bool {
        self.turns += 1;
        let fair = self.turns.is_multiple_of(FAIR);
        let open = self.lanes.values_mut().filter(|lane| !lane.is_dry && !lane.behind_client);
        let next = open.min_by_key(|lane| (if fair { 0 } else { lane.reached }, lane.last_turn));
        let Some(lane) = next else { return false };
        lane.last_turn = self.turns;
        for number in 0..TURN {
            let Some(message) = lane.queue.poll(Duration::ZERO) else {
                lane.is_dry = true;
                break;
            };
            // Once a turn is often enough: it is a call into C.
            if let (0, Ok(message)) = (number, &message) {
                lane.reached = message.timestamp().to_millis().unwrap_or_default();
            }
            if !take(message) {
                break;
            }
        }
        true
    }
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lane").field("reached", &self.reached).finish_non_exhaustive()
    }
}

/// Wakes the thread when a queue has something.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: Mutex<bool>,
    woken: Condvar,
}

impl Bell {
    pub(super) fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.woken.notify_one();
    }

    /// Waits until it has been rung since the last time, for at most `patience`.
    pub(super) fn wait(&self, patience: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.woken.wait_timeout_while(rung, patience, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}
