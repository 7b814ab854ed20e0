//! What is in the folder: all of it is known, and what we have no counterpart of is named here with its reason.

use std::io::Write as _;

use serde_json::Value;

use super::read::{File, all_frames, files, members};

/// The groups of each kind of file.
const SERIES: &[&str] = &[
    "name",
    "pins",
    "n",
    "index_ns",
    "regular_step_ns",
    "values",
    "second",
    "stats",
    "stats_note",
    "quantiles_with_inf",
    "corr",
    "standard_scale",
    "split_at",
    "detectors",
    "detectors_fit_first_half",
    "seasonal_phase",
    "seasonal_phase_before",
    "rolling",
];
const STATS: &[&str] = &[
    "describe",
    "median",
    "var",
    "skew",
    "kurt",
    "quantiles_linear",
    "histogram",
    "kde",
    "river_p2",
    // What polars makes of NaN, to warn of it: its numbers are numpy's where there is none.
    "polars",
];
const FRAMES: &[&str] =
    &["pins", "name", "n", "index_ns", "columns", "corr_matrix", "results", "cluster_input"];
const EVENTS: &[&str] = &[
    "pins",
    "name",
    "three_valued",
    "validate_events",
    "list_aggregate",
    "expand_events_",
    "expand_labels",
    "to_events",
    "to_labels",
    "metrics_list",
    "metrics_labels",
    "split_train_test",
    // Sorting, and of duplicates the first: the store's, whose law is that the last one counts.
    "validate_series",
];
/// Results of frames, by how their names begin.
const RESULTS: &[&str] = &[
    "regression_",
    "pca_",
    "quantile_per_column",
    // Wrappers of scikit-learn's models, which a trait takes the place of; and table plumbing.
    "min_cluster_",
    "outlier_",
    "sum_all",
    "retrospect_",
];

/// That every member of an object is one of these, or begins as one that ends in `_`.
fn all_known(what: &str, object: &Value, known: &[&str], wrong: &mut Vec<String>) {
    for (key, _) in members(object) {
        let is_known = |known: &&str| key == known || (known.ends_with('_') && key.starts_with(*known));
        if !known.iter().any(is_known) {
            wrong.push(format!("{what}: {key:?} is not known"));
        }
    }
}

#[test]
fn everything_in_the_folder_is_known() {
    let (mut wrong, mut counts) = (Vec::new(), [0; 3]);
    for file in files() {
        let File { name, json } = &file;
        let (kind, known) = match (file.has("values"), file.has("columns")) {
            (true, _) => (0, SERIES),
            (_, true) => (1, FRAMES),
            _ => (2, EVENTS),
        };
        counts[kind] += 1;
        all_known(name, json, known, &mut wrong);
        all_known(&format!("{name}/stats"), &json["stats"], STATS, &mut wrong);
        for group in ["index_ns", "stats", "detectors"].iter().filter(|group| kind == 0 && !file.has(group)) {
            wrong.push(format!("{name} has no {group}"));
        }
    }
    for file in all_frames() {
        all_known(&format!("{}/results", file.name), &file.json["results"], RESULTS, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Past the harness, which keeps what a passing test prints to itself.
    let [series, frames, events] = counts;
    let line = format!("golden files: {series} of series, {frames} of frames, {events} of events\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
