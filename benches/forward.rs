//! The forwarder end to end, beside the limit of its store.
//!
//! `sqlite append` is what the store takes by itself in transactions as large as the forwarder's; `memory to sqlite`
//! is the forwarder from the in-process log into the same store. The second should keep 80 % of the first.

#![expect(clippy::expect_used, reason = "a bench that cannot go on ends")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use iot::memory::{Log, LogOptions, MemoryStore};
use iot::pipeline::{ForwardOptions, MemoryDeadLetters};
use iot::simulate::{Fleet, FleetOptions};
use iot::stores::SqliteStore;
use iot::{Batch, BatchBuilder, Producer, Store, Timestamp};
use tokio::runtime::Runtime;

const READINGS: usize = 1_000_000;
/// Readings in a message of the log.
const MESSAGE: usize = 2_000;

/// A thousand devices, a reading a second each.
fn messages() -> Vec<Batch> {
    let options =
        FleetOptions { devices: 1_000, faults: Vec::new(), ..FleetOptions::live(Timestamp::from_secs(0)) };
    let mut fleet = Fleet::new(options).expect("the options are good");
    std::iter::from_fn(|| fleet.next_batch(MESSAGE)).take(READINGS / MESSAGE).collect()
}

/// The same readings in transactions as large as the forwarder makes them.
fn transactions(messages: &[Batch]) -> Vec<Batch> {
    let mut builder = BatchBuilder::new();
    let mut transactions = Vec::new();
    for message in messages {
        builder.extend(message).expect("one unit a quantity");
        if builder.len() >= ForwardOptions::default().max_rows {
            transactions.push(builder.finish());
        }
    }
    if !builder.is_empty() {
        transactions.push(builder.finish());
    }
    transactions
}

async fn forward(messages: &[Batch], store: Arc<dyn Store>) -> Duration {
    let log =
        Log::new(LogOptions { capacity: READINGS, ..LogOptions::default() }).expect("the options are good");
    let consumer = log.consumer("bench");
    let producer = log.producer();
    for message in messages {
        producer.send(message).await.expect("the log has room");
    }
    let forwarder = iot::forward(consumer, store, MemoryDeadLetters::default());
    let ledger = forwarder.ledger();
    let began = Instant::now();
    let totals = forwarder.run(async {
        while ledger.totals().consumed < READINGS as u64 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    assert_eq!(totals.await.expect("nothing fails").stored, READINGS as u64);
    began.elapsed()
}

fn benches(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let messages = messages();
    let transactions = transactions(&messages);
    let mut group = criterion.benchmark_group("forward");
    group.throughput(Throughput::Elements(READINGS as u64)).sample_size(10);

    group.bench_function("memory to memory", |bencher| {
        bencher.iter_custom(|rounds| {
            let round = |_| runtime.block_on(forward(&messages, Arc::new(MemoryStore::new())));
            (0..rounds).map(round).sum()
        });
    });
    group.bench_function("sqlite append", |bencher| {
        bencher.iter_custom(|rounds| {
            let round = |_| {
                let folder = tempfile::tempdir().expect("a folder");
                runtime.block_on(async {
                    let store = SqliteStore::open(folder.path().join("bench.sqlite")).await.expect("a store");
                    let began = Instant::now();
                    for batch in &transactions {
                        store.append(black_box(batch)).await.expect("an append");
                    }
                    began.elapsed()
                })
            };
            (0..rounds).map(round).sum()
        });
    });
    group.bench_function("memory to sqlite", |bencher| {
        bencher.iter_custom(|rounds| {
            let round = |_| {
                let folder = tempfile::tempdir().expect("a folder");
                runtime.block_on(async {
                    let store = SqliteStore::open(folder.path().join("bench.sqlite")).await.expect("a store");
                    forward(&messages, Arc::new(store)).await
                })
            };
            (0..rounds).map(round).sum()
        });
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
