//! The detectors of ADTK: labels, bounds, scores and events.

use std::time::Duration;

use iot_analytics::detect::{
    Autoregression, Center, GeneralizedEsd, InterquartileRange, LevelShift, Pca, Persist, Quantile,
    Regression, Rule, Seasonal, Side, Spread, Threshold, VolatilityShift,
};
use iot_analytics::events::{Extent, to_events, to_events_each};
use iot_analytics::rolling::Window;
use iot_analytics::{Method, MethodModel};
use iot_core::{
    Bounds, Column, Detect, DetectFrame, Detector, Device, Frame, FrameDetector, Label, Quantity, Result,
    Series, Verdicts,
};
use serde_json::Value;

use super::read::{self, Golden, close, float};

/// A window as ADTK writes it: a number of samples, or a number of seconds and an `s`.
fn window(value: &Value) -> Window {
    match value {
        Value::String(text) => {
            Window::Duration(Duration::from_secs(text.trim_end_matches('s').parse().unwrap()))
        }
        number => Window::Samples(number.as_u64().unwrap() as usize),
    }
}

fn windows(value: &Value) -> (Window, Window) {
    match value {
        Value::Array(pair) => (window(&pair[0]), window(&pair[1])),
        one => (window(one), window(one)),
    }
}

fn side(value: &Value) -> Side {
    match value.as_str() {
        Some("positive") => Side::Positive,
        Some("negative") => Side::Negative,
        _ => Side::Both,
    }
}

fn whole(value: &Value) -> Option<usize> {
    value.as_u64().map(|number| number as usize)
}

/// Our detector for a class and parameters of ADTK; `None` where we have none.
fn method(class: &str, p: &Value) -> Option<Result<Method>> {
    let factor = |default: f64| p["c"].as_f64().unwrap_or(default);
    let side = side(&p["side"]);
    let min_periods = whole(&p["min_periods"]);
    Some(match class {
        "ThresholdAD" => Threshold::new(p["low"].as_f64(), p["high"].as_f64()).map(Into::into),
        "QuantileAD" => Quantile::new(p["low"].as_f64(), p["high"].as_f64()).map(Into::into),
        "InterQuartileRangeAD" => {
            let (low, high) = match &p["c"] {
                Value::Array(pair) => (pair[0].as_f64(), pair[1].as_f64()),
                Value::Null => (Some(3.0), Some(3.0)),
                one => (one.as_f64(), one.as_f64()),
            };
            InterquartileRange::with_factors(low, high).map(Into::into)
        }
        "GeneralizedESDTestAD" => {
            let alpha = p["alpha"].as_f64().unwrap_or(0.05);
            GeneralizedEsd::new(alpha).map(|esd| esd.with_rule(Rule::Adtk).into())
        }
        "PersistAD" => {
            let center = if p["agg"] == "mean" { Center::Mean } else { Center::Median };
            let before = if p["window"].is_null() { Window::Samples(1) } else { window(&p["window"]) };
            let detector = Persist::new(before).and_then(|persist| persist.with_factor(factor(3.0)));
            detector.map(|d| d.with_side(side).with_min_periods(min_periods).with_center(center).into())
        }
        "LevelShiftAD" => {
            let (left, right) = windows(&p["window"]);
            let detector =
                LevelShift::with_windows(left, right).and_then(|level| level.with_factor(factor(6.0)));
            detector.map(|d| d.with_side(side).with_min_periods(min_periods).into())
        }
        "VolatilityShiftAD" => {
            let (left, right) = windows(&p["window"]);
            let spread = match p["agg"].as_str() {
                Some("iqr") => Spread::InterquartileRange,
                Some("idr") => Spread::InterdecileRange,
                _ => Spread::Std,
            };
            let detector =
                VolatilityShift::with_windows(left, right).and_then(|vol| vol.with_factor(factor(6.0)));
            detector.map(|d| d.with_side(side).with_min_periods(min_periods).with_spread(spread).into())
        }
        "AutoregressionAD" => {
            let (lags, step) = (whole(&p["n_steps"]).unwrap_or(1), whole(&p["step_size"]).unwrap_or(1));
            let detector = Autoregression::new(lags, step).and_then(|ar| ar.with_factor(factor(3.0)));
            detector.map(|d| d.with_side(side).into())
        }
        "SeasonalAD" => {
            let detector = whole(&p["freq"]).map_or(Ok(Seasonal::search()), Seasonal::new);
            let detector = detector.and_then(|seasonal| seasonal.with_factor(factor(3.0)));
            let trend = p["trend"].as_bool() == Some(true);
            detector.map(|d| if trend { d.with_trend() } else { d }.with_side(side).into())
        }
        _ => return None,
    })
}

/// Fits and detects as the case says and holds the result against it; what is wrong is put into `wrong`.
fn check(
    name: &str,
    case: &Value,
    history: Series<'_>,
    series: Series<'_>,
    regular: bool,
    wrong: &mut Vec<String>,
) {
    let class = case["class"].as_str().unwrap();
    let Some(method) = method(class, &case["params"]) else { return };
    // There ADTK's labels are what is left of digits that cancelled.
    if class == "GeneralizedESDTestAD" && name.contains("big_offset") {
        return;
    }
    // ADTK refuses a season with samples that are missing, as NaN or altogether; we do not.
    if class == "SeasonalAD" && (case["code"] == "interior_nan" || case["code"] == "no_frequency") {
        return;
    }
    let fitted: Result<MethodModel> = method.and_then(|method| method.fit(history));
    let model = match (fitted, case.get("error")) {
        (Ok(model), None) => model,
        (Err(_), Some(_)) => return,
        (Ok(_), Some(_)) => return wrong.push(format!("{name} is no error, as in ADTK ({})", case["code"])),
        (Err(error), None) => return wrong.push(format!("{name}: {error}")),
    };
    let Verdicts { labels, scores, bounds } = model.detect(series);
    let expected = read::labels(&case["labels"]);
    if labels != expected {
        let at: Vec<usize> = (0..labels.len()).filter(|&at| labels[at] != expected[at]).collect();
        wrong.push(format!("{name}: {} labels differ, at {:?}", at.len(), &at[..at.len().min(8)]));
    }
    check_bounds(name, class, &case["fitted"], bounds, wrong);
    check_scores(name, &case["intermediate"], &scores, wrong);
    check_events(name, &case["events_ns"], series.times(), &labels, regular, wrong);
}

fn check_bounds(name: &str, class: &str, fitted: &Value, bounds: Bounds, wrong: &mut Vec<String>) {
    let mut same = |what: &str, got: f64, relative: f64| {
        if let Some(expected) = fitted.get(what)
            && !close(got, float(expected), relative)
        {
            wrong.push(format!("{name}: {what} is {got}, not {expected}"));
        }
    };
    let exact =
        |got: f64, expected: &Value| got == float(expected) || (got.is_nan() && float(expected).is_nan());
    let relative = if name.contains("big_offset") { 1e-6 } else { 1e-9 };
    same("iqr_ad.abs_high_", bounds.high, relative);
    // scipy's quantiles of Student's t are good for nine digits.
    same("lambda_", bounds.high, 1e-8);
    if matches!(class, "QuantileAD" | "InterQuartileRangeAD") {
        let equal = exact(bounds.low, &fitted["abs_low_"]) && exact(bounds.high, &fitted["abs_high_"]);
        if !equal {
            wrong.push(format!("{name}: bounds {bounds:?} are not to the bit those of {fitted}"));
        }
    }
}

fn check_scores(name: &str, intermediate: &Value, scores: &[f64], wrong: &mut Vec<String>) {
    let magnitudes = ["diff_abs", "abs_residual", "abs_rel_diff"];
    let Some(expected) = magnitudes.iter().find_map(|what| intermediate.get(what)) else { return };
    // At a large mean, pandas' rolling deviations have lost digits.
    let tolerance = if name.contains("big_offset") { 1e-6 } else { 1e-9 };
    for (at, (&got, expected)) in scores.iter().zip(read::floats(expected)).enumerate() {
        // A score may carry a sign where ADTK's magnitude does not.
        if !close(got.abs(), expected, 1e-7) && (got.abs() - expected).abs() > tolerance {
            return wrong.push(format!("{name}: the score at {at} is {got}, not {expected}"));
        }
    }
}

fn check_events(
    name: &str,
    expected: &Value,
    times: &[i64],
    labels: &[Label],
    regular: bool,
    wrong: &mut Vec<String>,
) {
    // Where ADTK fails on a single sample there is nothing to compare with.
    if !expected.is_array() {
        return;
    }
    let events = if regular {
        to_events(times, labels, Extent::of(times))
    } else {
        to_events_each(times, labels, Extent::Instant)
    };
    let events: Vec<[i64; 2]> = events.iter().map(|event| [event.start.nanos(), event.end.nanos()]).collect();
    if serde_json::to_value(events).unwrap() != *expected {
        wrong.push(format!("{name}: other events"));
    }
}

fn checked(golden: &Golden, wrong: &mut Vec<String>) {
    let regular = golden.is_regular();
    for (key, case) in golden.json["detectors"].as_object().unwrap() {
        check(&format!("{}/{key}", golden.name), case, golden.series(), golden.series(), regular, wrong);
    }
    if let Some(halves) = golden.json.get("detectors_fit_first_half") {
        let at = golden.json["split_at"].as_u64().unwrap() as usize;
        for (key, case) in halves.as_object().unwrap() {
            let (history, rest) = (golden.part(0..at), golden.part(at..golden.values.len()));
            check(&format!("{}/half/{key}", golden.name), case, history, rest, regular, wrong);
        }
    }
}

#[test]
fn detectors_label_as_adtk_does() {
    let mut wrong = Vec::new();
    read::all_series().iter().for_each(|golden| checked(golden, &mut wrong));
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_season_keeps_its_phase_as_in_adtk() {
    let mut wrong = Vec::new();
    for golden in read::all_series() {
        let Some(after) = golden.json.get("seasonal_phase") else { continue };
        let n = golden.values.len();
        check("phase after", after, golden.part(7..247), golden.part(250..n), true, &mut wrong);
        let before = &golden.json["seasonal_phase_before"];
        check("phase before", before, golden.part(207..n), golden.part(0..200), true, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A frame of the first `rows` of these columns of `multivariate.json`.
fn frame(golden: &Value, names: [&str; 3], rows: usize) -> Frame {
    let column = |name: &str| Column {
        quantity: Quantity::named(name).unwrap(),
        values: read::floats(&golden["columns"][name])[..rows].to_vec(),
    };
    let times = read::times(&golden["index_ns"])[..rows].to_vec();
    Frame::new(Device::new("golden").unwrap(), times, names.map(column).into()).unwrap()
}

#[test]
fn detectors_of_frames_label_as_adtk_does() {
    let Some(golden) = read::file("multivariate.json") else { return };
    let rows = golden["index_ns"].as_array().unwrap().len();
    let all = frame(&golden, ["voltage", "current", "power"], rows);
    for (name, side) in [("both", Side::Both), ("positive", Side::Positive), ("negative", Side::Negative)] {
        let case = &golden["results"][format!("regression_{name}")];
        let model = Regression::new("power").unwrap().with_side(side).fit(&all).unwrap();
        let verdicts = model.detect(&all).unwrap();
        assert_eq!(verdicts.labels, read::labels(&case["labels"]), "regression, {name}");
        let upper = verdicts.bounds.high.min(-verdicts.bounds.low);
        assert!(
            close(upper, float(&case["fitted"]["iqr_ad.abs_high_"]), 1e-9),
            "regression, {name}: {upper}"
        );
    }
    // More rows, and ADTK's principal components are found by chance.
    let first = frame(&golden, ["voltage", "current", "power"], rows.min(280));
    for k in [1, 2] {
        let case = &golden["results"][format!("pca_k{k}_first280")];
        let Verdicts { labels, bounds, .. } =
            Pca::new(k).unwrap().fit(&first).unwrap().detect(&first).unwrap();
        assert_eq!(labels, read::labels(&case["labels"]), "{k} principal components");
        let same = close(bounds.low, float(&case["iqr_low"]), 1e-8)
            && close(bounds.high, float(&case["iqr_high"]), 1e-8);
        assert!(same, "{k} principal components: {bounds:?}");
    }
}
