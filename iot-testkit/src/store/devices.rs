//! Laws of `devices`: a summary that is never behind the readings.

use iot_core::{Device, Quantity, Reading};

use super::generate::{Random, collisions, device, second, voltage};
use super::trial::Trial;

pub(super) async fn devices_are_sorted_by_id_and_counted_as_scanned(mut trial: Trial) {
    let ids = ["b", "a", "B", "10", "9", "ü", "z", "日"];
    for (i, id) in ids.into_iter().enumerate() {
        let readings = (0..=i as i64).map(|secs| voltage(id, second(secs), 1.0));
        trial.append_readings(&readings.collect::<Vec<_>>()).await;
    }
    trial.settle().await;
    let found: Vec<_> = trial.devices().await.iter().map(|summary| summary.device.id().to_owned()).collect();
    assert_eq!(found, ["10", "9", "B", "a", "b", "z", "zz-marker", "ü", "日"]);
    trial.holds_what_was_appended().await;
}

pub(super) async fn a_reading_written_over_is_counted_once(mut trial: Trial) {
    let mut random = Random::new(9);
    for _ in 0..10 {
        let batch = collisions(&mut random);
        trial.append(&batch).await;
        trial.append(&batch.slice(batch.len() / 2..batch.len())).await;
    }
    trial.settle().await;
    trial.holds_what_was_appended().await;
}

pub(super) async fn first_and_last_seen_are_by_event_time(mut trial: Trial) {
    for secs in [5, 9, 7, 2, 8, 9, 3] {
        trial
            .append_readings(&[voltage("pump", second(secs), 1.0), voltage("mill", second(-secs), 1.0)])
            .await;
    }
    trial.settle().await;
    let devices = trial.devices().await;
    let seen: Vec<_> = devices.iter().map(|summary| (summary.first_seen, summary.last_seen)).collect();
    assert_eq!(seen[0], (second(-9).nanos(), second(-2).nanos()));
    assert_eq!(seen[1], (second(2).nanos(), second(9).nanos()));
    trial.holds_what_was_appended().await;
}

pub(super) async fn a_device_is_of_the_kind_and_location_of_its_latest_reading(mut trial: Trial) {
    let drive = |kind, place, secs| {
        let drive = Device::from_parts("drive", Some(kind), Some(place)).unwrap();
        Reading::new(drive, second(secs)).with(Quantity::VOLTAGE, 1.0).unwrap()
    };
    let steps = [
        (drive("", "hall 1", 5), ("", "hall 1")),
        (drive("Drive", "hall 2", 6), ("Drive", "hall 2")),
        // A late one does not change what the device is now.
        (drive("Old", "store room", 1), ("Drive", "hall 2")),
        // The latest one written over does.
        (drive("Drive", "hall 3", 6), ("Drive", "hall 3")),
        (drive("", "", 7), ("", "")),
    ];
    for (reading, (kind, place)) in steps {
        trial.append_readings(&[reading]).await;
        trial.settle().await;
        let found = &trial.devices().await[0].device;
        assert!(found.has_parts(
            "drive",
            Some(kind).filter(|k| !k.is_empty()),
            Some(place).filter(|p| !p.is_empty())
        ));
    }
    trial.holds_what_was_appended().await;
}

pub(super) async fn a_device_has_the_quantities_it_has_values_of(mut trial: Trial) {
    let current = |secs| Reading::new(device("pump"), second(secs)).with(Quantity::CURRENT, 1.0).unwrap();
    trial.append_readings(&[voltage("pump", second(0), 1.0), voltage("mill", second(0), 1.0)]).await;
    trial.append_readings(&[current(1)]).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
    // Its only voltage is written over.
    trial.append_readings(&[current(0)]).await;
    trial.settle().await;
    let devices = trial.devices().await;
    assert_eq!(devices[1].quantities, [Quantity::CURRENT].into());
    trial.holds_what_was_appended().await;
}

pub(super) async fn a_device_by_its_id_is_as_among_all(mut trial: Trial) {
    let mut random = Random::new(11);
    for id in ["pump", "Pump", "pump 7", "ü", "' OR ''='", "%"] {
        let readings: Vec<_> = (0..3).map(|secs| voltage(id, second(secs), 1.0)).collect();
        trial.append_readings(&readings).await;
        trial.append(&collisions(&mut random)).await;
    }
    trial.settle().await;
    for summary in trial.devices().await {
        assert_eq!(trial.device(summary.device.id()).await.as_ref(), Some(&summary));
    }
    for unknown in ["", "PUMP", "pump%", "u"] {
        assert_eq!(trial.device(unknown).await, None, "{unknown:?}");
    }
}

pub(super) async fn a_store_that_answers_says_so(trial: Trial) {
    trial.store().ping().await.unwrap();
}
