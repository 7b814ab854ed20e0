//! Rolling and double-rolling aggregates: pandas' and ADTK's.

use iot_analytics::rolling::{Aggregate, Difference, DoubleRolling, Rolling};

use serde_json::Value;

use super::parameters::window_in_text;
use super::read::{all_series, close, floats, members};

fn aggregate(name: &str) -> Option<Aggregate> {
    Some(match name {
        "count" => Aggregate::Count,
        "sum" => Aggregate::Sum,
        "mean" => Aggregate::Mean,
        "median" => Aggregate::Median,
        "min" => Aggregate::Min,
        "max" => Aggregate::Max,
        "std" => Aggregate::Std,
        "var" => Aggregate::Variance,
        "skew" => Aggregate::Skewness,
        "kurt" => Aggregate::Kurtosis,
        "iqr" => Aggregate::InterquartileRange,
        "idr" => Aggregate::InterdecileRange,
        // Numbers of values that are not 0, and of distinct ones: we have none of these.
        "nnz" | "nunique" => return None,
        other => {
            let q = other.strip_prefix("quantile").and_then(|q| q.parse().ok());
            Aggregate::Quantile(q.unwrap_or_else(|| panic!("aggregate {other}")))
        }
    })
}

/// The parameters in the name of a case, after the aggregate.
struct Case<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Case<'a> {
    fn of(parts: &[&'a str]) -> Self {
        let parameters: Vec<_> = parts.iter().map(|part| part.split_once('=').unwrap()).collect();
        let known = ["window", "center", "min_periods", "diff"];
        assert!(parameters.iter().all(|(name, _)| known.contains(name)), "{parameters:?}");
        Self(parameters)
    }

    fn get(&self, name: &str) -> &'a str {
        self.0.iter().find(|parameter| parameter.0 == name).map_or("None", |parameter| parameter.1)
    }
}

/// One thing, or a pair in parentheses.
fn pair(text: &str) -> [&str; 2] {
    match text.strip_prefix('(') {
        Some(pair) => {
            let (left, right) = pair.trim_end_matches(')').split_once(", ").unwrap();
            [left, right]
        }
        None => [text, text],
    }
}

/// pandas adds and removes, and so has errors of its own: in the higher moments larger ones.
fn tolerance(aggregate: Aggregate) -> f64 {
    match aggregate {
        Aggregate::Skewness | Aggregate::Kurtosis => 1e-3,
        Aggregate::Std | Aggregate::Variance => 1e-6,
        _ => 1e-7,
    }
}

fn compare(ours: &[f64], theirs: &[f64], tolerance: f64, name: &str) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (at, (&a, &b)) in ours.iter().zip(theirs).enumerate() {
        assert!(close(a, b, tolerance) || (a - b).abs() < tolerance, "{name} at {at}: {a}, not {b}");
    }
}

fn single(name: &str, window: &str, min_periods: &str) -> Option<Rolling> {
    let window = window_in_text(window).unwrap_or_else(|| panic!("window {window}"));
    Some(Rolling::new(window, aggregate(name)?).unwrap().with_min_periods(min_periods.parse::<usize>().ok()))
}

fn double(what: &str, case: &Case<'_>) -> Option<DoubleRolling> {
    let ([left, right], [min_left, min_right]) = (pair(case.get("window")), pair(case.get("min_periods")));
    let (left, right) = (single(what, left, min_left)?, single(what, right, min_right)?);
    let double = DoubleRolling::new(left, right).unwrap().with_difference(match case.get("diff") {
        "l1" | "l2" | "None" => Difference::Absolute,
        "diff" => Difference::Signed,
        "rel_diff" => Difference::Relative,
        "abs_rel_diff" => Difference::AbsoluteRelative,
        other => panic!("difference {other}"),
    });
    Some(if case.get("center") == "False" { double.causal().unwrap() } else { double })
}

/// A case; of a list of quantiles, that of each of its columns.
fn columns<'a>(key: &str, theirs: &'a Value) -> Vec<(String, &'a Value)> {
    if !theirs.is_object() {
        return vec![(key.to_owned(), theirs)];
    }
    let (what, rest) = key.split_once('|').unwrap();
    assert!(what.starts_with("quantile"), "{key} has columns");
    let column = |(name, theirs): (&String, &'a Value)| {
        (format!("quantile{}|{rest}", name.trim_start_matches('q')), theirs)
    };
    members(theirs).map(column).collect()
}

#[test]
fn a_list_of_quantiles_is_a_case_of_each() {
    let theirs = serde_json::json!({ "q0.1": [], "q0.9": [] });
    let names: Vec<String> =
        columns("quantile[0.1, 0.9]|window=5", &theirs).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["quantile0.1|window=5", "quantile0.9|window=5"]);
}

#[test]
fn rolling_aggregates_are_those_of_pandas() {
    for golden in all_series() {
        for (key, theirs) in members(&golden.json["rolling"]).flat_map(|(key, theirs)| columns(key, theirs)) {
            let parts: Vec<&str> = key.split('|').collect();
            let (what, ours) = match parts[..] {
                ["double", what, ref parameters @ ..] => {
                    (what, double(what, &Case::of(parameters)).map(|double| double.apply(golden.series())))
                }
                [what, ref parameters @ ..] => {
                    let case = Case::of(parameters);
                    let rolling = single(what, case.get("window"), case.get("min_periods"));
                    let centered = case.get("center") == "True";
                    let rolling = rolling.map(|rolling| if centered { rolling.centered() } else { rolling });
                    (what, rolling.map(|rolling| rolling.apply(golden.series())))
                }
                [] => panic!("a case without a name"),
            };
            let (Some(ours), Some(aggregate)) = (ours, aggregate(what)) else { continue };
            compare(&ours, &floats(theirs), tolerance(aggregate), &format!("{} {key}", golden.name));
        }
    }
}
