//! Reads files of NAB, and scores a method on them.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::RangeInclusive;
use std::path::Path;

use iot_analytics::Method;
use iot_analytics::benchmark::nab::Nab;
use iot_core::{Detect, Detector, Series, Timestamp};

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

/// Scores `method`, a JSON object or `windowed_gaussian`, on the files of `folder` that have windows.
pub(crate) fn score(
    folder: &Path,
    labels: &Path,
    windows: &Path,
    method: &str,
    quiet: usize,
) -> Result<(Vec<File>, Nab), Box<dyn Error>> {
    let labels: BTreeMap<String, Vec<String>> = serde_json::from_slice(&std::fs::read(labels)?)?;
    let windows: BTreeMap<String, Vec<[String; 2]>> = serde_json::from_slice(&std::fs::read(windows)?)?;
    let mut files = Vec::new();
    let mut nab = Nab::default();
    for (name, windows) in windows {
        let path = folder.join(&name);
        if !path.exists() {
            continue;
        }
        let (times, values) = read(&path)?;
        let windows = windows.iter().map(|window| rows(&times, window)).collect::<Result<Vec<_>, _>>()?;
        let scores = match method {
            "windowed_gaussian" => windowed_gaussian(&values),
            _ => gate(&scores(&serde_json::from_str(method)?, &values)?, quiet),
        };
        nab.add(&scores, &windows);
        let labels = labels.get(&name).map_or(0, Vec::len);
        files.push(File { name, rows: values.len(), labels, windows: windows.len() });
    }
    Ok((files, nab))
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
    let (mut times, mut values) = (Vec::new(), Vec::new());
    for record in csv::Reader::from_path(path)?.records() {
        let record = record?;
        times.push(record[0].parse()?);
        values.push(record[1].parse()?);
    }
    Ok((times, values))
}
