//! The replaced system's four services against our binaries, one at a time. In their place are the scripts of
//! `tests/python`, which have nothing of ours.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap fails the test")]

#[path = "common/http.rs"]
mod http;
#[path = "common/process.rs"]
mod process;
#[path = "common/python.rs"]
mod python;
#[path = "common/unique.rs"]
mod unique;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use http::{get, get_json};
use iot::{Batch, Device, Quantity, Query, Reading, StoreExt, Timestamp};
use iot_testkit::live;
use process::{PATIENCE, Running, eventually};
use python::python;
use serde_json::Value;
use tempfile::TempDir;
use unique::unique;

/// Ten devices, 168 hours.
const READINGS: usize = 1680;

/// Readings by device and time: kind, location, and the bits of voltage and current.
type Contents = BTreeMap<(String, Timestamp), (String, String, u64, u64)>;

/// Readings as JSON objects, the members named as on the wire. Two of one device and time fail the test.
fn contents<'a>(rows: impl IntoIterator<Item = &'a Value>) -> Contents {
    let mut contents = Contents::new();
    for row in rows {
        let text =
            |member: &str| row[member].as_str().unwrap_or_else(|| panic!("{member} of {row}")).to_owned();
        let bits =
            |member: &str| row[member].as_f64().unwrap_or_else(|| panic!("{member} of {row}")).to_bits();
        let key = (text("device_id"), text("timestamp").parse().unwrap());
        let value = (text("device_type"), text("location"), bits("voltage"), bits("current"));
        assert_eq!(contents.insert(key, value), None, "twice: {row}");
    }
    contents
}

/// All readings of a store.
async fn stored(address: &str) -> Contents {
    let store = iot::open_store(address).await.unwrap();
    let mut contents = Contents::new();
    for summary in store.devices().await.unwrap() {
        let id = summary.device.id();
        let frame = store.read(Query::device(id)).await.unwrap().unwrap();
        let (voltage, current) = (frame.values("voltage").unwrap(), frame.values("current").unwrap());
        for (row, &time) in frame.times().iter().enumerate() {
            let device = frame.device();
            let value = (
                device.kind().unwrap().to_owned(),
                device.location().unwrap().to_owned(),
                voltage[row].to_bits(),
                current[row].to_bits(),
            );
            assert_eq!(contents.insert((id.to_owned(), Timestamp::from_nanos(time)), value), None);
        }
    }
    contents
}

/// Runs its generator into a new topic; answers what it sent.
fn generate(kafka: &str, folder: &Path) -> Option<(String, Contents)> {
    let topic = unique("seed");
    let mut generator = python("generator.py")?;
    generator.args(["--kafka", kafka, "--topic", &topic, "--create", "6"]);
    let printed = Running::start(&mut generator, folder).finish(PATIENCE);
    let rows: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sent = contents(&rows);
    assert_eq!(sent.len(), READINGS);
    Some((topic, sent))
}

fn forward(from: &str, to: &str, folder: &Path) -> Running {
    let mut forward = Command::new(env!("CARGO_BIN_EXE_iot-forward"));
    let dead_letters = format!("file:{}", folder.join("dead-letters").display());
    Running::start(forward.args(["--from", from, "--to", to, "--dead-letters", &dead_letters]), folder)
}

fn serve(store: &str, folder: &Path) -> (Running, String) {
    let mut serve = Command::new(env!("CARGO_BIN_EXE_iot-serve"));
    let mut serve = Running::start(serve.args(["--store", store, "--listen", "127.0.0.1:0"]), folder);
    let address = serve.address();
    (serve, address)
}

fn sqlite(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("readings.sqlite").display())
}

#[tokio::test]
async fn its_generator_writes_to_our_topic() {
    let Some(kafka) = live::kafka() else { return };
    let folder = TempDir::new().unwrap();
    let Some((topic, sent)) = generate(&kafka, folder.path()) else { return };
    let store = sqlite(folder.path());
    let (server, api) = serve(&store, folder.path());
    let mut forwarder = forward(&format!("kafka://{kafka}/{topic}?group={topic}"), &store, folder.path());

    eventually("all readings in the store", PATIENCE, || {
        forwarder.assert_running();
        (count(&api) >= READINGS as u64).then_some(())
    });
    forwarder.stop();
    server.stop();

    assert_eq!(stored(&store).await, sent);
    assert!(buried(folder.path()).is_empty(), "{}", buried(folder.path()));
}

/// How many readings the API knows of.
fn count(api: &str) -> u64 {
    let devices = get_json(api, "/api/v1/devices?limit=1000");
    devices["devices"].as_array().unwrap().iter().map(|device| device["readings"].as_u64().unwrap()).sum()
}

fn buried(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("dead-letters")).unwrap_or_default()
}

#[tokio::test]
async fn its_forwarder_posts_to_our_api() {
    let Some(kafka) = live::kafka() else { return };
    let folder = TempDir::new().unwrap();
    let Some((topic, sent)) = generate(&kafka, folder.path()) else { return };
    let store = sqlite(folder.path());
    let (server, api) = serve(&store, folder.path());

    let mut forwarder = python("forwarder.py").unwrap();
    forwarder.args([
        "--kafka",
        &kafka,
        "--topic",
        &topic,
        "--api",
        &api,
        "--readings",
        &READINGS.to_string(),
        "--deadline",
        &(2 * PATIENCE).as_secs().to_string(),
    ]);
    let printed = Running::start(&mut forwarder, folder.path()).finish(3 * PATIENCE);
    server.stop();

    assert_eq!(printed, "", "a request was not answered by 200 at once");
    assert_eq!(stored(&store).await, sent);
}

#[tokio::test]
async fn its_dashboard_reads_our_api() {
    let Some(mut dashboard) = python("dashboard.py") else { return };
    let folder = TempDir::new().unwrap();
    let address = sqlite(folder.path());
    let devices = awkward_devices(&address).await;
    let (server, api) = serve(&address, folder.path());

    let printed = Running::start(dashboard.args(["--api", &api]), folder.path()).finish(PATIENCE);
    let page: BTreeMap<String, Value> = serde_json::from_str(&printed).unwrap();

    assert_eq!(page.keys().collect::<Vec<_>>(), devices.iter().collect::<Vec<_>>());
    for (device, seen) in &page {
        // The page sees the first 100 readings of a device; ours are asked for the same range.
        let first: Timestamp = seen["first"].as_str().unwrap().parse().unwrap();
        let last: Timestamp = seen["last"].as_str().unwrap().parse().unwrap();
        let (from, to) = (first.nanos(), last.nanos() + 1);
        let ours = get_json(&api, &format!("/api/v1/devices/{device}/statistics?from={from}&to={to}"));
        assert_eq!(seen["readings"], ours["readings"], "{device}");
        let quantity =
            |name: &str| ours["quantities"].as_array().unwrap().iter().find(|q| q["name"] == name).unwrap();
        same_statistics(&seen["voltage"], quantity("voltage"), device);
        same_statistics(&seen["current"], quantity("current"), device);
        same_statistics(&seen["power"], &ours["power"], device);
        same(&seen["correlation"], &ours["correlation"]["pearson"], &format!("{device}: correlation"));
    }
    server.stop();
}

fn same_statistics(theirs: &Value, ours: &Value, device: &str) {
    let names = [
        ("mean", "mean"),
        ("standard_deviation", "std"),
        ("minimum", "min"),
        ("maximum", "max"),
        ("median", "median"),
    ];
    for (their_name, our_name) in names {
        same(&theirs[their_name], &ours[our_name], &format!("{device}: {their_name}"));
    }
}

/// Equal to 12 digits, or both not there.
fn same(theirs: &Value, ours: &Value, what: &str) {
    match (theirs.as_f64(), ours.as_f64()) {
        (Some(theirs), Some(ours)) => {
            assert!(
                (theirs - ours).abs() <= 1e-12 * theirs.abs().max(1.0),
                "{what}: theirs {theirs}, ours {ours}"
            );
        }
        (theirs, ours) => assert_eq!(theirs, ours, "{what}"),
    }
}

/// Fills a store with what broke the replaced page, and answers the devices that it is to see.
async fn awkward_devices(address: &str) -> Vec<String> {
    let store = iot::open_store(address).await.unwrap();
    let mut readings = Vec::new();
    let mut add = |id: &str, nanos: i64, voltage: Option<f64>, current: Option<f64>| {
        let device =
            Device::new(id).unwrap().with_kind("Sensor").unwrap().with_location("warehouse").unwrap();
        let mut reading = Reading::new(device, Timestamp::from_nanos(nanos));
        for (quantity, value) in [(Quantity::VOLTAGE, voltage), (Quantity::CURRENT, current)] {
            if let Some(value) = value {
                reading = reading.with(quantity, value).unwrap();
            }
        }
        readings.push(reading);
    };
    let hour = 3_600_000_000_000;
    for i in 0..168_i64 {
        // More readings than it sees, both quantities in no simple relation.
        add("a-week", i * hour, Some(230.0 + (i * 37 % 100) as f64 / 10.0), Some((i * 53 % 71) as f64 / 7.0));
        // Some times with a fraction and some without, in one answer.
        add("b-fractions", i * hour + i % 3 * 1_500, Some(i as f64 / 3.0), Some(1.0 / (i + 1) as f64));
        // Not every reading has both.
        add(
            "c-gaps",
            i * hour,
            (i % 5 != 0).then_some(i as f64),
            (i % 5 != 1).then_some((i * i % 13) as f64),
        );
    }
    for i in 0..20 {
        add("d-constant", i * hour, Some(12.0), Some(0.5));
        add("no-current", i * hour, Some(12.0), None);
        add("no-voltage", i * hour, None, Some(0.5));
    }
    add("e-single", hour, Some(12.0), Some(0.5));
    store.append(&Batch::from_readings(&readings).unwrap()).await.unwrap();
    ["a-week", "b-fractions", "c-gaps", "d-constant", "e-single"].map(str::to_owned).to_vec()
}

#[test]
fn our_forwarder_posts_to_its_api() {
    let Some(kafka) = live::kafka() else { return };
    let folder = TempDir::new().unwrap();
    let Some((topic, sent)) = generate(&kafka, folder.path()) else { return };
    let mut its_api = Running::start(&mut python("api.py").unwrap(), folder.path());
    let api = its_api.address();
    assert_eq!(get(&api, "/api/v1/devices").0, 404);
    let mut forwarder = forward(&format!("kafka://{kafka}/{topic}?group={topic}"), &api, folder.path());

    let rows = eventually("all readings at its API", Duration::from_secs(240), || {
        forwarder.assert_running();
        let rows = get_json(&api, "/rows");
        (rows.as_array().unwrap().len() >= READINGS).then_some(rows)
    });
    forwarder.stop();

    // Nothing came twice either: `contents` fails on that.
    assert_eq!(contents(rows.as_array().unwrap()), sent);
    assert!(buried(folder.path()).is_empty(), "{}", buried(folder.path()));
}
