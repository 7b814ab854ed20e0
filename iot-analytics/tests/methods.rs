//! Methods are chosen and parametrised by JSON, and what is wrong is refused by name (S13).

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use iot_analytics::{AnyMethod, FrameMethod, Method};
use iot_core::{Detector, Monitor, Online, Series};

/// The least that can be said of each method.
const LEAST: &[&str] = &[
    r#"{"method": "value_based"}"#,
    r#"{"method": "quantile"}"#,
    r#"{"method": "interquartile_range"}"#,
    r#"{"method": "generalized_esd"}"#,
    r#"{"method": "persist"}"#,
    r#"{"method": "level_shift", "window": 10}"#,
    r#"{"method": "volatility_shift", "window": "15m"}"#,
    r#"{"method": "seasonal"}"#,
    r#"{"method": "autoregression"}"#,
    r#"{"method": "z_score"}"#,
    r#"{"method": "hampel"}"#,
    r#"{"method": "conformal"}"#,
    r#"{"method": "adaptive_quantile"}"#,
    r#"{"method": "ewma"}"#,
    r#"{"method": "cusum"}"#,
    r#"{"method": "page_hinkley"}"#,
    r#"{"method": "rate_of_change"}"#,
    r#"{"method": "flat_line", "longest": "10m"}"#,
    r#"{"method": "silence", "longest": "90s"}"#,
    r#"{"method": "pipeline", "detector": {"method": "quantile"}}"#,
    r#"{"method": "hotelling_t2"}"#,
    r#"{"method": "squared_prediction_error"}"#,
    r#"{"method": "pca"}"#,
    r#"{"method": "regression", "target": "power"}"#,
    r#"{"method": "half_space_trees"}"#,
    r#"{"method": "any_of", "of": [{"method": "pca"}]}"#,
];

fn refusal(json: &str) -> String {
    serde_json::from_str::<AnyMethod>(json).unwrap_err().to_string()
}

#[test]
fn every_method_is_written_as_it_is_read() {
    let mut names = Vec::new();
    for json in LEAST {
        let method: AnyMethod = serde_json::from_str(json).unwrap();
        let written = serde_json::to_string(&method).unwrap();
        assert_eq!(serde_json::from_str::<AnyMethod>(&written).unwrap(), method, "{written}");
        names.push(match method {
            AnyMethod::Series(method) => method.name(),
            AnyMethod::Frame(method) => method.name(),
        });
    }
    assert_eq!(names, [Method::NAMES, FrameMethod::NAMES].concat());
}

#[test]
fn an_unknown_parameter_is_refused_by_name() {
    let nested = r#"{"method": "pipeline", "detector": {"method": "hampel"}, "steps": [{"step": "difference"}, {"step": "scale"},
        {"step": "season", "period": 5}, {"step": "rolling", "window": 5, "aggregate": "median"}]}"#;
    for json in LEAST.iter().chain([&nested]) {
        // At each level: every object ends somewhere.
        for (end, _) in json.match_indices('}') {
            let (before, after) = json.split_at(end);
            let error = refusal(&format!(r#"{before}, "colour": "red"{after}"#));
            assert!(error.contains("colour"), "{before} _ {after}: {error}");
        }
    }
}

#[test]
fn a_parameter_that_cannot_be_is_refused_by_name() {
    let cases = [
        (r#"{"method": "quantile", "high": 1.5}"#, "high 1.5 is not a probability in 0..=1"),
        (r#"{"method": "quantile", "low": -0.1}"#, "low -0.1 is not a probability in 0..=1"),
        (r#"{"method": "quantile", "low": 0.9, "high": 0.1}"#, "low 0.9 is above high 0.1"),
        (r#"{"method": "quantile", "high": "much"}"#, "high: invalid type: string \"much\", expected f64"),
        (r#"{"method": "value_based", "low": [1]}"#, "low: invalid type"),
        (r#"{"method": "value_based", "low": 3, "high": 2}"#, "low 3 is above high 2"),
        (r#"{"method": "interquartile_range", "low_factor": -1}"#, "low_factor -1 is not"),
        (r#"{"method": "generalized_esd", "alpha": 1}"#, "alpha 1 is not between 0 and 1"),
        (r#"{"method": "level_shift"}"#, "missing field `window`"),
        (r#"{"method": "level_shift", "window": 0}"#, "window of 0 samples is empty"),
        (
            r#"{"method": "level_shift", "window": 5, "right_window": 0}"#,
            "right_window of 0 samples is empty",
        ),
        (
            r#"{"method": "volatility_shift", "window": 5, "right_window": "0s"}"#,
            "right_window of no time is empty",
        ),
        (
            r#"{"method": "persist", "window": 18446744073709551615, "min_periods": 1}"#,
            "window of 18446744073709551615 samples is longer than 1048576",
        ),
        (r#"{"method": "z_score", "window": 1048577}"#, "window of 1048577 samples is longer than 1048576"),
        (r#"{"method": "level_shift", "window": "soon"}"#, "window: invalid value: string \"soon\""),
        (r#"{"method": "level_shift", "window": 5, "factor": -2}"#, "factor -2 is not"),
        (r#"{"method": "level_shift", "window": 5, "side": "left"}"#, "side: unknown variant `left`"),
        (r#"{"method": "persist", "min_range": -1}"#, "min_range -1 is not"),
        (r#"{"method": "seasonal", "period": 0}"#, "period of 0 samples"),
        (r#"{"method": "autoregression", "lags": 0}"#, "lags 0 is not in 1..=1000"),
        (r#"{"method": "autoregression", "step": 0}"#, "step 0 is not in 1..="),
        (r#"{"method": "z_score", "window": 1}"#, "window 1 is not at least 2 samples"),
        (r#"{"method": "z_score", "limit": 0}"#, "limit 0 is not a finite number above 0"),
        (r#"{"method": "hampel", "window": 10, "min_periods": 11}"#, "min_periods 11 is not in 1..=10"),
        (r#"{"method": "conformal", "probability": 0}"#, "probability 0 is not between 0 and 1"),
        (r#"{"method": "adaptive_quantile", "warm_up": 1}"#, "warm_up 1 is not in 5..=1000000"),
        (r#"{"method": "ewma", "weight": 0}"#, "weight 0 is not above 0 and at most 1"),
        (r#"{"method": "cusum", "slack": -1}"#, "slack -1 is not"),
        (r#"{"method": "page_hinkley", "limit": 0}"#, "limit 0 is not"),
        (r#"{"method": "rate_of_change", "fall": -1}"#, "fall -1 is not"),
        (r#"{"method": "flat_line", "longest": "0s"}"#, "longest is no time at all"),
        (r#"{"method": "silence", "longest": 90}"#, "longest: invalid type: integer `90`"),
        (
            r#"{"method": "pipeline", "steps": [{"step": "jump"}], "detector": {"method": "quantile"}}"#,
            "steps[0]",
        ),
        (
            r#"{"method": "pipeline", "detector": {"method": "quantile", "low": 2}}"#,
            "low 2 is not a probability",
        ),
        (r#"{"method": "hotelling_t2", "confidence": 1}"#, "confidence 1 is not between 0 and 1"),
        (r#"{"method": "hotelling_t2", "variance": 0}"#, "variance 0 is not above 0 and at most 1"),
        (
            r#"{"method": "hotelling_t2", "smooth": 1048577}"#,
            "smooth of 1048577 samples is longer than 1048576",
        ),
        (r#"{"method": "hotelling_t2", "smooth": 0}"#, "smooth 0 is not at least 1 row"),
        (r#"{"method": "squared_prediction_error", "variance": 2}"#, "variance 2 is not a probability"),
        (r#"{"method": "pca", "components": 0}"#, "components 0 is not at least 1"),
        (r#"{"method": "regression"}"#, "missing field `target`"),
        (
            r#"{"method": "regression", "target": "power", "quantities": ["power"]}"#,
            "have the target among them",
        ),
        (r#"{"method": "half_space_trees", "depth": 30}"#, "depth 30 is not in 1..=15"),
        (
            r#"{"method": "half_space_trees", "trees": 1000, "depth": 15}"#,
            "trees 1000 of depth 15 have more than 1048576 leaves",
        ),
        (r#"{"method": "any_of", "of": []}"#, "of names no method"),
        (r#"{"method": "any_of", "of": [{"method": "pca", "factor": -1}]}"#, "factor -1 is not"),
        (r#"{"method": "guess"}"#, "method \"guess\" is not one of value_based, quantile"),
        (r#"{"low": 1}"#, "missing field `method`"),
    ];
    for (json, expected) in cases {
        let error = refusal(json);
        assert!(error.contains(expected), "{json}: {error:?} and not {expected:?}");
    }
}

/// Numbers that only a mistake, or somebody who means harm, would choose.
const EXTREME: &[&str] = &[
    r#"{"method": "interquartile_range", "low_factor": 1e308, "min_range": 1e308}"#,
    r#"{"method": "generalized_esd", "alpha": 1e-300, "max_outliers": 18446744073709551615}"#,
    r#"{"method": "persist", "window": 18446744073709551615}"#,
    r#"{"method": "persist", "window": 18446744073709551615, "min_periods": 1}"#,
    r#"{"method": "persist", "window": "584y", "factor": 1e308}"#,
    r#"{"method": "level_shift", "window": 18446744073709551615, "min_periods": 1}"#,
    r#"{"method": "level_shift", "window": 3, "right_window": 18446744073709551615}"#,
    r#"{"method": "level_shift", "window": "584y", "right_window": "1ns"}"#,
    r#"{"method": "volatility_shift", "window": 9223372036854775807, "min_periods": 2}"#,
    r#"{"method": "volatility_shift", "window": 5, "ratio": "log", "min_spread": 1e308}"#,
    r#"{"method": "seasonal", "period": 18446744073709551615}"#,
    r#"{"method": "seasonal", "period": 18446744073709551615, "trend": true}"#,
    r#"{"method": "autoregression", "lags": 1000, "step": 18446744073709551615}"#,
    r#"{"method": "autoregression", "lags": 1000, "step": 1000}"#,
    r#"{"method": "z_score", "window": 18446744073709551615, "min_periods": 2}"#,
    r#"{"method": "hampel", "window": 65536, "min_periods": 1, "min_scale": 1e308}"#,
    r#"{"method": "conformal", "window": 65536, "probability": 1e-300}"#,
    r#"{"method": "adaptive_quantile", "low": 0, "high": 1, "warm_up": 1000000}"#,
    r#"{"method": "ewma", "weight": 1e-300, "limit": 1e-300}"#,
    r#"{"method": "cusum", "slack": 1e308, "limit": 1e308}"#,
    r#"{"method": "page_hinkley", "slack": 1e308, "limit": 1e-300}"#,
    r#"{"method": "rate_of_change", "rise": 1e308, "fall": 0}"#,
    r#"{"method": "flat_line", "longest": "584y", "tolerance": 1e308}"#,
    r#"{"method": "silence", "longest": "1ns"}"#,
    r#"{"method": "pipeline", "steps": [{"step": "rolling", "window": 18446744073709551615, "aggregate": "median", "min_periods": 1},
        {"step": "season", "period": 18446744073709551615}], "detector": {"method": "quantile", "low": 0.5}}"#,
];

#[test]
fn no_number_is_too_large_to_be_survived() {
    let times: Vec<i64> = (0..100).map(|second| second * 1_000_000_000).collect();
    let values: Vec<f64> = (0..100).map(|i| f64::from(i * 7 % 11)).collect();
    let series = Series::new(&times, &values).unwrap();
    for json in EXTREME {
        // It may be refused, as a parameter or with this history.
        let Ok(method) = serde_json::from_str::<Method>(json) else { continue };
        let Ok((model, verdicts)) = method.fit_detect(series) else { continue };
        assert_eq!(verdicts.len(), 100, "{json}");
        let mut monitor = model.monitor();
        let mut labels = Vec::new();
        for (time, value) in series.iter() {
            labels.extend(monitor.observe(time, value));
            labels.extend(std::iter::from_fn(|| monitor.due()));
        }
        monitor.end();
        labels.extend(std::iter::from_fn(|| monitor.due()));
        let labels: Vec<_> = labels.iter().map(|verdict| verdict.label).collect();
        assert_eq!(labels, verdicts.labels, "{json}");
    }
}
