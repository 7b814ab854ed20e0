//! Reads files of SKAB, and scores a method on them.

use std::error::Error;
use std::path::{Path, PathBuf};

use iot_analytics::AnyMethod;
use iot_analytics::benchmark::skab::Skab;
use iot_analytics::events::{Extent, to_labels, union};
use iot_analytics::rules::Rules;
use iot_core::{
    Column, Detect, DetectFrame, Detector, Device, Frame, FrameDetector, Quantity, Series, Timestamp,
};

/// A chart of moving averages, for shifts smaller than the noise, of the quantities that do not drift; an alarm lasts until the
/// score has fallen to half of the limit. Nothing in it is particular to a file.
pub(crate) const METHOD: &str = r#"{"method": "hotelling_t2", "weight": 0.2, "max_autocorrelation": 0.75}"#;
pub(crate) const RULES: &str = r#"{"release": 0.5}"#;

const TRAIN: usize = 400;

/// Learns from the first rows of a file and judges the others: how many those are, and the score; `None` for a file without labels.
pub(crate) fn score(
    path: &Path,
    method: &AnyMethod,
    rules: Rules,
) -> Result<Option<(usize, Skab)>, Box<dyn Error>> {
    let Some(file) = File::read(path)? else { return Ok(None) };
    let alarms = alarms(method, rules, &file)?;
    let mut score = Skab::default();
    score.add(&file.frame.times()[TRAIN..], &file.anomaly[TRAIN..], &file.changepoint[TRAIN..], &alarms);
    Ok(Some((alarms.len(), score)))
}

/// Whether there is an alarm at each row past those to learn from.
fn alarms(method: &AnyMethod, rules: Rules, file: &File) -> iot_core::Result<Vec<bool>> {
    let (history, test) = (part(&file.frame, 0..TRAIN)?, part(&file.frame, TRAIN..file.frame.len())?);
    let events = match method {
        AnyMethod::Frame(method) => rules.events(test.times(), &method.fit(&history)?.detect(&test)?),
        AnyMethod::Series(method) => {
            let mut events = Vec::new();
            for (before, after) in history.columns().iter().zip(test.columns()) {
                let model = method.fit(Series::new(history.times(), &before.values)?)?;
                let verdicts = model.detect(Series::new(test.times(), &after.values)?);
                events = union(&events, &rules.events(test.times(), &verdicts));
            }
            events
        }
    };
    let labels = to_labels(&events, test.times(), Extent::Instant);
    Ok(labels.into_iter().map(|label| label.is_anomaly()).collect())
}

fn part(frame: &Frame, rows: std::ops::Range<usize>) -> iot_core::Result<Frame> {
    let cut = |column: &Column| Column {
        quantity: column.quantity.clone(),
        values: column.values[rows.clone()].to_vec(),
    };
    let columns = frame.columns().iter().map(cut).collect();
    Frame::new(frame.device().clone(), frame.times()[rows.clone()].to_vec(), columns)
}

struct File {
    frame: Frame,
    anomaly: Vec<bool>,
    changepoint: Vec<bool>,
}

impl File {
    /// Reads a file of SKAB; one without labels is `None`.
    fn read(path: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_path(path)?;
        let headers = reader.headers()?.clone();
        let place = |name: &str| headers.iter().position(|header| header == name);
        let (Some(anomaly_at), Some(changepoint_at)) = (place("anomaly"), place("changepoint")) else {
            return Ok(None);
        };
        let mut columns = Vec::new();
        for header in headers.iter().skip(1).take(anomaly_at - 1) {
            columns
                .push(Column { quantity: Quantity::named(&header.replace(' ', "_"))?, values: Vec::new() });
        }
        let (mut times, mut anomaly, mut changepoint) = (Vec::new(), Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record?;
            times.push(record[0].parse::<Timestamp>()?.nanos());
            for (column, value) in columns.iter_mut().zip(record.iter().skip(1)) {
                column.values.push(value.parse()?);
            }
            anomaly.push(record[anomaly_at].parse::<f64>()? > 0.5);
            changepoint.push(record[changepoint_at].parse::<f64>()? > 0.5);
        }
        let frame = Frame::new(Device::new("pump")?, times, columns)?;
        Ok(Some(Self { frame, anomaly, changepoint }))
    }
}

/// The CSV files of a folder and the folders in it, in order.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "csv") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
