//! The defects of the system that is replaced, S1 to S4: how its forwarder consumed.

use iot_core::{Consumer, DeadLetters, Producer};
use rdkafka::Message;

use crate::patience::{graveyard, join, next, sender};
use crate::readings::{consume, round};
use crate::topic::Topic;

#[tokio::test]
async fn s1_a_restart_replays_nothing_that_was_committed() {
    let topic = Topic::mock().await;
    let producer = sender(&topic.config).await;
    let member = topic.member_of("s1");
    for start in 0..3 {
        producer.send(&round(100, start)).await.unwrap();
        let mut consumer = join(&member).await;
        let counts = consume(&mut consumer, 100).await;
        assert_eq!((counts.len(), counts.most()), (100, 1), "each start sees what is new, and that once");
    }
    assert_eq!(topic.committed("s1"), 300);
}

#[tokio::test]
async fn s2_an_offset_is_stored_when_its_reading_is_and_not_before() {
    let topic = Topic::mock().await;
    sender(&topic.config).await.send(&round(100, 0)).await.unwrap();
    let mut consumer =
        join(&topic.member_of("s2").with_property("auto.commit.interval.ms", "100").unwrap()).await;
    let mut taken = Vec::new();
    while taken.iter().map(|delivery: &iot_core::Delivery| delivery.batch.len()).sum::<usize>() < 100 {
        taken.push(next(&mut consumer).await);
    }
    // As long as a driver takes that commits by itself.
    topic.let_another_commit("theirs", 100).await;
    assert_eq!(topic.committed("s2"), 0, "nothing was stored yet");
    for delivery in &taken {
        consumer.commit(&delivery.position).await.unwrap();
    }
    assert_eq!(topic.committed("s2"), 100);
    drop(consumer);
    assert_eq!(topic.committed("s2"), 100, "leaving commits nothing by itself");
}

#[tokio::test]
async fn s3_a_poison_message_becomes_a_dead_letter_and_stops_nothing() {
    let topic = Topic::mock().await;
    let graves = Topic::mock().await;
    let dead_letters = graveyard(&graves.config).await;
    let producer = sender(&topic.config).await;
    producer.send(&round(10, 0)).await.unwrap();
    topic.put(Some(b"machine-0"), b"{\"timestamp\": \"never\", \"voltage\": 1}").await;
    producer.send(&round(10, 1)).await.unwrap();

    let mut consumer = join(&topic.member_of("s3")).await;
    let (mut stored, mut buried) = (0, 0);
    while stored < 20 || buried < 1 {
        let delivery = next(&mut consumer).await;
        dead_letters.bury(&delivery.rejects).await.unwrap();
        consumer.commit(&delivery.position).await.unwrap();
        stored += delivery.batch.len();
        buried += delivery.rejects.len();
    }
    assert_eq!((stored, buried), (20, 1));
    assert_eq!(topic.committed("s3"), 21, "the group is past the poison");
    let letter = &graves.messages(1)[0];
    assert_eq!(letter.payload(), Some(&b"{\"timestamp\": \"never\", \"voltage\": 1}"[..]));
}

#[tokio::test]
async fn s4_bad_bytes_are_data_and_kill_nothing() {
    let topic = Topic::mock().await;
    let bad: [&[u8]; 5] =
        [b"\xff\xfe\xfd", b"\x00", b"", b"[[[[", b"{\"device_id\": \"\xc3\x28\", \"voltage\": 1}"];
    for bytes in bad {
        // As a value, and as the key of a value that needs one.
        topic.put(Some(b"machine-0"), bytes).await;
        topic.put(Some(bytes), b"{\"timestamp\": 0, \"voltage\": 1}").await;
    }
    topic.put(None, b"{\"timestamp\": 0, \"voltage\": 1}").await;
    let mut consumer = join(&topic.member_of("s4")).await;
    let (mut readings, mut rejects) = (0, Vec::new());
    while readings + rejects.len() < 11 {
        let delivery = next(&mut consumer).await;
        readings += delivery.batch.len();
        rejects.extend(delivery.rejects);
    }
    // Of the keys, one is an id.
    assert_eq!((readings, rejects.len()), (1, 10), "{rejects:?}");
    for bytes in bad {
        assert!(rejects.iter().any(|reject| reject.payload == bytes), "{bytes:?} comes as it was");
    }
}
