//! Members of a group that come, go, and stand still.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iot_core::{Consumer, Delivery, ErrorKind, Producer};
use iot_kafka::{KafkaConfig, KafkaConsumer};
use tokio::time::timeout;

use crate::patience::{GLANCE, PATIENCE, join, next, sender, try_next};
use crate::readings::{Counts, consume, round};
use crate::topic::Topic;

/// A delivery that comes soon, or none.
async fn soon(consumer: &mut KafkaConsumer) -> Option<Delivery> {
    timeout(Duration::from_millis(200), consumer.next()).await.ok().map(|next| next.unwrap())
}

/// Lets a second member join while the first has everything in hand, committed only after a while: what was in hand
/// must not be given to the second.
async fn partitions_move_without_repeating(first: KafkaConfig, second: KafkaConfig) {
    let producer = sender(&first).await;
    producer.send(&round(400, 0)).await.unwrap();
    let mut counts = Counts::default();
    let mut first = join(&first).await;
    let mut in_hand = Vec::new();
    while counts.len() < 400 {
        let delivery = next(&mut first).await;
        counts.add(&delivery);
        in_hand.push(delivery);
    }
    let mut second = join(&second).await;
    // Long enough for the group to have noticed, and shorter than the partitions are held.
    let held = Instant::now() + Duration::from_secs(4);
    while Instant::now() < held {
        for consumer in [&mut first, &mut second] {
            assert!(soon(consumer).await.is_none(), "all is in the hands of the first");
        }
    }
    for delivery in &in_hand {
        first.commit(&delivery.position).await.unwrap();
    }
    let mut of_second = 0;
    let deadline = Instant::now() + PATIENCE;
    for secs in 1.. {
        assert!(Instant::now() < deadline, "{of_second} of {} readings came to the second", counts.len());
        producer.send(&round(400, secs)).await.unwrap();
        for (number, consumer) in [&mut first, &mut second].into_iter().enumerate() {
            while let Some(delivery) = soon(consumer).await {
                counts.add(&delivery);
                of_second += number * delivery.batch.len();
                consumer.commit(&delivery.position).await.unwrap();
            }
        }
        if of_second > 400 && counts.len() == 400 * (secs as usize + 1) {
            break;
        }
    }
    assert_eq!(counts.most(), 1, "no reading was given twice");
}

#[tokio::test]
async fn partitions_move_without_repeating_what_was_in_hand() {
    let Some(topic) = Topic::real().await else { return };
    partitions_move_without_repeating(topic.member_of("move"), topic.member_of("move")).await;
}

#[tokio::test]
async fn partitions_move_so_where_the_whole_group_stops_too() {
    let Some(topic) = Topic::real().await else { return };
    let member = topic.member_of("eager").with_property("partition.assignment.strategy", "range").unwrap();
    partitions_move_without_repeating(member.clone(), member).await;
}

#[tokio::test]
async fn a_member_that_joins_in_the_middle_of_a_stream_has_nothing_repeated() {
    let Some(topic) = Topic::real().await else { return };
    let producer = sender(&topic.config).await;
    // With a linger as long as this there is always something that is taken and not delivered.
    let member = topic.member_of("stream").with_linger(Duration::from_millis(500));
    let mut members = vec![join(&member).await];
    let (mut counts, mut sent, mut of_second) = (Counts::default(), 0, 0);
    let deadline = Instant::now() + PATIENCE;
    while of_second == 0 || counts.len() < 100 * sent {
        assert!(
            Instant::now() < deadline,
            "of {} readings {} came, {of_second} to the second",
            100 * sent,
            counts.len()
        );
        if of_second == 0 {
            producer.send(&round(100, sent as i64)).await.unwrap();
            sent += 1;
        }
        if sent == 20 && members.len() == 1 {
            members.push(join(&member).await);
        }
        for (number, consumer) in members.iter_mut().enumerate() {
            if let Ok(delivery) = timeout(Duration::from_millis(20), consumer.next()).await {
                let delivery = delivery.unwrap();
                counts.add(&delivery);
                of_second += number * delivery.batch.len();
                consumer.commit(&delivery.position).await.unwrap();
            }
        }
    }
    assert_eq!(counts.most(), 1, "no reading was given twice");
}

#[tokio::test]
async fn the_new_group_protocol_can_be_chosen() {
    let Some(topic) = Topic::real().await else { return };
    let member = topic.member_of("new").with_property("group.protocol", "consumer").unwrap();
    let producer = sender(&topic.config).await;
    for secs in 0..2 {
        producer.send(&round(100, secs)).await.unwrap();
        let mut consumer = join(&member).await;
        let counts = consume(&mut consumer, 100).await;
        assert_eq!((counts.len(), counts.most()), (100, 1));
    }
}

#[tokio::test]
async fn a_member_that_does_not_commit_gives_its_partitions_up_in_the_end() {
    let Some(topic) = Topic::real().await else { return };
    sender(&topic.config).await.send(&round(400, 0)).await.unwrap();
    let mut first = join(&topic.member_of("stuck")).await;
    let mut in_hand = Counts::default();
    while in_hand.len() < 400 {
        in_hand.add(&next(&mut first).await);
    }
    let mut second = join(&topic.member_of("stuck")).await;
    let again = next(&mut second).await;
    assert!(!again.batch.is_empty(), "what was not committed comes again");
}

#[tokio::test]
async fn a_consumer_that_is_not_asked_stays_in_its_group_and_goes_on() {
    let topic = Topic::mock().await;
    let member = topic.member_of("idle").with_max_rows(10);
    let member = ["max.poll.interval.ms", "session.timeout.ms"]
        .into_iter()
        .fold(member, |member, name| member.with_property(name, "6000").unwrap());
    sender(&topic.config).await.send(&round(2_000, 0)).await.unwrap();
    let mut consumer = join(&member).await;
    let mut counts = Counts::default();
    let first = next(&mut consumer).await;
    counts.add(&first);
    // The store is away for longer than a member may be silent, and longer than one may not poll.
    tokio::time::sleep(Duration::from_secs(9)).await;
    consumer.commit(&first.position).await.unwrap();
    while counts.len() < 2_000 {
        let delivery = next(&mut consumer).await;
        assert!(delivery.batch.len() <= 20);
        counts.add(&delivery);
        consumer.commit(&delivery.position).await.unwrap();
    }
    assert_eq!(counts.most(), 1, "no partition was lost and read again");
}

#[tokio::test]
async fn a_second_process_with_the_same_instance_id_replaces_the_first() {
    let Some(topic) = Topic::real().await else { return };
    let member = topic.member_of("instance").with_property("group.instance.id", "one").unwrap();
    sender(&topic.config).await.send(&round(100, 0)).await.unwrap();
    let mut first = join(&member).await;
    consume(&mut first, 100).await;
    let _second = join(&member).await;
    let error = try_next(&mut first).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:#}");
    let again = try_next(&mut first).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Invalid, "it stays so: {again:#}");
}

#[tokio::test]
async fn lag_is_what_the_log_has_beyond_the_deliveries() {
    let topic = Topic::mock().await;
    let producer = Arc::new(sender(&topic.config).await);
    producer.send(&round(2_000, 0)).await.unwrap();
    let mut consumer = join(&topic.member_of("lag").with_max_rows(100)).await;
    let first = next(&mut consumer).await;
    let known = async {
        loop {
            match consumer.lag() {
                Some(lag) => break lag,
                None => tokio::time::sleep(GLANCE).await,
            }
        }
    };
    let lag = timeout(PATIENCE, known).await.unwrap();
    // The next delivery is ready, and counted as delivered.
    let ahead = (2_000 - first.batch.len()) as u64;
    assert!((ahead - 110..=ahead).contains(&lag), "{lag} of {ahead}");
}

#[tokio::test]
async fn partitions_advance_together_through_a_backlog() {
    let topic = Topic::mock().await;
    let producer = sender(&topic.config).await;
    for secs in 0..60 {
        producer.send(&round(500, secs)).await.unwrap();
    }
    // Four seconds of all devices are a delivery; partition by partition it would be sixteen of a quarter of them. On a
    // machine that is too busy to fetch ahead there may be only one partition to read from, now and then.
    let mut tried = Vec::new();
    while tried.len() < 5 {
        let spans = spans(&topic.member_of(&format!("together-{}", tried.len())).with_max_rows(2_000)).await;
        let apart = spans.iter().filter(|&&span| span > 8).count();
        if apart <= spans.len() / 4 {
            return;
        }
        tried.push(spans);
    }
    panic!("{tried:?}");
}

/// How many seconds apart the readings of each delivery are.
async fn spans(member: &KafkaConfig) -> Vec<i64> {
    let mut consumer = join(member).await;
    let (mut spans, mut found) = (Vec::new(), 0);
    while found < 30_000 {
        let delivery = next(&mut consumer).await;
        found += delivery.batch.len();
        let times = delivery.batch.times();
        spans.push((times.iter().max().unwrap() - times.iter().min().unwrap()) / 1_000_000_000);
        // A store that takes its time: fetching is ahead of it.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    spans
}
