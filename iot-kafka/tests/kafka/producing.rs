//! What a producer promises beyond the laws.

use iot_core::memory::{Log, LogOptions};
use iot_core::{ErrorKind, Producer};
use iot_kafka::{KafkaConfig, KafkaProducer};

use crate::patience::{join, next, sender};
use crate::readings::{consume, round};
use crate::topic::Topic;

#[tokio::test]
async fn a_device_lands_in_the_partition_of_javas_clients() {
    let topic = Topic::mock().await;
    // Its function is held to the vectors of Kafka's own tests.
    let log = Log::new(LogOptions { partitions: 4, ..LogOptions::default() }).unwrap();
    let batch = round(200, 0);
    log.producer().send(&batch).await.unwrap();
    sender(&topic.config).await.send(&batch).await.unwrap();

    let mut homes = std::collections::BTreeMap::new();
    let mut memory = log.consumer("java");
    while homes.len() < 200 {
        let delivery = next(&mut memory).await;
        for row in 0..delivery.batch.len() {
            homes.insert(delivery.batch.device(row).id().to_owned(), delivery.origin(row).unwrap().partition);
        }
    }
    let mut kafka = join(&topic.member_of("java")).await;
    let mut found = 0;
    while found < 200 {
        let delivery = next(&mut kafka).await;
        for row in 0..delivery.batch.len() {
            let id = delivery.batch.device(row).id();
            assert_eq!(homes[id], delivery.origin(row).unwrap().partition, "{id}");
            found += 1;
        }
    }
}

#[tokio::test]
async fn every_compression_can_be_consumed() {
    let topic = Topic::mock().await;
    for (secs, codec) in ["none", "gzip", "snappy", "lz4", "zstd"].into_iter().enumerate() {
        let config = topic.config.clone().with_property("compression.type", codec).unwrap();
        sender(&config).await.send(&round(100, secs as i64)).await.unwrap();
    }
    let mut consumer = join(&topic.member_of("codecs")).await;
    assert_eq!(consume(&mut consumer, 500).await.most(), 1);
}

#[tokio::test]
async fn a_batch_larger_than_what_may_be_in_flight_passes() {
    let topic = Topic::mock().await;
    let config = topic.config.clone().with_property("queue.buffering.max.messages", "50").unwrap();
    let producer = sender(&config).await;
    producer.send(&round(3_000, 0)).await.unwrap();
    let mut consumer = join(&topic.member_of("large")).await;
    assert_eq!(consume(&mut consumer, 3_000).await.most(), 1);
}

#[tokio::test]
async fn a_reading_too_large_for_a_message_is_the_error_of_send() {
    let topic = Topic::mock().await;
    let config = topic.config.clone().with_property("message.max.bytes", "1000").unwrap();
    let producer = sender(&config).await;
    let long = "x".repeat(256);
    let device = iot_core::Device::from_parts(&long, Some(&long), Some(&long)).unwrap();
    let mut reading = iot_core::Reading::new(device, iot_core::Timestamp::from_secs(0));
    for i in 0..20 {
        reading = reading.with(iot_core::Quantity::named(&format!("quantity_{i}")).unwrap(), 1.0).unwrap();
    }
    let batch = iot_core::Batch::from_readings(&[reading]).unwrap();
    let error = producer.send(&batch).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:#}");
    assert!(error.to_string().contains(topic.config.topic()), "{error}");
    // It does not harm the producer.
    producer.send(&round(1, 0)).await.unwrap();
}

#[tokio::test]
async fn a_property_that_is_none_is_refused_by_name() {
    for (property, named) in [("no.such.property=1", "no.such.property"), ("linger.ms=soon", "linger.ms")] {
        let config: KafkaConfig = format!("kafka://127.0.0.1:1/t?{property}").parse().unwrap();
        let error = KafkaProducer::connect(&config).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(named), "{error}");
    }
}
