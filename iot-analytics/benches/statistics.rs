//! Statistics, distributions and windows over a million values; named as the peers' rows in `benches/compare`.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the bench")]

#[path = "support/cpu.rs"]
mod cpu;
#[path = "support/voltage.rs"]
mod voltage;

use std::time::Duration;

use cpu::CpuTime;
use criterion::{Criterion, criterion_group, criterion_main};
use iot_analytics::rolling::{Aggregate, Rolling, Window};
use iot_analytics::{
    Bandwidth, Bins, Correlation, Energy, Histogram, Integration, KernelDensity, Moments, Quantiles, Summary,
    find_period, quantiles,
};
use voltage::{Noise, Signal};

fn statistics(criterion: &mut Criterion<CpuTime>) {
    let signal = Signal::new(1_000_000);
    let (series, voltage) = (signal.series(), &signal.voltage);
    let mut noise = Noise(8);
    let current: Vec<f64> =
        voltage.iter().map(|v| 10.0 + 0.05 * (v - 230.0) + 0.2 * noise.normal()).collect();
    criterion.bench_function("describe_6", |bencher| {
        bencher.iter(|| {
            let summary = Summary::of(voltage);
            let moments = summary.moments();
            let ends = (moments.min(), moments.max());
            (moments.count(), moments.mean(), moments.std(), ends, summary.median())
        });
    });
    criterion.bench_function("moments", |bencher| bencher.iter(|| Moments::of(voltage)));
    criterion.bench_function("quantiles_2", |bencher| bencher.iter(|| quantiles(voltage, [0.01, 0.99])));
    criterion.bench_function("pearson", |bencher| {
        bencher.iter(|| Correlation::of(voltage, &current).unwrap().pearson());
    });
    criterion.bench_function("energy", |bencher| {
        bencher.iter(|| {
            let mut energy = Energy::new(Integration::Trapezoid).with_max_gap(Duration::from_secs(60));
            energy.extend(series).unwrap();
            energy.joules()
        });
    });
    criterion.bench_function("sketch", |bencher| {
        bencher.iter(|| {
            let mut quantiles = Quantiles::with_exact_limit(0);
            quantiles.extend(voltage);
            quantiles.quantile(0.99)
        });
    });
}

fn distributions(criterion: &mut Criterion<CpuTime>) {
    let signal = Signal::new(1_000_000);
    let voltage = &signal.voltage;
    for bins in [20, 200] {
        criterion.bench_function(&format!("histogram_{bins}"), |bencher| {
            bencher.iter(|| Histogram::of(voltage, Bins::Count(bins)).unwrap());
        });
    }
    for points in [200, 1024] {
        criterion.bench_function(&format!("kde_{points}grid"), |bencher| {
            bencher.iter(|| KernelDensity::of(voltage, Bandwidth::Scott).unwrap().curve(points).unwrap());
        });
    }
}

fn windows(criterion: &mut Criterion<CpuTime>) {
    let signal = Signal::new(1_000_000);
    let series = signal.series();
    for (name, samples, aggregate) in [
        ("rolling_q99_w1000", 1000, Aggregate::Quantile(0.99)),
        ("rolling_median_w100", 100, Aggregate::Median),
        ("rolling_std_w100", 100, Aggregate::Std),
        ("rolling_max_w100", 100, Aggregate::Max),
    ] {
        let rolling = Rolling::new(Window::Samples(samples), aggregate).unwrap();
        criterion.bench_function(name, |bencher| bencher.iter(|| rolling.apply(series)));
    }
}

fn seasons(criterion: &mut Criterion<CpuTime>) {
    let signal = Signal::new(100_000);
    criterion.bench_function("find_period", |bencher| {
        bencher.iter(|| find_period(&signal.voltage).unwrap());
    });
}

criterion_group! {
    name = benches;
    config = cpu::criterion();
    targets = statistics, distributions, windows, seasons
}
criterion_main!(benches);
