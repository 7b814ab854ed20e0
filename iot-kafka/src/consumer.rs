//! Taking readings from a topic, as a member of a consumer group.

mod assignment;
mod gather;
mod handoff;
mod membership;
mod reader;

use std::fmt;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use iot_core::{Consumer, Delivery, Error, Position, Result};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};

use self::handoff::Handoff;
use self::membership::Membership;
use self::reader::Reader;
use crate::KafkaConfig;
use crate::client::{PATIENCE, check_topic, in_background};
use crate::error::error;

/// A member of a consumer group that consumes a Kafka topic.
///
/// Messages are fetched by librdkafka, and decoded into columns on a thread of this consumer's own, so that both
/// overlap with whatever is done with a delivery. One delivery waits ready and one is being decoded; then no more
/// messages are taken, and the log waits with what is left. The member stays in its group meanwhile, for as long as it takes.
///
/// # The group
///
/// A new group starts with the oldest message. Offsets are committed by [`commit`](Consumer::commit) alone, and only
/// forward. When partitions move to another member, this one first gets up to 10 s to have what it was given of them
/// committed, so that a planned change repeats nothing. After a `kill -9` the others take over within
/// `session.timeout.ms`, which is 10 s; a restart with the same `group.instance.id` takes its partitions back at once.
/// Committing a partition that has been given away does nothing: its new member is given the readings again.
///
/// Dropping the consumer is leaving the group; it blocks for as long as that takes, mostly some ms and 5 s at the most.
///
/// # Errors
///
/// Brokers that are away come back by themselves: [`next`](Consumer::next) says `Unavailable` when the last one has
/// gone, and goes on when it is called again. `Invalid` means that the brokers refuse this client.
///
/// ```no_run
/// use iot_core::Consumer;
/// use iot_kafka::KafkaConsumer;
///
/// # async fn run() -> iot_core::Result<()> {
/// let mut consumer = KafkaConsumer::open("kafka://127.0.0.1:9092/machinery-data?group=archive").await?;
/// let delivery = consumer.next().await?;
/// assert!(delivery.batch.len() + delivery.rejects.len() > 0);
/// consumer.commit(&delivery.position).await?;
/// # Ok(())
/// # }
/// ```
pub struct KafkaConsumer {
    topic: Arc<str>,
    group: String,
    handoff: Arc<Handoff>,
    /// `None` once it is being dropped.
    client: Option<Arc<BaseConsumer<Membership>>>,
    /// Says when the thread has left the group.
    left: mpsc::Receiver<()>,
}

/// How long dropping a consumer waits for it to have left its group.
const LEAVING: Duration = Duration::from_secs(5);

/// How long a commit in the middle of a rebalance waits before it tries again.
const GLANCE: Duration = Duration::from_millis(50);

impl KafkaConsumer {
    /// Joins the group of an [address](KafkaConfig#address).
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect), and `Invalid` if it is not an address.
    pub async fn open(address: &str) -> Result<Self> {
        Self::connect(&address.parse()?).await
    }

    /// Joins the group of this config.
    ///
    /// # Errors
    ///
    /// `Invalid` if a property is not accepted, the topic is not there, or the brokers refuse the client;
    /// `Unavailable` if no broker answers.
    pub async fn connect(config: &KafkaConfig) -> Result<Self> {
        let client: BaseConsumer<Membership> = config
            .consumer()?
            .create_with_context(Membership::default())
            .map_err(|cause| error("a consumer cannot be made", cause))?;
        let client = Arc::new(client);
        check_topic(Arc::clone(&client), |client| client.client(), config.topic()).await?;
        client
            .subscribe(&[config.topic()])
            .map_err(|cause| error(format!("topic {} cannot be consumed", config.topic()), cause))?;
        let handoff = Arc::new(Handoff::default());
        let reader = Reader::new(Arc::clone(&client), Arc::clone(&handoff), config)?;
        let (leave, left) = mpsc::channel();
        thread::Builder::new()
            .name("kafka-consumer".to_owned())
            .spawn(move || {
                reader.run();
                // Nobody listens if the consumer has not waited.
                let _ = leave.send(());
            })
            .map_err(|cause| Error::internal("a thread cannot be started").with_source(cause))?;
        let group = config.group().to_owned();
        Ok(Self { topic: config.shared_topic(), group, handoff, client: Some(client), left })
    }
}

#[async_trait]
impl Consumer for KafkaConsumer {
    async fn next(&mut self) -> Result<Delivery> {
        self.handoff.take().await
    }

    async fn commit(&mut self, position: &Position) -> Result<()> {
        let Some(client) = self.client.clone() else { return Ok(()) };
        let (topic, position) = (Arc::clone(&self.topic), position.clone());
        in_background(move || {
            let commit = |offsets: &[(i32, i64)]| client.commit(&list(&topic, offsets)?, CommitMode::Sync);
            let assignment = client.context().assignment();
            let until = Instant::now() + PATIENCE;
            loop {
                match assignment.commit(&position, commit) {
                    // Members are coming or going. Then either it can be committed, or the partitions are another's.
                    Err(cause) if of_a_rebalance(&cause) && Instant::now() < until => thread::sleep(GLANCE),
                    done => {
                        return done
                            .map_err(|cause| error(format!("topic {topic} cannot be committed"), cause));
                    }
                }
            }
        })
        .await
    }

    /// As of a second ago: brokers tell how far a partition goes with what is fetched from it.
    fn lag(&self) -> Option<u64> {
        self.client.as_ref()?.context().assignment().lag()
    }
}

fn list(topic: &str, offsets: &[(i32, i64)]) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::with_capacity(offsets.len());
    for &(partition, next) in offsets {
        list.add_partition_offset(topic, partition, Offset::Offset(next))?;
    }
    Ok(list)
}

/// Whether a commit came in the middle of a rebalance.
fn of_a_rebalance(cause: &KafkaError) -> bool {
    use RDKafkaErrorCode::*;
    matches!(
        cause.rdkafka_error_code(),
        Some(RebalanceInProgress | IllegalGeneration | UnknownMemberId | StaleMemberEpoch | AssignmentLost)
    )
}

impl Drop for KafkaConsumer {
    fn drop(&mut self) {
        self.handoff.close();
        // The thread is to be the last owner: what drops the client waits until the group is left.
        self.client = None;
        if self.left.recv_timeout(LEAVING).is_err() {
            tracing::warn!(
                topic = &*self.topic,
                group = self.group,
                "leaving the group takes long, not waiting for it"
            );
        }
    }
}

impl fmt::Debug for KafkaConsumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaConsumer")
            .field("topic", &self.topic)
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}
