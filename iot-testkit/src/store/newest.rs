//! Laws of `newest`: what has happened last, over all devices.

use iot_core::Quantity;

use super::generate::{Random, collisions, long, second, voltage};
use super::trial::{Trial, same};

pub(super) async fn the_newest_come_newest_first_and_by_id_where_times_are_equal(mut trial: Trial) {
    assert!(trial.newest(0, 10).await.is_empty());
    let readings = [("b", 1), ("a", 2), ("c", 2), ("b", 2), ("é", 2), ("日", 2), ("a", 0), ("B", 2)];
    let readings =
        readings.map(|(id, secs)| voltage(id, second(secs), 1.0).with(Quantity::CURRENT, 2.0).unwrap());
    trial.append_readings(&readings).await;
    trial.settle().await;
    let newest = trial.newest(1, 8).await;
    let order: Vec<_> = newest.iter().map(|row| (row.device.id(), row.time)).collect();
    let expected = [("B", 2), ("a", 2), ("b", 2), ("c", 2), ("é", 2), ("日", 2), ("b", 1), ("a", 0)];
    assert_eq!(order, expected.map(|(id, secs)| (id, second(secs).nanos())));
    same("all", &trial.newest(0, 100).await, &trial.model.newest());
}

pub(super) async fn paging_the_newest_visits_each_reading_once(mut trial: Trial) {
    let mut random = Random::new(7);
    for _ in 0..5 {
        trial.append(&collisions(&mut random)).await;
    }
    trial.settle().await;
    let expected = trial.model.newest();
    for page in [1, 13, 1_000] {
        let mut visited = Vec::new();
        while let rows @ [_, ..] = &*trial.newest(visited.len() as u64, page).await {
            assert!(rows.len() <= page);
            visited.extend_from_slice(rows);
        }
        same(page, &visited, &expected);
    }
    for (skip, limit) in [(0, 0), (1 << 40, 10), (u64::MAX, 10)] {
        assert!(trial.newest(skip, limit).await.is_empty());
    }
}

pub(super) async fn a_device_far_ahead_of_the_others_is_newest(mut trial: Trial) {
    trial.append(&long(20, 2_000)).await;
    // A clock that is wrong by years, and devices that have been silent for as long.
    trial
        .append_readings(&[
            voltage("ahead", second(60_000_000), 1.0),
            voltage("silent", second(-60_000_000), 1.0),
        ])
        .await;
    trial.settle().await;
    let expected = trial.model.newest();
    for (skip, limit) in [(0, 1), (0, 3), (1, 50), (1_990, 100), (2_001, 5)] {
        let end = expected.len().min(skip + limit);
        same((skip, limit), &trial.newest(skip as u64, limit).await, &expected[skip.min(end)..end]);
    }
}
