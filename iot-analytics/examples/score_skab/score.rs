//! Reads files of SKAB, and scores a method on them.

use std::error::Error;
use std::path::{Path, PathBuf};

use iot_analytics::benchmark::skab::Skab;
use iot_analytics::detect::{AnyOf, HotellingT2, Limit, SquaredPredictionError};
use iot_analytics::events::{Extent, to_labels, union};
use iot_analytics::rules::Rules;
use iot_analytics::{AnyMethod, FrameMethod};
use iot_core::{
    Column, Detect, DetectFrame, Detector, Device, Frame, FrameDetector, Quantity, Series, Timestamp,
};

use crate::table::Table;

/// A chart of moving averages, for shifts smaller than the noise, of the quantities that do not drift; an alarm lasts until the
/// score has fallen to half of the limit. Nothing in it is particular to a file.
pub(crate) const METHOD: &str = r#"{"method": "hotelling_t2", "weight": 0.2, "max_autocorrelation": 0.75}"#;
pub(crate) const RULES: &str = r#"{"release": 0.5}"#;

const TRAIN: usize = 400;

/// What is scored.
#[derive(Debug, Clone)]
pub(crate) enum Judge {
    /// A method of ours.
    Method(AnyMethod),
    /// The benchmark's own T² and T² with Q, to the digit.
    Baseline {
        /// The share of the variance that the principal components hold; 1 for no components, and no Q.
        variance: f64,
        factor: f64,
    },
}

impl Judge {
    /// `t2`, `t2_q`, or a method as a JSON object.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        match text {
            "t2" => Ok(Self::Baseline { variance: 1.0, factor: 2.0 }),
            "t2_q" => Ok(Self::Baseline { variance: 0.85, factor: 1.0 }),
            _ => serde_json::from_str(text).map(Self::Method),
        }
    }

    /// The method, where that may depend on what is learnt from.
    fn method(&self, history: &Frame) -> iot_core::Result<AnyMethod> {
        match self {
            Self::Method(method) => Ok(method.clone()),
            Self::Baseline { variance, factor } => {
                let t2 = tabulated(history, *variance, *factor)?;
                let q = SquaredPredictionError::new(0.999)?.with_variance(*variance)?.with_smooth(5)?;
                // Jackson and Mudholkar's limit of one lumped variance grows by the third power of this.
                let cube_root = |c: f64| c * 2.0_f64.sqrt() / 3.0 + 7.0 / 9.0;
                let factor = (cube_root(NORMAL_IN_TABLE) / cube_root(NORMAL)).powi(3);
                let q = q.with_limit(Limit::Lumped).with_factor(factor)?;
                let of =
                    if *variance < 1.0 { vec![FrameMethod::from(t2), q.into()] } else { vec![t2.into()] };
                Ok(AnyMethod::Frame(AnyOf::new(of)?.into()))
            }
        }
    }
}

/// What Fisher's F of 1 to 8 and 399 to 392 degrees of freedom exceeds with a probability of 0.001, and a normal variable: as the
/// benchmark reads them from a table in steps of 0.0015, which decides on a row or two.
const IN_TABLE: [f64; 8] = [
    10.988598859885988,
    7.0282028202820275,
    5.526552655265526,
    4.713471347134713,
    4.194419441944194,
    3.8313831383138313,
    3.5598559855985594,
    3.3498349834983494,
];
const NORMAL_IN_TABLE: f64 = 3.0888088808880885;
const NORMAL: f64 = 3.090232306167813;

/// Hotelling's T² with its limit drawn from the table.
fn tabulated(history: &Frame, variance: f64, factor: f64) -> iot_core::Result<HotellingT2> {
    let exact = HotellingT2::new(0.999)?.with_variance(variance)?.with_smooth(5)?;
    let limit = exact.fit(history)?.bounds().high;
    let n = TRAIN as f64;
    let limits = (1..).zip(IN_TABLE).map(|(m, critical)| {
        let m = f64::from(m);
        m * (n - 1.0) * (n + 1.0) / (n * (n - m)) * critical
    });
    // The next one below is that of as many components.
    let in_table = limits.filter(|in_table| *in_table <= limit).fold(0.0, f64::max);
    exact.with_factor(factor * in_table / limit)
}

/// What became of a file.
pub(crate) enum Outcome {
    Scored {
        /// How many rows were judged.
        rows: usize,
        score: Skab,
        /// How many times of the file do not ascend.
        moved: usize,
    },
    /// There is nothing in it to score, and why.
    Skipped(String),
}

/// Learns from the first rows of a file and judges the others.
pub(crate) fn score(path: &Path, judge: &Judge, rules: Rules) -> Result<Outcome, Box<dyn Error>> {
    let Some(file) = File::read(path)? else {
        return Ok(Outcome::Skipped("it has no column of anomaly".to_owned()));
    };
    let rows = file.frame.len();
    if rows <= TRAIN {
        return Ok(Outcome::Skipped(format!(
            "of its {rows} rows, {TRAIN} are to learn from and none is left"
        )));
    }
    let alarms = alarms(judge, rules, &file)?;
    let mut score = Skab::default();
    score.add(&file.frame.times()[TRAIN..], &file.anomaly[TRAIN..], &file.changepoint[TRAIN..], &alarms);
    Ok(Outcome::Scored { rows: alarms.len(), score, moved: file.moved })
}

/// Whether there is an alarm at each row past those to learn from.
fn alarms(judge: &Judge, rules: Rules, file: &File) -> iot_core::Result<Vec<bool>> {
    let (history, test) = (part(&file.frame, 0..TRAIN)?, part(&file.frame, TRAIN..file.frame.len())?);
    let events = match judge.method(&history)? {
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
    moved: usize,
}

/// What is known of a row, and no feature of it.
const LABELS: &[&str] = &["anomaly", "changepoint"];

impl File {
    /// Reads a file of SKAB; one without labels is `None`.
    fn read(path: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        let table = Table::read(path)?;
        let Some(anomaly) = table.place("anomaly") else { return Ok(None) };
        let label = |column| -> Result<Vec<bool>, Box<dyn Error>> {
            Ok(table.numbers(column)?.into_iter().map(|number| number > 0.5).collect())
        };
        let anomaly = label(anomaly)?;
        let changepoint = table.place("changepoint").map_or(Ok(vec![false; anomaly.len()]), label)?;
        let mut columns = Vec::new();
        for (at, header) in table.headers() {
            let is_label = LABELS.iter().any(|label| header.eq_ignore_ascii_case(label));
            if at != table.time_place() && !is_label {
                let quantity = Quantity::named(&header.replace(' ', "_"))?;
                columns.push(Column { quantity, values: table.numbers(at)? });
            }
        }
        let (times, moved) = ascending(&table.times()?);
        let frame = Frame::new(Device::new("pump")?, times, columns)?;
        Ok(Some(Self { frame, anomaly, changepoint, moved }))
    }
}

/// The times in nanoseconds, and how many of them were moved. As in the benchmark, rows count in the order they have: one that is not later
/// than the one before it is taken to be just after it.
fn ascending(times: &[Timestamp]) -> (Vec<i64>, usize) {
    let mut moved = 0;
    let mut ascending: Vec<i64> = Vec::with_capacity(times.len());
    for time in times {
        let after = ascending.last().map_or(i64::MIN, |last| last.saturating_add(1));
        moved += usize::from(time.nanos() < after);
        ascending.push(time.nanos().max(after));
    }
    (ascending, moved)
}

/// The CSV files of a folder and the folders in it, in order.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
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
