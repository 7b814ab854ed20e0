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

use super::parameters::duration;
use super::read::{self, all_events, close, float, members};

/// Where the times of a group start that does not say so.
const START: i64 = 1_704_067_200_000_000_000;

fn events(value: &Value) -> Vec<Event> {
    let pairs = value.as_array().unwrap().iter();
    pairs.map(|pair| Event::from_nanos(pair[0].as_i64().unwrap(), pair[1].as_i64().unwrap())).collect()
}

/// The lists that the cases name.
fn list(golden: &Value, name: &str) -> Vec<Event> {
    events(&golden["validate_events"][name]["in"])
}

/// The step of the times of a group: a second, if it does not say so.
fn step(group: &Value) -> Duration {
    group["index_step_s"].as_f64().map_or(Duration::from_secs(1), Duration::from_secs_f64)
}

/// The first so many times of a group.
fn times(group: &Value, n: usize) -> Vec<i64> {
    let (start, step) = (group["index_start_ns"].as_i64().unwrap_or(START), step(group).as_nanos() as i64);
    (0..n as i64).map(|i| start + i * step).collect()
}

fn extent(group: &Value, regular: bool, as_period: bool) -> Extent {
    if regular && as_period { Extent::Step(step(group)) } else { Extent::Instant }
}

/// The cases of a group, which have their parameters in their names.
fn cases(group: &Value) -> impl Iterator<Item = (&String, &Value)> {
    members(group).filter(|(name, _)| name.contains('|'))
}

#[test]
fn times_have_the_step_that_the_group_says() {
    let group = serde_json::json!({ "index_step_s": 2.5 });
    assert_eq!(times(&group, 3), [START, START + 2_500_000_000, START + 5_000_000_000]);
}

#[test]
fn three_valued_logic_is_that_of_adtk() {
    for read::File { json: golden, .. } in all_events("three_valued") {
        let column = |name: &str| read::labels(&golden["three_valued"][name]);
        let (a, b) = (column("a"), column("b"));
        assert_eq!(labels::any(&[&a, &b]).unwrap(), column("or"));
        assert_eq!(labels::all(&[&a, &b]).unwrap(), column("and"));
    }
}

#[test]
fn events_merge_as_in_adtk() {
    for read::File { json: golden, .. } in all_events("validate_events") {
        for (name, case) in members(&golden["validate_events"]) {
            assert_eq!(merge(&events(&case["in"])), events(&case["out"]), "{name}");
        }
        for (names, case) in members(&golden["list_aggregate"]) {
            let (one, other) = names.split_once('&').unwrap();
            let (one, other) = (list(&golden, one), list(&golden, other));
            assert_eq!(intersection(&one, &other), events(&case["and"]), "{names}");
            assert_eq!(union(&one, &other), events(&case["or"]), "{names}");
        }
        for (group, cases) in members(&golden) {
            let Some((before, after)) =
                group.strip_prefix("expand_events_").and_then(|by| by.split_once('_'))
            else {
                continue;
            };
            let (before, after) = (duration(before).unwrap(), duration(after).unwrap());
            for (name, expected) in members(cases) {
                let wider = expand(&list(&golden, name), before, after);
                assert_eq!(wider, events(expected), "{group} {name}");
            }
        }
    }
}

#[test]
fn labels_become_events_as_in_adtk() {
    for read::File { json: golden, .. } in all_events("to_events") {
        let group = &golden["to_events"];
        let given = read::labels(&group["in"]);
        let times = times(group, given.len());
        for (case, expected) in cases(group) {
            let regular = case.starts_with("freq|");
            let extent = extent(group, regular, case.contains("freq_as_period=True"));
            let runs =
                case.ends_with("merge=True") || (case.ends_with("merge=None") && extent != Extent::Instant);
            let convert = if runs { to_events } else { to_events_each };
            assert_eq!(convert(&times, &given, extent), events(expected), "{case}");
        }
        assert_eq!(Extent::of(&times), Extent::Step(step(group)));
    }
}

#[test]
fn events_become_labels_as_in_adtk() {
    for read::File { json: golden, .. } in all_events("to_labels") {
        let group = &golden["to_labels"];
        let times = times(group, group["n"].as_u64().unwrap() as usize);
        for (case, expected) in cases(group) {
            let mut parts = case.split('|');
            let given = list(&golden, parts.next().unwrap());
            let extent =
                extent(group, parts.next() == Some("freq"), parts.next() == Some("freq_as_period=True"));
            assert_eq!(to_labels(&given, &times, extent), read::labels(expected), "{case}");
        }
    }
}

#[test]
fn labels_expand_as_in_adtk() {
    for read::File { json: golden, .. } in all_events("expand_labels") {
        let group = &golden["expand_labels"];
        let given = read::labels(&group["in"]);
        for (case, expected) in cases(group) {
            let mut parts = case.split('|');
            let (before, after) =
                (duration(parts.next().unwrap()).unwrap(), duration(parts.next().unwrap()).unwrap());
            let extent = extent(group, true, parts.next() == Some("period"));
            let wider = expand_labels(&times(group, given.len()), &given, extent, before, after);
            assert_eq!(wider, read::labels(expected), "{case}");
        }
    }
}

#[test]
fn metrics_of_labels_are_those_of_adtk() {
    for read::File { json: golden, .. } in all_events("metrics_labels") {
        for (name, case) in members(&golden["metrics_labels"]) {
            let metrics =
                Metrics::of_labels(&read::labels(&case["true"]), &read::labels(&case["pred"])).unwrap();
            let Metrics { recall, precision, f1, iou } = metrics;
            for (what, got) in [("recall", recall), ("precision", precision), ("f1", f1), ("iou", iou)] {
                assert!(
                    close(got, float(&case[what]), 1e-9),
                    "{what} of {name} is {got}, not {}",
                    case[what]
                );
            }
        }
    }
}

#[test]
fn metrics_of_events_are_those_of_adtk() {
    for read::File { json: golden, .. } in all_events("metrics_list") {
        for (name, case) in members(&golden["metrics_list"]) {
            let metrics = |overlap| {
                Metrics::of_events(&events(&case["true"]), &events(&case["pred"]), overlap).unwrap()
            };
            for (what, theirs) in members(case).filter(|(what, _)| *what != "true" && *what != "pred") {
                let (number, overlap) = what.split_once('@').unwrap_or((what, "0.5"));
                let Metrics { recall, precision, f1, iou } = metrics(overlap.parse().unwrap());
                let ours = match number {
                    "recall" => recall,
                    "precision" => precision,
                    "f1" => f1,
                    "iou" => iou,
                    other => panic!("metric {other}"),
                };
                assert!(close(ours, float(theirs), 1e-9), "{what} of {name} is {ours}, not {theirs}");
            }
        }
    }
}

#[test]
fn splits_are_those_of_adtk() {
    for read::File { json: golden, .. } in all_events("split_train_test") {
        for (case, expected) in members(&golden["split_train_test"]) {
            let parameters: Vec<(&str, &str)> =
                case.split('|').map(|part| part.split_once('=').unwrap()).collect();
            let get =
                |name: &str| parameters.iter().find(|parameter| parameter.0 == name).map(|(_, value)| *value);
            let number = |name: &str| get(name).unwrap().parse::<usize>().unwrap();
            let train = get("ratio").map_or(0.7, |ratio| ratio.parse().unwrap());
            let split =
                [Split::Folds { train }, Split::Beginnings { train }, Split::NextFold, Split::AllTheRest];
            let got = split[number("mode") - 1].of(number("n"), number("splits")).unwrap();
            let got: Vec<_> =
                got.into_iter().map(|(a, b)| vec![vec![a.start, a.end], vec![b.start, b.end]]).collect();
            assert_eq!(serde_json::to_value(got).unwrap(), *expected, "{case}");
        }
    }
}

#[test]
fn an_overlap_of_nothing_is_refused() {
    assert!(Metrics::of_events(&[], &[], 0.0).is_err());
}

#[test]
fn an_unknown_label_is_no_event() {
    let events = to_events(&[0, 1], &[Label::Unknown, Label::Normal], Extent::Instant);
    assert!(events.is_empty());
}
