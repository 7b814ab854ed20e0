//! Brokers that are away, and topics that are not there.

use iot_core::{Consumer, ErrorKind, Producer};
use iot_kafka::{KafkaConfig, KafkaConsumer, KafkaDeadLetters, KafkaProducer, ensure_topic};
use iot_testkit::live;
use tokio::time::{Instant, sleep, timeout};

use crate::patience::{GLANCE, PATIENCE, join, next, sender, settled, try_next};
use crate::readings::{consume, round};
use crate::topic::{Cluster, Topic};

#[tokio::test]
async fn a_broker_that_does_not_answer_is_unavailable() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("kafka://127.0.0.1:{port}/t");
    let (consumer, producer) = tokio::join!(KafkaConsumer::open(&address), KafkaProducer::open(&address));
    for error in [consumer.unwrap_err(), producer.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:#}");
    }
}

#[tokio::test]
async fn a_topic_that_is_not_there_is_refused_by_name() {
    let Some(brokers) = live::kafka() else { return };
    let address = format!("kafka://{brokers}/there-is-no-such-topic");
    let (consumer, producer, dead_letters) = tokio::join!(
        settled(|| KafkaConsumer::open(&address)),
        settled(|| KafkaProducer::open(&address)),
        settled(|| KafkaDeadLetters::open(&address))
    );
    for error in [consumer.unwrap_err(), producer.unwrap_err(), dead_letters.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error:#}");
        assert!(error.to_string().contains("there-is-no-such-topic"), "{error}");
    }
}

#[tokio::test]
async fn a_topic_is_made_once_and_then_left_alone() {
    let Some(topic) = Topic::real().await else { return };
    settled(|| ensure_topic(&topic.config, 9, 1)).await.unwrap();
    let other = topic.config.dead_letters().unwrap();
    let error = settled(|| ensure_topic(&other, 1, 99)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:#}");
    for (partitions, replication) in [(0, 1), (1, 0), (u32::MAX, 1)] {
        assert_eq!(
            ensure_topic(&other, partitions, replication).await.unwrap_err().kind(),
            ErrorKind::Invalid
        );
    }
}

#[tokio::test]
async fn a_topic_that_is_there_needs_no_right_to_make_one() {
    // The broker inside of librdkafka makes none when it is asked to, and one for whoever may use what is not there.
    let topic = Topic::mock().await;
    settled(|| ensure_topic(&topic.config, 4, 1)).await.unwrap();
    let absent = topic.config.dead_letters().unwrap();
    assert!(ensure_topic(&absent, 4, 1).await.is_err(), "looking for a topic makes none");
}

#[tokio::test]
async fn consuming_and_producing_go_on_when_the_broker_is_back() {
    let cluster = Cluster::new();
    let topic = cluster.topic();
    let impatient = topic.config.clone().with_property("message.timeout.ms", "2000").unwrap();
    let producer = sender(&impatient).await;
    let mut consumer = join(&topic.member_of("away")).await;
    producer.send(&round(100, 0)).await.unwrap();
    consume(&mut consumer, 100).await;

    cluster.down();
    let error = try_next(&mut consumer).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:#}");
    let error = producer.send(&round(100, 1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:#}");

    cluster.up();
    let batch = round(100, 2);
    settled(|| producer.send(&batch)).await.unwrap();
    let mut found = 0;
    while found < 100 {
        match try_next(&mut consumer).await {
            Ok(delivery) => {
                found += delivery.batch.len();
                consumer.commit(&delivery.position).await.unwrap();
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:#}"),
        }
    }
}

#[tokio::test]
async fn a_commit_without_a_broker_is_unavailable_and_can_be_repeated() {
    let cluster = Cluster::new();
    let topic = cluster.topic();
    // So that the partitions are not another's when the broker is back.
    let config = topic.member_of("commit").with_property("session.timeout.ms", "60000").unwrap();
    sender(&topic.config).await.send(&round(10, 0)).await.unwrap();
    let mut consumer = join(&config).await;
    let delivery = next(&mut consumer).await;
    cluster.down();
    let error = timeout(PATIENCE, consumer.commit(&delivery.position)).await.unwrap();
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unavailable);
    cluster.up();
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = consumer.commit(&delivery.position).await {
        assert!(error.is_unavailable() && Instant::now() < deadline, "{error:#}");
        sleep(GLANCE).await;
    }
    assert_eq!(topic.committed("commit"), delivery.batch.len() as i64);
}

#[test]
fn a_config_without_tls_says_what_to_build_with() {
    let config: KafkaConfig = "kafka://127.0.0.1/t?security.protocol=ssl".parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = runtime.block_on(KafkaProducer::connect(&config));
    if cfg!(not(feature = "tls")) {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("tls"), "{error}");
    }
}
