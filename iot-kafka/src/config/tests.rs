#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use iot_core::wire::Epoch;
use iot_core::{Error, ErrorKind};

use super::KafkaConfig;

fn parsed(address: &str) -> KafkaConfig {
    address.parse().unwrap()
}

fn refused(address: &str) -> Error {
    let error = address.parse::<KafkaConfig>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error
}

#[test]
fn an_address_says_brokers_topic_group_and_properties() {
    let config = parsed(
        "kafka://a:9092,[::1]:9093,c/machinery.data_1?group=%C3%A9%26&epoch=ms&sasl.mechanisms=PLAIN&debug=cgrp%2Cfetch",
    );
    assert_eq!(config.brokers(), "a:9092,[::1]:9093,c");
    assert_eq!(config.topic(), "machinery.data_1");
    assert_eq!(config.group(), "é&");
    assert_eq!(config.decoding.epoch, Epoch::Millis);
    let client = config.consumer().unwrap();
    assert_eq!(client.get("bootstrap.servers"), Some("a:9092,[::1]:9093,c"));
    assert_eq!(client.get("group.id"), Some("é&"));
    assert_eq!(client.get("sasl.mechanisms"), Some("PLAIN"));
    assert_eq!(client.get("debug"), Some("cgrp,fetch"));
}

#[test]
fn an_address_without_topic_and_group_has_those_of_the_documentation() {
    for address in ["kafka://127.0.0.1", "kafka://127.0.0.1/", "kafka://127.0.0.1/?"] {
        let config = parsed(address);
        assert_eq!((config.topic(), config.group()), ("machinery-data", "iot-forward"));
    }
}

#[test]
fn what_is_no_address_is_refused_by_the_part_that_is_wrong() {
    for (address, part) in [
        ("questdb://a:9092/t", "not an address of Kafka"),
        ("kafka:///t", "broker \"\""),
        ("kafka://a:9092,/t", "broker \"\""),
        ("kafka://:9092/t", "broker \":9092\""),
        ("kafka://a:90922/t", "broker \"a:90922\""),
        ("kafka://a b/t", "broker \"a b\""),
        ("kafka://a/t/u", "topic \"t/u\""),
        ("kafka://a/..", "topic \"..\""),
        ("kafka://a/größe", "topic \"größe\""),
        ("kafka://a/t?group=", "group \"\""),
        ("kafka://a/t?epoch=h", "epoch unit \"h\""),
    ] {
        let error = refused(address).to_string();
        assert!(error.contains(part), "{address}: {error}");
    }
}

#[test]
fn a_property_that_would_break_a_promise_is_refused_by_name() {
    for property in [
        "enable.auto.commit=true",
        "auto.commit.enable=true",
        "enable.auto.offset.store=true",
        "enable.idempotence=false",
        "acks=1",
        "request.required.acks=0",
        "partitioner=random",
        "delivery.report.only.error=true",
        "transactional.id=x",
        "bootstrap.servers=b",
        "metadata.broker.list=b",
        "group.id=g",
    ] {
        let error = refused(&format!("kafka://a/t?{property}")).to_string();
        assert!(error.contains(property), "{error}");
    }
    for property in
        ["enable.auto.commit=false", "enable.idempotence=true", "acks=all", "acks=-1", "partitioner=murmur2"]
    {
        parsed(&format!("kafka://a/t?{property}"));
    }
}

#[test]
fn a_property_wins_over_the_default() {
    let config = parsed("kafka://a/t?session.timeout.ms=30000&compression.type=zstd");
    assert_eq!(config.consumer().unwrap().get("session.timeout.ms"), Some("30000"));
    assert_eq!(config.producer().unwrap().get("compression.type"), Some("zstd"));
}

#[test]
fn a_property_wins_by_its_other_name_too() {
    let client = parsed("kafka://a/t?max.partition.fetch.bytes=1000").consumer().unwrap();
    assert_eq!(client.get("fetch.message.max.bytes"), Some("1000"));
    assert_eq!(client.get("max.partition.fetch.bytes"), None);
}

#[test]
fn a_secret_in_an_address_is_refused_and_told_where_to_go() {
    let error = refused("kafka://a/t?sasl.password=hunter2").to_string();
    assert!(error.contains("IOT_KAFKA_SASL_PASSWORD") && error.contains("sasl.password.file"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
    let error = refused("kafka://user:hunter2@a/t").to_string();
    assert!(error.contains("IOT_KAFKA_SASL_PASSWORD"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_secret_comes_from_the_environment() {
    let variable = |name: &str| (name == "IOT_KAFKA_SASL_PASSWORD").then(|| "hunter2".to_owned());
    let config = parsed("kafka://a/t").with_secrets(variable).unwrap();
    assert_eq!(config.producer().unwrap().get("sasl.password"), Some("hunter2"));
}

#[test]
fn a_secret_comes_from_a_file() {
    let path = std::env::temp_dir().join(format!("iot-kafka-secret-{}", std::process::id()));
    std::fs::write(&path, "hunter2\n").unwrap();
    let config = parsed(&format!("kafka://a/t?sasl.password.file={}", path.display()));
    let client = config.consumer().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(client.get("sasl.password"), Some("hunter2"));
    assert_eq!(client.get("sasl.password.file"), None);
    let error = config.consumer().unwrap_err().to_string();
    assert!(error.starts_with("sasl.password.file="), "{error}");
}

#[test]
fn a_secret_is_not_printed() {
    let config = parsed("kafka://a/t").with_property("sasl.password", "hunter2").unwrap();
    let text = format!("{config:?}");
    assert!(text.contains("sasl.password") && !text.contains("hunter2"), "{text}");
}

#[test]
fn dead_letters_go_to_the_same_brokers() {
    let config = parsed("kafka://a:1/t?security.protocol=ssl").dead_letters().unwrap();
    assert_eq!((config.brokers(), config.topic()), ("a:1", "t.dead-letters"));
    assert_eq!(config.producer().unwrap().get("security.protocol"), Some("ssl"));
    assert!(parsed(&format!("kafka://a/{}", "t".repeat(240))).dead_letters().is_err());
}

#[test]
fn the_new_group_protocol_is_not_told_what_it_leaves_to_the_broker() {
    let client = parsed("kafka://a/t?group.protocol=consumer").consumer().unwrap();
    assert_eq!(client.get("session.timeout.ms"), None);
    assert_eq!(client.get("partition.assignment.strategy"), None);
    assert_eq!(parsed("kafka://a/t").consumer().unwrap().get("session.timeout.ms"), Some("10000"));
}

#[test]
fn every_compression_that_a_producer_may_use_is_built_in() {
    let client = parsed("kafka://a/t").consumer().unwrap().create_native_config().unwrap();
    let features = client.get("builtin.features").unwrap();
    for codec in ["gzip", "snappy", "lz4", "zstd"] {
        assert!(features.split(',').any(|feature| feature == codec), "{codec} is not in {features}");
    }
}
