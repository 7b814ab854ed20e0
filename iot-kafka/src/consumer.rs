//! Taking readings from a topic, as a member of a consumer group.

mod assignment;
mod commit;
mod gather;
mod handoff;
mod lanes;
mod membership;
mod reader;
mod refused;

use std::fmt;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use iot_core::{Consumer, Delivery, Error, Position, Result};
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use self::commit::Committer;
use self::handoff::{Ending, Handoff};
use self::lanes::Bell;
use self::membership::Membership;
use self::reader::Reader;
use crate::KafkaConfig;
use crate::client::check_topic;
use crate::error::error;

/// A member of a consumer group that consumes a Kafka topic.
///
/// Messages are fetched by librdkafka, and decoded into columns on a thread of this consumer's own, so that both
/// overlap with whatever is done with a delivery. One delivery waits ready and one is being decoded; then no more
/// messages are taken, and the log waits with what is left. The member stays in its group meanwhile, for as long as it takes.
///
/// A delivery is bounded in messages, readings and memory: one that is full of few readings of many quantities ends in
/// the middle of a message if it must, and the next one goes on there. So does the readings' position: until the last of
/// them is committed the message comes again. Of a message with more than a thousand bad readings the first thousand
/// are a reject each, and the others one, as an array.
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
    /// `None` once the consumer is being dropped.
    committer: Option<Committer>,
    /// Says when the thread has left the group.
    left: mpsc::Receiver<()>,
}

/// How long dropping a consumer waits for it to have left its group.
const LEAVING: Duration = Duration::from_secs(5);

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
        let mut client: BaseConsumer<Membership> = config
            .consumer()?
            .create_with_context(Membership::default())
            .map_err(|cause| error("a consumer cannot be made", cause))?;
        let bell = Arc::new(Bell::default());
        let ring = Arc::clone(&bell);
        client.set_nonempty_callback(move || ring.ring());
        let client = Arc::new(client);
        check_topic(Arc::clone(&client), |client| client.client(), config.topic()).await?;
        client
            .subscribe(&[config.topic()])
            .map_err(|cause| error(format!("topic {} cannot be consumed", config.topic()), cause))?;
        let handoff = Arc::new(Handoff::default());
        let reader = Reader::new(Arc::clone(&client), bell, Arc::clone(&handoff), config)?;
        let ending = Ending::of(Arc::clone(&handoff));
        let (leave, left) = mpsc::channel();
        thread::Builder::new()
            .name("kafka-consumer".to_owned())
            .spawn(move || {
                let _ending = ending;
                reader.run();
                // Nobody listens if the consumer has not waited.
                let _ = leave.send(());
            })
            .map_err(|cause| Error::internal("a thread cannot be started").with_source(cause))?;
        let group = config.group().to_owned();
        let committer = Some(Committer::new(client, config.shared_topic()));
        Ok(Self { topic: config.shared_topic(), group, handoff, committer, left })
    }
}

#[async_trait]
impl Consumer for KafkaConsumer {
    async fn next(&mut self) -> Result<Delivery> {
        self.handoff.take().await
    }

    async fn commit(&mut self, position: &Position) -> Result<()> {
        match &self.committer {
            Some(committer) => committer.commit(position).await,
            None => Ok(()),
        }
    }

    /// As of a second ago: brokers tell how far a partition goes with what is fetched from it.
    fn lag(&self) -> Option<u64> {
        self.committer.as_ref()?.membership().assignment().lag()
    }
}

impl Drop for KafkaConsumer {
    fn drop(&mut self) {
        self.handoff.close();
        // The thread is to be the last owner: what drops the client waits until the group is left.
        self.committer = None;
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
