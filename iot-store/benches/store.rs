//! What the SQLite store costs, between the memory store, which keeps nothing for good, and rusqlite alone, which does
//! the least that keeps the same readings as safe.
//!
//! `cargo bench -p iot-store --features sqlite`. The files lie in the system's temporary folder: on a RAM disk
//! nothing is made durable, and the figures mean nothing.

#![expect(clippy::unwrap_used, reason = "a failed unwrap ends the bench")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::StreamExt as _;
use iot_core::memory::MemoryStore;
use iot_core::{Batch, BucketQuery, Column, Device, Quantity, Query, Store, TimeRange, Timestamp};
use iot_store::SqliteStore;
use rusqlite::Connection;
use tokio::runtime::Runtime;

/// Rows of a batch, as a forwarder makes them.
const ROWS: usize = 10_000;

/// Batches with readings of so many devices, in turn: many of each, some, one.
const DEVICES: [usize; 3] = [1, 100, 10_000];

/// Makes batches that go on where the last one ended.
struct Batches {
    devices: Vec<Device>,
    made: usize,
}

impl Batches {
    fn new(devices: usize) -> Self {
        let devices = (0..devices).map(|i| Device::new(&format!("machine-{i:05}")).unwrap());
        Self { devices: devices.collect(), made: 0 }
    }

    fn next(&mut self) -> Batch {
        let (count, start) = (self.devices.len(), self.made);
        self.made += ROWS;
        let rows = start..start + ROWS;
        let codes = rows.clone().map(|row| (row % count) as u32).collect();
        let times = rows.clone().map(|row| Timestamp::from_secs((row / count) as i64).nanos()).collect();
        let wave = |row: usize| (row as f64 * 0.001).sin();
        let voltage = rows.clone().map(|row| 230.0 + 5.0 * wave(row)).collect();
        let current = rows.map(|row| 4.0 + wave(row + 700)).collect();
        let columns = vec![
            Column { quantity: Quantity::VOLTAGE, values: voltage },
            Column { quantity: Quantity::CURRENT, values: current },
        ];
        Batch::new(self.devices.clone(), codes, times, columns).unwrap()
    }
}

/// rusqlite with a table of the same shape, and nothing else.
struct Raw {
    connection: Connection,
    sql: String,
    at_once: usize,
}

impl Raw {
    fn new(path: &std::path::Path, at_once: usize) -> Self {
        let connection = Connection::open(path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                 PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -32768;
                 CREATE TABLE readings (device INTEGER NOT NULL, time INTEGER NOT NULL, label INTEGER NOT NULL,
                     voltage ANY, current ANY, PRIMARY KEY (device, time)) STRICT, WITHOUT ROWID;",
            )
            .unwrap();
        let rows = vec!["(?, ?, ?, ?, ?)"; at_once].join(", ");
        Self { connection, sql: format!("INSERT OR REPLACE INTO readings VALUES {rows}"), at_once }
    }

    /// Writes a batch whose rows have been put in order.
    fn write(&self, batch: &Batch, order: &[usize]) {
        self.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut statement = self.connection.prepare_cached(&self.sql).unwrap();
        for rows in order.chunks_exact(self.at_once) {
            for (at, &row) in rows.iter().enumerate() {
                let first = at * 5 + 1;
                statement.raw_bind_parameter(first, batch.codes()[row]).unwrap();
                statement.raw_bind_parameter(first + 1, batch.times()[row]).unwrap();
                statement.raw_bind_parameter(first + 2, 1).unwrap();
                for (column, values) in batch.columns().iter().enumerate() {
                    statement.raw_bind_parameter(first + 3 + column, values.values[row]).unwrap();
                }
            }
            statement.raw_execute().unwrap();
        }
        drop(statement);
        self.connection.execute_batch("COMMIT").unwrap();
    }
}

fn append(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    for devices in DEVICES {
        let mut group = c.benchmark_group(format!("append 10k readings of {devices} devices"));
        group.throughput(Throughput::Elements(ROWS as u64)).sample_size(20);
        let folder = tempfile::tempdir().unwrap();

        let store = runtime.block_on(SqliteStore::open(folder.path().join("ours.db"))).unwrap();
        let memory = MemoryStore::new();
        for (name, store) in [("SqliteStore", &store as &dyn Store), ("MemoryStore", &memory)] {
            let mut batches = Batches::new(devices);
            group.bench_function(name, |b| {
                b.iter_batched(
                    || batches.next(),
                    |batch| runtime.block_on(store.append(&batch)).unwrap(),
                    BatchSize::PerIteration,
                );
            });
        }

        // 25 divides the rows of a batch.
        for at_once in [1, 25] {
            let raw = Raw::new(&folder.path().join(format!("raw{at_once}.db")), at_once);
            let mut batches = Batches::new(devices);
            group.bench_function(format!("rusqlite, {at_once} a statement"), |b| {
                b.iter_batched(
                    || {
                        let batch = batches.next();
                        let mut order: Vec<_> = (0..ROWS).collect();
                        order.sort_by_key(|&row| batch.codes()[row]);
                        (batch, order)
                    },
                    |(batch, order)| raw.write(&batch, &order),
                    BatchSize::PerIteration,
                );
            });
        }

        // A replay: the readings are there already.
        let batch = Batches::new(devices).next();
        runtime.block_on(store.append(&batch)).unwrap();
        group.bench_function("SqliteStore, again", |b| {
            b.iter(|| runtime.block_on(store.append(&batch)).unwrap());
        });
        group.finish();
    }
}

/// Appends 500k readings, 50k of each of ten devices.
async fn fill(store: &dyn Store) {
    let mut batches = Batches::new(10);
    for _ in 0..50 {
        store.append(&batches.next()).await.unwrap();
    }
}

fn read(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("filled.db");
    let store = runtime.block_on(SqliteStore::open(&path)).unwrap();
    let memory = MemoryStore::new();
    let mut group = c.benchmark_group("read");

    group.throughput(Throughput::Elements(50_000));
    for (name, store) in [("SqliteStore", &store as &dyn Store), ("MemoryStore", &memory)] {
        runtime.block_on(fill(store));
        group.bench_function(format!("{name}, scan 50k readings"), |b| {
            b.iter(|| {
                runtime.block_on(async {
                    let mut frames = store.scan(Query::device("machine-00003"));
                    while let Some(frame) = frames.next().await {
                        black_box(frame.unwrap());
                    }
                });
            });
        });
    }
    let connection = Connection::open(&path).unwrap();
    group.bench_function("rusqlite, select 50k readings", |b| {
        b.iter(|| {
            let sql = "SELECT _time, voltage, current FROM readings WHERE _device = 4";
            let mut statement = connection.prepare_cached(sql).unwrap();
            let mut rows = statement.query([]).unwrap();
            let (mut times, mut voltage, mut current): (Vec<i64>, Vec<f64>, Vec<f64>) = Default::default();
            while let Some(row) = rows.next().unwrap() {
                times.push(row.get(0).unwrap());
                voltage.push(row.get(1).unwrap());
                current.push(row.get(2).unwrap());
            }
            black_box((times, voltage, current));
        });
    });

    let range = TimeRange::new(Timestamp::from_secs(0), Timestamp::from_secs(50_000)).unwrap();
    let buckets = BucketQuery::new("machine-00003", range, 100_000_000_000).unwrap();
    group.bench_function("SqliteStore, 500 buckets of 50k readings", |b| {
        b.iter(|| runtime.block_on(store.buckets(buckets.clone())).unwrap());
    });
    group.bench_function("rusqlite, 500 groups of 50k readings", |b| {
        b.iter(|| {
            let sql = "SELECT _time / 100000000000, count(voltage), sum(voltage), min(voltage), max(voltage), min(_time), max(_time),
                       count(current), sum(current), min(current), max(current) FROM readings WHERE _device = 4 GROUP BY 1";
            let mut statement = connection.prepare_cached(sql).unwrap();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                black_box(row.get::<_, i64>(0).unwrap());
            }
        });
    });

    group.throughput(Throughput::Elements(100));
    group.bench_function("SqliteStore, newest 100 of 500k readings", |b| {
        b.iter(|| runtime.block_on(store.newest(0, 100)).unwrap());
    });
    group.bench_function("SqliteStore, newest 100 behind 100k", |b| {
        b.iter(|| runtime.block_on(store.newest(100_000, 100)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, append, read);
criterion_main!(benches);
