//! Scores a detector on a folder of SKAB files, and prints a table and a last line of totals.
//!
//! ```text
//! cargo run --release -p iot-analytics --example score_skab -- ../shared/data/skab
//! cargo run --release -p iot-analytics --example score_skab -- ../shared/data/skab \
//!     --method '{"method": "hotelling_t2", "factor": 2, "smooth": 5}' --rules '{}'
//! ```
//!
//! As in the benchmark, the first 400 rows of each file are learnt from and the others judged. A method that judges one
//! quantity is fitted to each column, and an alarm of any is an alarm.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::path::{Path, PathBuf};

use iot_analytics::AnyMethod;
use iot_analytics::benchmark::skab::{Profile, Skab};
use iot_analytics::events::{Extent, to_labels, union};
use iot_analytics::rules::Rules;
use iot_core::{
    Column, Detect, DetectFrame, Detector, Device, Frame, FrameDetector, Quantity, Series, Timestamp,
};

/// A chart of moving averages, for shifts smaller than the noise, of the quantities that do not drift; an alarm lasts until the
/// score has fallen to half of the limit. Nothing in it is particular to a file.
const METHOD: &str = r#"{"method": "hotelling_t2", "weight": 0.2, "max_autocorrelation": 0.75}"#;
const RULES: &str = r#"{"release": 0.5}"#;

const TRAIN: usize = 400;

fn main() -> Result<(), Box<dyn Error>> {
    let mut folder = None;
    let (mut method, mut rules) = (METHOD.to_owned(), RULES.to_owned());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--method" => method = arguments.next().ok_or("--method needs a JSON object")?,
            "--rules" => rules = arguments.next().ok_or("--rules needs a JSON object")?,
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    let folder = folder.ok_or("usage: score_skab DIR [--method JSON] [--rules JSON]")?;
    let (method, rules): (AnyMethod, Rules) = (serde_json::from_str(&method)?, serde_json::from_str(&rules)?);

    let mut total = Skab::default();
    println!("{:<40} {:>6} {:>7} {:>7} {:>7}", "file", "rows", "F1", "FAR %", "MAR %");
    for path in files(&folder)? {
        let Some(file) = File::read(&path)? else { continue };
        let alarms = alarms(&method, rules, &file)?;
        let mut score = Skab::default();
        score.add(&file.frame.times()[TRAIN..], &file.anomaly[TRAIN..], &file.changepoint[TRAIN..], &alarms);
        println!(
            "{:<40} {:>6} {:>7.3} {:>7.2} {:>7.2}",
            path.strip_prefix(&folder)?.display(),
            alarms.len(),
            score.f1(),
            score.false_alarm_rate(),
            score.missed_alarm_rate()
        );
        total.merge(&score);
    }
    println!(
        "total: F1 {:.3} FAR {:.2} MAR {:.2}, changepoints standard {:.2} lowFP {:.2} lowFN {:.2}",
        total.f1(),
        total.false_alarm_rate(),
        total.missed_alarm_rate(),
        total.changepoint_score(Profile::STANDARD),
        total.changepoint_score(Profile::LOW_FP),
        total.changepoint_score(Profile::LOW_FN)
    );
    Ok(())
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
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
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
