//! Messages of very many readings, and readings of very many quantities.

use std::time::Duration;

use iot_core::wire::{MAX_QUANTITIES, Options};
use iot_core::{Consumer, Timestamp};

use crate::patience::{join, next};
use crate::topic::Topic;

/// A message of readings: some of 60 quantities each, all of them different, then many of one, of which some are bad.
fn wide(from: i64, wide: i64, narrow: i64) -> String {
    let wide = (from..from + wide).map(|i| {
        let names: Vec<_> = (0..60).map(|j| format!("\"q{}\":1", i * 60 + j)).collect();
        format!("{{\"timestamp\":{i},{}}}", names.join(","))
    });
    let narrow = (from + 100..from + 100 + narrow).map(|i| match i % 100 {
        7 => format!("{{\"bad\":{i}}}"),
        _ => format!("{{\"timestamp\":{i},\"voltage\":1}}"),
    });
    format!("[{}]", wide.chain(narrow).collect::<Vec<_>>().join(","))
}

#[tokio::test]
async fn a_delivery_is_bounded_in_memory_and_ends_within_a_message_if_it_must() {
    let topic = Topic::mock().await;
    let before = Timestamp::now();
    topic.put(Some(b"machine-0"), wide(0, 15, 5_000).as_bytes()).await;
    topic.put(Some(b"machine-0"), b"{\"timestamp\":1000000,\"voltage\":1}").await;
    let max_bytes = 64 << 10;
    let member = topic.member_of("wide").with_linger(Duration::ZERO);
    let member = member.with_decoding(Options { max_bytes, ..Options::default() });
    let mut consumer = join(&member).await;
    let (mut times, mut bad, mut parts) = (Vec::new(), Vec::new(), 0);
    while times.last() != Some(&1_000_000) {
        let delivery = next(&mut consumer).await;
        assert!(delivery.batch.bytes() <= max_bytes, "{} bytes", delivery.batch.bytes());
        times.extend_from_slice(delivery.batch.times());
        bad.extend_from_slice(&delivery.rejects);
        let origin = delivery.origin(0).unwrap();
        assert!(origin.time >= Some(before.saturating_sub(Duration::from_secs(60))), "{origin:?}");
        let last = times.last() == Some(&1_000_000) || times.last() == Some(&5_099);
        match delivery.position.next(origin.partition) {
            Some(next) => assert!(next > origin.offset && last, "{next} with {:?} delivered", times.last()),
            None => assert!(!last, "the message is passed with its last reading, and not before"),
        }
        consumer.commit(&delivery.position).await.unwrap();
        if !last {
            assert_eq!(topic.committed("wide"), 0);
        }
        parts += 1;
    }
    let expected = (0..15).chain((100..5_100).filter(|i| i % 100 != 7)).chain([1_000_000]);
    assert_eq!(times, expected.collect::<Vec<_>>());
    assert_eq!(bad.len(), 50);
    assert!(parts > 2, "{parts} deliveries");
    assert_eq!(topic.committed("wide"), 2);
}

#[tokio::test]
async fn one_device_that_makes_names_up_costs_the_others_nothing() {
    let topic = Topic::mock().await;
    for at in 0..4 {
        topic.put(Some(b"machine-0"), wide(at * 1_000, 15, 0).as_bytes()).await;
    }
    topic.put(Some(b"machine-0"), b"{\"timestamp\":1000000,\"co2\":1}").await;
    let mut consumer = join(&topic.member_of("names")).await;
    let mut found = 0;
    while found < 61 {
        let delivery = next(&mut consumer).await;
        assert!(delivery.rejects.is_empty(), "{:?}", delivery.rejects);
        assert!(delivery.batch.columns().len() <= MAX_QUANTITIES);
        found += delivery.batch.len();
    }
}

#[tokio::test]
async fn rejects_of_one_message_share_its_key() {
    let topic = Topic::mock().await;
    let key = vec![b'k'; 100_000];
    topic.put(Some(&key), format!("[{}]", ["1"; 50_000].join(",")).as_bytes()).await;
    let mut consumer = join(&topic.member_of("key")).await;
    let rejects = next(&mut consumer).await.rejects;
    assert_eq!(rejects.len(), 1_001);
    let first = rejects[0].key.as_ref().unwrap();
    assert_eq!(first[..], key);
    assert!(rejects.iter().all(|reject| std::sync::Arc::ptr_eq(reject.key.as_ref().unwrap(), first)));
    assert_eq!(rejects[1_000].payload.len(), 2 * 49_000 + 1);
    let reason = "49000 more readings of one message, the first: a reading is an object, not 1";
    assert_eq!(rejects[1_000].reason, reason);
}
