//! Detectors of several quantities: ADTK's regression, principal components, and quantiles of each column.

use iot_analytics::Correlation;
use iot_analytics::detect::{Pca, Quantile, Regression, Side};
use iot_core::{Column, Detect, DetectFrame, Detector, Device, Frame, FrameDetector, Quantity};
use serde_json::Value;

use super::read::{self, File, all_frames, close, float, floats, members};

/// A frame of the first `rows` of the file's columns.
fn frame(file: &File, rows: usize) -> Frame {
    let column = |(name, values): (&String, &Value)| Column {
        quantity: Quantity::named(name).unwrap(),
        values: floats(values)[..rows].to_vec(),
    };
    let times = read::times(&file.json["index_ns"])[..rows].to_vec();
    let columns = members(&file.json["columns"]).map(column).collect();
    Frame::new(Device::new("golden").unwrap(), times, columns).unwrap()
}

/// The parameters that a result states, which are all among `known`; null if it states none.
fn given<'a>(result: &'a Value, known: &[&str]) -> &'a Value {
    let given = &result["params"];
    for (name, _) in members(given) {
        assert!(known.contains(&&**name), "parameter {name:?} is not known");
    }
    given
}

fn rows(file: &File) -> usize {
    file.json["index_ns"].as_array().unwrap().len()
}

fn are_close(name: &str, ours: &[f64], theirs: &Value, relative: f64) {
    for (at, (&ours, theirs)) in ours.iter().zip(floats(theirs)).enumerate() {
        assert!(
            close(ours, theirs, relative) || (ours - theirs).abs() < 1e-9,
            "{name} at {at}: {ours}, not {theirs}"
        );
    }
}

#[test]
fn regressions_label_as_adtk_does() {
    for file in all_frames() {
        let all = frame(&file, rows(&file));
        for (name, case) in members(&file.json["results"]) {
            let Some(side) = name.strip_prefix("regression_") else { continue };
            let Some(theirs) = case.get("fitted").map(|fitted| &fitted["regression"]) else { continue };
            // What a case does not state as a parameter is in its name.
            let given = given(case, &["c", "side", "target", "regressor"]);
            let side = match given["side"].as_str().unwrap_or(side) {
                "both" => Side::Both,
                "positive" => Side::Positive,
                "negative" => Side::Negative,
                side => panic!("{}: side {side}", file.name),
            };
            let factor = given["c"].as_f64().unwrap_or(3.0);
            let features: Vec<&str> =
                theirs["features"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let target =
                members(&file.json["columns"]).find(|(name, _)| !features.contains(&&***name)).unwrap().0;
            let regression = Regression::new(target).unwrap().with_quantities(features).unwrap();
            let regression = regression.with_side(side).with_factor(factor).unwrap();
            let verdicts = regression.fit(&all).unwrap().detect(&all).unwrap();
            let name = format!("{} {name}", file.name);
            assert_eq!(verdicts.labels, read::labels(&case["labels"]), "{name}");
            are_close(&name, &verdicts.scores, &case["residual"], 1e-9);
            let upper = verdicts.bounds.high.min(-verdicts.bounds.low);
            let theirs = float(&case["fitted"]["iqr_ad.abs_high_"]);
            assert!(close(upper, theirs, 1e-9), "{name}: {upper}, not {theirs}");
        }
    }
}

#[test]
fn principal_components_label_as_those_of_adtk() {
    for file in all_frames() {
        for (name, case) in members(&file.json["results"]) {
            let Some(parameters) = name.strip_prefix("pca_k") else { continue };
            // Of more than 500 rows, ADTK's components are found by chance; so the files have the first so many.
            let (k, first) = parameters.split_once("_first").unwrap_or((parameters, "all"));
            let history = frame(&file, first.parse().unwrap_or(rows(&file)));
            let given = given(case, &["k", "c"]);
            let k = given["k"].as_u64().map_or_else(|| k.parse().unwrap(), |k| k as usize);
            let pca = Pca::new(k).unwrap().with_factor(given["c"].as_f64().unwrap_or(5.0)).unwrap();
            let model = pca.fit(&history).unwrap();
            let verdicts = model.detect(&history).unwrap();
            let name = format!("{} {name}", file.name);
            assert_eq!(verdicts.labels, read::labels(&case["labels"]), "{name}");
            are_close(&name, &verdicts.scores, &case["error"], 1e-7);
            for (ours, theirs) in [(verdicts.bounds.low, "iqr_low"), (verdicts.bounds.high, "iqr_high")] {
                assert!(
                    close(ours, float(&case[theirs]), 1e-8),
                    "{name}: {theirs} {ours}, not {}",
                    case[theirs]
                );
            }
        }
    }
}

#[test]
fn quantiles_of_each_column_label_as_those_of_adtk() {
    for file in all_frames() {
        let all = frame(&file, rows(&file));
        let results = &file.json["results"]["quantile_per_column"];
        let given = given(results, &["low", "high"]);
        let limit = |name: &str, default: f64| {
            if given.is_object() { given[name].as_f64() } else { Some(default) }
        };
        let quantile = Quantile::new(limit("low", 0.01), limit("high", 0.99)).unwrap();
        for (name, labels) in members(results).filter(|(name, _)| *name != "params") {
            let series = all.series(name).unwrap();
            let model = quantile.fit(series).unwrap();
            assert_eq!(model.labels(series), read::labels(labels), "{} {name}", file.name);
        }
    }
}

#[test]
fn correlations_of_columns_are_those_of_pandas() {
    for file in all_frames() {
        let columns = &file.json["columns"];
        // The matrix does not name its rows, and the order of an object's members is not kept: any order that fits.
        let matrix: Vec<Vec<f64>> = file.json["corr_matrix"].as_array().unwrap().iter().map(floats).collect();
        let mut theirs: Vec<f64> = matrix.into_iter().flatten().collect();
        let mut ours = Vec::new();
        for (_, x) in members(columns) {
            for (_, y) in members(columns) {
                ours.push(Correlation::of(&floats(x), &floats(y)).unwrap().pearson());
            }
        }
        ours.sort_by(f64::total_cmp);
        theirs.sort_by(f64::total_cmp);
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!(close(*ours, theirs, 1e-9), "{}: {ours}, not {theirs}", file.name);
        }
    }
}
