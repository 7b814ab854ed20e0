//! The examples run as they are.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap fails the test")]

use std::path::PathBuf;
use std::process::Command;

/// Runs an example that was built with the tests, and answers what it printed.
fn run(example: &str, arguments: &[&str]) -> String {
    // target/PROFILE/deps/examples-HASH: examples lie beside `deps`.
    let here = std::env::current_exe().unwrap();
    let folder: PathBuf = here.parent().unwrap().parent().unwrap().join("examples");
    // `cargo test` builds them; with `--test examples` it does not.
    let output = Command::new(folder.join(example)).args(arguments).output().expect("the example is built");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{example}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[cfg(feature = "sqlite")]
#[test]
fn the_chain_carries_all_readings_from_device_to_api() {
    let text = run("chain", &[]);
    assert!(text.contains("in_flight: 0"), "{text}");
    assert_eq!(text.lines().filter(|line| line.ends_with("readings")).count(), 10, "{text}");
}

#[test]
fn a_device_is_read_and_its_statistics_have_units() {
    let text = run("statistics", &[]);
    for line in [
        "voltage: 60 values",
        "  mean 228.100 V",
        "correlation of voltage and current: -1.000",
        "kWh over 100.0 %",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn own_device_code_sends_readings() {
    assert_eq!(run("own_device", &[]), "sent 100 readings\n".repeat(3));
}

#[test]
fn an_own_store_is_forwarded_into() {
    let text = run("own_store", &[]);
    assert!(text.starts_with("stored 1 readings, refused 0\npump-7: Some(1) readings"), "{text}");
}

/// The same two examples against a real Kafka: what one sends, the other stores.
#[cfg(feature = "kafka")]
#[test]
fn own_device_and_own_store_meet_in_kafka() {
    let Some(brokers) = iot_testkit::live::kafka() else { return };
    let unique = std::process::id();
    let log = format!("kafka://{brokers}/examples-{unique}?group=examples-{unique}");
    let address: iot::address::LogAddress = log.parse().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(address.create_topic(2, 1)).unwrap();
    run("own_device", &[&log]);
    let text = run("own_store", &[&log, "300"]);
    assert!(text.starts_with("stored 300 readings, refused 0"), "{text}");
}
