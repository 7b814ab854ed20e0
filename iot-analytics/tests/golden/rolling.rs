//! Rolling and double-rolling aggregates: pandas' and ADTK's.

use std::time::Duration;

use iot_analytics::rolling::{Aggregate, Difference, DoubleRolling, Rolling, Window};

use super::read::{all_series, close, floats};

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
        quantile => Aggregate::Quantile(quantile.strip_prefix("quantile").unwrap().parse().unwrap()),
    })
}

fn window(text: &str) -> Window {
    let text = text.trim_matches('\'');
    match text.strip_suffix('s') {
        Some(seconds) => Window::Duration(Duration::from_secs(seconds.parse().unwrap())),
        None => Window::Samples(text.parse().unwrap()),
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

fn single(name: &str, window: Window, min_periods: &str) -> Option<Rolling> {
    Some(Rolling::new(window, aggregate(name)?).unwrap().with_min_periods(min_periods.parse::<usize>().ok()))
}

#[test]
fn rolling_aggregates_are_those_of_pandas() {
    let mut compared = 0;
    for golden in all_series() {
        let Some(rolling) = golden.json["rolling"].as_object() else { continue };
        for (key, theirs) in rolling {
            let parts: Vec<&str> = key.split('|').map(|part| part.rsplit('=').next().unwrap()).collect();
            let name = format!("{} {key}", golden.name);
            let ours = match parts[..] {
                ["double", what, windows, center, min_periods, difference] => {
                    let ([left, right], [min_left, min_right]) = (pair(windows), pair(min_periods));
                    let left = single(what, window(left), min_left).unwrap();
                    let right = single(what, window(right), min_right).unwrap();
                    let double = DoubleRolling::new(left, right).unwrap().with_difference(match difference {
                        "l1" | "l2" => Difference::Absolute,
                        "diff" => Difference::Signed,
                        "rel_diff" => Difference::Relative,
                        "abs_rel_diff" => Difference::AbsoluteRelative,
                        other => panic!("difference {other}"),
                    });
                    let double = if center == "True" { double } else { double.causal().unwrap() };
                    double.apply(golden.series())
                }
                [what, length, min_periods] => {
                    let Some(rolling) = single(what, window(length), min_periods) else { continue };
                    rolling.apply(golden.series())
                }
                _ => panic!("{name}"),
            };
            let what = if parts[0] == "double" { parts[1] } else { parts[0] };
            compare(&ours, &floats(theirs), tolerance(aggregate(what).unwrap()), &name);
            compared += 1;
        }
    }
    assert!(compared > 0 || all_series().is_empty());
}
