//! The scorers give the published scores of the benchmarks' own baselines, and ours are better.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[path = "../examples/score_nab/score.rs"]
mod score_nab;
#[path = "../examples/score_skab/score.rs"]
mod score_skab;
#[path = "../examples/support/table.rs"]
mod table;

use std::path::Path;

use iot_analytics::benchmark::{nab, skab};

/// F1, false and missed alarms in percent, and the changepoint scores.
fn skab(folder: &Path, method: &str, rules: &str) -> [f64; 6] {
    let (judge, rules) = (score_skab::Judge::parse(method).unwrap(), serde_json::from_str(rules).unwrap());
    let mut total = skab::Skab::default();
    for path in score_skab::files(folder).unwrap() {
        if let score_skab::Outcome::Scored { score, .. } = score_skab::score(&path, &judge, rules).unwrap() {
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
    let judge = score_nab::Judge::parse(method).unwrap();
    let scored = score_nab::score(&folder.join("data"), &labels, &windows, &judge, quiet).unwrap();
    let score_nab::Scored { files, failed, nab } = scored;
    assert!(failed.is_empty(), "{failed:?}");
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
    // One alarm an event helps any detector: theirs is held against ours with it, too.
    let quiet = nab("windowed_gaussian", score_nab::QUIET).unwrap();
    for (ours, theirs) in ours.iter().zip(baseline).chain(ours.iter().zip(quiet)) {
        assert!(*ours > theirs, "{ours} is not above {theirs}");
    }
}

/// A folder of its own for a test, and these files in it.
fn folder(name: &str, files: &[(&str, String)]) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    files.iter().for_each(|(file, text)| std::fs::write(folder.join(file), text).unwrap());
    folder
}

/// Rows of SKAB whose level steps at row 450: what it is that the labels say.
fn rows(count: usize, row: impl Fn(usize, f64, u8) -> String) -> String {
    let level = |at: usize| f64::from((at * 7 % 11) as u32) + if at < 450 { 0.0 } else { 50.0 };
    (0..count).map(|at| row(at, level(at), u8::from(at >= 450))).collect()
}

#[test]
fn files_of_skab_are_read_by_the_names_of_their_columns() {
    let time = |at: usize| format!("2020-03-01 {:02}:{:02}:{:02}", at / 3600, at / 60 % 60, at % 60);
    let usual = rows(600, |at, level, label| format!("{};{level};{label}.0;0.0\n", time(at)));
    let turned = rows(600, |at, level, label| format!("{label},{level},{},0\n", time(at / 2)));
    let files = [
        ("usual.csv", format!("datetime;Current;anomaly;changepoint\n{usual}")),
        ("turned.csv", format!("\u{feff}Anomaly, Current, Timestamp, changepoint\n{turned}")),
        (
            "short.csv",
            format!(
                "datetime;Current;anomaly\n{}",
                usual
                    .lines()
                    .take(300)
                    .fold(String::new(), |all, line| { all + line.rsplit_once(';').unwrap().0 + "\n" })
            ),
        ),
        ("other.csv", format!("datetime;Current\n{}", "2020-03-01 00:00:00;1\n")),
        ("broken.csv", "datetime;Current;anomaly;changepoint\n2020-03-01 00:00:00;high;0;0\n".to_owned()),
    ];
    let folder = folder("skab", &files);
    let judge = score_skab::Judge::parse(r#"{"method": "hotelling_t2"}"#).unwrap();
    let score = |file| score_skab::score(&folder.join(file), &judge, iot_analytics::rules::Rules::default());
    let of = |file| match score(file).unwrap() {
        score_skab::Outcome::Scored { rows, score, moved } => (rows, score.f1(), moved),
        score_skab::Outcome::Skipped(why) => panic!("{file}: {why}"),
    };
    // The times of the second go twice as slowly, each row twice.
    assert_eq!((of("usual.csv"), of("turned.csv")), ((200, 1.0, 0), (200, 1.0, 300)));
    let skipped = |file| matches!(score(file).unwrap(), score_skab::Outcome::Skipped(_));
    assert!(skipped("short.csv") && skipped("other.csv"));
    assert_eq!(score("broken.csv").err().unwrap().to_string(), "row 1, Current: \"high\" is not a number");
    assert_eq!(score_skab::files(&folder).unwrap().len(), 5);
}

#[test]
fn a_file_of_nab_that_cannot_be_read_is_named_and_the_others_are_scored() {
    let row = |at: usize, level: f64, _| format!("{level},2014-04-01 {:02}:{:02}:00\n", at / 60, at % 60);
    let whole = format!("value,timestamp\n{}", rows(600, row));
    let windows = r#"{"whole.csv": [["2014-04-01 07:20:00", "2014-04-01 07:40:00"]], "broken.csv": [], "absent.csv": []}"#;
    let files = [
        ("whole.csv", whole),
        ("broken.csv", "timestamp,value\nsoon,1\n".to_owned()),
        ("windows.json", windows.to_owned()),
        ("labels.json", "{}".to_owned()),
    ];
    let folder = folder("nab", &files);
    let judge = score_nab::Judge::parse(r#"{"method": "interquartile_range"}"#).unwrap();
    let (labels, windows) = (folder.join("labels.json"), folder.join("windows.json"));
    let scored = score_nab::score(&folder, &labels, &windows, &judge, 200).unwrap();
    assert_eq!(
        scored.files.iter().map(|file| (&*file.name, file.rows)).collect::<Vec<_>>(),
        [("whole.csv", 600)]
    );
    assert!(
        scored.failed[0].0.ends_with("broken.csv") && scored.failed[0].1.contains("\"soon\" is not a time")
    );
    assert!(scored.nab.best(nab::Profile::STANDARD).score > 50.0);
    let error = score_nab::score(&folder, &labels, &folder.join("none.json"), &judge, 200).err().unwrap();
    assert!(error.to_string().contains("none.json"), "{error}");
}
