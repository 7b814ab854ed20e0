//! Laws of `scan`: the whole of a range, in order, in pieces.

use iot_core::{Device, Quantity, Query, Reading, TimeRange, Timestamp};

use super::generate::{Random, collisions, device, long, second, voltage};
use super::patient::patiently;
use super::trial::{MAX_FRAME, Trial, next};

pub(super) async fn a_scan_is_ascending_in_frames_of_bounded_length(mut trial: Trial) {
    trial.append(&long(1, 2 * MAX_FRAME)).await;
    trial.settle().await;
    trial.scans_as_modelled(Query::device("machine-00000")).await;
}

pub(super) async fn each_frame_is_of_one_kind_and_location(mut trial: Trial) {
    let places = ["hall 1", "hall 1", "hall 2", "hall 2", "hall 1", "", "hall 1"];
    let readings = (0..).zip(places).map(|(secs, place)| {
        let kind = if secs < 1 { None } else { Some("Drive") };
        let drive = Device::from_parts("drive", kind, Some(place)).unwrap();
        Reading::new(drive, second(secs)).with(Quantity::VOLTAGE, 1.0).unwrap()
    });
    trial.append_readings(&readings.collect::<Vec<_>>()).await;
    trial.settle().await;
    let frames = trial.frames(Query::device("drive")).await;
    assert_eq!(frames.iter().map(|frame| frame.len()).sum::<usize>(), places.len());
    trial.holds_what_was_appended().await;
}

pub(super) async fn an_unknown_device_has_no_frames(mut trial: Trial) {
    assert!(trial.frames(Query::device("nobody")).await.is_empty());
    trial.append_readings(&[voltage("somebody", second(0), 1.0)]).await;
    trial.settle().await;
    for id in ["nobody", "", "somebod", "somebody ", "SOMEBODY", "%"] {
        assert!(trial.frames(Query::device(id)).await.is_empty(), "{id:?}");
    }
}

pub(super) async fn a_range_has_its_start_and_not_its_end(mut trial: Trial) {
    trial.append_readings(&(0..10).map(|i| voltage("pump", second(i), i as f64)).collect::<Vec<_>>()).await;
    trial.settle().await;
    let range = |from, to| TimeRange::new(from, to).unwrap();
    let rows = trial.scan(Query::device("pump").range(range(second(2), second(5)))).await;
    assert_eq!(
        rows.iter().map(|row| row.time).collect::<Vec<_>>(),
        [2, 3, 4].map(|secs| second(secs).nanos())
    );
    for empty in [range(second(2), second(2)), range(second(20), second(30)), range(second(-9), second(0))] {
        assert!(trial.frames(Query::device("pump").range(empty)).await.is_empty());
    }
    for open in [range(Timestamp::MIN, second(3)), range(second(7), Timestamp::MAX), TimeRange::ALL] {
        trial.scans_as_modelled(Query::device("pump").range(open)).await;
    }
}

pub(super) async fn paging_a_scan_visits_each_reading_once(mut trial: Trial) {
    let mut random = Random::new(6);
    for _ in 0..5 {
        trial.append(&collisions(&mut random)).await;
    }
    trial.settle().await;
    let id = "device 1";
    for page in [1, 7, 1_000] {
        let mut visited = Vec::new();
        loop {
            let rows = trial.scan(Query::device(id).skip(visited.len() as u64).limit(page)).await;
            assert!(rows.len() as u64 <= page);
            let last = (rows.len() as u64) < page;
            visited.extend(rows);
            if last {
                break;
            }
        }
        super::trial::same(page, &visited, &trial.model.scan(&Query::device(id)));
    }
    for (skip, limit) in [(0, 0), (5, 0), (0, u64::MAX), (1 << 40, 5), (u64::MAX, u64::MAX)] {
        trial.scans_as_modelled(Query::device(id).skip(skip).limit(limit)).await;
    }
    // Only readings that have one of the quantities are counted.
    trial.scans_as_modelled(Query::device(id).quantities(["current"]).skip(3).limit(9)).await;
}

pub(super) async fn a_scan_of_some_quantities_leaves_out_readings_without_them(mut trial: Trial) {
    let reading = |i: i64| {
        let quantity = [Quantity::VOLTAGE, Quantity::CURRENT, Quantity::POWER][i as usize % 3].clone();
        Reading::new(device("pump"), second(i)).with(quantity, i as f64).unwrap()
    };
    trial.append_readings(&(0..9).map(reading).collect::<Vec<_>>()).await;
    trial.settle().await;
    assert_eq!(trial.scan(Query::device("pump").quantities(["current"])).await.len(), 3);
    for names in
        [vec!["power", "voltage"], vec!["voltage", "unheard_of"], vec!["unheard_of"], vec!["power", "power"]]
    {
        trial.scans_as_modelled(Query::device("pump").quantities(names)).await;
    }
}

pub(super) async fn dropping_a_scan_ends_its_work(mut trial: Trial) {
    trial.append(&long(1, 100_000)).await;
    trial.settle().await;
    // More than a store would do at once: if the dropped ones went on, the last would wait for ever.
    for _ in 0..100 {
        let first = async || {
            let mut frames = trial.store().scan(Query::device("machine-00000"));
            next(&mut frames).await.unwrap()
        };
        patiently(first).await.unwrap();
    }
    let unread: Vec<_> = (0..100).map(|_| trial.store().scan(Query::device("machine-00000"))).collect();
    drop(unread);
    trial.append_readings(&[voltage("machine-00000", second(-1), 1.0)]).await;
    trial.settle().await;
    trial.scans_as_modelled(Query::device("machine-00000")).await;
}
