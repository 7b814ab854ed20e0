//! A year and a half of a real household, a reading a minute, through the whole chain: replayed into Kafka,
//! forwarded, served and stored. What is in the store at the end is the file, whatever happened on the way.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap fails the test")]

#[path = "common/http.rs"]
mod http;
#[path = "common/process.rs"]
mod process;
#[path = "common/unique.rs"]
mod unique;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use http::get_json;
use iot::replay::{CsvReplay, Mapping};
use iot::{Device, Quantity, Query, StoreExt, Timestamp};
use iot_testkit::{data, live};
use process::{Running, eventually};
use serde_json::Value;
use tempfile::TempDir;
use unique::unique;

const DEVICE: &str = "house";
const READINGS: u64 = 809_676;
/// How long the whole file may take, with a debug build on a busy machine.
const LONG: Duration = Duration::from_secs(240);

/// One run of the chain: its own topic, its own store, its own folder.
struct Chain {
    file: PathBuf,
    topic: String,
    store: String,
    folder: TempDir,
}

impl Chain {
    /// With SQLite as the store; `None` where Kafka or the data is absent.
    fn sqlite() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let store = format!("sqlite:{}", folder.path().join("readings.sqlite").display());
        Self::new(store, folder)
    }

    /// With a new table of QuestDB as the store.
    fn questdb() -> Option<Self> {
        let server = live::questdb()?;
        let (before, pg) = server.split_once('?').unwrap();
        let (host, _table) = before.rsplit_once('/').unwrap();
        Self::new(format!("{host}/{}?{pg}", unique("household")), TempDir::new().unwrap())
    }

    fn new(store: String, folder: TempDir) -> Option<Self> {
        let topic = format!("kafka://{}/{}", live::kafka()?, unique("household"));
        let file = data::shared("household/household_power_2006-12_2008-06.csv.gz")?;
        Some(Self { file, topic, store, folder })
    }

    /// Starts a replay of a file into the topic, as fast as it goes.
    fn replay(&self, file: &Path, device: &str) -> Running {
        let mut simulate = Command::new(env!("CARGO_BIN_EXE_iot-simulate"));
        simulate.args(["--to", &self.topic, "--create-topic", "--replay"]).arg(file);
        simulate.args(["--device", device, "--time-column", "date_time", "--speed", "max"]);
        simulate.args(["--map", "voltage=Voltage", "--map", "current=Global_intensity"]);
        Running::start(&mut simulate, self.folder.path())
    }

    fn serve(&self) -> (Running, String) {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_iot-serve"));
        serve.args(["--store", &self.store, "--listen", "127.0.0.1:0"]);
        let mut serve = Running::start(&mut serve, self.folder.path());
        let address = serve.address();
        (serve, address)
    }

    fn forward(&self, to: &str, flags: &[&str]) -> Running {
        let mut forward = Command::new(env!("CARGO_BIN_EXE_iot-forward"));
        // Whoever is killed is missed after six seconds, not after Kafka's default of 45.
        let from =
            format!("{}?group=household&session.timeout.ms=6000&heartbeat.interval.ms=1000", self.topic);
        let dead_letters = format!("file:{}", self.dead_letters().display());
        forward
            .args(["--from", &from, "--to", to, "--create-topic", "--dead-letters", &dead_letters])
            .args(flags);
        Running::start(&mut forward, self.folder.path())
    }

    fn dead_letters(&self) -> PathBuf {
        self.folder.path().join("dead-letters")
    }

    /// The file in so many parts, in order, each with the head.
    fn parts(&self, count: usize) -> Vec<PathBuf> {
        let mut text = String::new();
        let file = std::fs::File::open(&self.file).unwrap();
        flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
        let (head, rows) = text.split_once('\n').unwrap();
        let rows: Vec<&str> = rows.lines().collect();
        let part = |(number, rows): (usize, &[&str])| {
            let path = self.folder.path().join(format!("part-{number}.csv"));
            std::fs::write(&path, format!("{head}\n{}\n", rows.join("\n"))).unwrap();
            path
        };
        rows.chunks(rows.len().div_ceil(count)).enumerate().map(part).collect()
    }

    /// Puts one reading of another device, in another second, behind everything in the house's partition.
    fn mark(&self, number: u64) {
        let file = self.folder.path().join(format!("mark-{number}.csv"));
        let second = number % 60;
        std::fs::write(
            &file,
            format!("date_time,Voltage,Global_intensity\n2010-01-01 00:00:{second:02},1,1\n"),
        )
        .unwrap();
        self.replay(&file, DEVICE).finish(LONG);
    }

    /// The store's readings are the file's, to the last bit, and the marks behind them.
    async fn assert_is_the_file(&self, marks: usize) {
        let mapping = Mapping::new("date_time", Device::new(DEVICE).unwrap())
            .with_quantity("Voltage", Quantity::VOLTAGE)
            .with_quantity("Global_intensity", Quantity::CURRENT);
        let file = CsvReplay::open(&self.file, &mapping).unwrap().next_batch(usize::MAX).unwrap().unwrap();
        let store = iot::open_store(&self.store).await.unwrap();
        let frame = store.read(Query::device(DEVICE)).await.unwrap().unwrap();
        assert_eq!(frame.len(), file.len() + marks);
        assert_eq!(frame.times()[..file.len()], *file.times());
        for (name, column) in ["voltage", "current"].into_iter().zip(file.columns()) {
            assert_eq!(frame.values(name).unwrap()[..file.len()], column.values, "{name}");
        }
        assert!(!self.dead_letters().exists() || std::fs::read(self.dead_letters()).unwrap().is_empty());
    }
}

/// How many readings the API knows of the house; 0 while it does not know the house.
fn count(api: &str) -> u64 {
    let devices = get_json(api, "/api/v1/devices");
    let devices = devices["devices"].as_array().unwrap();
    devices
        .iter()
        .find(|device| device["device_id"] == DEVICE)
        .map_or(0, |house| house["readings"].as_u64().unwrap())
}

/// The statistics of the whole file are those of whoever gave us the data, to the digits they gave.
fn assert_reference_statistics(api: &str) {
    let end: Timestamp = "2010-01-01".parse().unwrap();
    let answer = get_json(api, &format!("/api/v1/devices/{DEVICE}/statistics?to={}", end.nanos()));
    assert_eq!(answer["readings"], READINGS);
    let of = |quantity: &str, name: &str| -> f64 {
        let all = answer["quantities"].as_array().unwrap();
        let found: &Value = all.iter().find(|found| found["name"] == quantity).unwrap();
        found[name].as_f64().unwrap()
    };
    assert_eq!(of("voltage", "min"), 223.49);
    assert_eq!(of("voltage", "max"), 252.14);
    assert_eq!(format!("{:.5}", of("voltage", "mean")), "239.79035");
    assert_eq!(format!("{:.6}", of("current", "mean")), "4.911029");
}

/// Replays the file twice, through Kafka, the forwarder and the API: the second time changes nothing.
async fn replayed_twice_is_replayed_once(chain: Chain) {
    let (server, api) = chain.serve();
    let mut forwarder = chain.forward(&api, &[]);
    for replay in 1..=2 {
        chain.replay(&chain.file, DEVICE).finish(LONG);
        // When the mark is there, everything before it is.
        chain.mark(replay);
        eventually(&format!("replay {replay} in the store"), LONG, || {
            forwarder.assert_running();
            (count(&api) >= READINGS + replay).then_some(())
        });
        assert_eq!(count(&api), READINGS + replay);
        assert_reference_statistics(&api);
    }
    forwarder.stop();
    server.stop();
    chain.assert_is_the_file(2).await;
}

#[tokio::test]
async fn the_file_replayed_twice_through_kafka_and_the_api_is_once_in_questdb() {
    let Some(chain) = Chain::questdb() else { return };
    replayed_twice_is_replayed_once(chain).await;
}

#[tokio::test]
async fn the_file_replayed_twice_through_kafka_and_the_api_is_once_in_sqlite() {
    let Some(chain) = Chain::sqlite() else { return };
    replayed_twice_is_replayed_once(chain).await;
}

/// Kills the forwarder ten times while it forwards the file; each time it has stored some before.
async fn ten_kills_lose_and_double_nothing(chain: Chain, through_the_api: bool) {
    const KILLS: u64 = 10;
    let (server, api) = chain.serve();
    let to = if through_the_api { &api } else { &chain.store };
    // Small batches: a kill comes between two of many, not of four.
    let flags = ["--max-rows", "10000"];
    // Each life gets a part of the file, so that none can store all of it however late its progress is seen.
    let mut parts = chain.parts(KILLS as usize + 1).into_iter();
    let mut seen = 0;
    for (kill, part) in (1..=KILLS).zip(parts.by_ref()) {
        let replay = chain.replay(&part, DEVICE);
        let mut forwarder = chain.forward(to, &flags);
        seen = eventually(&format!("progress before kill {kill}"), LONG, || {
            forwarder.assert_running();
            let now = count(&api);
            (now > seen).then_some(now)
        });
        forwarder.kill();
        replay.finish(LONG);
    }
    assert!(seen < READINGS, "all was stored before the last kill");
    for part in parts {
        chain.replay(&part, DEVICE).finish(LONG);
    }
    chain.mark(1);
    let mut forwarder = chain.forward(to, &flags);
    eventually("the whole file in the store", LONG, || {
        forwarder.assert_running();
        (count(&api) > READINGS).then_some(())
    });
    forwarder.stop();
    assert_eq!(count(&api), READINGS + 1);
    assert_reference_statistics(&api);
    server.stop();
    chain.assert_is_the_file(1).await;
}

#[tokio::test]
async fn ten_kills_of_the_forwarder_lose_and_double_nothing_into_questdb_behind_the_api() {
    let Some(chain) = Chain::questdb() else { return };
    ten_kills_lose_and_double_nothing(chain, true).await;
}

#[tokio::test]
async fn ten_kills_of_the_forwarder_lose_and_double_nothing_straight_into_sqlite() {
    let Some(chain) = Chain::sqlite() else { return };
    ten_kills_lose_and_double_nothing(chain, false).await;
}
