//! What the in-process log promises beyond the laws of a log.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::collections::BTreeSet;

use iot_core::memory::{Log, LogConsumer, LogOptions};
use iot_core::{Batch, Consumer, Device, ErrorKind, Position, Producer, Quantity, Reading, Timestamp};

/// A reading of each of `devices` devices.
fn round(devices: usize, secs: i64) -> Batch {
    let reading = |i| {
        let device = Device::new(&format!("machine-{i}")).unwrap();
        Reading::new(device, Timestamp::from_secs(secs)).with(Quantity::VOLTAGE, 230.0).unwrap()
    };
    Batch::from_readings(&(0..devices).map(reading).collect::<Vec<_>>()).unwrap()
}

async fn partitions(consumer: &mut LogConsumer) -> (BTreeSet<i32>, Position) {
    let delivery = consumer.next().await.unwrap();
    (delivery.origins.iter().map(|origin| origin.partition).collect(), delivery.position)
}

#[tokio::test]
async fn a_member_that_joins_gets_its_share_when_the_others_have_committed_theirs() {
    let log = Log::default();
    let producer = log.producer();
    producer.send(&round(100, 0)).await.unwrap();
    let mut first = log.consumer("group");
    let (all, position) = partitions(&mut first).await;
    assert_eq!(all.len(), 8);

    let mut second = log.consumer("group");
    producer.send(&round(100, 1)).await.unwrap();
    let (kept, later) = partitions(&mut first).await;
    assert_eq!(kept.len(), 4, "half of the partitions are the other's now");
    assert_eq!(second.lag(), Some(0), "which must not read before the first has committed");

    first.commit(&position).await.unwrap();
    let (given, _) = partitions(&mut second).await;
    assert_eq!(given.len(), 4);
    assert!(given.is_disjoint(&kept));
    first.commit(&later).await.unwrap();
    assert_eq!((first.lag(), second.lag()), (Some(0), Some(0)));
}

#[tokio::test]
async fn readings_in_two_units_come_in_two_deliveries() {
    let log = Log::default();
    for (secs, unit) in ["ppm", "%"].into_iter().enumerate() {
        let quantity = Quantity::new("co2", unit).unwrap();
        let reading = Reading::new(Device::new("pump-7").unwrap(), Timestamp::from_secs(secs as i64));
        let batch = Batch::from_readings(&[reading.with(quantity, 0.5).unwrap()]).unwrap();
        log.producer().send(&batch).await.unwrap();
    }
    let mut consumer = log.consumer("group");
    assert_eq!(consumer.lag(), Some(2));
    for (offset, unit) in [(1, "ppm"), (2, "%")] {
        let delivery = consumer.next().await.unwrap();
        assert_eq!(delivery.batch.columns()[0].quantity.unit(), unit);
        assert_eq!(delivery.position.offsets().map(|(_, next)| next).collect::<Vec<_>>(), [offset]);
    }
}

#[tokio::test]
async fn a_batch_larger_than_the_log_passes_through_it() {
    let log = Log::new(LogOptions { capacity: 10, ..LogOptions::default() }).unwrap();
    let mut consumer = log.consumer("group");
    let batch = round(1_000, 0);
    let sending = tokio::spawn({
        let (producer, batch) = (log.producer(), batch.clone());
        async move { producer.send(&batch).await.unwrap() }
    });
    let mut found = BTreeSet::new();
    while found.len() < batch.len() {
        let delivery = consumer.next().await.unwrap();
        assert!(delivery.batch.len() <= 10);
        found.extend(delivery.batch.readings().map(|reading| reading.device().id().to_owned()));
        consumer.commit(&delivery.position).await.unwrap();
    }
    sending.await.unwrap();
}

#[tokio::test]
async fn a_new_group_starts_with_what_no_group_has_let_go() {
    let log = Log::default();
    log.producer().send(&round(1, 0)).await.unwrap();
    let mut first = log.consumer("first");
    let delivery = first.next().await.unwrap();
    assert_eq!(log.consumer("early").lag(), Some(1));
    first.commit(&delivery.position).await.unwrap();
    assert_eq!(log.consumer("late").lag(), Some(1), "the early group still needs it");
    log.consumer("early").commit(&delivery.position).await.unwrap();
    log.consumer("late").commit(&delivery.position).await.unwrap();
    assert_eq!(log.consumer("later").lag(), Some(0));
}

#[tokio::test]
async fn a_position_of_another_log_is_refused_by_its_partition() {
    let mut position = Position::new();
    position.consumed(8, 0);
    let error = Log::default().consumer("group").commit(&position).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.to_string(), "partition 8 is not one of the 8 of this log");
}

#[test]
fn a_log_of_nothing_is_refused_by_the_name_of_what_is_missing() {
    let good = LogOptions::default();
    for (options, field) in [
        (LogOptions { partitions: 0, ..good.clone() }, "partitions 0"),
        (LogOptions { partitions: 65_537, ..good.clone() }, "partitions 65537"),
        (LogOptions { capacity: 0, ..good.clone() }, "capacity 0"),
        (LogOptions { delivery: 0, ..good.clone() }, "delivery 0"),
    ] {
        let error = Log::new(options).unwrap_err();
        assert!(error.to_string().starts_with(field), "{error}");
    }
}
