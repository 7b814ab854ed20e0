//! Scores a detector on a folder of SKAB files, and prints a table and a last line of totals.
//!
//! ```text
//! cargo run --release -p iot-analytics --example score_skab -- ../shared/data/skab
//! cargo run --release -p iot-analytics --example score_skab -- ../shared/data/skab --method t2
//! cargo run --release -p iot-analytics --example score_skab -- ../shared/data/skab \
//!     --method '{"method": "half_space_trees"}' --rules '{"cool_down": "30s"}'
//! ```
//!
//! The first scores our default. `t2` and `t2_q` are the benchmark's own baselines, to the digits published (of `t2_q`, with
//! its components in order). Rules are those of [`Rules`]; a method that is given has none unless they are given, too.
//!
//! As in the benchmark, the first 400 rows of each file are learnt from and the others judged. A method that judges one
//! quantity is fitted to each column, and an alarm of any is an alarm.
//!
//! Columns are found by their names, in any place, with `;` or `,` between them. A file that cannot be read is named and the others are scored;
//! the exit code then says so, as it does where there was nothing to score.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

mod score;
#[path = "../support/table.rs"]
mod table;

use std::error::Error;
use std::path::PathBuf;

use iot_analytics::benchmark::skab::{Profile, Skab};
use iot_analytics::rules::Rules;

use score::{Judge, METHOD, Outcome, RULES, files, score};

fn main() -> Result<(), Box<dyn Error>> {
    let mut folder = None;
    let (mut method, mut rules) = (None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--method" => method = Some(arguments.next().ok_or("--method needs a JSON object")?),
            "--rules" => rules = Some(arguments.next().ok_or("--rules needs a JSON object")?),
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    let folder = folder.ok_or("usage: score_skab DIR [--method JSON] [--rules JSON]")?;
    let rules = rules.unwrap_or_else(|| if method.is_some() { "{}" } else { RULES }.to_owned());
    let (judge, rules) =
        (Judge::parse(method.as_deref().unwrap_or(METHOD))?, serde_json::from_str::<Rules>(&rules)?);

    let mut total = Skab::default();
    println!("{:<40} {:>6} {:>7} {:>7} {:>7}", "file", "rows", "F1", "FAR %", "MAR %");
    let (mut scored, mut failed) = (0, 0);
    for path in files(&folder)? {
        let (rows, score) = match score(&path, &judge, rules) {
            Ok(Outcome::Scored { rows, score, moved }) => {
                if moved > 0 {
                    eprintln!("{}: {moved} times do not ascend; rows keep their order", path.display());
                }
                (rows, score)
            }
            Ok(Outcome::Skipped(why)) => {
                eprintln!("{} is skipped: {why}", path.display());
                continue;
            }
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                failed += 1;
                continue;
            }
        };
        scored += 1;
        println!(
            "{:<40} {:>6} {:>7.3} {:>7.2} {:>7.2}",
            path.strip_prefix(&folder)?.display(),
            rows,
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
    match (scored, failed) {
        (0, 0) => Err(format!("{} has no file to score", folder.display()).into()),
        (_, 0) => Ok(()),
        _ => Err(format!("{failed} files could not be scored").into()),
    }
}
