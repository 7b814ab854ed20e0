//! Laws of `buckets`: the aggregates of a scan.

use iot_core::{BucketQuery, TimeRange, Timestamp};

use super::generate::{Random, at, collisions, long, second};
use super::trial::Trial;

pub(super) async fn buckets_equal_the_aggregates_of_a_scan(mut trial: Trial) {
    let mut random = Random::new(8);
    for _ in 0..5 {
        trial.append(&collisions(&mut random)).await;
    }
    trial.append(&long(2, 10_000)).await;
    trial.settle().await;
    // All readings lie in the first 800 s, or with `long` in 5,000 s.
    let ranges = [
        (at(0), at(777_777_777_777)),
        (at(7_777_777_777), at(15_555_555_554)),
        (at(-5), at(400_000_000_001)),
    ];
    let widths = [60_000_000_000, 7_777_777_777, 1_000_000_000_000_000, 999_999_937];
    for (from, to) in ranges {
        let range = TimeRange::new(from, to).unwrap();
        for (i, width) in widths.into_iter().enumerate() {
            let query = BucketQuery::new(&format!("device {i}"), range, width).unwrap();
            trial.buckets_as_modelled(&query).await;
            trial.buckets_as_modelled(&query.with_quantities(["current", "unheard_of"])).await;
        }
    }
    let whole = TimeRange::new(second(0), second(5_000)).unwrap();
    trial.buckets_as_modelled(&BucketQuery::new("machine-00001", whole, 10_000_000_000).unwrap()).await;
}

pub(super) async fn buckets_may_span_all_of_time(mut trial: Trial) {
    trial.append(&long(1, 100)).await;
    trial.settle().await;
    for width in [u64::MAX, u64::MAX / 2, u64::MAX / 99_999] {
        trial.buckets_as_modelled(&BucketQuery::new("machine-00000", TimeRange::ALL, width).unwrap()).await;
    }
    let since = TimeRange::new(second(50), Timestamp::MAX).unwrap();
    trial.buckets_as_modelled(&BucketQuery::new("machine-00000", since, u64::MAX).unwrap()).await;
}

pub(super) async fn an_unknown_device_has_empty_buckets(mut trial: Trial) {
    trial.append(&long(1, 100)).await;
    trial.settle().await;
    let minute = TimeRange::new(second(0), second(60)).unwrap();
    let before = TimeRange::new(second(-60), second(0)).unwrap();
    let nothing = TimeRange::new(second(5), second(5)).unwrap();
    for (id, range) in [("nobody", minute), ("machine-00000", before), ("machine-00000", nothing)] {
        let query = BucketQuery::new(id, range, 10_000_000_000).unwrap();
        let buckets = trial.store().buckets(query).await.unwrap();
        assert!(buckets.columns.iter().flat_map(|(_, buckets)| buckets).all(|bucket| bucket.count == 0));
    }
}
