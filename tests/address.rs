//! Logs and stores by address.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use iot::address::{DeadLettersAddress, LogAddress, StoreAddress};
use iot::{Batch, Device, ErrorKind, Quantity, Query, Reading, StoreExt, Timestamp};

fn one() -> Batch {
    let reading = Reading::new(Device::new("pump-7").unwrap(), Timestamp::from_secs(0));
    Batch::from_readings(&[reading.with(Quantity::VOLTAGE, 230.0).unwrap()]).unwrap()
}

#[tokio::test]
async fn one_name_in_memory_is_one_store_and_one_log() {
    iot::open_store("memory:a").await.unwrap().append(&one()).await.unwrap();
    assert!(
        iot::open_store("memory:a").await.unwrap().read(Query::device("pump-7")).await.unwrap().is_some()
    );
    assert!(iot::open_store("memory:b").await.unwrap().devices().await.unwrap().is_empty());

    iot::open_producer("memory:a").await.unwrap().send(&one()).await.unwrap();
    let delivery = iot::open_consumer("memory:a").await.unwrap().next().await.unwrap();
    assert_eq!(delivery.batch, one());
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_file_is_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("readings.sqlite").display());
    iot::open_store(&address).await.unwrap().append(&one()).await.unwrap();
    assert!(iot::open_store(&address).await.unwrap().read(Query::device("pump-7")).await.unwrap().is_some());
}

#[test]
fn an_address_that_is_wrong_is_told_so_by_name() {
    for address in [
        "",
        "readings.sqlite",
        "oracle:db",
        "memroy:",
        "kafka:x",
        "https//x",
        "http:",
        "http://",
        "sqlite:",
        "file:x",
    ] {
        let error = address.parse::<StoreAddress>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{address}");
        let scheme = address.split(':').next().unwrap();
        assert!(error.to_string().contains(scheme), "{address}: {error}");
    }
    for address in ["", "sqlite:x", "kafka", "kafka:", "kafka://", "http://x"] {
        assert_eq!(address.parse::<LogAddress>().unwrap_err().kind(), ErrorKind::Invalid, "{address}");
    }
    for address in ["", "file:", "memory:x", "sqlite:x"] {
        assert_eq!(
            address.parse::<DeadLettersAddress>().unwrap_err().kind(),
            ErrorKind::Invalid,
            "{address}"
        );
    }
}

#[cfg(not(feature = "kafka"))]
#[test]
fn a_feature_that_was_not_built_in_is_named() {
    let error = "kafka://127.0.0.1:9092/t".parse::<LogAddress>().unwrap_err();
    assert!(error.to_string().ends_with("build with --features kafka"), "{error}");
}

#[cfg(feature = "kafka")]
#[test]
fn dead_letters_of_a_topic_go_to_a_topic_beside_it() {
    let log: LogAddress = "kafka://127.0.0.1:9092/machinery-data?group=g".parse().unwrap();
    let dead_letters = log.dead_letters().unwrap();
    assert_eq!(dead_letters.to_string(), "kafka://127.0.0.1:9092/machinery-data.dead-letters");
    assert!(dead_letters.to_string().parse::<DeadLettersAddress>().is_ok());
}

#[tokio::test]
async fn a_server_that_is_absent_is_unavailable_and_named() {
    // Nothing listens on the discard port here.
    let error = iot::open_store("http://127.0.0.1:9").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:#}");
    assert!(error.to_string().contains("127.0.0.1:9"), "{error}");
}
