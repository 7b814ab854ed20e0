//! Detectors over a million values, and one verdict of a stream; named as the rows of `benches/compare`.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the bench")]

#[path = "support/cpu.rs"]
mod cpu;
#[path = "support/voltage.rs"]
mod voltage;

use cpu::CpuTime;
use criterion::{Criterion, criterion_group, criterion_main};
use iot_analytics::detect::{
    AdaptiveQuantile, Ewma, LevelShift, Persist, Quantile, Seasonal, Threshold, VolatilityShift, ZScore,
};
use iot_analytics::rolling::Window;
use iot_core::{Detect, Detector, Monitor, Online, Timestamp};
use voltage::Signal;

/// A million values, and then one by one.
const COUNT: usize = 1_000_000;

fn batches(criterion: &mut Criterion<CpuTime>) {
    let signal = Signal::new(COUNT);
    let series = signal.series();
    let threshold = Threshold::new(215.0, 245.0).unwrap();
    criterion.bench_function("threshold", |bencher| bencher.iter(|| threshold.labels(series)));

    let quantile = Quantile::new(0.01, 0.99).unwrap();
    criterion.bench_function("quantile_fit_detect", |bencher| {
        bencher.iter(|| quantile.fit(series).unwrap().labels(series));
    });
    let level_shift = LevelShift::new(Window::Samples(100)).unwrap();
    criterion.bench_function("LevelShift_w100", |bencher| {
        bencher.iter(|| level_shift.fit_detect(series).unwrap());
    });
    let persist = Persist::new(Window::Samples(60)).unwrap();
    criterion.bench_function("Persist_w60", |bencher| {
        bencher.iter(|| persist.fit_detect(series).unwrap());
    });
    let volatility_shift = VolatilityShift::new(Window::Samples(100)).unwrap();
    criterion.bench_function("VolatilityShift_w100", |bencher| {
        bencher.iter(|| volatility_shift.fit_detect(series).unwrap());
    });
    // As many as the peers can bear.
    let signal = Signal::new(100_000);
    let series = signal.series();
    let seasonal = Seasonal::new(1440).unwrap();
    for (name, seasonal) in [("Seasonal_p1440", seasonal), ("Seasonal_p1440_trend", seasonal.with_trend())] {
        criterion.bench_function(name, |bencher| bencher.iter(|| seasonal.fit_detect(series).unwrap()));
    }
}

/// One verdict after the other, over and over the same signal.
fn verdicts<D: Detector<Model: Online>>(criterion: &mut Criterion<CpuTime>, name: &str, detector: &D) {
    let signal = Signal::new(100_000);
    let mut monitor = detector.fit(signal.series()).unwrap().monitor();
    let mut at = 0_usize;
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| {
            at += 1;
            let value = signal.voltage[at % signal.voltage.len()];
            monitor.observe(Timestamp::from_nanos(at as i64 * 1_000_000_000), value)
        });
    });
}

fn streams(criterion: &mut Criterion<CpuTime>) {
    verdicts(criterion, "verdict_threshold", &Threshold::new(215.0, 245.0).unwrap());
    verdicts(criterion, "verdict_quantile", &AdaptiveQuantile::new(0.01, 0.99).unwrap());
    verdicts(criterion, "verdict_ewma", &Ewma::new(0.2, 3.0).unwrap());
    verdicts(criterion, "verdict_z_score", &ZScore::new(100).unwrap());
}

criterion_group! {
    name = benches;
    config = cpu::criterion();
    targets = batches, streams
}
criterion_main!(benches);
