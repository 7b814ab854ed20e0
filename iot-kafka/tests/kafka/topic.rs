//! Topics to try things on.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use iot_kafka::{KafkaConfig, ensure_topic};
use iot_testkit::live;
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, FutureProducer, FutureRecord, Producer};

/// An empty topic of four partitions.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) config: KafkaConfig,
}

impl Topic {
    /// On the broker that librdkafka has inside, one for all tests of the process.
    pub(crate) async fn mock() -> Self {
        static BROKER: LazyLock<BaseProducer> =
            LazyLock::new(|| ClientConfig::new().set("test.mock.num.brokers", "1").create().unwrap());
        let name = fresh_name();
        let brokers = {
            let cluster = BROKER.client().mock_cluster().unwrap();
            cluster.create_topic(&name, 4, 1).unwrap();
            cluster.bootstrap_servers()
        };
        Self { config: KafkaConfig::new(&brokers, &name).unwrap() }
    }

    /// On a real broker, where there is one.
    pub(crate) async fn real() -> Option<Self> {
        let config = KafkaConfig::new(&live::kafka()?, &fresh_name()).unwrap();
        ensure_topic(&config, 4, 1).await.unwrap();
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
        producer.send(record, Duration::from_secs(10)).await.map_err(|(cause, _)| cause).unwrap();
    }
}

/// A name that no other test and no other run has.
fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    format!("test-{now}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
