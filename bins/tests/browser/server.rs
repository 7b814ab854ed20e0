//! An `iot-serve` of its own for each test, over readings that the test knows.

use std::future::Future;
use std::process::Command;

use iot::{Batch, Device, Quantity, Reading, Store, Timestamp};
use std::sync::Arc;
use tempfile::TempDir;

use crate::process::Running;

/// When the readings of the tests begin: 2025-02-05.
pub(crate) const BEGIN: i64 = 1_738_713_600;

/// A server over a SQLite file; neither outlives this value.
#[derive(Debug)]
pub(crate) struct Server {
    running: Running,
    address: String,
    /// Goes with the server, not before.
    _folder: TempDir,
}

impl Server {
    /// A server with these readings.
    pub(crate) fn with(readings: &[Reading]) -> Self {
        Self::with_options(readings, &[])
    }

    /// A server with these readings and more flags.
    pub(crate) fn with_options(readings: &[Reading], flags: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let store = format!("sqlite:{}", folder.path().join("readings.sqlite").display());
        append(&store, readings);
        let mut command = Command::new(env!("CARGO_BIN_EXE_iot-serve"));
        for (variable, _) in std::env::vars().filter(|(name, _)| name.starts_with("IOT_")) {
            command.env_remove(variable);
        }
        command.args(["--store", &store, "--listen", "127.0.0.1:0"]).args(flags);
        let mut running = Running::start(&mut command, folder.path());
        let address = running.address();
        Self { running, address, _folder: folder }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Posts further readings.
    pub(crate) fn post(&self, readings: &[Reading]) {
        append(&self.address, readings);
    }

    /// Ends it, as a crash would.
    pub(crate) fn kill(self) {
        self.running.kill();
    }
}

fn append(address: &str, readings: &[Reading]) {
    let batch = Batch::from_readings(readings).unwrap();
    block_on(async {
        let store: Arc<dyn Store> = iot::open_store(address).await.unwrap();
        store.append(&batch).await.unwrap();
    });
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Readings of one device, a step of seconds apart from [`BEGIN`] on; `values` makes those of each.
pub(crate) fn readings(
    device: &Device,
    count: i64,
    step: i64,
    values: impl Fn(i64) -> Vec<(Quantity, f64)>,
) -> Vec<Reading> {
    let reading = |n: i64| {
        let empty = Reading::new(device.clone(), Timestamp::from_secs(BEGIN + n * step));
        values(n).into_iter().fold(empty, |reading, (quantity, value)| reading.with(quantity, value).unwrap())
    };
    (0..count).map(reading).collect()
}

/// A number of 0..1 that looks like chance and is always the same for the same place.
pub(crate) fn chance(place: i64) -> f64 {
    // Weyl's sequence of the golden ratio, squared for disorder.
    let x = place as f64 * 0.618_033_988_749_894_9;
    let x = (x.fract() * 997.13).fract();
    (x * x * 8191.7).fract()
}

/// Three devices of other kinds and places, the seed's among them; `pump-2` has been silent for longest.
pub(crate) fn plant() -> Vec<Reading> {
    let fan = Device::from_parts("fan-3", Some("Actuator"), Some("production")).unwrap();
    let pump = Device::from_parts("pump-2", Some("Sensor"), Some("warehouse")).unwrap();
    let mut plant = seed_device();
    plant.extend(readings(&fan, 400, 1800, |n| vec![(Quantity::ROTATION, 900.0 + 30.0 * chance(n))]));
    plant.extend(readings(&pump, 300, 60, |n| {
        vec![
            (Quantity::VOLTAGE, 3.0 + chance(3 * n)),
            (Quantity::CURRENT, 0.05 + 0.01 * chance(3 * n + 1)),
            (Quantity::TEMPERATURE, 20.0 + 5.0 * chance(3 * n + 2)),
        ]
    }));
    plant
}

/// Calm, but for three stretches of 5, 9 and 2 readings that are far out.
pub(crate) fn troubled() -> Vec<Reading> {
    let device = Device::from_parts("oven-6", Some("Battery Powered"), Some("production")).unwrap();
    let far_out = |n: i64| [300..305, 900..909, 1700..1702].iter().any(|stretch| stretch.contains(&n));
    readings(&device, 2000, 60, |n| {
        vec![
            (Quantity::VOLTAGE, if far_out(n) { 9.0 } else { 3.0 + 0.2 * chance(n) }),
            (Quantity::CURRENT, 0.5 + 0.1 * chance(n + 7)),
        ]
    })
}

/// A reading a second for so long: a slow wave with a little noise on it.
pub(crate) fn wave(id: &str, seconds: i64) -> Vec<Reading> {
    let device = Device::from_parts(id, Some("Controller"), Some("production")).unwrap();
    readings(&device, seconds, 1, |n| {
        let turn = (n as f64 / 3000.0).sin();
        vec![(Quantity::VOLTAGE, 8.0 + turn + 0.1 * chance(n)), (Quantity::CURRENT, 0.05 - 0.01 * turn)]
    })
}

/// What the replaced system shows: a High Power Device, an hour between readings, for a week.
pub(crate) fn seed_device() -> Vec<Reading> {
    let device = Device::new("press-1")
        .unwrap()
        .with_kind("High Power Device")
        .unwrap()
        .with_location("packaging")
        .unwrap();
    readings(&device, 168, 3600, |n| {
        vec![
            (Quantity::VOLTAGE, 110.0 + 130.0 * chance(2 * n + 1)),
            (Quantity::CURRENT, 20.0 + 80.0 * chance(2 * n + 2)),
        ]
    })
}
