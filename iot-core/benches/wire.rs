//! The wire format: reading and writing messages, building batches; `serde_json` beside it.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the bench")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use iot_core::wire::{Decoder, encode_row};
use iot_core::{Batch, BatchBuilder, Quantity, Timestamp};
use serde::Deserialize;

const MESSAGES: usize = 10_000;

/// Messages like the seed's, in time order; the first numbers have two places, the others all there are.
fn messages(devices: usize, short: bool) -> Vec<Vec<u8>> {
    let kinds = ["Sensor", "Actuator", "Controller", "Battery Powered", "High Power Device"];
    let locations = ["packaging", "production", "warehouse"];
    let message = |i: usize| {
        let device = i * 7_919 % devices;
        let second = i / 100;
        let (voltage, current) = (220.0 + (i % 977) as f64 / 97.0, (i % 613) as f64 / 61.0);
        let round = |value: f64| if short { (value * 100.0).round() / 100.0 } else { value };
        format!(
            r#"{{"timestamp": "2025-02-05 00:{:02}:{:02}", "device_id": "7c1f0c52-5a2e-4f7b-9d3e-{device:012}", "voltage": {:?}, "current": {:?}, "device_type": "{}", "location": "{}"}}"#,
            second / 60 % 60,
            second % 60,
            round(voltage),
            round(current),
            kinds[device % kinds.len()],
            locations[device % locations.len()],
        )
        .into_bytes()
    };
    (0..MESSAGES).map(message).collect()
}

/// What a program that uses serde would decode into.
#[derive(Deserialize)]
#[expect(dead_code, reason = "what is decoded is not looked at")]
struct Typed<'a> {
    timestamp: &'a str,
    device_id: &'a str,
    voltage: Option<f64>,
    current: Option<f64>,
    device_type: Option<&'a str>,
    location: Option<&'a str>,
}

fn batch_of(messages: &[Vec<u8>]) -> Batch {
    let mut decoder = Decoder::default();
    for message in messages {
        let _ = decoder.message(None, message, &mut |_, reason| panic!("{reason}"));
    }
    decoder.finish()
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wire_decode");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    for (name, devices, short) in
        [("10_devices", 10, true), ("10k_devices", 10_000, true), ("10k_devices_17_digits", 10_000, false)]
    {
        let messages = messages(devices, short);
        let mut decoder = Decoder::default();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for message in &messages {
                    let _ = decoder.message(None, message, &mut |_, reason| panic!("{reason}"));
                }
                decoder.finish()
            });
        });
        group.bench_function(format!("{name}/serde_json_typed"), |bencher| {
            bencher.iter(|| {
                for message in &messages {
                    black_box(serde_json::from_slice::<Typed<'_>>(message).unwrap());
                }
            });
        });
        group.bench_function(format!("{name}/serde_json_value"), |bencher| {
            bencher.iter(|| {
                for message in &messages {
                    black_box(serde_json::from_slice::<serde_json::Value>(message).unwrap());
                }
            });
        });
    }
    let array = [b"[".to_vec(), messages(10_000, true).join(&b","[..]), b"]".to_vec()].concat();
    let mut decoder = Decoder::default();
    group.bench_function("one_array", |bencher| {
        bencher.iter(|| {
            let _ = decoder.message(None, &array, &mut |_, reason| panic!("{reason}"));
            decoder.finish()
        });
    });
    group.finish();
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wire_encode");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    for (name, short) in [("2_places", true), ("17_digits", false)] {
        let batch = batch_of(&messages(10_000, short));
        let mut out = Vec::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                (0..batch.len()).for_each(|row| encode_row(&batch, row, &mut out));
                black_box(out.len())
            });
        });
    }
    group.finish();
}

fn build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("batch_build");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    for devices in [10, 10_000] {
        let batch = batch_of(&messages(devices, true));
        let mut builder = BatchBuilder::new();
        group.bench_function(format!("rows/{devices}_devices"), |bencher| {
            bencher.iter(|| {
                let voltage = builder.quantity(&Quantity::VOLTAGE).unwrap();
                let current = builder.quantity(&Quantity::CURRENT).unwrap();
                let [voltages, currents] = [0, 1].map(|at| &batch.columns()[at].values);
                for row in 0..batch.len() {
                    let device = batch.device(row);
                    let code = builder.device(device.id(), device.kind(), device.location()).unwrap();
                    let time = Timestamp::from_nanos(batch.times()[row]);
                    builder.row(code, time, &[(voltage, voltages[row]), (current, currents[row])]).unwrap();
                }
                builder.finish()
            });
        });
        group.bench_function(format!("extend/{devices}_devices"), |bencher| {
            bencher.iter(|| {
                builder.extend(&batch).unwrap();
                builder.finish()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decode, encode, build);
criterion_main!(benches);
