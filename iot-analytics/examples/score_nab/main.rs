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
//! (200 if not given) was as high.

#![expect(clippy::print_stdout, reason = "an example prints")]

mod score;

use std::error::Error;
use std::path::PathBuf;

use iot_analytics::benchmark::nab::{Best, Profile};

use score::{METHOD, QUIET, score};

fn main() -> Result<(), Box<dyn Error>> {
    let (mut paths, mut method, mut quiet) = (Vec::new(), METHOD.to_owned(), QUIET);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--method" => method = arguments.next().ok_or("--method needs a JSON object")?,
            "--quiet" => quiet = arguments.next().ok_or("--quiet needs a number of rows")?.parse()?,
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let [folder, labels, windows] = &paths[..] else {
        return Err("usage: score_nab DIR LABELS.json WINDOWS.json [--method JSON] [--quiet ROWS]".into());
    };
    let (files, nab) = score(folder, labels, windows, &method, quiet)?;
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
    Ok(())
}
