//! What is consumed is what was sent.

use iot_core::{Device, Quantity, Reading, Timestamp};

use super::generate::{batch, device, rows};
use super::trial::Trial;

async fn comes_out(trial: Trial, readings: Vec<Reading>) {
    let batch = batch(readings);
    trial.send(&batch).await;
    trial.holds(rows(&batch)).await;
}

pub(super) async fn values_and_times_come_out_to_the_last_bit(trial: Trial) {
    let values = [
        0.0,
        -0.0,
        0.1 + 0.2,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        f64::from_bits(1),
        f64::EPSILON,
        1e22,
        123_456_789.123_456_79,
        -273.15,
    ];
    let times = [0, 1, -1, 1_738_713_600_123_456_789, i64::MIN, i64::MAX - 1, 999_999_999, -1_000_000_000];
    let readings = times.iter().flat_map(|&time| {
        values.iter().enumerate().map(move |(i, &value)| {
            Reading::new(device(i), Timestamp::from_nanos(time)).with(Quantity::VOLTAGE, value).unwrap()
        })
    });
    comes_out(trial, readings.collect()).await;
}

pub(super) async fn a_missing_value_stays_missing(trial: Trial) {
    let quantities = [Quantity::VOLTAGE, Quantity::TEMPERATURE, Quantity::named("co2").unwrap()];
    let readings = (0..30).map(|i| {
        let time = Timestamp::from_secs(i as i64);
        Reading::new(device(i % 7), time).with(quantities[i % 3].clone(), i as f64).unwrap()
    });
    comes_out(trial, readings.collect()).await;
}

pub(super) async fn ids_kinds_and_locations_keep_any_unicode(trial: Trial) {
    let texts = [
        "pump-7",
        "Größe/Ω µ",
        "насос №7",
        "泵七",
        "🏭🔧",
        "e\u{301} and é",
        "\u{202e}right to left",
        "quote\" back\\slash",
        "{\"device_id\": \"x\"}",
        "'; DROP TABLE readings; --",
        "100% &?#=+,",
        " spaces ",
        "\u{10ffff}\u{fffd}\u{feff}",
    ];
    let long = "ü".repeat(Device::MAX_BYTES / 2);
    let readings = texts.into_iter().chain([long.as_str()]).enumerate().map(|(i, text)| {
        let device = Device::from_parts(text, Some(text), Some(text)).unwrap();
        Reading::new(device, Timestamp::from_secs(i as i64)).with(Quantity::VOLTAGE, i as f64).unwrap()
    });
    comes_out(trial, readings.collect()).await;
}
