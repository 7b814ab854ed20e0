//! Reads files of NAB, and scores a method on them.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use iot_analytics::Method;
use iot_analytics::benchmark::nab::Nab;
use iot_core::{Detect, Detector, Series, Timestamp};
use serde::de::DeserializeOwned;

use crate::table::Table;

/// What was never so far from the mean, or never moved so far at once, in any distribution. Nothing in it is particular to a file.
pub(crate) const METHOD: &str = r#"{"method": "conformal", "window": 6400}"#;

/// How many rows before must have been less strange, if nothing else is said: one alarm an event.
pub(crate) const QUIET: usize = 200;

/// What has been read of one file.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) rows: usize,
    pub(crate) labels: usize,
    pub(crate) windows: usize,
}

/// What judges the rows.
#[derive(Debug, Clone)]
pub(crate) enum Judge {
    /// A method of ours.
    Method(Box<Method>),
    /// The benchmark's own baseline.
    WindowedGaussian,
}

impl Judge {
    /// `windowed_gaussian`, or a method as a JSON object.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        match text {
            "windowed_gaussian" => Ok(Self::WindowedGaussian),
            _ => serde_json::from_str(text).map(Self::Method),
        }
    }

    fn scores(&self, values: &[f64]) -> iot_core::Result<Vec<f64>> {
        match self {
            Self::Method(method) => scores(method, values),
            Self::WindowedGaussian => Ok(windowed_gaussian(values)),
        }
    }
}

/// What became of the files of a folder.
#[derive(Default)]
pub(crate) struct Scored {
    pub(crate) files: Vec<File>,
    /// Those that could not be scored, and why.
    pub(crate) failed: Vec<(PathBuf, String)>,
    pub(crate) nab: Nab,
}

/// Scores a judge on the files of `folder` that have windows.
pub(crate) fn score(
    folder: &Path,
    labels: &Path,
    windows: &Path,
    judge: &Judge,
    quiet: usize,
) -> Result<Scored, Box<dyn Error>> {
    let labels: BTreeMap<String, Vec<String>> = json(labels)?;
    let windows: BTreeMap<String, Vec<[String; 2]>> = json(windows)?;
    let mut scored = Scored::default();
    for (name, windows) in windows {
        let path = folder.join(&name);
        if !path.exists() {
            continue;
        }
        let scores = read(&path).and_then(|(times, values)| {
            let windows = windows.iter().map(|window| rows(&times, window)).collect::<Result<Vec<_>, _>>()?;
            Ok((gate(&judge.scores(&values)?, quiet), windows))
        });
        match scores {
            Ok((scores, windows)) => {
                scored.nab.add(&scores, &windows);
                let labels = labels.get(&name).map_or(0, Vec::len);
                scored.files.push(File { name, rows: scores.len(), labels, windows: windows.len() });
            }
            Err(error) => scored.failed.push((path, error.to_string())),
        }
    }
    Ok(scored)
}

/// What is in a JSON file, which an error names.
fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Box<dyn Error>> {
    let read = || -> Result<T, Box<dyn Error>> { Ok(serde_json::from_slice(&std::fs::read(path)?)?) };
    read().map_err(|error| format!("{}: {error}", path.display()).into())
}

/// How far out each row is, as multiples of the method's bounds.
fn scores(method: &Method, values: &[f64]) -> iot_core::Result<Vec<f64>> {
    // Two of the files have a clock that is set back: rows are counted instead.
    let times: Vec<i64> = (0..values.len() as i64).collect();
    let learnt = (values.len() * 15 / 100).min(750);
    let model = method.fit(Series::new(&times[..learnt], &values[..learnt])?)?;
    let verdicts = model.detect(Series::new(&times, values)?);
    Ok(verdicts.scores.iter().map(|&score| verdicts.bounds.excess(score)).collect())
}

/// The scores that no row of the `quiet` ones before has reached.
fn gate(scores: &[f64], quiet: usize) -> Vec<f64> {
    let highest =
        |at: usize| scores[at.saturating_sub(quiet)..at].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter().enumerate().map(|(at, &score)| if score > highest(at) { score } else { 0.0 }).collect()
}

/// NAB's own baseline: the normal probability of a value among up to 6,400 before it, which move on by 100 at a time.
fn windowed_gaussian(values: &[f64]) -> Vec<f64> {
    const WINDOW: usize = 6_400;
    const STEP: usize = 100;
    let mut window: Vec<f64> = Vec::new();
    let mut fresh = Vec::new();
    let (mut mean, mut std) = (0.0, 0.0);
    let score = |(at, &value): (usize, &f64)| {
        let z = (value - mean).abs() / if std > 0.0 { std } else { 1e-6 };
        let score = if at == 0 { 0.0 } else { 1.0 - 0.5 * libm::erfc(z / std::f64::consts::SQRT_2) };
        if window.len() < WINDOW {
            window.push(value);
        } else {
            fresh.push(value);
            if fresh.len() == STEP {
                window.drain(..STEP);
                window.append(&mut fresh);
            }
        }
        if fresh.is_empty() {
            let n = window.len() as f64;
            mean = window.iter().sum::<f64>() / n;
            std = (window.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n).sqrt();
        }
        // To what the published scores were rounded.
        (score * 1e12).round() / 1e12
    };
    values.iter().enumerate().map(score).collect()
}

/// The rows from that with the time of a window's start to that of its end.
fn rows(times: &[Timestamp], [start, end]: &[String; 2]) -> Result<RangeInclusive<usize>, Box<dyn Error>> {
    let row = |text: &str| -> Result<usize, Box<dyn Error>> {
        let time: Timestamp = text.parse()?;
        Ok(times.iter().position(|&other| other == time).ok_or_else(|| format!("no row at {text}"))?)
    };
    Ok(row(start)?..=row(end)?)
}

fn read(path: &Path) -> Result<(Vec<Timestamp>, Vec<f64>), Box<dyn Error>> {
    let table = Table::read(path)?;
    let first = || table.headers().map(|(at, _)| at).find(|&at| at != table.time_place());
    let value = table.place("value").or_else(first).ok_or("it has no column of values")?;
    Ok((table.times()?, table.numbers(value)?))
}
