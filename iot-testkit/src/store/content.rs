//! Laws of content: what is read is what was appended.

use iot_core::{Device, ErrorKind, Quantity, Query, Reading, TimeRange, Timestamp};

use super::generate::{Random, batch, device, second, voltage};
use super::trial::Trial;

pub(super) async fn values_come_back_to_the_last_bit(mut trial: Trial) {
    let fixed = [
        0.0,
        -0.0,
        0.1 + 0.2,
        f64::MIN_POSITIVE,
        5e-324,
        -5e-324,
        f64::MAX,
        f64::MIN,
        f64::EPSILON,
        1.0,
        9_007_199_254_740_993.0,
        -1e22,
        123_456_789.123_456_79,
        i64::MIN as f64,
    ];
    let mut random = Random::new(5);
    let any = std::iter::repeat_with(|| f64::from_bits(random.next())).filter(|value| value.is_finite());
    let values: Vec<f64> = fixed.into_iter().chain(any.take(1_000)).collect();
    let readings: Vec<_> = (0..).zip(&values).map(|(i, &value)| voltage("pump", second(i), value)).collect();
    trial.append_readings(&readings).await;
    trial.settle().await;
    let found = trial.scan(Query::device("pump")).await;
    assert_eq!(found[1].values["voltage"], (-0.0_f64).to_bits());
    trial.holds_what_was_appended().await;
    super::trial::same("newest", &trial.newest(0, 2_000).await, &trial.model.newest());
}

pub(super) async fn times_come_back_to_the_nanosecond(mut trial: Trial) {
    // The last instant of all is in no range, so it is not one of these.
    let (from, end) = (trial.subject.times.from().nanos(), trial.subject.times.to().nanos());
    let far =
        [from, from + 1, -1_234_567_890_123_456_789, -1, 0, 1, 1_738_713_600_123_456_789, end - 2, end - 1];
    let near = (0..10).map(|i| second(0).nanos() + i);
    let times = far.into_iter().chain(near).map(Timestamp::from_nanos);
    let held: Vec<_> = times.filter(|&time| trial.subject.holds(time)).collect();
    trial.append_readings(&held.iter().map(|&time| voltage("pump", time, 1.0)).collect::<Vec<_>>()).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
    for pair in held.windows(2) {
        let (from, to) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
        trial.scans_as_modelled(Query::device("pump").range(TimeRange::new(from, to).unwrap())).await;
    }
}

pub(super) async fn a_time_that_the_store_cannot_hold_is_refused_by_name(mut trial: Trial) {
    let before = trial.subject.times.from().nanos().checked_sub(1);
    let after = Some(trial.subject.times.to()).filter(|&time| time < Timestamp::MAX);
    let outside = before.map(Timestamp::from_nanos).into_iter().chain(after);
    for time in outside.collect::<Vec<_>>() {
        trial.append_readings(&[voltage("pump", second(0), 1.0)]).await;
        let refused = batch(&[voltage("other", second(1), 1.0), voltage("pump", time, 2.0)]);
        let error = trial.store().append(&refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(&time.to_string()), "{error} does not name {time}");
        trial.append(&refused.slice(0..1)).await;
        trial.settle().await;
        trial.holds_what_was_appended().await;
    }
}

pub(super) async fn a_missing_value_stays_missing(mut trial: Trial) {
    let both = |secs| voltage("pump", second(secs), 0.0).with(Quantity::CURRENT, 0.0).unwrap();
    let current = |secs| Reading::new(device("pump"), second(secs)).with(Quantity::CURRENT, 0.0).unwrap();
    trial.append_readings(&[both(0), voltage("pump", second(1), 0.0), current(2), both(3)]).await;
    trial.settle().await;
    let rows = trial.scan(Query::device("pump")).await;
    assert_eq!(rows.iter().map(|row| row.values.len()).collect::<Vec<_>>(), [2, 1, 1, 2]);
    trial.holds_what_was_appended().await;
}

/// Texts that are hard on encodings, patterns, paths and screens.
fn texts() -> Vec<String> {
    let fixed = [
        "pump-7",
        " leading and trailing ",
        "a/b/../c?d=e&f#g",
        "100%",
        "%25%00%2F",
        "_",
        "tab is refused, comma, semicolon; equals=",
        "back\\slash",
        "\\n",
        "'",
        "''",
        "\"quoted\"",
        "`tick`",
        "null",
        "NULL",
        "NaN",
        "0",
        "-1e3",
        "true",
        "[1,2]",
        "{\"a\":1}",
        "$1",
        "?1",
        "日本語",
        "Übergrößenträger",
        "e\u{301}",
        "مضخة",
        "\u{202e}rtl",
        "👷🏽\u{200d}♀\u{fe0f}",
        "\u{feff}bom",
        "\u{10ffff}",
        "a\u{2028}b",
    ];
    let long = [
        "x".repeat(Device::MAX_BYTES),
        "é".repeat(Device::MAX_BYTES / 2),
        "🦀".repeat(Device::MAX_BYTES / 4),
    ];
    fixed.into_iter().map(str::to_owned).chain(long).collect()
}

pub(super) async fn any_unicode_comes_back_unchanged(mut trial: Trial) {
    let texts = texts();
    let mut readings = Vec::new();
    for (i, id) in texts.iter().enumerate() {
        let (kind, place) = (&texts[(i + 1) % texts.len()], &texts[(i + 2) % texts.len()]);
        let machine = Device::from_parts(id, Some(kind), Some(place)).unwrap();
        readings.push(Reading::new(machine, second(i as i64)).with(Quantity::VOLTAGE, i as f64).unwrap());
    }
    trial.append_readings(&readings).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
    super::trial::same("newest", &trial.newest(0, 100).await, &trial.model.newest());
}

pub(super) async fn ids_that_look_alike_are_different_devices(mut trial: Trial) {
    let alike = [
        "pump",
        "Pump",
        "PUMP",
        "pump ",
        " pump",
        "pum\u{200b}p",
        "é",
        "e\u{301}",
        "1",
        "01",
        "1.0",
        "Ａ",
        "A",
    ];
    let readings = (0..).zip(alike).map(|(i, id)| voltage(id, second(0), f64::from(i)));
    trial.append_readings(&readings.collect::<Vec<_>>()).await;
    trial.settle().await;
    assert_eq!(trial.devices().await.len(), alike.len() + 1);
    trial.holds_what_was_appended().await;
}

pub(super) async fn no_text_is_taken_for_a_command(mut trial: Trial) {
    trial.append_readings(&[voltage("pump", second(0), 1.0)]).await;
    let attacks = [
        "'; DROP TABLE readings; --",
        "\"; DROP TABLE readings; --",
        "x' OR '1'='1",
        "\\'; DELETE FROM readings WHERE 1=1; --",
        "') UNION SELECT * FROM devices --",
        "/* */ pump",
        "pump'--",
        "%' OR device LIKE '%",
        "pump,location=x voltage=2 0",
        "${jndi:ldap://127.0.0.1/a}",
        "../../etc/passwd",
        "voltage\" FROM readings; --",
    ];
    for (i, attack) in (1..).zip(attacks) {
        trial.scans_as_modelled(Query::device(attack)).await;
        assert!(trial.scan(Query::device("pump").quantities([attack])).await.is_empty());
        let machine = Device::from_parts(attack, Some(attack), Some(attack)).unwrap();
        trial
            .append_readings(&[Reading::new(machine, second(i)).with(Quantity::VOLTAGE, 1.0).unwrap()])
            .await;
    }
    trial.settle().await;
    trial.holds_what_was_appended().await;
}
