//! Committing.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use iot_core::{Error, Position, Result};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::{Mutex, oneshot};
use tokio::time::{sleep, timeout};

use super::membership::Membership;
use crate::error::error;

/// How long a commit waits for brokers that do not answer, or for members that come and go.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a commit in the middle of a rebalance waits before it tries again.
const GLANCE: Duration = Duration::from_millis(50);

/// Commits, one position after the other.
pub(super) struct Committer {
    client: Arc<BaseConsumer<Membership>>,
    topic: Arc<str>,
    /// Held while committing, so that of two commits the later is the later one at the broker.
    one_at_a_time: Arc<Mutex<()>>,
}

impl Committer {
    pub(super) fn new(client: Arc<BaseConsumer<Membership>>, topic: Arc<str>) -> Self {
        Self { client, topic, one_at_a_time: Arc::default() }
    }

    pub(super) fn membership(&self) -> &Membership {
        self.client.context()
    }

    pub(super) async fn commit(&self, position: &Position) -> Result<()> {
        let doing = || format!("topic {} cannot be committed", self.topic);
        match timeout(PATIENCE, self.until_done(position)).await {
            Ok(done) => done?.map_err(|cause| error(doing(), cause)),
            Err(cause) => Err(Error::unavailable(doing()).with_source(cause)),
        }
    }

    async fn until_done(&self, position: &Position) -> Result<KafkaResult<()>> {
        loop {
            let turn = Arc::clone(&self.one_at_a_time).lock_owned().await;
            let ahead = self.membership().assignment().ahead(position);
            if ahead.is_empty() {
                return Ok(Ok(()));
            }
            let (client, topic) = (Arc::clone(&self.client), Arc::clone(&self.topic));
            let (tell, told) = oneshot::channel();
            let commit = move || {
                let done = list(&topic, &ahead).and_then(|list| client.commit(&list, CommitMode::Sync));
                if done.is_ok() {
                    client.context().assignment().committed(&ahead);
                }
                drop(turn);
                // Nobody listens if the commit has been given up.
                let _ = tell.send(done);
            };
            // The call returns when a broker has answered, whenever that is. It must not hold up the end of the
            // process, which a task of the runtime would.
            thread::Builder::new()
                .name("kafka-commit".to_owned())
                .spawn(commit)
                .map_err(|cause| Error::internal("a thread cannot be started").with_source(cause))?;
            match told.await {
                // Then either it can be committed soon, or the partitions are another's.
                Ok(Err(cause)) if is_of_a_rebalance(&cause) => sleep(GLANCE).await,
                Ok(done) => return Ok(done),
                Err(cause) => return Err(Error::internal("a commit did not return").with_source(cause)),
            }
        }
    }
}

fn list(topic: &str, offsets: &[(i32, i64)]) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::with_capacity(offsets.len());
    for &(partition, next) in offsets {
        list.add_partition_offset(topic, partition, Offset::Offset(next))?;
    }
    Ok(list)
}

/// Whether a commit came while members were coming and going.
fn is_of_a_rebalance(cause: &KafkaError) -> bool {
    use RDKafkaErrorCode::*;
    matches!(
        cause.rdkafka_error_code(),
        Some(RebalanceInProgress | IllegalGeneration | UnknownMemberId | StaleMemberEpoch | AssignmentLost)
    )
}
