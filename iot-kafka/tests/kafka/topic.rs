//! Topics to try things on.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use iot_kafka::{KafkaConfig, ensure_topic};
use iot_testkit::live;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::OwnedMessage;
use rdkafka::producer::{BaseProducer, FutureProducer, FutureRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::patience::{GLANCE, PATIENCE, settled};

/// A broker that librdkafka has inside.
pub(crate) struct Cluster {
    owner: BaseProducer,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        Self { owner: ClientConfig::new().set("test.mock.num.brokers", "1").create().unwrap() }
    }

    /// A new topic on it.
    pub(crate) fn topic(&self) -> Topic {
        let name = fresh_name();
        let cluster = self.owner.client().mock_cluster().unwrap();
        cluster.create_topic(&name, 4, 1).unwrap();
        Topic { config: KafkaConfig::new(&cluster.bootstrap_servers(), &name).unwrap() }
    }

    /// Cuts it off.
    pub(crate) fn down(&self) {
        self.owner.client().mock_cluster().unwrap().broker_down(1).unwrap();
    }

    /// Has it back.
    pub(crate) fn up(&self) {
        self.owner.client().mock_cluster().unwrap().broker_up(1).unwrap();
    }
}

/// An empty topic of four partitions.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) config: KafkaConfig,
}

impl Topic {
    /// On a mock broker, one for all tests of the process.
    pub(crate) async fn mock() -> Self {
        static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::new);
        CLUSTER.topic()
    }

    /// On a real broker, where there is one.
    pub(crate) async fn real() -> Option<Self> {
        let config = KafkaConfig::new(&live::kafka()?, &fresh_name()).unwrap();
        settled(|| ensure_topic(&config, 4, 1)).await.unwrap();
        Some(Self { config })
    }

    /// A member of a group of this topic's own.
    pub(crate) fn member_of(&self, group: &str) -> KafkaConfig {
        self.config.clone().with_group(&format!("{}-{group}", self.config.topic())).unwrap()
    }

    /// Puts a message of any bytes into the topic, by a producer that is not ours.
    pub(crate) async fn put(&self, key: Option<&[u8]>, payload: &[u8]) {
        let producer: FutureProducer = ClientConfig::new()
            .set("bootstrap.servers", self.config.brokers())
            .set("partitioner", "murmur2_random")
            .create()
            .unwrap();
        let mut record = FutureRecord::<[u8], [u8]>::to(self.config.topic()).payload(payload);
        record.key = key;
        producer.send(record, PATIENCE).await.map_err(|(cause, _)| cause).unwrap();
    }

    /// What a group has committed, over all partitions.
    pub(crate) fn committed(&self, group: &str) -> i64 {
        let committed =
            self.observer(self.member_of(group).group()).committed_offsets(self.partitions(), PATIENCE);
        let offsets =
            committed.unwrap().elements().iter().map(|element| element.offset()).collect::<Vec<_>>();
        offsets.iter().filter_map(|offset| offset.to_raw()).filter(|&offset| offset >= 0).sum()
    }

    /// The first `count` messages as they are.
    pub(crate) fn messages(&self, count: usize) -> Vec<OwnedMessage> {
        let observer = self.observer("observer");
        let mut all = self.partitions();
        all.set_all_offsets(Offset::Beginning).unwrap();
        observer.assign(&all).unwrap();
        let (deadline, mut found) = (Instant::now() + PATIENCE, Vec::new());
        while found.len() < count {
            assert!(Instant::now() < deadline, "{} messages of {count} came", found.len());
            if let Some(message) = observer.poll(GLANCE) {
                found.push(message.unwrap().detach());
            }
        }
        found
    }

    /// Waits until a driver that commits by itself, ten times a second, has committed all `messages` for a new group.
    pub(crate) async fn let_another_commit(&self, group: &str, messages: i64) {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", self.config.brokers())
            .set("group.id", self.member_of(group).group())
            .set("auto.offset.reset", "earliest")
            .set("auto.commit.interval.ms", "100");
        let other: BaseConsumer = config.create().unwrap();
        other.subscribe(&[self.config.topic()]).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while self.committed(group) < messages {
            assert!(Instant::now() < deadline, "the other has not committed");
            while let Some(message) = other.poll(GLANCE) {
                message.unwrap();
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    fn partitions(&self) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        list.add_partition_range(self.config.topic(), 0, 3);
        list
    }

    /// A consumer that is not ours.
    fn observer(&self, group: &str) -> BaseConsumer {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", self.config.brokers())
            .set("group.id", group)
            .set("enable.auto.commit", "false");
        config.create().unwrap()
    }
}

/// A name that no other test and no other run has.
fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    format!("test-{now}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
