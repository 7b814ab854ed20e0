//! Scores a detector on a folder of NAB files, and prints a table and a last line of totals.
//!
//! ```text
//! cargo run --release -p iot-analytics --example score_nab -- ../shared/data/nab/data \
//!     ../shared/data/nab/labels/combined_labels.json ../shared/data/nab/labels/combined_windows.json
//! ```
//!
//! `--method JSON` scores any method of one quantity, `--method windowed_gaussian` the benchmark's own baseline. As in the benchmark, the
//! detector sees the rows in order, and nothing but the rows before the one it judges: a method that learns is fitted to the
//! first 15 %, which are not scored.
//!
//! A benchmark that counts every row of a false alarm asks for one alarm an event: a score counts only if none of the `--quiet ROWS` rows before
//! (200 if not given, none for the baseline) was as high.
//!
//! Columns are found by their names, in any place, with `;` or `,` between them. A file that cannot be read is named and the others are scored;
//! the exit code then says so, as it does where there was nothing to score.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

mod score;
#[path = "../support/table.rs"]
mod table;

use std::error::Error;
use std::path::PathBuf;

use iot_analytics::benchmark::nab::{Best, Profile};

use score::{Judge, METHOD, QUIET, Scored, score};

fn main() -> Result<(), Box<dyn Error>> {
    let (mut paths, mut method, mut quiet) = (Vec::new(), METHOD.to_owned(), None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--method" => method = arguments.next().ok_or("--method needs a JSON object")?,
            "--quiet" => quiet = Some(arguments.next().ok_or("--quiet needs a number of rows")?.parse()?),
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let [folder, labels, windows] = &paths[..] else {
        return Err("usage: score_nab DIR LABELS.json WINDOWS.json [--method JSON] [--quiet ROWS]".into());
    };
    let judge = Judge::parse(&method)?;
    // The baseline's published scores have no such rule.
    let quiet = quiet.unwrap_or(if matches!(judge, Judge::WindowedGaussian) { 0 } else { QUIET });
    let Scored { files, failed, nab } = score(folder, labels, windows, &judge, quiet)?;
    let scored = files.len();
    println!("{:<60} {:>6} {:>7} {:>7}", "file", "rows", "labels", "windows");
    for file in files {
        println!("{:<60} {:>6} {:>7} {:>7}", file.name, file.rows, file.labels, file.windows);
    }
    let [standard, low_fp, low_fn] =
        [Profile::STANDARD, Profile::LOW_FP, Profile::LOW_FN].map(|profile| nab.best(profile));
    let Best { threshold, .. } = standard;
    println!(
        "total: standard {:.2} lowFP {:.2} lowFN {:.2} (threshold {threshold:.6})",
        standard.score, low_fp.score, low_fn.score
    );
    for (path, error) in &failed {
        eprintln!("{}: {error}", path.display());
    }
    match (scored, failed.len()) {
        (0, 0) => Err(format!("{} has no file with windows", folder.display()).into()),
        (_, 0) => Ok(()),
        (_, failed) => Err(format!("{failed} files could not be scored").into()),
    }
}
