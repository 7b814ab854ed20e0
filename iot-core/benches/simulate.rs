//! The simulator: readings of voltage and current, with faults.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the bench")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use iot_core::simulate::{Fleet, FleetOptions};

const ROWS: usize = 10_000;

fn simulate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulate");
    group.throughput(Throughput::Elements(ROWS as u64));
    for devices in [10, 10_000] {
        let mut fleet = Fleet::new(FleetOptions { devices, ..FleetOptions::default() }).unwrap();
        group.bench_function(format!("{devices}_devices"), |bencher| {
            bencher.iter(|| {
                fleet.take_faults();
                fleet.next_batch(ROWS)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, simulate);
criterion_main!(benches);
