//! The scorers give the published scores of the benchmarks' own baselines, and ours are better.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[path = "../examples/score_nab/score.rs"]
mod score_nab;
#[path = "../examples/score_skab/score.rs"]
mod score_skab;

use std::path::Path;

use iot_analytics::benchmark::{nab, skab};

/// F1, false and missed alarms in percent, and the changepoint scores.
fn skab(folder: &Path, method: &str, rules: &str) -> [f64; 6] {
    let (judge, rules) = (score_skab::Judge::parse(method).unwrap(), serde_json::from_str(rules).unwrap());
    let mut total = skab::Skab::default();
    for path in score_skab::files(folder).unwrap() {
        if let Some((_, score)) = score_skab::score(&path, &judge, rules).unwrap() {
            total.merge(&score);
        }
    }
    let profiles = [skab::Profile::STANDARD, skab::Profile::LOW_FP, skab::Profile::LOW_FN];
    let [standard, low_fp, low_fn] = profiles.map(|profile| total.changepoint_score(profile));
    [total.f1(), total.false_alarm_rate(), total.missed_alarm_rate(), standard, low_fp, low_fn]
}

fn digits([f1, rates @ ..]: [f64; 6]) -> String {
    let rates: Vec<String> = rates.iter().map(|rate| format!("{rate:.2}")).collect();
    format!("{f1:.3} {}", rates.join(" "))
}

#[test]
fn the_scores_of_skab_are_those_published_and_ours_is_better_with_fewer_false_alarms() {
    let Some(folder) = iot_testkit::data::shared("skab") else { return };
    assert_eq!(digits(skab(&folder, "t2", "{}")), "0.610 25.59 46.29 16.32 3.86 21.46");
    let baseline = skab(&folder, "t2_q", "{}");
    assert_eq!(digits(baseline), "0.726 40.57 22.78 25.00 15.05 29.90");
    let ours = skab(&folder, score_skab::METHOD, score_skab::RULES);
    assert!(ours[0] > baseline[0] && ours[1] < baseline[1] && ours[3] > baseline[3], "{ours:?}");
}

/// The standard score and those that punish false alarms and misses.
fn nab(method: &str, quiet: usize) -> Option<[f64; 3]> {
    let folder = iot_testkit::data::shared("nab")?;
    let labels = folder.join("labels");
    let (labels, windows) = (labels.join("combined_labels.json"), labels.join("combined_windows.json"));
    let (files, nab) = score_nab::score(&folder.join("data"), &labels, &windows, method, quiet).unwrap();
    for score_nab::File { name, rows, labels, windows } in files {
        assert!(
            labels == windows && windows * 10 < rows,
            "{name}: {labels} labels, {windows} windows, {rows} rows"
        );
    }
    let profiles = [nab::Profile::STANDARD, nab::Profile::LOW_FP, nab::Profile::LOW_FN];
    Some(profiles.map(|profile| nab.best(profile).score))
}

#[test]
fn the_scores_of_nab_are_those_published_and_ours_is_better() {
    let Some(baseline) = nab("windowed_gaussian", 0) else { return };
    assert_eq!(baseline.map(|score| format!("{score:.2}")), ["29.80", "21.55", "33.75"]);
    let rolling = nab(r#"{"method": "z_score", "window": 300}"#, 0).unwrap();
    assert_eq!(rolling.map(|score| format!("{score:.2}")), ["19.83", "19.83", "21.56"]);
    let ours = nab(score_nab::METHOD, score_nab::QUIET).unwrap();
    for (ours, theirs) in ours.iter().zip(baseline) {
        assert!(*ours > theirs, "{ours} is not above {theirs}");
    }
}
