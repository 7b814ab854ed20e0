#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use iot_core::{Column, Device, Quantity};

use super::*;

const SECOND: i64 = 1_000_000_000;

/// A voltage of some noise around 230, as `change` makes it, read each second.
fn judged(readings: i64, change: impl Fn(i64, f64) -> Option<f64>) -> Condition {
    let noise = |i: i64| (((i * 7919) % 101) as f64 - 50.0) / 50.0;
    let (times, values): (Vec<i64>, Vec<f64>) =
        (0..readings).filter_map(|i| Some((i * SECOND, change(i, 230.0 + noise(i))?))).unzip();
    let column = Column { quantity: Quantity::VOLTAGE, values };
    let frame = Frame::new(Device::new("a").unwrap(), times, vec![column]).unwrap();
    Condition::judge("a".to_owned(), &frame).unwrap()
}

fn from_second(finding: &Finding) -> i64 {
    finding.from_ms.0 / SECOND
}

#[test]
fn noise_alone_is_normal() {
    let condition = judged(5_000, |_, value| Some(value));
    assert_eq!((condition.state, condition.findings.len()), (State::Normal, 0));
    assert_eq!(condition.usual_step_ms, Some(1000.0));
}

#[test]
fn a_level_that_stays_is_odd_since_it_began_however_long_it_lasts() {
    let condition = judged(5_000, |i, value| Some(if i >= 3_000 { value - 20.0 } else { value }));
    assert_eq!(condition.state, State::Odd);
    let [finding] = condition.findings.as_slice() else { panic!("{:?}", condition.findings) };
    assert_eq!((finding.kind, from_second(finding), finding.ongoing), (Kind::Low, 3_000, true));
    let (low, by) = (finding.usual_low.unwrap(), finding.by.unwrap());
    assert!((220.0..229.5).contains(&low), "{low}");
    assert!((by - (low - 209.0)).abs() < 1.0, "{by}");
}

#[test]
fn what_is_over_is_told_with_its_end_and_forgotten_after_a_while() {
    let shift = |i: i64, value| Some(if (3_000..3_400).contains(&i) { value + 20.0 } else { value });
    let soon = judged(4_000, shift);
    assert_eq!(soon.state, State::Recovered);
    let [finding] = soon.findings.as_slice() else { panic!("{:?}", soon.findings) };
    assert_eq!((finding.kind, from_second(finding), finding.to_ms.0 / SECOND), (Kind::High, 3_000, 3_399));
    assert!(!finding.ongoing);
    let late = judged(6_000, shift);
    assert_eq!((late.state, late.findings.len()), (State::Normal, 1));
}

#[test]
fn a_spike_is_told_and_a_value_that_hardly_stands_out_is_not() {
    let spike = judged(3_000, |i, value| Some(if i == 2_500 { 260.0 } else { value }));
    assert_eq!((spike.findings.len(), spike.findings[0].readings), (1, 1));
    let hardly = judged(3_000, |i, value| Some(if i == 2_500 { 235.0 } else { value }));
    assert_eq!(hardly.findings.len(), 0);
}

#[test]
fn a_value_that_repeats_is_stuck_only_where_values_use_to_differ() {
    let condition = judged(3_000, |i, value| Some(if i >= 2_900 { 230.02 } else { value }));
    let [finding] = condition.findings.as_slice() else { panic!("{:?}", condition.findings) };
    assert_eq!((finding.kind, from_second(finding), finding.value), (Kind::Stuck, 2_900, Some(230.02)));
    assert_eq!(condition.state, State::Odd);
    let twice = judged(3_000, |i, value| {
        Some(if (1_000..1_100).contains(&i) || i >= 2_900 { 230.02 } else { value })
    });
    assert_eq!(twice.findings.iter().map(from_second).collect::<Vec<_>>(), [1_000, 2_900]);
    assert_eq!(judged(3_000, |_, _| Some(230.0)).state, State::Normal);
    let steps = judged(3_000, |i, _| Some((i / 50 % 2) as f64));
    assert!(steps.findings.iter().all(|finding| finding.kind != Kind::Stuck));
}

#[test]
fn a_coarse_sensor_that_changes_by_a_step_is_normal() {
    let condition = judged(3_000, |i, _| Some(if i % 700 < 650 { 20.0 } else { 20.5 }));
    assert_eq!(condition.findings.len(), 0, "{:?}", condition.findings);
}

#[test]
fn a_pause_is_told_of_and_a_silence_is_seen_only_with_time() {
    let condition = judged(3_000, |i, value| (!(2_000..2_060).contains(&i)).then_some(value));
    let [finding] = condition.findings.as_slice() else { panic!("{:?}", condition.findings) };
    assert_eq!(
        (finding.kind, finding.from_ms.0, finding.to_ms.0),
        (Kind::Pause, 1_999 * SECOND, 2_060 * SECOND)
    );
    let at =
        |seconds: i64| condition.clone().seen(Timestamp::from_secs(seconds)).silent_since_ms.map(|ms| ms.0);
    assert_eq!((at(3_020), at(3_100)), (None, Some(2_999 * SECOND)));
}

#[test]
fn of_few_readings_nothing_is_said() {
    let condition = judged(20, |i, value| Some(if i == 19 { 500.0 } else { value }));
    assert_eq!((condition.state, condition.findings.len()), (State::Unknown, 0));
    assert_eq!(judged(1, |_, value| Some(value)).usual_step_ms, None);
}
