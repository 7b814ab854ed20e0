//! Laws of `delete_before`: retention that never takes too much.

use iot_core::{Query, Timestamp};

use super::generate::{Random, at, collisions, second, voltage};
use super::trial::{Trial, same};

pub(super) async fn deleting_removes_readings_before_its_time_and_no_other(mut trial: Trial) {
    let mut random = Random::new(10);
    for _ in 0..5 {
        trial.append(&collisions(&mut random)).await;
    }
    // Over more than a week, so that stores which delete by the day have some to delete.
    for day in 0..10 {
        let hours = (0..24).map(|hour| voltage("weekly", second(day * 86_400 + hour * 3_600), day as f64));
        trial.append_readings(&hours.collect::<Vec<_>>()).await;
    }
    trial
        .append_readings(&[voltage("old", second(-86_400), 1.0), voltage("old", second(-86_399), 1.0)])
        .await;
    trial.settle().await;
    for time in
        [second(-1_000_000), second(-86_399), at(77_777_777_770), at(77_777_777_771), second(4 * 86_400 + 7)]
    {
        delete(&mut trial, time).await;
    }
    // Late ones are taken again.
    trial
        .append_readings(&[voltage("old", second(-86_400), 2.0), voltage("device 1", second(-5), 2.0)])
        .await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
}

/// Deletes, and checks what is left and what was said to have gone.
async fn delete(trial: &mut Trial, time: Timestamp) {
    let before: Vec<_> = trial.model.newest();
    let gone = trial.store().delete_before(time).await.unwrap();
    let told = if trial.subject.deletes_exactly {
        trial.model.delete_before(time)
    } else {
        trial.settle().await;
        let ids = trial.model.ids();
        let mut left = Vec::new();
        for id in ids {
            left.extend(trial.scan(Query::device(id)).await);
        }
        trial.model.keep(&left);
        // The marker that has just settled was not there before.
        before.len() as u64 + 1 - left.len() as u64
    };
    assert_eq!(gone, told, "readings gone before {time}");
    let kept: Vec<_> = before.into_iter().filter(|row| row.time >= time.nanos()).collect();
    let mut left = trial.model.newest();
    left.retain(|row| row.time >= time.nanos() && kept.iter().any(|kept| kept.time == row.time));
    same(time, &left, &kept);
    trial.settle().await;
    trial.holds_what_was_appended().await;
}

pub(super) async fn deleting_everything_leaves_a_store_that_works(mut trial: Trial) {
    assert_eq!(trial.store().delete_before(Timestamp::MAX).await.unwrap(), 0);
    trial.append(&collisions(&mut Random::new(11))).await;
    trial.settle().await;
    let all = trial.model.newest().len() as u64;
    if trial.subject.deletes_exactly {
        assert_eq!(trial.store().delete_before(Timestamp::MAX).await.unwrap(), all);
        trial.model.delete_before(Timestamp::MAX);
        assert!(trial.devices().await.is_empty());
        assert!(trial.newest(0, 10).await.is_empty());
    }
    trial.append(&collisions(&mut Random::new(12))).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
}
