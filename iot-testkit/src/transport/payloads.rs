//! A payload that is not readings is data, not an error.

use iot_core::{Consumer, Reject};

use super::generate::{round, rows, sorted};
use super::trial::{Trial, same};

/// Bytes that are not readings, of every kind that has stopped a forwarder.
const POISON: [&[u8]; 8] = [
    b"\xff\xfe\x00\x01",
    b"",
    b"not json",
    b"{\"timestamp\": \"2025-02-05 00:00:00\", \"voltage\": 3.7",
    b"{\"timestamp\": \"never\", \"voltage\": 3.7}",
    b"{\"timestamp\": \"2025-02-05 00:00:00\"}",
    b"{\"timestamp\": \"2025-02-05 00:00:00\", \"voltage\": 1e999}",
    b"42",
];

/// Puts all poison into the log; `false` where it carries no bytes.
async fn poisoned(trial: &Trial) -> bool {
    for payload in POISON {
        if !trial.transport.inject(Some(b"machine-000"), payload).await {
            return false;
        }
    }
    true
}

async fn rejects(consumer: &mut dyn Consumer, count: usize) -> Vec<Reject> {
    let mut rejects = Vec::new();
    while rejects.len() < count {
        let delivery = consumer.next().await.unwrap();
        for reject in &delivery.rejects {
            assert!(delivery.position.next(reject.partition) > Some(reject.offset), "{reject:?} is passed");
            assert_eq!(reject.topic, delivery.topic);
        }
        rejects.extend(delivery.rejects);
    }
    rejects
}

pub(super) async fn a_payload_that_is_not_readings_is_a_reject_with_its_bytes_and_provenance(trial: Trial) {
    if !poisoned(&trial).await {
        return;
    }
    let rejects = rejects(&mut *trial.consumer("provenance").await, POISON.len()).await;
    for (reject, payload) in rejects.iter().zip(POISON) {
        assert_eq!(reject.payload, payload);
        assert_eq!(reject.key.as_deref(), Some(&b"machine-000"[..]));
        assert!(!reject.topic.is_empty() && !reject.reason.is_empty(), "{reject:?}");
    }
    // One key, so one partition, and each message has its own place in it.
    assert!(rejects.is_sorted_by_key(|reject| reject.offset), "{rejects:?}");
    assert!(rejects.iter().all(|reject| reject.partition == rejects[0].partition), "{rejects:?}");
}

pub(super) async fn a_message_of_very_many_bad_readings_is_few_rejects_with_all_their_bytes(trial: Trial) {
    const GOOD: i64 = 2_000;
    let bad = |i: i64| [format!("{{\"bad\":{i}}}"), format!("{{\"voltage\":{i}}}")];
    let readings = (0..GOOD).flat_map(|i| {
        let [one, two] = bad(i);
        [one, format!("{{\"timestamp\":{i},\"voltage\":1}}"), two]
    });
    let message = format!("[{}]", readings.collect::<Vec<_>>().join(","));
    if !trial.transport.inject(Some(b"machine-000"), message.as_bytes()).await {
        return;
    }
    let all_bad = (0..GOOD).flat_map(bad).collect::<Vec<_>>().join(",");
    let mut consumer = trial.consumer("many").await;
    let (mut times, mut found, mut rejects) = (Vec::new(), String::new(), 0);
    while times.len() < GOOD as usize || found.len() < all_bad.len() {
        let delivery = consumer.next().await.unwrap();
        times.extend_from_slice(delivery.batch.times());
        for reject in &delivery.rejects {
            let text = str::from_utf8(&reject.payload).unwrap();
            let piece = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
            found.push_str(if found.is_empty() { "" } else { "," });
            found.push_str(piece);
        }
        rejects += delivery.rejects.len();
        consumer.commit(&delivery.position).await.unwrap();
    }
    assert_eq!(times, (0..GOOD).collect::<Vec<_>>());
    assert!(found == all_bad, "the bytes of the bad readings come in their order, and once");
    assert!(rejects < 2_000, "{rejects} rejects of one message");
}

pub(super) async fn a_poison_message_stops_nothing(trial: Trial) {
    let (before, after) = (round(30, 0), round(30, 1));
    trial.send(&before).await;
    if !poisoned(&trial).await {
        return;
    }
    trial.send(&after).await;
    let mut consumer = trial.consumer("poison").await;
    let (mut found, mut rejected) = (Vec::new(), 0);
    while found.len() < 60 || rejected < POISON.len() {
        let delivery = consumer.next().await.unwrap();
        found.extend(rows(&delivery.batch));
        rejected += delivery.rejects.len();
        consumer.commit(&delivery.position).await.unwrap();
    }
    assert_eq!(rejected, POISON.len());
    same(sorted(found), sorted([rows(&before), rows(&after)].concat()));
    // The group is past the poison for good.
    drop(consumer);
    let last = round(30, 2);
    trial.send(&last).await;
    let mut consumer = trial.consumer("poison").await;
    let mut found = Vec::new();
    while found.len() < 30 {
        let delivery = consumer.next().await.unwrap();
        assert!(delivery.rejects.is_empty(), "{:?} came again", delivery.rejects);
        found.extend(rows(&delivery.batch));
    }
    same(sorted(found), sorted(rows(&last)));
}
