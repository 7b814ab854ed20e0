//! Reads golden files: NaN is null, infinities are words, times are nanoseconds.

use std::path::{Path, PathBuf};

use iot_core::{Label, Series};
use serde_json::Value;

/// The folder of the golden files: `IOT_GOLDEN`, or beside the project; `None`, having said so, where there is none.
fn folder() -> Option<PathBuf> {
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

/// A golden file: its name, and what is in it.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) json: Value,
}

impl File {
    pub(crate) fn has(&self, group: &str) -> bool {
        self.json.get(group).is_some()
    }

    /// A file of a series has its values, one of a frame its columns, and one of events neither.
    fn is_series(&self) -> bool {
        self.has("values")
    }

    fn is_frame(&self) -> bool {
        self.has("columns")
    }
}

/// All files, in the order of their names; none where there is no folder.
pub(crate) fn files() -> Vec<File> {
    let Some(folder) = folder() else { return Vec::new() };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    assert!(!paths.is_empty(), "{} has no golden file", folder.display());
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let json = serde_json::from_slice(&std::fs::read(&path).unwrap());
        File { json: json.unwrap_or_else(|error| panic!("{}: {error}", path.display())), name }
    };
    paths.into_iter().map(read).collect()
}

/// The files of frames.
pub(crate) fn all_frames() -> Vec<File> {
    files().into_iter().filter(File::is_frame).collect()
}

/// The files of events, labels and splits that have this group.
pub(crate) fn all_events(group: &str) -> Vec<File> {
    let other = |file: &File| !file.is_series() && !file.is_frame();
    files().into_iter().filter(|file| other(file) && file.has(group)).collect()
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

    /// The values that are finite.
    pub(crate) fn finite(&self) -> Vec<f64> {
        self.values.iter().copied().filter(|value| value.is_finite()).collect()
    }

    /// How far numbers made of squares may be apart.
    pub(crate) fn tolerance(&self) -> f64 {
        tolerance(&self.values)
    }
}

/// How many deviations the mean is: so many digits are lost where sums of squares are subtracted from each other.
pub(crate) fn level(values: &[f64]) -> f64 {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let n = finite.len() as f64;
    let mean = finite.iter().sum::<f64>() / n;
    let squares = finite.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    if squares > 0.0 { mean.abs() / (squares / n).sqrt() } else { 0.0 }
}

/// How far numbers made of the squares of these values may be apart: their side has subtracted large ones.
pub(crate) fn tolerance(values: &[f64]) -> f64 {
    (1e-14 * level(values)).max(1e-9)
}

/// All files of series.
pub(crate) fn all_series() -> Vec<Golden> {
    let read = |File { name, json }: File| Golden {
        name,
        times: times(&json["index_ns"]),
        values: floats(&json["values"]),
        json,
    };
    files().into_iter().filter(File::is_series).map(read).collect()
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

/// The members of an object.
pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
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

/// Whether two numbers are the same; NaN is as good as NaN.
pub(crate) fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}
