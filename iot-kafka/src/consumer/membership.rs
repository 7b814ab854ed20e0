//! Being a member of a group: what librdkafka tells of partitions that come and go, of errors and of lag.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;
use serde::Deserialize;

use super::assignment::Assignment;
use crate::client;

/// How long partitions that are to move wait for what was delivered of them to be committed.
const DRAIN: Duration = Duration::from_secs(10);

/// What the callbacks of librdkafka, which all run inside of `poll`, leave for the thread that polls.
#[derive(Debug, Default)]
pub(super) struct Membership {
    assignment: Assignment,
    /// Partitions that are to be given up.
    leaving: Mutex<Vec<Leaving>>,
    /// Partitions that have come and have not been looked at.
    arrived: Mutex<Vec<i32>>,
    /// Whether the consumer is being closed: nobody will commit any more.
    closing: AtomicBool,
    /// Whether partitions are paused, and so are those that come.
    paused: AtomicBool,
}

/// Partitions that are to be given up, once they are resolved or their time is over.
#[derive(Debug)]
struct Leaving {
    list: TopicPartitionList,
    partitions: Vec<i32>,
    until: Instant,
}

impl Membership {
    pub(super) fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    fn leaving(&self) -> MutexGuard<'_, Vec<Leaving>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arriving(&self) -> MutexGuard<'_, Vec<i32>> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The partitions that have come since this was asked last.
    pub(super) fn arrived(&self) -> Vec<i32> {
        std::mem::take(&mut self.arriving())
    }

    /// Whether partitions wait to be given up.
    pub(super) fn is_giving_up(&self) -> bool {
        !self.leaving().is_empty()
    }

    /// Gives up the partitions that are resolved, or have waited long enough. What was taken and has not been
    /// delivered yet is known to the thread only.
    pub(super) fn give_up_resolved(&self, consumer: &BaseConsumer<Self>, all_is_delivered: bool) {
        let now = Instant::now();
        let is_due = |leaving: &mut Leaving| {
            leaving.until <= now || (all_is_delivered && self.assignment.is_resolved(&leaving.partitions))
        };
        let due: Vec<_> = self.leaving().extract_if(.., is_due).collect();
        for Leaving { list, partitions, .. } in due {
            self.give_up(consumer, &list, partitions);
        }
    }

    /// Says that from now on partitions are given up at once.
    pub(super) fn close(&self, consumer: &BaseConsumer<Self>) {
        self.closing.store(true, Ordering::Release);
        for leaving in self.leaving().iter_mut() {
            leaving.until = Instant::now();
        }
        self.give_up_resolved(consumer, false);
    }

    /// Stops or restarts the fetching of messages, without leaving the group.
    pub(super) fn pause(&self, consumer: &BaseConsumer<Self>, pause: bool) {
        if self.paused.swap(pause, Ordering::AcqRel) != pause {
            tracing::debug!(pause, "what was delivered has not been taken: messages wait at the brokers");
            let done = consumer.assignment().and_then(|all| set_paused(consumer, &all, pause));
            report("partitions cannot be paused", done);
        }
    }

    fn give_up(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList, partitions: Vec<i32>) {
        tracing::info!(?partitions, "partitions go to another member");
        self.assignment.lose(partitions);
        let done = match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_unassign(list),
            _ => consumer.unassign(),
        };
        report("partitions cannot be given up", done);
    }

    fn revoked(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) {
        let partitions = partitions(list);
        // What was lost is another's already, and when closing nobody will commit: there is nothing to wait for.
        let in_vain = consumer.assignment_lost() || self.closing.load(Ordering::Acquire);
        let until = Instant::now() + if in_vain { Duration::ZERO } else { DRAIN };
        self.leaving().push(Leaving { list: list.clone(), partitions, until });
        self.give_up_resolved(consumer, false);
    }

    fn assigned(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) {
        let partitions = partitions(list);
        tracing::info!(?partitions, "partitions come to this member");
        self.arriving().extend(&partitions);
        self.assignment.gain(partitions);
        let mut done = match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_assign(list),
            _ => consumer.assign(list),
        };
        if self.paused.load(Ordering::Acquire) {
            done = done.and_then(|()| set_paused(consumer, list, true));
        }
        report("partitions cannot be taken", done);
    }
}

fn set_paused(
    consumer: &BaseConsumer<Membership>,
    list: &TopicPartitionList,
    pause: bool,
) -> KafkaResult<()> {
    if pause { consumer.pause(list) } else { consumer.resume(list) }
}

fn partitions(list: &TopicPartitionList) -> Vec<i32> {
    list.elements().iter().map(|element| element.partition()).collect()
}

fn report(what: &str, outcome: KafkaResult<()>) {
    if let Err(cause) = outcome {
        tracing::error!(error = %cause, "{what}");
    }
}

impl ClientContext for Membership {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        client::log(level, facility, text);
    }

    fn error(&self, cause: KafkaError, reason: &str) {
        client::log_error(&cause, reason);
    }

    fn stats_raw(&self, statistics: &[u8]) {
        match serde_json::from_slice::<Statistics>(statistics) {
            Ok(Statistics { topics }) => {
                for partition in topics.into_values().flat_map(|topic| topic.partitions.into_values()) {
                    self.assignment.extent(
                        partition.partition,
                        partition.start(),
                        known(partition.hi_offset),
                    );
                }
            }
            Err(cause) => tracing::debug!(error = %cause, "the statistics of librdkafka cannot be read"),
        }
    }
}

impl ConsumerContext for Membership {
    /// Unlike the default, this does not give partitions up inside of the callback: the thread that polls does, when
    /// what was delivered of them has been committed.
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        change: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        match change {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assigned(consumer, list),
            _ => self.revoked(consumer, list),
        }
    }
}

/// The little of librdkafka's statistics that is of interest.
#[derive(Debug, Deserialize)]
struct Statistics {
    #[serde(default)]
    topics: HashMap<String, Topic>,
}

#[derive(Debug, Deserialize)]
struct Topic {
    partitions: HashMap<String, Partition>,
}

#[derive(Debug, Deserialize)]
struct Partition {
    partition: i32,
    hi_offset: i64,
    committed_offset: i64,
    lo_offset: i64,
}

impl Partition {
    /// Where the group goes on: with the oldest message, if it has committed nothing. That one is known once fetching
    /// has begun, and so what was committed is known before it.
    fn start(&self) -> Option<i64> {
        known(self.committed_offset).or(known(self.lo_offset))
    }
}

/// An offset, of which librdkafka says -1 or less while it does not know it.
fn known(offset: i64) -> Option<i64> {
    (offset >= 0).then_some(offset)
}
