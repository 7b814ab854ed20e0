//! Laws of `append`: nothing lost, nothing doubled.

use std::sync::Arc;

use iot_core::{Batch, Quantity, Query, Reading};

use super::generate::{Random, at, batch, collisions, device, long, second, voltage};
use super::trial::Trial;

pub(super) async fn an_empty_batch_changes_nothing(mut trial: Trial) {
    trial.append(&Batch::default()).await;
    trial.append(&Batch::new(vec![device("never seen")], vec![], vec![], vec![]).unwrap()).await;
    assert!(trial.devices().await.is_empty());
    trial.append_readings(&[voltage("a", second(0), 1.0)]).await;
    trial.append(&Batch::default()).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
}

pub(super) async fn a_big_batch_is_kept_whole(mut trial: Trial) {
    trial.append(&long(100, 100_000)).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
}

pub(super) async fn appending_twice_is_appending_once(mut trial: Trial) {
    let batch = long(7, 1_000);
    trial.append(&batch).await;
    trial.append(&batch).await;
    // Parts of it too, as after a restart in the middle of a batch.
    trial.append(&batch.slice(300..800)).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
}

pub(super) async fn the_whole_of_the_last_appended_reading_counts(mut trial: Trial) {
    let pump = device("pump").with_kind("Sensor").unwrap();
    let first = voltage("pump", second(0), 1.0).with(Quantity::CURRENT, 2.0).unwrap();
    trial.append_readings(&[first, voltage("pump", second(1), 3.0)]).await;
    trial.append_readings(&[Reading::new(pump.clone(), second(0)).with(Quantity::POWER, 4.0).unwrap()]).await;
    trial.settle().await;
    let rows = trial.scan(Query::device("pump")).await;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].device, pump);
    assert_eq!(
        rows[0].values,
        [("power".to_owned(), 4.0_f64.to_bits())].into(),
        "the earlier values are gone"
    );
    trial.holds_what_was_appended().await;
}

pub(super) async fn inside_a_batch_the_later_row_counts(mut trial: Trial) {
    let rows = (0..100).map(|i| voltage("pump", second(i % 10), i as f64));
    let current = |value| Reading::new(device("pump"), second(3)).with(Quantity::CURRENT, value).unwrap();
    trial.append_readings(&rows.chain([current(1.0), current(2.0)]).collect::<Vec<_>>()).await;
    trial.settle().await;
    let rows = trial.scan(Query::device("pump")).await;
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[9].values["voltage"], 99.0_f64.to_bits());
    assert_eq!(rows[3].values, [("current".to_owned(), 2.0_f64.to_bits())].into());
    trial.holds_what_was_appended().await;
}

pub(super) async fn appends_in_any_order_are_read_in_order(mut trial: Trial) {
    let whole = long(3, 3_000);
    let mut parts: Vec<Batch> = (0..30).map(|i| whole.slice(i * 100..(i + 1) * 100)).collect();
    let mut random = Random::new(1);
    for end in (1..parts.len()).rev() {
        parts.swap(end, random.below(end as u64 + 1) as usize);
    }
    for part in &parts {
        trial.append(part).await;
    }
    // Inside a batch too, the latest first.
    let backwards: Vec<_> = (0..50).rev().map(|i| voltage("backwards", second(i), i as f64)).collect();
    trial.append_readings(&backwards).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
}

pub(super) async fn appends_beside_each_other_are_all_kept(mut trial: Trial) {
    let of = |writer: i64| {
        let rows =
            (0..500).map(|i| voltage(&format!("device {}", i % 5), second(writer * 1_000 + i), i as f64));
        batch(&rows.collect::<Vec<_>>())
    };
    let writers = (0..8).map(|writer| {
        let (store, whole) = (Arc::clone(&trial.subject.store), of(writer));
        tokio::spawn(async move {
            for part in 0..5 {
                store.append(&whole.slice(part * 100..(part + 1) * 100)).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    (0..8).for_each(|writer| trial.model.append(&of(writer)));
    trial.settle().await;
    trial.holds_what_was_appended().await;
}

pub(super) async fn any_sequence_of_appends_reads_as_its_last_ones(mut trial: Trial) {
    for seed in 0..3 {
        let mut random = Random::new(seed);
        for _ in 0..8 {
            trial.append(&collisions(&mut random)).await;
        }
        trial.settle().await;
        trial.holds_what_was_appended().await;
    }
}

pub(super) async fn what_was_acknowledged_is_there_after_opening_again(mut trial: Trial) {
    let Some(reopen) = trial.subject.reopen.take() else { return };
    trial.append(&collisions(&mut Random::new(4))).await;
    trial.append_readings(&[voltage("last", at(-1), 1.0)]).await;
    // Nothing is waited for: an answer is a promise.
    trial.subject.store = Arc::new(iot_core::memory::MemoryStore::new());
    trial.subject.store = reopen().await;
    trial.append_readings(&[voltage("last", at(1), 2.0)]).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
}
