//! The binaries as a newcomer meets them: help, mistakes, absent servers, and the demo from start to end.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap fails the test")]

#[path = "common/http.rs"]
mod http;
#[path = "common/process.rs"]
mod process;

use std::path::Path;
use std::process::{Command, Output};

use http::{get_json, get_text};
use process::{PATIENCE, Running, eventually};

const BINARIES: [(&str, &str); 4] = [
    ("iot-demo", env!("CARGO_BIN_EXE_iot-demo")),
    ("iot-simulate", env!("CARGO_BIN_EXE_iot-simulate")),
    ("iot-forward", env!("CARGO_BIN_EXE_iot-forward")),
    ("iot-serve", env!("CARGO_BIN_EXE_iot-serve")),
];

fn run(binary: &str, arguments: &[&str]) -> Output {
    let (_, path) = BINARIES.iter().find(|(name, _)| *name == binary).unwrap();
    let mut command = Command::new(path);
    for (variable, _) in std::env::vars().filter(|(name, _)| name.starts_with("IOT_")) {
        command.env_remove(variable);
    }
    command.args(arguments).output().unwrap()
}

/// The exit code and standard error.
fn failure(binary: &str, arguments: &[&str]) -> (i32, String) {
    let output = run(binary, arguments);
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn help_teaches() {
    for (name, _) in BINARIES {
        let output = run(name, &["--help"]);
        assert!(output.status.success(), "{name}");
        let help = String::from_utf8(output.stdout).unwrap();
        for part in [&format!("Usage: {name}"), "--config <FILE>", "--check", "Exit codes:"] {
            assert!(help.contains(part), "{name}: no {part:?} in {help}");
        }
        assert!(run(name, &["--version"]).stdout.starts_with(name.as_bytes()), "{name}");
    }
}

#[test]
fn settings_are_checked_without_a_server() {
    for (binary, arguments) in [
        ("iot-demo", &["--check"][..]),
        ("iot-simulate", &["--check"]),
        ("iot-serve", &["--check", "--store", "questdb://127.0.0.1:1/readings?pg=2"]),
        ("iot-forward", &["--check", "--from", "kafka://127.0.0.1:1/t", "--to", "http://127.0.0.1:2"]),
    ] {
        let (code, text) = failure(binary, arguments);
        assert_eq!(code, 0, "{binary}: {text}");
    }
}

#[test]
fn what_is_wrong_is_named_and_the_exit_code_says_whose_fault_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let not_a_store = folder.path().join("not-a-store");
    std::fs::write(
        &not_a_store,
        "This is a text that is no database, and long enough to be looked at.\n".repeat(99),
    )
    .unwrap();
    let not_a_store = format!("sqlite:{}", not_a_store.display());
    let settings = folder.path().join("iot.toml");
    std::fs::write(&settings, "[serve]\nlisten = 'here'\n").unwrap();
    let settings = settings.to_str().unwrap();
    for (code, part, binary, arguments) in [
        (2, "oracle:x", "iot-serve", &["--store", "oracle:x"][..]),
        (2, "--listen", "iot-serve", &["--listen", "nowhere"]),
        (2, "[serve] invalid value 'here' for 'listen", "iot-serve", &["--config", settings]),
        (2, "cannot read the settings file", "iot-serve", &["--config", "no-such-file"]),
        (2, "write-token-file", "iot-serve", &["--write-token-file", "no-such-file"]),
        (2, "not-a-store", "iot-serve", &["--store", &not_a_store]),
        (2, "--linger", "iot-forward", &["--linger", "soon"]),
        (2, "from", "iot-forward", &["--from", "sqlite:x"]),
        (2, "sasl.password", "iot-forward", &["--from", "kafka://127.0.0.1/t?sasl.password=hunter2"]),
        (2, "enable.auto.commit", "iot-forward", &["--from", "kafka://127.0.0.1/t?enable.auto.commit=true"]),
        (2, "token-file", "iot-forward", &["--check", "--token-file", "no-such-file"]),
        (2, "--host", "iot-serve", &["--host", "http://plant.example"]),
        (2, "devices 0", "iot-demo", &["--check", "--devices", "0"]),
        (2, "is not a folder", "iot-demo", &["--check", "--data", settings]),
        (69, "127.0.0.1:1", "iot-serve", &["--store", "questdb://127.0.0.1:1/readings?pg=1"]),
        (2, "no-such-file.csv", "iot-simulate", &["--replay", "no-such-file.csv", "--to", "memory:"]),
        (2, "--map", "iot-simulate", &["--map", "voltage"]),
        (2, "kV", "iot-simulate", &["--quantity", "voltage:kV"]),
        (2, "--speed", "iot-simulate", &["--speed", "0"]),
        (69, "127.0.0.1:1", "iot-simulate", &["--to", "http://127.0.0.1:1"]),
    ] {
        let (found, text) = failure(binary, arguments);
        assert_eq!(found, code, "{binary} {arguments:?}: {text}");
        assert!(text.contains(part), "{binary} {arguments:?}: no {part:?} in {text}");
        assert!(!text.contains("hunter2"), "a secret in {text}");
        assert!(!text.contains("panicked"), "{text}");
    }
}

#[test]
fn a_file_with_bad_rows_is_replayed_but_for_them_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("readings.csv");
    std::fs::write(&file, "timestamp,voltage,current\n2025-02-05,1,2\n2025-02-06,x,2\n2025-02-07,3,4\n")
        .unwrap();
    let store = format!("sqlite:{}", folder.path().join("readings.sqlite").display());
    let (code, text) =
        failure("iot-simulate", &["--replay", file.to_str().unwrap(), "--to", &store, "--quiet"]);
    assert_eq!(code, 65, "{text}");
    assert!(text.contains("1 rows of the file are not readings"), "{text}");
    assert!(text.contains("line=3") && text.contains("voltage \"x\" is not a number"), "{text}");
    let stored = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(async { iot::open_store(&store).await.unwrap().devices().await.unwrap()[0].readings });
    assert_eq!(stored, Some(2));
}

/// S14: the same seed gives the same bytes, the truth about faults is written, and no time is in the future.
#[test]
fn s14_a_simulation_can_be_repeated_and_tells_its_truth() {
    let folder = tempfile::tempdir().unwrap();
    let simulate = |name: &str| {
        let store = format!("sqlite:{}", folder.path().join(name).display());
        let truth = folder.path().join(format!("{name}.truth"));
        let range = ["--start", "2025-02-01", "--end", "2025-02-01T01:00:00Z", "--seed", "7", "--quiet"];
        let mut arguments = vec!["--to", &store, "--truth", truth.to_str().unwrap()];
        arguments.extend(range);
        let (code, text) = failure("iot-simulate", &arguments);
        assert_eq!(code, 0, "{text}");
        let readings = tokio::runtime::Runtime::new()
            .unwrap()
            .block_on(async { iot::open_store(&store).await.unwrap().newest(0, 50_000).await.unwrap() });
        (readings, std::fs::read_to_string(truth).unwrap())
    };
    let (first, second) = (simulate("first"), simulate("second"));
    assert!(first.0.len() > 30_000 && first == second);
    assert!(first.1.lines().count() > 3);
    let end: iot::Timestamp = "2025-02-01T01:00:00Z".parse().unwrap();
    assert!(first.0.times().iter().all(|time| *time < end.nanos()));
}

#[test]
fn a_check_leaves_the_truth_of_a_simulation_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let truth = folder.path().join("truth");
    std::fs::write(&truth, "of another run").unwrap();
    let (code, text) = failure("iot-simulate", &["--check", "--truth", truth.to_str().unwrap()]);
    assert_eq!((code, &*std::fs::read_to_string(&truth).unwrap()), (0, "of another run"), "{text}");
    let nowhere = folder.path().join("no-such-folder/truth");
    assert_eq!(failure("iot-simulate", &["--check", "--truth", nowhere.to_str().unwrap()]).0, 2);
}

#[test]
fn every_setting_has_a_variable_which_its_help_names() {
    for (binary, _) in BINARIES {
        let help = String::from_utf8(run(binary, &["--help"]).stdout).unwrap();
        for flag in help.lines().filter_map(|line| line.trim_start().strip_prefix("--")) {
            let name = flag.split(' ').next().unwrap_or_default();
            let variable = format!("[env: IOT_{}=", name.replace('-', "_").to_ascii_uppercase());
            assert_eq!(help.contains(&variable), name != "check", "{binary} --{name}");
        }
    }
    let mut forward = Command::new(env!("CARGO_BIN_EXE_iot-forward"));
    let checked = forward.arg("--check").env("IOT_MAX_ROWS", "many").output().unwrap();
    assert_eq!(checked.status.code(), Some(2));
    let text = String::from_utf8(checked.stderr).unwrap();
    assert!(text.contains("many") && text.contains("--max-rows"), "{text}");
}

#[test]
fn a_variable_without_a_text_is_one_that_is_not_set() {
    let mut forward = Command::new(env!("CARGO_BIN_EXE_iot-forward"));
    forward.args(["--check", "--from", "memory:", "--dead-letters", "file:x"]);
    forward.env("IOT_METRICS", "").env("IOT_TO", "").env("IOT_TOKEN_FILE", "").env("IOT_CONFIG", "");
    let output = forward.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

struct Demo {
    process: Running,
    address: String,
}

impl Demo {
    fn start(data: &Path, folder: &Path) -> Self {
        let mut demo = Command::new(env!("CARGO_BIN_EXE_iot-demo"));
        demo.args(["--listen", "127.0.0.1:0", "--history", "10m", "--step", "100ms", "--data"]).arg(data);
        let mut process = Running::start(&mut demo, folder);
        Self { address: process.address(), process }
    }

    /// How many readings the store has, by its own count.
    fn readings(&self) -> u64 {
        let answer = get_json(&self.address, "/api/v1/devices");
        answer["devices"].as_array().unwrap().iter().map(|device| device["readings"].as_u64().unwrap()).sum()
    }

    fn wait_for(&self, readings: u64) -> u64 {
        eventually(&format!("{readings} readings"), PATIENCE, || {
            Some(self.readings()).filter(|&found| found >= readings)
        })
    }
}

#[cfg(unix)]
#[test]
fn the_demo_runs_ends_cleanly_and_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    let demo = Demo::start(&data, folder.path());
    let before = demo.wait_for(50_000);
    assert!(demo.wait_for(before + 50) > before, "the plots move");
    assert!(get_text(&demo.address, "/dashboard/").1.contains("<!doctype html>"));
    let before = demo.readings();
    demo.process.interrupt();

    let demo = Demo::start(&data, folder.path());
    assert!(demo.readings() >= before, "what was stored is there");
    let grown = demo.wait_for(before + 500);
    demo.process.interrupt();
    assert!(grown > before);
    assert_eq!(std::fs::read_to_string(data.join("dead-letters.ndjson")).unwrap(), "");
}

#[test]
fn the_demo_has_a_device_that_is_odd_and_the_api_says_since_when_and_by_how_much() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(&folder.path().join("demo"), folder.path());
    let (device, finding) = eventually("a device that is odd", PATIENCE, || {
        let body = get_json(&demo.address, "/api/v1/conditions");
        let odd =
            body["conditions"].as_array().unwrap().iter().find(|condition| condition["state"] == "odd")?;
        let findings = odd["findings"].as_array().unwrap();
        // It began 1,500 readings ago; others are short.
        let long =
            findings.iter().find(|it| it["ongoing"] == true && it["readings"].as_u64() > Some(1_000))?;
        Some((odd["device_id"].clone(), long.clone()))
    });
    demo.process.interrupt();
    assert_eq!(
        (&finding["quantity"], &finding["kind"], &finding["unit"]),
        (&"voltage".into(), &"low".into(), &"V".into())
    );
    let truth = std::fs::read_to_string(folder.path().join("demo/faults.ndjson")).unwrap();
    let mut truth = truth.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let truth = truth.rfind(|fault| fault["device"]["device_id"] == device).unwrap();
    assert_eq!(truth["kind"], "level_shift");
    let from: iot::Timestamp = truth["from"].as_str().unwrap().parse().unwrap();
    let late = finding["from_ms"].as_f64().unwrap() - from.nanos() as f64 / 1e6;
    assert!(late.abs() < 5_000.0, "{late} ms after it began");
    let (by, size) = (finding["by"].as_f64().unwrap(), truth["size"].as_f64().unwrap().abs());
    assert!(by > 0.2 * size && by < 1.5 * size, "{by} V out of its range, shifted by {size}");
}
