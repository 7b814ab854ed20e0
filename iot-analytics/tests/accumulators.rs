//! Laws of the accumulators: two halves merged are the whole, and what they say holds for all data.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::time::Duration;

use iot_analytics::{Correlation, Energy, Integration, Moments, PeakDemand, Quantiles, Summary};
use iot_core::{Series, Timestamp};
use proptest::prelude::*;

const HOUR: i64 = 3_600_000_000_000;

/// Readings around a level, some of them missing.
fn readings() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![9 => -1e3..1e3_f64, 1 => Just(f64::NAN)];
    (proptest::collection::vec(value, 0..3000), prop_oneof![Just(0.0), Just(1e6)])
        .prop_map(|(values, level)| values.into_iter().map(|value| value + level).collect())
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * scale.max(1.0)
}

/// Times of random distances up to an hour, with a power each.
fn powers() -> impl Strategy<Value = (Vec<i64>, Vec<f64>)> {
    let value = prop_oneof![9 => 0.0..1e4_f64, 1 => Just(f64::NAN)];
    proptest::collection::vec((1..HOUR, value), 0..200).prop_map(|samples| {
        let mut time = 0;
        let times = samples
            .iter()
            .map(|(step, _)| {
                time += step;
                time
            })
            .collect();
        (times, samples.into_iter().map(|(_, value)| value).collect())
    })
}

fn integration() -> impl Strategy<Value = Integration> {
    prop_oneof![
        Just(Integration::Left),
        Just(Integration::Trapezoid),
        (1..7200_u64).prop_map(|seconds| Integration::Step(Duration::from_secs(seconds))),
    ]
}

proptest! {
    #[test]
    fn moments_of_two_halves_are_those_of_the_whole(values in readings(), part in 0.0..1.0_f64) {
        let (head, tail) = values.split_at((values.len() as f64 * part) as usize);
        let whole = Moments::of(&values);
        let mut merged = Moments::of(head);
        merged.merge(&Moments::of(tail));
        let mut pushed = Moments::new();
        values.iter().for_each(|&value| pushed.push(value));
        for other in [merged, pushed] {
            prop_assert_eq!(whole.count(), other.count());
            prop_assert!(close(whole.mean(), other.mean(), whole.mean().abs()));
            prop_assert!(close(whole.variance(), other.variance(), whole.variance()));
            prop_assert!(close(whole.skewness(), other.skewness(), 1e3));
            prop_assert!(close(whole.kurtosis(), other.kurtosis(), 1e3));
            prop_assert!(close(whole.min(), other.min(), 0.0) && close(whole.max(), other.max(), 0.0));
        }
    }

    #[test]
    fn correlation_of_two_halves_is_that_of_the_whole(
        x in readings(), seed in 0.0..1.0_f64, part in 0.0..1.0_f64,
    ) {
        let y: Vec<f64> = x.iter().enumerate().map(|(at, x)| seed * x + (at as f64 * 0.7).sin() * 500.0).collect();
        let cut = (x.len() as f64 * part) as usize;
        let whole = Correlation::of(&x, &y).unwrap();
        let mut merged = Correlation::of(&x[..cut], &y[..cut]).unwrap();
        merged.merge(&Correlation::of(&x[cut..], &y[cut..]).unwrap());
        prop_assert_eq!(whole.count(), merged.count());
        prop_assert!(close(whole.pearson(), merged.pearson(), 1.0));
        prop_assert!(close(whole.covariance(), merged.covariance(), whole.covariance().abs()));
        prop_assert!(whole.pearson().is_nan() || whole.pearson().abs() <= 1.0);
    }

    #[test]
    fn quantiles_of_two_halves_are_those_of_the_whole(
        values in readings(), part in 0.0..1.0_f64, q in 0.0..=1.0_f64,
    ) {
        let (head, tail) = values.split_at((values.len() as f64 * part) as usize);
        let mut merged = Summary::of(head);
        merged.merge(&Summary::of(tail));
        let (whole, merged) = (Summary::of(&values).quantile(q).unwrap(), merged.quantile(q).unwrap());
        prop_assert!(whole == merged || (whole.is_nan() && merged.is_nan()));
    }

    #[test]
    fn energy_of_two_pieces_is_that_of_the_whole(
        (times, watts) in powers(), integration in integration(), gap in 1..7200_u64, part in 0.0..1.0_f64,
    ) {
        let empty = || Energy::new(integration).with_max_gap(Duration::from_secs(gap));
        let cut = (times.len() as f64 * part) as usize;
        let mut whole = empty();
        whole.extend(Series::new(&times, &watts).unwrap()).unwrap();
        let mut head = empty();
        head.extend(Series::new(&times[..cut], &watts[..cut]).unwrap()).unwrap();
        let mut tail = empty();
        tail.extend(Series::new(&times[cut..], &watts[cut..]).unwrap()).unwrap();
        head.merge(&tail).unwrap();
        prop_assert!(close(whole.joules(), head.joules(), whole.joules()));
        prop_assert_eq!(whole.covered(), head.covered());
        prop_assert_eq!(whole.span(), head.span());
    }

    #[test]
    fn energy_of_a_constant_power_is_power_times_time(
        (times, _) in powers(), watts in 0.1..1e4_f64, trapezoid: bool,
    ) {
        prop_assume!(times.len() > 1);
        let method = if trapezoid { Integration::Trapezoid } else { Integration::Left };
        let mut energy = Energy::new(method);
        energy.extend(Series::new(&times, &vec![watts; times.len()]).unwrap()).unwrap();
        let seconds = (times[times.len() - 1] - times[0]) as f64 / 1e9;
        prop_assert!(close(energy.joules(), watts * seconds, watts * seconds));
        prop_assert_eq!(energy.coverage_percent(), 100.0);
    }

    #[test]
    fn nothing_is_added_over_a_gap(
        (times, watts) in powers(), integration in integration(), gap in HOUR..100 * HOUR, part in 0.0..1.0_f64,
    ) {
        // No distance is longer than an hour but the one that is made here.
        let cut = (times.len() as f64 * part) as usize;
        let moved: Vec<i64> =
            times.iter().enumerate().map(|(at, time)| if at < cut { *time } else { time + gap }).collect();
        let watts: Vec<f64> = watts.into_iter().map(|watts| if watts.is_nan() { 0.0 } else { watts }).collect();
        let of = |times: &[i64], watts: &[f64]| {
            let mut energy = Energy::new(integration).with_max_gap(Duration::from_nanos(HOUR as u64));
            energy.extend(Series::new(times, watts).unwrap()).unwrap();
            energy
        };
        let whole = of(&moved, &watts);
        let (head, tail) = (of(&moved[..cut], &watts[..cut]), of(&moved[cut..], &watts[cut..]));
        // The last reading before the gap has a step of its own only where nothing follows.
        let last_step = match (integration, watts[..cut].last()) {
            (Integration::Step(step), Some(&power)) if cut < times.len() => (power * step.as_secs_f64(), step),
            _ => (0.0, Duration::ZERO),
        };
        let joules = head.joules() + tail.joules() - last_step.0;
        prop_assert!(close(whole.joules(), joules, joules));
        prop_assert_eq!(whole.covered(), head.covered() + tail.covered() - last_step.1);
    }

    #[test]
    fn peak_demand_of_two_pieces_is_that_of_the_whole((times, watts) in powers(), part in 0.0..1.0_f64) {
        let of = |times: &[i64], watts: &[f64]| {
            let mut demand = PeakDemand::new(Duration::from_secs(900)).unwrap();
            demand.extend(Series::new(times, watts).unwrap()).unwrap();
            demand
        };
        let cut = (times.len() as f64 * part) as usize;
        let mut merged = of(&times[..cut], &watts[..cut]);
        merged.merge(&of(&times[cut..], &watts[cut..])).unwrap();
        match (of(&times, &watts).peak(), merged.peak()) {
            (Some(whole), Some(merged)) => {
                prop_assert_eq!((whole.start, whole.readings), (merged.start, merged.readings));
                prop_assert!(close(whole.mean, merged.mean, whole.mean));
            }
            (whole, merged) => prop_assert_eq!(whole, merged),
        }
    }
}

/// Numbers from 0 to `count` in an order that is none.
fn shuffled(count: u64) -> impl Iterator<Item = f64> {
    (0..count).map(move |at| (at.wrapping_mul(7_368_787) % count) as f64)
}

#[test]
fn a_sketch_keeps_the_rank_error_it_states() {
    const COUNT: u64 = 500_009;
    let mut whole = Quantiles::with_exact_limit(1000);
    let mut halves = [Quantiles::with_exact_limit(1000), Quantiles::with_exact_limit(1000)];
    for (at, value) in shuffled(COUNT).enumerate() {
        whole.push(value);
        halves[at % 2].push(value);
    }
    let [mut merged, half] = halves;
    merged.merge(&half);
    for quantiles in [whole, merged] {
        assert_eq!(quantiles.count(), COUNT);
        let error = quantiles.rank_error();
        assert!(error > 0.0 && error < 0.001, "{error}");
        assert_eq!(quantiles.quantile(0.0).unwrap(), 0.0);
        assert_eq!(quantiles.quantile(1.0).unwrap(), (COUNT - 1) as f64);
        let off: Vec<f64> = (1..100)
            .map(|percent| f64::from(percent) / 100.0)
            .map(|q| (quantiles.quantile(q).unwrap() / COUNT as f64 - q).abs())
            .collect();
        // It is stated with 99 % confidence; at three times as much, nothing is left to chance.
        assert!(off.iter().filter(|&&off| off <= error).count() >= 90, "{off:?} of {error}");
        assert!(off.iter().all(|&off| off <= 3.0 * error), "{off:?} of {error}");
    }
}

#[test]
fn quantiles_are_exact_up_to_their_limit() {
    let mut quantiles = Quantiles::with_exact_limit(4);
    quantiles.extend(&[1.0, f64::NAN, 2.0, 3.0]);
    quantiles.push(f64::NAN);
    quantiles.push(4.0);
    assert_eq!((quantiles.rank_error(), quantiles.median()), (0.0, 2.5));
    quantiles.push(5.0);
    assert_eq!(quantiles.count(), 5);
    assert_eq!(quantiles.quantile(1.0).unwrap(), 5.0);
    assert!(quantiles.quantile(1.01).is_err());
}

#[test]
fn accumulators_are_saved_and_restored_as_they_are() {
    fn restored<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
        serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
    }
    let mut sketch = Summary::with_exact_limit(10);
    shuffled(100_003).for_each(|value| sketch.push(value / 7.0));
    assert_eq!(restored(&sketch), sketch);
    // Its variance is infinite, and NaN is not equal to itself.
    let exact = Summary::of(&[0.1, 1e300, -5e-324]);
    assert_eq!(format!("{:?}", restored(&exact)), format!("{exact:?}"));
    let empty = restored(&Summary::new());
    assert_eq!(empty.moments().count(), 0);
    assert!(empty.moments().mean().is_nan() && empty.median().is_nan());
    let correlation = Correlation::of(&[0.1, 0.2, 0.7], &[3.0, 1.0, 1e-9]).unwrap();
    assert_eq!(restored(&correlation), correlation);
    let mut energy = Energy::new(Integration::Step(Duration::from_secs(60)));
    energy.push(Timestamp::from_secs(3), 0.1).unwrap();
    assert_eq!(restored(&energy), energy);
}

// The replaced system summed P / 1000 / 60 over hourly readings: 60 times too little, whatever the timestamps (S11).
#[test]
fn energy_of_hourly_readings_is_a_kilowatt_hour_an_hour() {
    let times: Vec<i64> = (0..168).map(|hour| hour * HOUR).collect();
    let watts = [1000.0; 168];
    let of = |integration| {
        let mut energy = Energy::new(integration);
        energy.extend(Series::new(&times, &watts).unwrap()).unwrap();
        energy.kilowatt_hours()
    };
    assert_eq!(of(Integration::Step(Duration::from_secs(3600))), 168.0);
    assert_eq!(of(Integration::Left), 167.0);
    assert_eq!(of(Integration::Trapezoid), 167.0);
}

#[test]
fn times_that_do_not_ascend_are_refused_and_change_nothing() {
    let mut energy = Energy::new(Integration::Left);
    energy.push(Timestamp::from_secs(10), 5.0).unwrap();
    let before = energy.clone();
    for time in [10, 9] {
        assert!(energy.push(Timestamp::from_secs(time), 5.0).is_err());
        assert!(energy.merge(&before).is_err());
    }
    assert!(energy.extend(Series::new(&[0, 1], &[1.0, 2.0]).unwrap()).is_err());
    assert!(energy.merge(&Energy::new(Integration::Trapezoid)).is_err());
    assert_eq!(energy, before);

    let mut demand = PeakDemand::new(Duration::from_secs(900)).unwrap();
    demand.push(Timestamp::from_secs(10), 5.0).unwrap();
    let before = demand.clone();
    assert!(demand.push(Timestamp::from_secs(10), 5.0).is_err());
    assert!(demand.merge(&before).is_err());
    assert!(PeakDemand::new(Duration::ZERO).is_err());
    assert_eq!(demand, before);
}

#[test]
fn a_correlation_keeps_its_digits_where_the_level_changes() {
    // Two quantities of which each is the other one turned by 90 degrees do not correlate, whatever their level.
    let turn = |at: usize| at as f64 * std::f64::consts::TAU / 1024.0;
    for level in [0.0, 1e3, 1e6] {
        for jump in [512, 1024, 1500, 2048] {
            let shift = |at: usize| if at < jump { 0.0 } else { level };
            let x: Vec<f64> = (0..4096).map(|at| turn(at).sin() + shift(at)).collect();
            let y: Vec<f64> = (0..4096).map(|at| turn(at).cos()).collect();
            let (mean_x, mean_y) = (x.iter().sum::<f64>() / 4096.0, y.iter().sum::<f64>() / 4096.0);
            let pairs = || x.iter().zip(&y).map(|(x, y)| (x - mean_x, y - mean_y));
            let covariance = pairs().map(|(x, y)| x * y).sum::<f64>() / 4095.0;
            let got = Correlation::of(&x, &y).unwrap();
            let scale = 1.0 + level;
            assert!((got.covariance() - covariance).abs() <= 1e-12 * scale, "level {level}, jump {jump}");
            // The last block is far from the level of those before it, and still exact.
            let last = Correlation::of(&x[3072..], &y[3072..]).unwrap();
            assert!(last.pearson().abs() <= 1e-9, "level {level}, jump {jump}: {}", last.pearson());
        }
    }
}

#[test]
fn nothing_and_what_is_huge_are_survived() {
    for values in [&[][..], &[f64::NAN], &[1.0], &[1e300, -1e300], &[f64::MAX, f64::MIN], &[5.0; 5000]] {
        let summary = Summary::of(values);
        let moments = summary.moments();
        let _ =
            (moments.skewness(), moments.kurtosis(), moments.rms(), moments.crest_factor(), summary.median());
        assert_eq!(moments.count() as usize, values.iter().filter(|value| !value.is_nan()).count());
        let pearson = Correlation::of(values, values).unwrap().pearson();
        assert!(pearson.is_nan() || pearson.abs() <= 1.0);
    }
    let constant = Moments::of(&[0.1; 5000]);
    assert_eq!((constant.mean(), constant.variance(), constant.skewness()), (0.1, 0.0, 0.0));
    assert!(Correlation::of(&[0.1; 100], &[0.2; 100]).unwrap().pearson().is_nan());
    assert!(Correlation::of(&[1.0], &[]).is_err());
    let mut energy = Energy::new(Integration::Trapezoid);
    energy.extend(Series::new(&[i64::MIN, 0, i64::MAX], &[f64::MAX, f64::MIN, 0.0]).unwrap()).unwrap();
    assert_eq!(energy.coverage_percent(), 100.0);
}

#[test]
fn a_sine_has_its_effective_value_and_crest_factor() {
    let sine: Vec<f64> =
        (0..1000).map(|at| 325.0 * (f64::from(at) / 1000.0 * std::f64::consts::TAU).sin()).collect();
    let moments = Moments::of(&sine);
    assert!(close(moments.rms(), 325.0 / 2.0_f64.sqrt(), 325.0));
    assert!(close(moments.crest_factor(), 2.0_f64.sqrt(), 1.0));
}
