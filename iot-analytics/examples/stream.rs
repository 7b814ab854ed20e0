//! Judges a file line by line as it grows, in bounded memory, and goes on where it stopped.
//!
//! ```text
//! cargo run -p iot-analytics --example stream -- \
//!     ../shared/data/nab/data/realKnownCause/machine_temperature_system_failure.csv \
//!     --method '{"method": "hampel", "window": 288, "limit": 6}' --state /tmp/machine.json
//! ```
//!
//! The file has a time and a value a line, and a header. A method that learns is fitted to the first 500 lines. With `--state FILE` the
//! state is restored from there, if the file exists, and saved there at the end: a second run judges only what has been added.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use iot_analytics::rules::{Change, Rules, Watch};
use iot_analytics::{Method, MethodMonitor};
use iot_core::{Detect, Detector, Monitor, Online, Series, Timestamp};
use serde::{Deserialize, Serialize};

const HISTORY: usize = 500;

/// All there is to remember between two runs.
#[derive(Serialize, Deserialize)]
struct State {
    lines: usize,
    last: Timestamp,
    monitor: MethodMonitor,
    watch: Watch,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut file, mut method, mut saved) = (None, r#"{"method": "z_score"}"#.to_owned(), None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--method" => method = arguments.next().ok_or("--method needs a JSON object")?,
            "--state" => saved = Some(PathBuf::from(arguments.next().ok_or("--state needs a file")?)),
            _ => file = Some(PathBuf::from(argument)),
        }
    }
    let file = file.ok_or("usage: stream FILE.csv [--method JSON] [--state FILE]")?;
    let mut state = match &saved {
        Some(path) if path.exists() => serde_json::from_slice(&std::fs::read(path)?)?,
        _ => learn(&serde_json::from_str(&method)?, &file)?,
    };
    for sample in samples(&file)?.skip(state.lines) {
        let (time, value) = sample?;
        state.lines += 1;
        // A clock that was set back: the stream has been there already.
        if time <= state.last {
            continue;
        }
        state.last = time;
        let verdict = state.monitor.observe(time, value);
        for verdict in verdict.into_iter().chain(std::iter::from_fn(|| state.monitor.due())) {
            match state.watch.observe(verdict) {
                Some(Change::Started(start)) => println!("{start}: something is wrong"),
                Some(Change::Ended(event)) => {
                    println!("{}: well again, it was wrong since {}", event.end, event.start)
                }
                None => {}
            }
        }
    }
    println!("{} lines", state.lines);
    if let Some(path) = saved {
        std::fs::write(path, serde_json::to_vec(&state)?)?;
    }
    Ok(())
}

/// A fresh state of a method that has learnt from the start of the file.
fn learn(method: &Method, file: &Path) -> Result<State, Box<dyn Error>> {
    let mut history: Vec<(Timestamp, f64)> = samples(file)?.take(HISTORY).collect::<Result<_, _>>()?;
    history.dedup_by(|later, earlier| later.0 <= earlier.0);
    let (times, values): (Vec<i64>, Vec<f64>) =
        history.iter().map(|(time, value)| (time.nanos(), *value)).unzip();
    let model = method.fit(Series::new(&times, &values)?)?;
    // An event lasts until the score is back at half of the bound, and what comes within the hour belongs to it.
    let rules = Rules::new().with_release(0.5)?.with_cool_down(Duration::from_secs(3_600));
    let watch = rules.watch(model.bounds());
    Ok(State { lines: 0, last: Timestamp::MIN, monitor: model.monitor(), watch })
}

/// A sample, or why it cannot be read.
type Sample = Result<(Timestamp, f64), Box<dyn Error>>;

/// The samples of a file, one after the other.
fn samples(file: &Path) -> Result<impl Iterator<Item = Sample>, csv::Error> {
    let records = csv::Reader::from_path(file)?.into_records();
    Ok(records.map(|record| {
        let record = record?;
        Ok((record[0].parse()?, record[1].parse()?))
    }))
}
