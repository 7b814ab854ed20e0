//! Saved states that were damaged are refused, or do no harm.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use iot_analytics::rolling::{Aggregate, DoubleRolling, Rolling, Window};
use iot_analytics::{FrameMethod, FrameMethodMonitor, Method, MethodMonitor, PeakDemand, Season};
use iot_core::{
    Column, Detector, Device, Frame, FrameDetector, FrameMonitor, Monitor, Online, OnlineFrame, Quantity,
    Series, Timestamp,
};
use serde_json::{Value, json};

const SECOND: i64 = 1_000_000_000;

const METHODS: &[&str] = &[
    r#"{"method": "value_based", "low": 1}"#,
    r#"{"method": "quantile", "high": 0.99}"#,
    r#"{"method": "interquartile_range"}"#,
    r#"{"method": "generalized_esd"}"#,
    r#"{"method": "persist", "window": 5}"#,
    r#"{"method": "level_shift", "window": 10}"#,
    r#"{"method": "level_shift", "window": "7s", "right_window": "5s"}"#,
    r#"{"method": "volatility_shift", "window": 8, "spread": "interquartile_range"}"#,
    r#"{"method": "seasonal", "period": 12}"#,
    r#"{"method": "seasonal", "period": 12, "trend": true}"#,
    r#"{"method": "autoregression", "lags": 3, "step": 2}"#,
    r#"{"method": "z_score", "window": 10}"#,
    r#"{"method": "hampel", "window": 10}"#,
    r#"{"method": "conformal", "window": 50, "min_periods": 10}"#,
    r#"{"method": "adaptive_quantile", "low": 0.1, "high": 0.9, "warm_up": 20}"#,
    r#"{"method": "adaptive_quantile", "high": 0.9, "warm_up": 500}"#,
    r#"{"method": "ewma"}"#,
    r#"{"method": "cusum"}"#,
    r#"{"method": "page_hinkley"}"#,
    r#"{"method": "rate_of_change", "rise": 1}"#,
    r#"{"method": "flat_line", "longest": "10s"}"#,
    r#"{"method": "silence", "longest": "10s"}"#,
    r#"{"method": "pipeline", "steps": [{"step": "difference"}, {"step": "scale"}, {"step": "season", "period": 12},
        {"step": "rolling", "window": "9s", "aggregate": "median"}, {"step": "rolling", "window": 4, "aggregate": "std"}],
        "detector": {"method": "persist", "window": "5s"}}"#,
];

const FRAME_METHODS: &[&str] = &[
    r#"{"method": "hotelling_t2", "weight": 0.3, "smooth": 3}"#,
    r#"{"method": "squared_prediction_error", "variance": 0.5}"#,
    r#"{"method": "pca"}"#,
    r#"{"method": "regression", "target": "c"}"#,
    r#"{"method": "half_space_trees", "trees": 2, "depth": 2, "window": 20}"#,
    r#"{"method": "any_of", "of": [{"method": "pca"}, {"method": "half_space_trees", "trees": 1, "depth": 1, "window": 20}]}"#,
];

fn value(at: i64, column: i64) -> f64 {
    ((at * (7 + column) + at / 12 * 3) % 11) as f64 + (at % 12) as f64
}

/// Every place in a value, of long lists the first two and the last element only.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, member)| places(member, &format!("{path}/{key}"), found));
        }
        Value::Array(elements) => {
            let ends = |at: &usize| *at < 2 || at + 1 == elements.len();
            (0..elements.len())
                .filter(ends)
                .for_each(|at| places(&elements[at], &format!("{path}/{at}"), found));
        }
        _ => {}
    }
}

/// What may become of a value.
fn damages(value: &Value) -> Vec<Value> {
    let mut damages = vec![Value::Null, json!([]), json!({})];
    match value {
        Value::Number(_) => damages.extend([
            json!(0),
            json!(1),
            json!(-1),
            json!(1_000_000_007),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1e300),
            json!(-0.5),
        ]),
        Value::String(_) => {
            damages.extend([json!("inf"), json!("584y"), json!("1ns"), json!("std"), json!("median")])
        }
        Value::Array(elements) => {
            damages.push([elements.clone(), elements.clone()].concat().into());
            damages.push(elements.iter().skip(1).cloned().collect());
            damages.push(elements.iter().rev().cloned().collect());
        }
        _ => {}
    }
    damages
}

/// Damages a state in every way, and does something with each that can still be read.
fn harmless(name: &str, state: &Value, go_on: impl Fn(Value)) {
    let mut found = Vec::new();
    places(state, "", &mut found);
    for place in found {
        for damage in damages(state.pointer(&place).unwrap()) {
            let mut damaged = state.clone();
            *damaged.pointer_mut(&place).unwrap() = damage.clone();
            let done = catch_unwind(AssertUnwindSafe(|| go_on(damaged)));
            assert!(done.is_ok(), "{name}: {damage} at {place} is a panic");
        }
    }
}

#[test]
fn a_damaged_monitor_of_a_series_is_refused_or_goes_on() {
    let times: Vec<i64> = (0..300).map(|at| at * SECOND).collect();
    let values: Vec<f64> = (0..300).map(|at| value(at, 0)).collect();
    let series = Series::new(&times, &values).unwrap();
    for json in METHODS {
        let model = serde_json::from_str::<Method>(json).unwrap().fit(series).unwrap();
        let mut monitor = model.monitor();
        for (time, value) in series.iter() {
            monitor.observe(time, value);
        }
        harmless(json, &serde_json::to_value(&monitor).unwrap(), |damaged| {
            let Ok(mut monitor) = serde_json::from_value::<MethodMonitor>(damaged) else { return };
            for at in 300..1300 {
                monitor.observe(Timestamp::from_nanos(at * SECOND), value(at, 0));
            }
            monitor.end();
            while monitor.due().is_some() {}
        });
    }
}

#[test]
fn a_damaged_monitor_of_frames_is_refused_or_goes_on() {
    let columns = [("a", 0), ("b", 1), ("c", 2)].map(|(name, column)| Column {
        quantity: Quantity::named(name).unwrap(),
        values: (0..300).map(|at| value(at, column)).collect(),
    });
    let times: Vec<i64> = (0..300).map(|at| at * SECOND).collect();
    let frame = Frame::new(Device::new("pump").unwrap(), times, columns.to_vec()).unwrap();
    let row = |at| [value(at, 0), value(at, 1), value(at, 2)];
    for json in FRAME_METHODS {
        let model = serde_json::from_str::<FrameMethod>(json).unwrap().fit(&frame).unwrap();
        let mut monitor = model.monitor();
        for at in 0..300 {
            monitor.observe(Timestamp::from_nanos(at * SECOND), &row(at));
        }
        harmless(json, &serde_json::to_value(&monitor).unwrap(), |damaged| {
            let Ok(mut monitor) = serde_json::from_value::<FrameMethodMonitor>(damaged) else { return };
            for at in 300..1300 {
                monitor.observe(Timestamp::from_nanos(at * SECOND), &row(at));
            }
        });
    }
}

#[test]
fn a_damaged_accumulator_is_refused_or_goes_on() {
    let mut demand = PeakDemand::new(std::time::Duration::from_secs(5)).unwrap();
    (0..30).for_each(|at| demand.push(Timestamp::from_secs(at), at as f64).unwrap());
    harmless("peak demand", &serde_json::to_value(&demand).unwrap(), |damaged| {
        let Ok(mut demand) = serde_json::from_value::<PeakDemand>(damaged) else { return };
        (30..60).for_each(|at| drop(demand.push(Timestamp::from_secs(at), at as f64)));
        demand.peak();
    });
    let rolling = Rolling::new(Window::Samples(4), Aggregate::Quantile(0.3)).unwrap();
    let mut stream = DoubleRolling::new(rolling, rolling).unwrap().stream().unwrap();
    (0..30).for_each(|at| stream.push(Timestamp::from_secs(at), at as f64));
    harmless("two windows", &serde_json::to_value(&stream).unwrap(), |damaged| {
        let Ok(mut stream) = serde_json::from_value::<iot_analytics::rolling::DoubleRollingStream>(damaged)
        else {
            return;
        };
        (30..60).for_each(|at| stream.push(Timestamp::from_secs(at), at as f64));
        stream.end();
        while stream.pop().is_some() {}
    });
}

#[test]
fn what_is_wrong_with_a_damaged_state_is_said() {
    let season =
        json!({"grid": {"start": 0, "step": 1}, "period": 2, "trend": false, "pattern": [1.0, 2.0, 3.0]});
    let error = serde_json::from_value::<Season>(season).unwrap_err().to_string();
    assert_eq!(error, "a season of 3 phases in a period of 2 is damaged");
}
