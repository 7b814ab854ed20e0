//! Deliveries: in order, with their origins and position, and cancel-safe.

use std::collections::BTreeMap;
use std::time::Duration;

use iot_core::Delivery;

use super::generate::{round, rows, rows_of, sorted};
use super::trial::{Trial, same, start_and_drop, take, take_and_commit};

async fn deliveries(trial: &Trial) -> Vec<Delivery> {
    let producer = trial.producer().await;
    for at in 0..20 {
        producer.send(&round(50, at)).await.unwrap();
    }
    take(&mut *trial.consumer("deliveries").await, 1000).await
}

pub(super) async fn a_partition_comes_in_the_order_of_the_log(trial: Trial) {
    let mut reached = BTreeMap::new();
    for delivery in deliveries(&trial).await {
        for origin in delivery.origins {
            let before = reached.insert(origin.partition, origin.offset);
            assert!(before < Some(origin.offset), "{origin:?} comes after offset {before:?}");
        }
    }
}

pub(super) async fn every_row_names_its_message(trial: Trial) {
    let mut messages = BTreeMap::new();
    for delivery in deliveries(&trial).await {
        assert!(!delivery.topic.is_empty());
        assert!(delivery.origins.is_sorted_by_key(|origin| origin.first_row));
        for row in 0..delivery.batch.len() {
            let origin = delivery.origin(row).unwrap_or_else(|| panic!("row {row} has no origin"));
            let partition = messages.entry(delivery.batch.device(row).id().to_owned());
            let partition = *partition.or_insert(origin.partition);
            assert_eq!(partition, origin.partition, "a device stays in its partition");
        }
    }
}

pub(super) async fn a_position_is_past_all_that_was_delivered(trial: Trial) {
    for delivery in deliveries(&trial).await {
        let mut last = BTreeMap::new();
        for origin in &delivery.origins {
            last.insert(origin.partition, origin.offset);
        }
        for (partition, offset) in last {
            assert_eq!(delivery.position.next(partition), Some(offset + 1));
        }
    }
}

pub(super) async fn next_waits_until_there_is_something(trial: Trial) {
    let mut consumer = trial.consumer("waits").await;
    let waiting = tokio::spawn(async move { consumer.next().await.unwrap() });
    let batch = round(1, 0);
    trial.send(&batch).await;
    same(rows(&waiting.await.unwrap().batch), rows(&batch));
}

pub(super) async fn dropping_next_loses_no_delivery(trial: Trial) {
    let producer = trial.producer().await;
    let mut consumer = trial.consumer("dropping").await;
    let (mut sent, mut found, mut dropped) = (Vec::new(), Vec::new(), 0);
    for at in 0..50 {
        let batch = round(20, at);
        // The batch arrives while `next` is started and dropped over and over.
        let mut sending = std::pin::pin!(producer.send(&batch));
        loop {
            match start_and_drop(consumer.next()).await {
                Some(delivery) => found.extend(rows(&delivery.unwrap().batch)),
                None => dropped += 1,
            }
            if let Some(done) = start_and_drop(sending.as_mut()).await {
                done.unwrap();
                break;
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        sent.extend(rows(&batch));
    }
    while found.len() < sent.len() {
        match start_and_drop(consumer.next()).await {
            Some(delivery) => found.extend(rows(&delivery.unwrap().batch)),
            None => tokio::time::sleep(Duration::from_micros(200)).await,
        }
    }
    assert!(dropped > 0, "no `next` was dropped: the law was not tried");
    same(sorted(found), sorted(sent));
}

pub(super) async fn lag_falls_to_zero_when_all_has_been_delivered(trial: Trial) {
    let producer = trial.producer().await;
    let mut consumer = trial.consumer("lag").await;
    let mut sent = 0;
    if !trial.transport.knows_lag() {
        assert_eq!(consumer.lag(), None);
        return;
    }
    loop {
        producer.send(&round(10, sent)).await.unwrap();
        sent += 1;
        rows_of(&take(&mut *consumer, 10).await);
        match consumer.lag() {
            Some(0) => return,
            // It may be known only now and then.
            Some(_) | None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

pub(super) async fn lag_after_a_restart_counts_nothing_that_was_committed(trial: Trial) {
    trial.send(&round(200, 0)).await;
    take_and_commit(&mut *trial.consumer("lag").await, 200).await;
    let consumer = trial.consumer("lag").await;
    while trial.transport.knows_lag() {
        match consumer.lag() {
            Some(lag) => return assert_eq!(lag, 0, "nothing is new since the restart"),
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
