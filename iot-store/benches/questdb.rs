//! What the QuestDB store costs, on the server that `IOT_QUESTDB` names; without one nothing is measured.
//!
//! `cargo bench -p iot-store --features questdb --bench questdb`. Appends end with the server's acknowledgement, so the
//! time is the server's and ours together.

#![expect(clippy::unwrap_used, reason = "a failed unwrap ends the bench")]

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::StreamExt as _;
use iot_core::{Batch, BatchBuilder, BucketQuery, Quantity, Query, Store, TimeRange, Timestamp};
use iot_store::QuestDbStore;
use tokio::runtime::Runtime;

/// Rows of a batch: a forwarder that keeps up, one with a backlog, one with a long one.
const ROWS: [usize; 3] = [20_000, 100_000, 200_000];

/// Readings of the device that is read.
const READ: usize = 1_000_000;

const START: i64 = 1_738_713_600_000_000_000;

/// Batches of readings of so many devices, each a second apart, that go on where the last one ended.
struct Batches {
    devices: usize,
    made: usize,
}

impl Batches {
    fn next(&mut self, rows: usize) -> Batch {
        let mut batch = BatchBuilder::new();
        let voltage = batch.quantity(&Quantity::VOLTAGE).unwrap();
        let current = batch.quantity(&Quantity::CURRENT).unwrap();
        let device = |i| batch.device(&format!("machine-{i:05}"), Some("Motor"), Some("factory")).unwrap();
        let codes: Vec<u32> = (0..self.devices).map(device).collect();
        for row in self.made..self.made + rows {
            let time = Timestamp::from_nanos(START + (row / self.devices) as i64 * 1_000_000_000);
            let wave = (row as f64 * 0.001).sin();
            let values = [(voltage, 230.0 + 5.0 * wave), (current, 4.0 + wave)];
            batch.row(codes[row % self.devices], time, &values).unwrap();
        }
        self.made += rows;
        batch.finish()
    }
}

fn questdb(criterion: &mut Criterion) {
    let Some(address) = iot_testkit::live::questdb() else { return };
    let runtime = Runtime::new().unwrap();
    let (before, after) = address.rsplit_once('/').unwrap();
    let (_, parameters) = after.split_once('?').unwrap();
    let open = |table: &str| {
        // A table of this run alone: what an earlier one has left would be written over, which costs more.
        let table = format!("bench_{}_{table}", std::process::id());
        let options = format!("{before}/{table}?{parameters}").parse().unwrap();
        runtime.block_on(QuestDbStore::open(options)).unwrap()
    };

    let mut group = criterion.benchmark_group("questdb/append");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let store = open("append");
    let mut batches = Batches { devices: 10_000, made: 0 };
    for rows in ROWS {
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
            bencher.iter_custom(|times| {
                (0..times).map(|_| batches.next(rows)).map(|batch| append(&runtime, &store, &batch)).sum()
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("questdb/read");
    group.sample_size(10).throughput(Throughput::Elements(READ as u64));
    let store = open("read");
    let mut batches = Batches { devices: 1, made: 0 };
    for _ in 0..READ / ROWS[1] {
        append(&runtime, &store, &batches.next(ROWS[1]));
    }
    runtime.block_on(store.applied(Duration::from_secs(60))).unwrap();
    let device = "machine-00000";
    group.bench_function("scan", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let frames = store.scan(Query::device(device));
                let rows = frames.fold(0, async |rows, frame| rows + frame.unwrap().len());
                assert_eq!(rows.await, READ);
            });
        });
    });
    let end = START + READ as i64 * 1_000_000_000;
    let range = TimeRange::new(Timestamp::from_nanos(START), Timestamp::from_nanos(end)).unwrap();
    let query = BucketQuery::new(device, range, range.nanos() / 1_000).unwrap();
    group.bench_function("buckets", |bencher| {
        bencher.iter(|| runtime.block_on(store.buckets(query.clone())).unwrap());
    });
    group.bench_function("devices", |bencher| {
        bencher.iter(|| runtime.block_on(store.devices()).unwrap());
    });
    group.finish();
}

/// How long it takes until the server has the batch.
fn append(runtime: &Runtime, store: &QuestDbStore, batch: &Batch) -> Duration {
    let start = Instant::now();
    runtime.block_on(store.append(batch)).unwrap();
    start.elapsed()
}

criterion_group!(benches, questdb);
criterion_main!(benches);
