//! Events, labels, their algebra, metrics and splits.

use std::time::Duration;

use iot_analytics::events::{
    Event, Extent, expand, expand_labels, intersection, merge, to_events, to_events_each, to_labels, union,
};
use iot_analytics::labels;
use iot_analytics::metrics::Metrics;
use iot_analytics::split::Split;
use iot_core::Label;
use serde_json::Value;

use super::read::{self, close, float};

const START: i64 = 1_704_067_200_000_000_000;
const SECOND: i64 = 1_000_000_000;

fn golden() -> Option<Value> {
    read::file("events_metrics.json")
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().unwrap().iter()
}

fn events(value: &Value) -> Vec<Event> {
    let pairs = value.as_array().unwrap().iter();
    pairs.map(|pair| Event::from_nanos(pair[0].as_i64().unwrap(), pair[1].as_i64().unwrap())).collect()
}

/// The lists that the cases name.
fn list(golden: &Value, name: &str) -> Vec<Event> {
    events(&golden["validate_events"][name]["in"])
}

fn seconds(n: usize) -> Vec<i64> {
    (0..n as i64).map(|i| START + i * SECOND).collect()
}

fn extent(regular: bool, as_period: bool) -> Extent {
    if regular && as_period { Extent::Step(Duration::from_secs(1)) } else { Extent::Instant }
}

#[test]
fn three_valued_logic_is_that_of_adtk() {
    let Some(golden) = golden() else { return };
    let column = |name: &str| read::labels(&golden["three_valued"][name]);
    let (a, b) = (column("a"), column("b"));
    assert_eq!(labels::any(&[&a, &b]).unwrap(), column("or"));
    assert_eq!(labels::all(&[&a, &b]).unwrap(), column("and"));
}

#[test]
fn events_merge_as_in_adtk() {
    let Some(golden) = golden() else { return };
    for (name, case) in members(&golden["validate_events"]) {
        assert_eq!(merge(&events(&case["in"])), events(&case["out"]), "{name}");
    }
    for (names, case) in members(&golden["list_aggregate"]) {
        let (one, other) = names.split_once('&').unwrap();
        let (one, other) = (list(&golden, one), list(&golden, other));
        assert_eq!(intersection(&one, &other), events(&case["and"]), "{names}");
        assert_eq!(union(&one, &other), events(&case["or"]), "{names}");
    }
    for (name, expected) in members(&golden["expand_events_1s_2s"]) {
        let wider = expand(&list(&golden, name), Duration::from_secs(1), Duration::from_secs(2));
        assert_eq!(wider, events(expected), "{name}");
    }
}

#[test]
fn labels_become_events_as_in_adtk() {
    let Some(golden) = golden() else { return };
    let given = read::labels(&golden["to_events"]["in"]);
    let times = seconds(given.len());
    for (case, expected) in members(&golden["to_events"]).filter(|(name, _)| *name != "in") {
        let regular = case.starts_with("freq|");
        let extent = extent(regular, case.contains("freq_as_period=True"));
        let runs =
            case.ends_with("merge=True") || (case.ends_with("merge=None") && extent != Extent::Instant);
        let convert = if runs { to_events } else { to_events_each };
        assert_eq!(convert(&times, &given, extent), events(expected), "{case}");
    }
    assert_eq!(Extent::of(&times), Extent::Step(Duration::from_secs(1)));
}

#[test]
fn events_become_labels_as_in_adtk() {
    let Some(golden) = golden() else { return };
    let times = seconds(golden["to_labels"]["n"].as_u64().unwrap() as usize);
    for (case, expected) in members(&golden["to_labels"]).filter(|(name, _)| name.contains('|')) {
        let mut parts = case.split('|');
        let given = list(&golden, parts.next().unwrap());
        let extent = extent(parts.next() == Some("freq"), parts.next() == Some("freq_as_period=True"));
        assert_eq!(to_labels(&given, &times, extent), read::labels(expected), "{case}");
    }
}

#[test]
fn labels_expand_as_in_adtk() {
    let Some(golden) = golden() else { return };
    let given = read::labels(&golden["expand_labels"]["in"]);
    let duration = |text: &str| match text {
        "0" => Duration::ZERO,
        "500ms" => Duration::from_millis(500),
        seconds => Duration::from_secs(seconds.trim_end_matches('s').parse().unwrap()),
    };
    for (case, expected) in members(&golden["expand_labels"]).filter(|(name, _)| *name != "in") {
        let mut parts = case.split('|');
        let (before, after) = (duration(parts.next().unwrap()), duration(parts.next().unwrap()));
        let extent = extent(true, parts.next() == Some("period"));
        let wider = expand_labels(&seconds(given.len()), &given, extent, before, after);
        assert_eq!(wider, read::labels(expected), "{case}");
    }
}

#[test]
fn metrics_of_labels_are_those_of_adtk() {
    let Some(golden) = golden() else { return };
    for (name, case) in members(&golden["metrics_labels"]) {
        let metrics = Metrics::of_labels(&read::labels(&case["true"]), &read::labels(&case["pred"])).unwrap();
        let Metrics { recall, precision, f1, iou } = metrics;
        for (what, got) in [("recall", recall), ("precision", precision), ("f1", f1), ("iou", iou)] {
            assert!(close(got, float(&case[what]), 1e-9), "{what} of {name} is {got}, not {}", case[what]);
        }
    }
}

#[test]
fn metrics_of_events_are_those_of_adtk() {
    let Some(golden) = golden() else { return };
    for (name, case) in members(&golden["metrics_list"]) {
        let metrics =
            |overlap| Metrics::of_events(&events(&case["true"]), &events(&case["pred"]), overlap).unwrap();
        let mut numbers = vec![("f1".to_owned(), metrics(0.5).f1), ("iou".to_owned(), metrics(0.5).iou)];
        for overlap in [0.5, 0.9, 1.0] {
            numbers.push((format!("recall@{overlap:?}"), metrics(overlap).recall));
            numbers.push((format!("precision@{overlap:?}"), metrics(overlap).precision));
        }
        for (what, got) in numbers {
            assert!(close(got, float(&case[&what]), 1e-9), "{what} of {name} is {got}, not {}", case[&what]);
        }
    }
    assert!(Metrics::of_events(&[], &[], 0.0).is_err());
}

#[test]
fn splits_are_those_of_adtk() {
    let Some(golden) = golden() else { return };
    for (case, expected) in members(&golden["split_train_test"]) {
        let numbers: Vec<usize> =
            case.split('|').map(|part| part.split_once('=').unwrap().1.parse().unwrap()).collect();
        let train = 0.7;
        let split = [Split::Folds { train }, Split::Beginnings { train }, Split::NextFold, Split::AllTheRest];
        let got = split[numbers[1] - 1].of(numbers[0], numbers[2]).unwrap();
        let got: Vec<_> =
            got.into_iter().map(|(a, b)| vec![vec![a.start, a.end], vec![b.start, b.end]]).collect();
        assert_eq!(serde_json::to_value(got).unwrap(), *expected, "{case}");
    }
}

#[test]
fn an_unknown_label_is_no_event() {
    let events = to_events(&[0, 1], &[Label::Unknown, Label::Normal], Extent::Instant);
    assert!(events.is_empty());
}
