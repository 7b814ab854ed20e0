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
            let side = match name.strip_prefix("regression_") {
                Some("both") => Side::Both,
                Some("positive") => Side::Positive,
                Some("negative") => Side::Negative,
                Some("residual_missing_rows") | None => continue,
                Some(side) => panic!("{}: side {side}", file.name),
            };
            let theirs = &case["fitted"]["regression"];
            let features: Vec<&str> =
                theirs["features"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let target =
                members(&file.json["columns"]).find(|(name, _)| !features.contains(&&***name)).unwrap().0;
            let regression =
                Regression::new(target).unwrap().with_quantities(features).unwrap().with_side(side);
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
            let model = Pca::new(k.parse().unwrap()).unwrap().fit(&history).unwrap();
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
        for (name, labels) in members(&file.json["results"]["quantile_per_column"]) {
            let series = all.series(name).unwrap();
            let model = Quantile::new(0.01, 0.99).unwrap().fit(series).unwrap();
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
