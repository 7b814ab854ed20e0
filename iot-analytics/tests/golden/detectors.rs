//! The detectors of ADTK: labels, bounds, scores and events.

use iot_analytics::detect::{
    Autoregression, Center, GeneralizedEsd, InterquartileRange, LevelShift, Persist, Quantile, Rule,
    Seasonal, Spread, Threshold, VolatilityShift,
};
use iot_analytics::events::{Extent, to_events, to_events_each};
use iot_analytics::rolling::Window;
use iot_analytics::{Method, SeasonalDecomposition};
use iot_core::{Bounds, Detect, Detector, Label, Result, Series, Verdicts};
use serde_json::Value;

use super::parameters::Parameters;
use super::read::{self, Golden, close, float, members, same};

/// Our detector for a class and parameters of ADTK.
fn method(class: &str, given: &Value) -> Result<Method> {
    let known = |names: &[&str]| Parameters::of(class, given, names);
    match class {
        "ThresholdAD" => {
            let p = known(&["low", "high"]);
            Threshold::new(p.limit("low"), p.limit("high")).map(Into::into)
        }
        "QuantileAD" => {
            let p = known(&["low", "high"]);
            Quantile::new(p.limit("low"), p.limit("high")).map(Into::into)
        }
        "InterQuartileRangeAD" => {
            let (low, high) = known(&["c"]).factors(3.0);
            InterquartileRange::with_factors(low, high).map(Into::into)
        }
        "GeneralizedESDTestAD" => {
            let alpha = known(&["alpha"]).number("alpha").unwrap_or(0.05);
            GeneralizedEsd::new(alpha).map(|esd| esd.with_rule(Rule::Adtk).into())
        }
        "PersistAD" => persist(&known(&["window", "c", "side", "min_periods", "agg"])),
        "LevelShiftAD" => {
            let p = known(&["window", "c", "side", "min_periods"]);
            let (left, right) = p.windows().unwrap();
            let (fewest_left, fewest_right) = p.min_periods(right);
            let detector =
                LevelShift::with_windows(left, right)?.with_factor(p.number("c").unwrap_or(6.0))?;
            let detector = detector.with_min_periods(fewest_left).with_right_min_periods(fewest_right);
            Ok(detector.with_side(p.side()).into())
        }
        "VolatilityShiftAD" => volatility_shift(&known(&["window", "c", "side", "min_periods", "agg"])),
        "AutoregressionAD" => {
            let p = known(&["n_steps", "step_size", "c", "side"]);
            let (lags, step) = (p.whole("n_steps").unwrap_or(1), p.whole("step_size").unwrap_or(1));
            let detector = Autoregression::new(lags, step)?.with_factor(p.number("c").unwrap_or(3.0))?;
            Ok(detector.with_side(p.side()).into())
        }
        "SeasonalAD" => {
            let p = known(&["freq", "trend", "c", "side"]);
            let detector = p.whole("freq").map_or(Ok(Seasonal::search()), Seasonal::new)?;
            let detector = detector.with_factor(p.number("c").unwrap_or(3.0))?.with_side(p.side());
            Ok(if p.yes("trend") { detector.with_trend() } else { detector }.into())
        }
        _ => panic!("no detector of ours is known for {class}"),
    }
}

fn persist(p: &Parameters<'_>) -> Result<Method> {
    let center = match p.word("agg") {
        None | Some("median") => Center::Median,
        Some("mean") => Center::Mean,
        Some(other) => panic!("PersistAD: agg {other}"),
    };
    let detector = Persist::new(p.window().unwrap_or(Window::Samples(1)))?;
    let detector = detector.with_factor(p.number("c").unwrap_or(3.0))?.with_side(p.side());
    Ok(detector.with_min_periods(p.whole("min_periods")).with_center(center).into())
}

fn volatility_shift(p: &Parameters<'_>) -> Result<Method> {
    let spread = match p.word("agg") {
        None | Some("std") => Spread::Std,
        Some("iqr") => Spread::InterquartileRange,
        Some("idr") => Spread::InterdecileRange,
        Some(other) => panic!("VolatilityShiftAD: agg {other}"),
    };
    let (left, right) = p.windows().unwrap();
    let (fewest_left, fewest_right) = p.min_periods(right);
    let detector = VolatilityShift::with_windows(left, right)?.with_factor(p.number("c").unwrap_or(6.0))?;
    let detector = detector.with_min_periods(fewest_left).with_right_min_periods(fewest_right);
    Ok(detector.with_side(p.side()).with_spread(spread).into())
}

/// The parameters of a case; of a season that was to be found with the period that ADTK has found, if ours is another one: noise and
/// trends mislead its search.
fn parameters(case: &Value, history: Series<'_>) -> Value {
    let mut parameters = case["params"].clone();
    if case["class"] == "SeasonalAD" && parameters["freq"].is_null() && case["error"].is_null() {
        let theirs = &case["fitted"]["freq_"];
        let ours = SeasonalDecomposition::search().fit(history).map(|season| season.period());
        if !ours.is_ok_and(|ours| theirs.as_u64() == Some(ours as u64)) {
            parameters["freq"] = theirs.clone();
        }
    }
    parameters
}

/// Whether we do what ADTK refuses: it has no season of samples that are missing, as NaN or altogether, none of less than a period, and its
/// search finds none under noise or a trend.
pub(crate) fn is_ours_alone(case: &Value, history: Series<'_>) -> bool {
    let codes = ["interior_nan", "no_frequency", "non_finite", "no_seasonality"];
    let is_short = case["params"]["freq"].as_u64().is_some_and(|period| period > history.len() as u64);
    case["class"] == "SeasonalAD" && (is_short || codes.iter().any(|code| case["code"] == *code))
}

/// What our detector says.
///
/// ADTK takes a lower limit above the upper one, which leaves hardly anything normal; our detectors refuse it, and either limit alone says as
/// much.
fn verdicts(class: &str, given: &Value, history: Series<'_>, series: Series<'_>) -> Result<Verdicts> {
    let by = |given: &Value| Ok(method(class, given)?.fit(history)?.detect(series));
    let limit = |name: &str| given[name].as_f64();
    let crossed = limit("low").zip(limit("high")).is_some_and(|(low, high)| low > high);
    if !(crossed && matches!(class, "ThresholdAD" | "QuantileAD")) {
        return by(given);
    }
    let only = |name: &str| by(&serde_json::json!({ name: given[name] }));
    let (below, above) = (only("low")?, only("high")?);
    let labels = below.labels.iter().zip(&above.labels).map(|(below, above)| below.or(*above)).collect();
    Ok(Verdicts { labels, bounds: Bounds { low: below.bounds.low, high: above.bounds.high }, ..above })
}

#[test]
fn limits_that_cross_find_what_is_outside_either() {
    let history = Series::new(&[0, 1, 2, 3, 4], &[1.0, 2.0, 3.0, 4.0, f64::NAN]).unwrap();
    for (class, given) in [("ThresholdAD", [3.0, 2.0]), ("QuantileAD", [2.0 / 3.0, 1.0 / 3.0])] {
        let given = serde_json::json!({ "low": given[0], "high": given[1] });
        let Verdicts { labels, bounds, .. } = verdicts(class, &given, history, history).unwrap();
        assert_eq!(labels, [[Label::Anomaly; 4].as_slice(), &[Label::Unknown]].concat(), "{class}");
        assert!(bounds.low > bounds.high, "{class}: {bounds:?}");
    }
    let open = serde_json::json!({ "low": "-inf", "high": "inf" });
    assert_eq!(verdicts("ThresholdAD", &open, history, history).unwrap().anomalies().count(), 0);
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
    // There ADTK's labels are what is left of digits that cancelled, or of infinities.
    let all_finite = history.values().iter().all(|value| !value.is_infinite());
    if class == "GeneralizedESDTestAD" && (read::level(history.values()) > 1e5 || !all_finite) {
        return;
    }
    let verdicts = match (verdicts(class, &parameters(case, history), history, series), case.get("error")) {
        (Ok(verdicts), None) => verdicts,
        (Err(_), Some(_)) => return,
        (Ok(_), Some(_)) if is_ours_alone(case, history) => return,
        (Ok(_), Some(_)) => return wrong.push(format!("{name} is no error, as in ADTK ({})", case["code"])),
        (Err(error), None) => return wrong.push(format!("{name}: {error}")),
    };
    let Verdicts { labels, scores, bounds } = verdicts;
    let expected = read::labels(&case["labels"]);
    if labels != expected {
        let at: Vec<usize> = (0..labels.len()).filter(|&at| labels[at] != expected[at]).collect();
        wrong.push(format!("{name}: {} labels differ, at {:?}", at.len(), &at[..at.len().min(8)]));
    }
    let tolerance = read::tolerance(history.values());
    check_bounds(name, class, &case["fitted"], bounds, tolerance, wrong);
    check_scores(name, &case["intermediate"], &scores, tolerance, wrong);
    check_events(name, &case["events_ns"], series.times(), &labels, regular, wrong);
}

fn check_bounds(
    name: &str,
    class: &str,
    fitted: &Value,
    bounds: Bounds,
    tolerance: f64,
    wrong: &mut Vec<String>,
) {
    let mut near = |what: &str, got: f64, relative: f64| {
        if let Some(expected) = fitted.get(what)
            && !close(got, float(expected), relative)
        {
            wrong.push(format!("{name}: {what} is {got}, not {expected}"));
        }
    };
    // Of one side only, the other one is open.
    let upper = if bounds.high == f64::INFINITY { -bounds.low } else { bounds.high };
    near("iqr_ad.abs_high_", upper, tolerance);
    // scipy's quantiles of Student's t are good for nine digits.
    near("lambda_", bounds.high, 1e-8);
    if matches!(class, "QuantileAD" | "InterQuartileRangeAD") {
        let equal =
            same(bounds.low, float(&fitted["abs_low_"])) && same(bounds.high, float(&fitted["abs_high_"]));
        if !equal {
            wrong.push(format!("{name}: bounds {bounds:?} are not to the bit those of {fitted}"));
        }
    }
}

fn check_scores(name: &str, intermediate: &Value, scores: &[f64], tolerance: f64, wrong: &mut Vec<String>) {
    let magnitudes = ["diff_abs", "abs_residual", "abs_rel_diff"];
    let Some(expected) = magnitudes.iter().find_map(|what| intermediate.get(what)) else { return };
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
    for (key, case) in members(&golden.json["detectors"]) {
        check(&format!("{}/{key}", golden.name), case, golden.series(), golden.series(), regular, wrong);
    }
    let halves = &golden.json["detectors_fit_first_half"];
    for (key, case) in members(halves) {
        let at = golden.json["split_at"].as_u64().unwrap() as usize;
        let (history, rest) = (golden.part(0..at), golden.part(at..golden.values.len()));
        check(&format!("{}/half/{key}", golden.name), case, history, rest, regular, wrong);
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
        for (key, history, series) in super::seasonal::phases(&golden) {
            check(key, &golden.json[key], history, series, true, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
