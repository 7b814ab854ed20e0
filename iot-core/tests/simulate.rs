//! The simulator: the same for ever, like a plant, and true about its faults.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use iot_core::simulate::{Defect, Fault, FaultKind, Fleet, FleetOptions, Kind};
use iot_core::{Batch, Device, ErrorKind, Quantity, Reading, TimeRange, Timestamp, wire};

const START: Timestamp = Timestamp::from_secs(1_738_368_000);

/// `devices` devices for `steps` steps.
fn options(devices: usize, step: Duration, steps: u32) -> FleetOptions {
    let range = TimeRange::new(START, START.saturating_add(step * steps)).unwrap();
    FleetOptions { seed: 42, devices, step, ..FleetOptions::over(range) }
}

/// A day by the minute, without faults.
fn quiet_day(devices: usize) -> FleetOptions {
    FleetOptions { faults: vec![], ..options(devices, Duration::from_secs(60), 1_440) }
}

fn every_quantity() -> Vec<Quantity> {
    let mut quantities = Quantity::KNOWN.to_vec();
    quantities.push(Quantity::new("vibration", "mm/s").unwrap());
    quantities
}

fn run(options: FleetOptions) -> (Batch, Vec<Fault>) {
    let mut fleet = Fleet::new(options).unwrap();
    let batch = fleet.next_batch(usize::MAX).unwrap();
    assert_eq!(fleet.next_time(), None);
    assert!(fleet.next_batch(1).is_none());
    (batch, fleet.take_faults())
}

fn bytes(batch: &Batch) -> Vec<u8> {
    let mut out = Vec::new();
    (0..batch.len()).for_each(|row| wire::encode_row(batch, row, &mut out));
    out
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The values of one quantity, a series a device.
fn series(batch: &Batch, name: &str) -> Vec<Vec<f64>> {
    let mut series = vec![Vec::new(); batch.devices().len()];
    let column = batch.columns().iter().find(|column| column.quantity.name() == name).unwrap();
    for (&code, &value) in batch.codes().iter().zip(&column.values) {
        series[code as usize].push(value);
    }
    series
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let covariance = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / a.len() as f64;
    covariance / (deviation(a) * deviation(b))
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_ever() {
    let options = FleetOptions {
        quantities: every_quantity(),
        fault_gap: 100,
        ..options(6, Duration::from_secs(60), 500)
    };
    let (batch, faults) = run(options.clone());
    assert_eq!(bytes(&run(options).0), bytes(&batch));
    assert_eq!(batch.device(0).id(), "c5274fff-60ec-49ff-9164-565daa3aa27f");
    assert_eq!((hash(&bytes(&batch)), faults.len()), (1_210_282_356_542_371_966, 10));
}

#[test]
fn another_seed_gives_other_devices_with_other_values() {
    let of = |seed| run(FleetOptions { seed, ..quiet_day(5) }).0;
    let (one, other) = (of(1), of(2));
    assert!(one.devices().iter().all(|device| !other.devices().contains(device)));
    assert_ne!(one.columns(), other.columns());
}

#[test]
fn the_division_into_batches_changes_nothing() {
    let options = FleetOptions { fault_gap: 20, ..options(7, Duration::from_secs(1), 1_500) };
    let (whole, faults) = run(options.clone());
    assert!(faults.iter().any(|fault| fault.kind == FaultKind::Dropout));
    for rows in [1, 6, 7, 8, 100] {
        let mut fleet = Fleet::new(options.clone()).unwrap();
        let (mut readings, mut seen) = (Vec::new(), Vec::new());
        while let Some(batch) = fleet.next_batch(rows) {
            assert!(batch.len() <= rows);
            assert!(batch.devices().len() <= rows.min(7) + 6);
            readings.extend(batch.readings());
            seen.extend(fleet.take_faults());
            let (devices, codes, times, columns) = batch.into_parts();
            Batch::new(devices, codes, times, columns).unwrap();
        }
        assert_eq!(readings, whole.readings().collect::<Vec<_>>());
        assert_eq!(seen, faults);
    }
}

#[test]
fn all_kinds_and_locations_are_there_and_ids_look_like_uuids() {
    let fleet = Fleet::new(FleetOptions { devices: 15, ..FleetOptions::default() }).unwrap();
    let pairs: BTreeSet<_> = fleet.devices().map(|device| (device.kind(), device.location())).collect();
    assert_eq!(pairs.len(), 15);
    for device in fleet.devices() {
        let parts: Vec<_> = device.id().split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert!(device.id().chars().all(|c| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c)));
        assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']));
    }
}

#[test]
fn values_stay_in_the_ranges_of_their_kind() {
    let options = FleetOptions { quantities: every_quantity(), ..quiet_day(10) };
    let kinds = options.kinds.clone();
    let expected = [("Sensor", [0.0, 5.0], [0.0, 0.1]), ("High Power Device", [110.0, 240.0], [20.0, 100.0])];
    for (name, voltage, current) in expected {
        assert!(kinds.contains(&Kind { name: name.to_owned(), voltage, current }));
    }
    let (batch, _) = run(options);
    assert_eq!(batch.len(), 14_400);
    for reading in batch.readings() {
        let kind = kinds.iter().find(|kind| Some(&*kind.name) == reading.device().kind()).unwrap();
        let within = |name, [low, high]: [f64; 2]| {
            let value = reading.value(name).unwrap();
            assert!((low..=high).contains(&value), "{name} {value} of {kind:?}");
        };
        within("voltage", kind.voltage);
        within("current", kind.current);
        within("power", [kind.voltage[0] * kind.current[0], kind.voltage[1] * kind.current[1]]);
        within("temperature", [10.0, 80.0]);
        within("humidity", [20.0, 80.0]);
        within("rotation", [0.0, 3_000.0]);
        within("speed", [0.0, 3.0]);
        within("vibration", [0.0, 100.0]);
    }
    // Alive, and not at a bound: the ranges are not kept by cutting.
    for quantity in every_quantity() {
        for series in series(&batch, quantity.name()) {
            let distinct: BTreeSet<_> = series.iter().map(|value| value.to_bits()).collect();
            assert!(distinct.len() > 100, "{quantity} has {} values", distinct.len());
        }
    }
}

#[test]
fn values_are_rounded_as_a_sensor_rounds() {
    let (batch, _) = run(quiet_day(5));
    for (name, places) in [("voltage", [3, 3, 3, 3, 2]), ("current", [5, 4, 5, 4, 2])] {
        for (series, places) in series(&batch, name).iter().zip(places) {
            let digits =
                |value: &f64| value.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
            assert_eq!(series.iter().map(digits).max(), Some(places), "{name}");
        }
    }
}

#[test]
fn voltage_sags_as_current_rises() {
    let (batch, _) = run(quiet_day(10));
    for (voltage, current) in series(&batch, "voltage").iter().zip(&series(&batch, "current")) {
        let correlation = correlation(voltage, current);
        assert!(correlation < -0.4, "{correlation}");
    }
}

#[test]
fn the_load_is_high_by_day_low_by_night_and_the_same_the_next_day() {
    let options = FleetOptions { faults: vec![], ..options(10, Duration::from_secs(600), 288) };
    for current in series(&run(options).0, "current") {
        let (day, night) = (&current[66..90], &current[0..18]);
        assert!(mean(day) > 1.5 * mean(night), "{} {}", mean(day), mean(night));
        assert!(correlation(&current[..144], &current[144..]) > 0.8);
    }
}

#[test]
fn noise_has_a_slow_part_and_a_fast_one() {
    let options = FleetOptions { faults: vec![], ..options(5, Duration::from_secs(1), 3_600) };
    for current in series(&run(options).0, "current") {
        let steps: Vec<_> = current.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let memory = correlation(&current[1..], &current[..current.len() - 1]);
        assert!(memory > 0.7, "{memory}");
        // White noise on top turns back at every step.
        assert!(correlation(&steps[1..], &steps[..steps.len() - 1]) < -0.2);
    }
}

#[test]
fn devices_of_one_location_share_their_mains() {
    let (batch, _) = run(quiet_day(15));
    let [voltage, current] = ["voltage", "current"].map(|name| series(&batch, name));
    // What is left of the voltage once the sag is taken out.
    let mains = |device: usize| {
        let slope = correlation(&voltage[device], &current[device]) * deviation(&voltage[device])
            / deviation(&current[device]);
        voltage[device].iter().zip(&current[device]).map(|(v, i)| v - slope * i).collect::<Vec<_>>()
    };
    // Five kinds at the first location, then five at the second.
    assert!(correlation(&mains(0), &mains(4)) > 0.8);
    assert!(correlation(&mains(0), &mains(5)).abs() < 0.5);
}

#[test]
fn power_temperature_and_motion_follow_the_load() {
    let (batch, _) = run(FleetOptions { quantities: every_quantity(), ..quiet_day(5) });
    let [current, power, voltage] = ["current", "power", "voltage"].map(|name| series(&batch, name));
    for device in 0..5 {
        let product: Vec<_> = voltage[device].iter().zip(&current[device]).map(|(v, i)| v * i).collect();
        assert!(correlation(&product, &power[device]) > 0.98);
        for (name, sign) in [("temperature", 1.0), ("humidity", -1.0), ("rotation", 1.0), ("speed", 1.0)] {
            assert!(sign * correlation(&current[device], &series(&batch, name)[device]) > 0.9, "{name}");
        }
    }
}

type Values = HashMap<(String, i64), Vec<f64>>;

fn values(batch: &Batch) -> Values {
    let values = |reading: Reading| {
        let values = reading.values().iter().map(|(_, value)| *value).collect();
        ((reading.device().id().to_owned(), reading.time().nanos()), values)
    };
    let all: Values = batch.readings().map(values).collect();
    assert_eq!(all.len(), batch.len(), "a device has one stamp twice");
    all
}

/// A fault that is over, and of each of its true times what was measured of its quantity without and with it.
struct Case {
    fault: Fault,
    range: f64,
    pairs: Vec<(f64, Option<f64>)>,
}

/// Runs a fleet with and without this kind of fault. Outside of the faults nothing must differ.
fn cases(kind: FaultKind) -> Vec<Case> {
    let step = Duration::from_secs(1);
    let options = FleetOptions { faults: vec![kind], fault_gap: 300, ..options(5, step, 3_000) };
    let clean = values(&run(FleetOptions { faults: vec![], ..options.clone() }).0);
    let (batch, faults) = run(options.clone());
    let faulty = values(&batch);
    assert!(faults.len() > 10 && faults.is_sorted_by_key(|fault| fault.from));
    assert!(faults.iter().all(|fault| fault.kind == kind));

    let mut pairs: Vec<Vec<_>> = vec![Vec::new(); faults.len()];
    let mut keys: Vec<_> = clean.keys().collect();
    keys.sort();
    for key @ (id, time) in keys {
        let within =
            |fault: &Fault| fault.device.id() == id && (fault.from.nanos()..fault.to.nanos()).contains(time);
        let Some(at) = faults.iter().position(within) else {
            assert_eq!(faulty.get(key), clean.get(key));
            continue;
        };
        let skew = if kind == FaultKind::ClockSkew { (faults[at].size * 1e9) as i64 } else { 0 };
        let measured = faulty.get(&(id.clone(), time - skew));
        let place = |quantity| options.quantities.iter().position(|other| other == quantity).unwrap();
        let quantity = faults[at].quantity.as_ref().map_or(0, place);
        if let Some(measured) = measured {
            assert_eq!(measured[1 - quantity], clean[key][1 - quantity], "the other quantity is as it was");
        }
        pairs[at].push((clean[key][quantity], measured.map(|measured| measured[quantity])));
    }
    let range = |fault: &Fault| {
        let kind = options.kinds.iter().find(|kind| Some(&*kind.name) == fault.device.kind()).unwrap();
        let [low, high] = if fault.quantity == Some(Quantity::CURRENT) { kind.current } else { kind.voltage };
        high - low
    };
    let over = |fault: &Fault| fault.to <= options.end.unwrap();
    let cases = faults.into_iter().zip(pairs).filter(|(fault, _)| over(fault));
    cases.map(|(fault, pairs)| Case { range: range(&fault), fault, pairs }).collect()
}

impl Case {
    /// By how much the fault put its quantity off, in ranges.
    fn differences(&self) -> Vec<f64> {
        self.pairs.iter().map(|(clean, faulty)| (faulty.unwrap() - clean) / self.range).collect()
    }

    fn size(&self) -> f64 {
        self.fault.size / self.range
    }
}

/// A step of the sensors, in ranges.
const RESOLUTION: f64 = 1.0 / 2_000.0;

#[test]
fn a_spike_is_one_value_far_off() {
    for case in cases(FaultKind::Spike) {
        let [difference] = case.differences()[..] else { panic!("{:?}", case.fault) };
        assert!((difference - case.size()).abs() <= RESOLUTION);
        assert!((0.5..=1.5).contains(&case.size().abs()));
    }
}

#[test]
fn a_level_shift_puts_all_values_off_by_as_much() {
    for case in cases(FaultKind::LevelShift) {
        assert!((60..=240).contains(&case.pairs.len()));
        assert!((0.2..=0.4).contains(&case.size().abs()));
        assert!(case.differences().iter().all(|difference| (difference - case.size()).abs() <= RESOLUTION));
    }
}

#[test]
fn a_drift_grows_to_its_size() {
    for case in cases(FaultKind::Drift) {
        let (differences, length) = (case.differences(), case.pairs.len() as f64);
        assert!((0.3..=0.6).contains(&case.size().abs()));
        for (i, difference) in differences.iter().enumerate() {
            assert!((difference - case.size() * (i + 1) as f64 / length).abs() <= RESOLUTION);
        }
    }
}

#[test]
fn a_stuck_value_stays() {
    for case in cases(FaultKind::StuckValue) {
        assert!(case.pairs.len() >= 60);
        assert!(case.pairs.iter().all(|(_, faulty)| *faulty == Some(case.fault.size)));
        assert!(case.pairs.iter().any(|(clean, _)| *clean != case.fault.size));
        // It is the value measured just before.
        assert!((case.pairs[0].0 - case.fault.size).abs() < 0.1 * case.range);
    }
}

#[test]
fn a_noise_burst_scatters() {
    for case in cases(FaultKind::NoiseBurst) {
        let scatter = deviation(&case.differences());
        assert!((0.6..1.5).contains(&(scatter / case.size())), "{scatter} {}", case.size());
    }
}

#[test]
fn a_dropout_has_no_readings() {
    for case in cases(FaultKind::Dropout) {
        assert!(case.pairs.len() >= 30);
        assert!(case.pairs.iter().all(|(_, faulty)| faulty.is_none()));
    }
}

#[test]
fn under_clock_skew_readings_are_stamped_too_early() {
    for case in cases(FaultKind::ClockSkew) {
        assert!((2.5..=20.5).contains(&case.fault.size));
        // `cases` has looked them up at the skewed stamps.
        assert!(case.pairs.iter().all(|(clean, faulty)| *faulty == Some(*clean)));
    }
}

#[test]
fn no_device_has_one_stamp_twice() {
    let step = Duration::from_secs(1);
    let options =
        FleetOptions { faults: vec![FaultKind::ClockSkew], fault_gap: 0, ..options(5, step, 5_000) };
    let (batch, faults) = run(options);
    assert!(faults.len() > 100);
    assert_eq!(values(&batch).len(), 25_000);
}

#[test]
fn the_truth_can_be_written_and_read() {
    let (_, faults) = run(FleetOptions { fault_gap: 10, ..options(3, Duration::from_secs(1), 3_000) });
    let text = serde_json::to_string(&faults).unwrap();
    assert!(text.contains(r#""kind":"clock_skew","quantity":null,"from":"2025-02-01T"#), "{text}");
    assert_eq!(serde_json::from_str::<Vec<Fault>>(&text).unwrap(), faults);
}

#[test]
fn s14_noise_is_seeded_no_stamp_is_in_the_future_and_faults_are_known() {
    let live = FleetOptions { seed: 3, fault_gap: 30, ..FleetOptions::live(START) };
    let (mut fleet, mut again) = (Fleet::new(live.clone()).unwrap(), Fleet::new(live).unwrap());
    let (mut now, mut readings, mut faults) = (START.saturating_sub(Duration::from_secs(1)), 0, 0);
    assert!(fleet.due(now, 100).is_empty());
    for _ in 0..2_000 {
        let batch = fleet.due(now, 100);
        assert!(batch.times().iter().all(|time| *time <= now.nanos()));
        assert!(fleet.next_time().unwrap() > now);
        assert_eq!(again.due(now, 100), batch);
        (readings, faults) = (readings + batch.len(), faults + fleet.take_faults().len());
        now = now.saturating_add(Duration::from_millis(700));
    }
    assert!(readings > 10_000 && faults > 50);

    let range = TimeRange::new(START, now).unwrap();
    let past = FleetOptions { step: Duration::from_millis(333), ..FleetOptions::over(range) };
    assert!(run(past).0.times().iter().all(|time| range.to().nanos() > *time));
}

#[test]
fn late_readings_are_caught_up_in_time_order() {
    let mut fleet = Fleet::new(FleetOptions { faults: vec![], ..FleetOptions::live(START) }).unwrap();
    let batch = fleet.due(START.saturating_add(Duration::from_secs(9)), usize::MAX);
    assert_eq!(batch.len(), 100);
    assert!(batch.times().is_sorted());
    assert_eq!(fleet.next_time(), Some(START.saturating_add(Duration::from_secs(10))));
}

#[test]
fn a_fleet_that_cannot_be_is_refused() {
    type Change = fn(&mut FleetOptions);
    let kind = |voltage| Kind { name: "k".to_owned(), voltage, current: [0.0, 1.0] };
    let changes: [(&str, Change); 8] = [
        ("devices 0", |options| options.devices = 0),
        ("devices 1048577", |options| options.devices = FleetOptions::MAX_DEVICES + 1),
        ("step 0ns", |options| options.step = Duration::ZERO),
        ("quantity voltage is given twice", |options| options.quantities.push(Quantity::VOLTAGE)),
        ("a fleet needs", |options| options.quantities.clear()),
        ("a fleet needs", |options| options.locations.clear()),
        ("location \"\\n\"", |options| options.locations = vec!["\n".to_owned()]),
        ("device_type \"\\n\"", |options| options.kinds[0].name = "\n".to_owned()),
    ];
    for (start, change) in changes {
        let mut options = FleetOptions::default();
        change(&mut options);
        let error = Fleet::new(options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().starts_with(start), "{error}");
    }
    for voltage in [[1.0, 1.0], [2.0, 1.0], [f64::NAN, 1.0], [0.0, f64::INFINITY]] {
        let options = FleetOptions { kinds: vec![kind(voltage)], ..FleetOptions::default() };
        assert!(Fleet::new(options).unwrap_err().to_string().starts_with("voltage "));
    }
}

#[test]
fn the_last_instants_there_are_end_a_fleet() {
    let start = Timestamp::MAX.saturating_sub(Duration::from_millis(2_500));
    let mut fleet = Fleet::new(FleetOptions { devices: 1, start, ..FleetOptions::default() }).unwrap();
    assert_eq!(fleet.next_batch(100).unwrap().len(), 3);
    assert!(fleet.next_batch(100).is_none());
}

#[test]
fn kinds_and_locations_can_be_ones_own() {
    let kinds = vec![Kind { name: "Pump".to_owned(), voltage: [380.0, 420.0], current: [-5.0, 5.0] }];
    let options = FleetOptions { kinds, locations: vec!["hall 3".to_owned()], ..quiet_day(2) };
    let (batch, _) = run(options);
    let expected = Device::new(batch.device(0).id()).unwrap().with_kind("Pump").unwrap();
    assert_eq!(batch.device(0), &expected.with_location("hall 3").unwrap());
    assert!(batch.columns()[0].values.iter().all(|voltage| (380.0..=420.0).contains(voltage)));
    assert!(batch.columns()[1].values.iter().any(|current| *current < 0.0));
}

#[test]
fn a_defect_stays_from_its_time_on_and_changes_nothing_else() {
    let clean = options(3, Duration::from_secs(1), 600);
    let clean = FleetOptions { faults: vec![], ..clean };
    let from = START.saturating_add(Duration::from_secs(200));
    let defect = Defect { device: 1, quantity: 0, from, size: -0.5 };
    let (batch, faults) = run(FleetOptions { defect: Some(defect.clone()), ..clean.clone() });
    let [Fault { device, kind: FaultKind::LevelShift, quantity: Some(quantity), to, size, .. }] = &faults[..]
    else {
        panic!("{faults:?}");
    };
    assert_eq!(
        (device, quantity, faults[0].from, *to),
        (batch.device(1), &Quantity::VOLTAGE, from, Timestamp::MAX)
    );
    let clean = run(clean).0;
    assert_eq!(series(&batch, "current"), series(&clean, "current"));
    let (with, without) = (series(&batch, "voltage"), series(&clean, "voltage"));
    assert_eq!((&with[0], &with[2]), (&without[0], &without[2]));
    for (second, (with, without)) in with[1].iter().zip(&without[1]).enumerate() {
        let off = if second < 200 { 0.0 } else { *size };
        assert!((with - without - off).abs() < 0.01, "{second}: {with} {without}");
    }
    for wrong in [
        Defect { device: 3, ..defect.clone() },
        Defect { quantity: 2, ..defect.clone() },
        Defect { size: f64::NAN, ..defect },
    ] {
        let options = FleetOptions { defect: Some(wrong), ..options(3, Duration::from_secs(1), 600) };
        assert_eq!(Fleet::new(options).unwrap_err().kind(), ErrorKind::Invalid);
    }
}
