//! Reads golden files: NaN is null, infinities are words, times are nanoseconds.

use std::path::{Path, PathBuf};

use iot_core::{Label, Series};
use serde_json::Value;

/// The folder of the golden files: `IOT_GOLDEN`, or beside the project; `None`, having said so, where there is none.
pub(crate) fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("IOT_GOLDEN") {
        let folder = PathBuf::from(folder);
        assert!(folder.is_dir(), "IOT_GOLDEN {folder:?} is not a folder");
        return Some(folder);
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/analytics/golden");
    if !beside.is_dir() {
        println!("skipped: IOT_GOLDEN is not set, and there is no {}", beside.display());
        return None;
    }
    Some(beside)
}

/// The golden file of this name, if the folder has it.
pub(crate) fn file(name: &str) -> Option<Value> {
    let path = folder()?.join(name);
    path.exists().then(|| parse(&path))
}

fn parse(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// One file of a series and all that is known of it.
pub(crate) struct Golden {
    pub(crate) name: String,
    pub(crate) times: Vec<i64>,
    pub(crate) values: Vec<f64>,
    pub(crate) json: Value,
}

impl Golden {
    pub(crate) fn series(&self) -> Series<'_> {
        Series::new(&self.times, &self.values).unwrap()
    }

    /// The samples of a range of positions.
    pub(crate) fn part(&self, range: std::ops::Range<usize>) -> Series<'_> {
        Series::new(&self.times[range.clone()], &self.values[range]).unwrap()
    }

    /// Whether the times have one step.
    pub(crate) fn is_regular(&self) -> bool {
        !self.json["regular_step_ns"].is_null()
    }
}

/// All files of series.
pub(crate) fn all_series() -> Vec<Golden> {
    let Some(folder) = folder() else { return Vec::new() };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.retain(|path| name(path).starts_with("series_") && name(path).ends_with(".json"));
    assert!(!paths.is_empty(), "the golden folder has no series");
    let read = |path: &PathBuf| {
        let json = parse(path);
        Golden {
            name: json["name"].as_str().unwrap().to_owned(),
            times: times(&json["index_ns"]),
            values: floats(&json["values"]),
            json,
        }
    };
    paths.iter().map(read).collect()
}

pub(crate) fn float(value: &Value) -> f64 {
    match value {
        Value::Null => f64::NAN,
        Value::String(word) => word.parse().unwrap(),
        number => number.as_f64().unwrap(),
    }
}

pub(crate) fn floats(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(float).collect()
}

pub(crate) fn times(values: &Value) -> Vec<i64> {
    values.as_array().unwrap().iter().map(|value| value.as_i64().unwrap()).collect()
}

/// Labels of 1, 0 and null, clipped and rounded as ADTK's metrics do.
pub(crate) fn labels(values: &Value) -> Vec<Label> {
    let label = |value: f64| match value {
        value if value.is_nan() => Label::Unknown,
        value => Label::from_anomaly(value.clamp(0.0, 1.0).round_ties_even() == 1.0),
    };
    floats(values).into_iter().map(label).collect()
}

/// Whether two numbers agree: to this part of the larger, or 1e-12.
pub(crate) fn close(a: f64, b: f64, relative: f64) -> bool {
    (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= 1e-12 + relative * a.abs().max(b.abs())
}
