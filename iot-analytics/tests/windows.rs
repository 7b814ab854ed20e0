//! Laws of windows: a rolling aggregate is what its window says, in a batch and in a stream alike.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::time::Duration;

use iot_analytics::rolling::{Aggregate, DoubleRolling, Rolling, Window};
use iot_analytics::{Interpolation, Method, Moments, Resample};
use iot_core::{Detect, Detector, Series, Timestamp};
use proptest::prelude::*;

const SECOND: i64 = 1_000_000_000;

/// Samples at random distances of up to 3 s: of few distinct values, of many, climbing, some of them missing.
fn samples() -> impl Strategy<Value = (Vec<i64>, Vec<f64>)> {
    let value = prop_oneof![
        8 => (-1000..1000_i32).prop_map(f64::from),
        4 => (0..3_u8).prop_map(f64::from),
        1 => Just(f64::NAN),
        1 => Just(1e300),
    ];
    (proptest::collection::vec((1..3 * SECOND, value), 0..700), 0.0..20.0_f64).prop_map(|(samples, slope)| {
        let mut time = 0;
        let times = samples
            .iter()
            .map(|(step, _)| {
                time += step;
                time
            })
            .collect();
        let climb = |(at, (_, value)): (usize, (i64, f64))| value + slope * at as f64;
        (times, samples.into_iter().enumerate().map(climb).collect())
    })
}

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![
        (1..400_usize).prop_map(Window::Samples),
        (1..600_u64).prop_map(|seconds| Window::Duration(Duration::from_secs(seconds))),
    ]
}

fn aggregate() -> impl Strategy<Value = Aggregate> {
    prop_oneof![
        Just(Aggregate::Count),
        Just(Aggregate::Sum),
        Just(Aggregate::Mean),
        Just(Aggregate::Median),
        Just(Aggregate::Min),
        Just(Aggregate::Max),
        Just(Aggregate::Std),
        Just(Aggregate::Variance),
        Just(Aggregate::Skewness),
        Just(Aggregate::Kurtosis),
        (0.0..=1.0_f64).prop_map(Aggregate::Quantile),
        Just(Aggregate::InterquartileRange),
        Just(Aggregate::InterdecileRange),
    ]
}

/// The aggregate of the present values of a window, in the plainest way.
fn plain(aggregate: Aggregate, window: &[f64]) -> f64 {
    let mut values: Vec<f64> = window.iter().copied().filter(|value| !value.is_nan()).collect();
    values.sort_by(f64::total_cmp);
    let moments = Moments::of(&values);
    let quantile = |q: f64| {
        let h = (values.len() - 1) as f64 * q;
        let (at, weight) = (h as usize, h.fract());
        if weight == 0.0 { values[at] } else { values[at] + (values[at + 1] - values[at]) * weight }
    };
    match aggregate {
        Aggregate::Count => values.len() as f64,
        Aggregate::Sum => values.iter().sum(),
        Aggregate::Mean => moments.mean(),
        Aggregate::Median => values[(values.len() - 1) / 2] / 2.0 + values[values.len() / 2] / 2.0,
        Aggregate::Min => values[0],
        Aggregate::Max => values[values.len() - 1],
        Aggregate::Std => moments.std(),
        Aggregate::Variance => moments.variance(),
        Aggregate::Skewness => moments.skewness(),
        Aggregate::Kurtosis if moments.variance() == 0.0 && moments.count() > 3 => -3.0,
        Aggregate::Kurtosis => moments.kurtosis(),
        Aggregate::Quantile(q) => quantile(q),
        Aggregate::InterquartileRange => quantile(0.75) - quantile(0.25),
        Aggregate::InterdecileRange => quantile(0.9) - quantile(0.1),
    }
}

fn close(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= 1e-7 * a.abs().max(b.abs()).max(1.0)
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// Runs of two or three distinct values, each as long as a window may be.
fn runs() -> impl Strategy<Value = Vec<f64>> {
    let run = ((0..3_u8).prop_map(|level| [0.0, 10.0, -3.0][usize::from(level)]), 1..900_usize);
    proptest::collection::vec(run, 2..8)
        .prop_map(|runs| runs.into_iter().flat_map(|(level, length)| vec![level; length]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn the_rank_of_a_window_is_found_however_many_values_are_equal(
        values in runs(), samples in 300..1000_usize, q in 0.0..=1.0_f64, is_median: bool, save in 0..3000_usize,
    ) {
        let aggregate = if is_median { Aggregate::Median } else { Aggregate::Quantile(q) };
        let times: Vec<i64> = (0..values.len() as i64).collect();
        let rolling = Rolling::new(Window::Samples(samples), aggregate).unwrap().with_min_periods(1);
        let batch = rolling.apply(Series::new(&times, &values).unwrap());
        let mut stream = rolling.stream().unwrap();
        for at in 0..values.len() {
            if at == save {
                stream = serde_json::from_str(&serde_json::to_string(&stream).unwrap()).unwrap();
            }
            let value = stream.push(Timestamp::from_nanos(times[at]), values[at]);
            prop_assert!(same(value, batch[at]), "{at}: {value} and not {}", batch[at]);
            // One in so many: what has stuck stays so, and sorting is slow.
            if at % 7 == 0 {
                let expected = plain(aggregate, &values[(at + 1).saturating_sub(samples)..=at]);
                prop_assert!(close(value, expected), "{at}: {value} and not {expected}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_rolling_aggregate_is_that_of_its_window(
        (times, values) in samples(), window in window(), aggregate in aggregate(),
        min_periods in 1..20_usize, centered: bool,
    ) {
        // Next to 1e300 nothing else is left of a sum; a stream forgets it again, which the other laws see.
        let values: Vec<f64> = values.into_iter().map(|value| if value > 1e299 { f64::NAN } else { value }).collect();
        let mut rolling = Rolling::new(window, aggregate).unwrap().with_min_periods(min_periods);
        if centered {
            rolling = rolling.centered();
        }
        let result = rolling.apply(Series::new(&times, &values).unwrap());
        prop_assert_eq!(result.len(), values.len());
        for at in 0..values.len() {
            let inside = |other: usize| match window {
                Window::Samples(samples) => {
                    let end = at + if centered { samples.div_ceil(2) } else { 1 };
                    (end.saturating_sub(samples)..end).contains(&other)
                }
                Window::Duration(duration) => {
                    let length = duration.as_nanos() as i64;
                    let end = times[at] + if centered { length / 2 } else { 0 };
                    end - length < times[other] && times[other] <= end
                }
            };
            let inside: Vec<f64> = (0..values.len()).filter(|&other| inside(other)).map(|other| values[other]).collect();
            let present = inside.iter().filter(|value| !value.is_nan()).count();
            let enough = if aggregate == Aggregate::Count { inside.len() } else { present } >= min_periods;
            let expected = if enough { plain(aggregate, &inside) } else { f64::NAN };
            prop_assert!(close(result[at], expected), "{at}: {} and not {expected}", result[at]);
        }
    }

    #[test]
    fn a_stream_gives_what_a_batch_gives_to_the_bit_also_when_saved_and_restored(
        (times, values) in samples(), window in window(), aggregate in aggregate(), min_periods in 1..20_usize,
        save in 0..700_usize,
    ) {
        let rolling = Rolling::new(window, aggregate).unwrap().with_min_periods(min_periods);
        let batch = rolling.apply(Series::new(&times, &values).unwrap());
        let mut stream = rolling.stream().unwrap();
        for at in 0..values.len() {
            if at == save {
                stream = serde_json::from_str(&serde_json::to_string(&stream).unwrap()).unwrap();
            }
            let value = stream.push(Timestamp::from_nanos(times[at]), values[at]);
            prop_assert!(same(value, batch[at]), "{at}: {value} and not {}", batch[at]);
        }
    }

    #[test]
    fn the_sides_of_a_sample_are_rolling_aggregates_of_their_own(
        (times, values) in samples(), left in 1..100_usize, right in 1..100_usize, aggregate in aggregate(),
    ) {
        let series = Series::new(&times, &values).unwrap();
        let rolling = |samples| Rolling::new(Window::Samples(samples), aggregate).unwrap().with_min_periods(1);
        let double = DoubleRolling::new(rolling(left), rolling(right)).unwrap();
        let (befores, afters) = double.sides(series);
        let ending = rolling(left).apply(series);
        for at in 1..values.len() {
            prop_assert!(same(befores[at], ending[at - 1]));
        }
        let ending = rolling(right).apply(series);
        for at in 0..(values.len() + 1).saturating_sub(right) {
            prop_assert!(same(afters[at], ending[at + right - 1]));
        }
        let (befores, afters) = double.causal().unwrap().sides(series);
        let ending = rolling(left).apply(series);
        for at in right..values.len() {
            prop_assert!(same(befores[at], ending[at - right]));
        }
        let ending = rolling(right).apply(series);
        prop_assert!(afters.iter().zip(&ending).all(|(a, b)| same(*a, *b)));
    }

    #[test]
    fn a_value_on_the_grid_is_resampled_as_it_is_and_others_lie_between(
        (times, values) in samples(), step in 1..5_u64, aligned: bool,
    ) {
        let mut resample = Resample::new(Duration::from_millis(step * 500)).unwrap();
        if aligned {
            resample = resample.aligned();
        }
        let series = Series::new(&times, &values).unwrap();
        let linear = resample.apply(series).unwrap();
        let missing = resample.with_interpolation(Interpolation::Missing).apply(series).unwrap();
        prop_assert!(linear.series().unwrap().len() == missing.times.len());
        for (at, time) in linear.times.iter().enumerate() {
            prop_assert!(!aligned || time % (step as i64 * SECOND / 2) == 0);
            match times.binary_search(time) {
                Ok(on) if !values[on].is_nan() => {
                    prop_assert!(linear.values[at] == values[on] && missing.values[at] == values[on]);
                }
                _ => prop_assert!(missing.values[at].is_nan()),
            }
        }
        let (low, high) = (Moments::of(&values).min(), Moments::of(&values).max());
        let slack = 1e-9 * low.abs().max(high.abs());
        let between = low - slack..=high + slack;
        prop_assert!(linear.values.iter().all(|value| value.is_nan() || between.contains(value)));
    }
}

#[test]
fn a_huge_value_leaves_no_trace_once_it_has_left_the_window() {
    let times: Vec<i64> = (0..20).collect();
    let mut values = vec![0.1; 20];
    values[5] = 1e300;
    let series = Series::new(&times, &values).unwrap();
    let of = |aggregate| Rolling::new(Window::Samples(4), aggregate).unwrap().apply(series);
    assert!(of(Aggregate::Mean)[9..].iter().all(|&mean| mean == 0.1));
    assert!(of(Aggregate::Variance)[9..].iter().all(|&variance| variance == 0.0));
    assert!(of(Aggregate::Sum)[9..].iter().all(|&sum| sum == 0.4));
}

#[test]
fn a_median_follows_a_signal_that_has_stood_still() {
    let values: Vec<f64> =
        (0..4200).map(|at| if at < 1200 { 0.0 } else { 10.0 + f64::from(at * 7 % 11) * 0.01 }).collect();
    let times: Vec<i64> = (0..4200).collect();
    let median = Rolling::new(Window::Samples(600), Aggregate::Median).unwrap();
    let medians = median.apply(Series::new(&times, &values).unwrap());
    assert!(medians[1510..].iter().all(|&median| median >= 10.0), "{:?}", medians.last());
}

#[test]
fn a_window_by_time_keeps_so_many_samples_and_no_more() {
    let count = Window::MOST_SAMPLES as i64 + 1000;
    let times: Vec<i64> = (0..count).collect();
    let values: Vec<f64> = times.iter().map(|&at| at as f64).collect();
    let series = Series::new(&times, &values).unwrap();
    let day = Window::Duration(Duration::from_secs(86_400));
    let least = Rolling::new(day, Aggregate::Min).unwrap();
    let batch = least.apply(series);
    let mut stream = least.stream().unwrap();
    assert!(series.iter().zip(&batch).all(|((time, value), least)| stream.push(time, value) == *least));
    assert_eq!(batch.last(), Some(&1000.0));
    let (before, from) = (Rolling::new(day, Aggregate::Min), Rolling::new(day, Aggregate::Max));
    let double = DoubleRolling::new(before.unwrap(), from.unwrap()).unwrap();
    let (lefts, rights) = double.sides(series);
    assert_eq!(
        (rights[0], rights[1], lefts[count as usize - 1]),
        (count as f64 - 1001.0, count as f64 - 1000.0, 999.0)
    );
    let mut stream = double.stream().unwrap();
    let mut at = 0;
    for (time, value) in series.iter() {
        stream.push(time, value);
        while let Some(sides) = stream.pop() {
            assert!(same(sides.left, lefts[at]) && same(sides.right, rights[at]), "{at}: {sides:?}");
            at += 1;
        }
    }
    assert_eq!(at, 1001);
}

#[test]
fn windows_that_cannot_be_are_refused() {
    assert!(Rolling::new(Window::Samples(0), Aggregate::Mean).is_err());
    assert!(Rolling::new(Window::Duration(Duration::ZERO), Aggregate::Mean).is_err());
    let error = Rolling::new(Window::Samples(5), Aggregate::Quantile(1.5)).unwrap_err();
    assert_eq!(error.to_string(), "q 1.5 is not a probability in 0..=1");
    let mean = Rolling::new(Window::Samples(5), Aggregate::Mean).unwrap();
    assert!(mean.centered().stream().is_err());
    assert!(DoubleRolling::new(mean, mean.centered()).is_err());
    let by_time = Rolling::new(Window::Duration(Duration::from_secs(1)), Aggregate::Mean).unwrap();
    assert!(DoubleRolling::new(mean, by_time).unwrap().causal().is_err());
    let refused = r#"{"window": 0, "aggregate": "mean"}"#;
    assert!(serde_json::from_str::<Rolling>(refused).is_err());
    let empty = Series::new(&[], &[]).unwrap();
    assert!(mean.apply(empty).is_empty());
    assert!(DoubleRolling::new(mean, mean).unwrap().apply(empty).is_empty());
}

#[test]
fn a_grid_of_all_samples_has_all_of_them() {
    let series = Series::new(&[0, 4 * SECOND, 10 * SECOND], &[1.0, 5.0, f64::NAN]).unwrap();
    let resample = Resample::onto_all(series);
    assert_eq!(resample.step(), Duration::from_secs(2));
    let resampled = resample.apply(series).unwrap();
    assert_eq!(resampled.times.len(), 6);
    assert_eq!(resampled.values[..3], [1.0, 3.0, 5.0]);
    assert!(resampled.values[3..].iter().all(|value| value.is_nan()));
    let short = resample.with_max_gap(Duration::from_secs(3)).apply(series).unwrap();
    assert!(short.values[1].is_nan() && short.values[2] == 5.0);
    assert!(Resample::new(Duration::ZERO).is_err());
    let ends = Series::new(&[i64::MIN, i64::MAX], &[0.0, 1.0]).unwrap();
    assert!(Resample::new(Duration::from_nanos(1)).unwrap().apply(ends).is_err());
    assert_eq!(Resample::new(Duration::from_secs(1 << 33)).unwrap().apply(ends).unwrap().values.len(), 3);
}

#[test]
fn learning_and_judging_at_once_is_one_after_the_other() {
    let times: Vec<i64> = (0..300).map(|at| at * SECOND).collect();
    let values: Vec<f64> = (0..300)
        .map(|at| f64::from(at * 7919 % 31) + if at > 170 { 40.0 } else { 0.0 })
        .map(|value| if value == 3.0 { f64::NAN } else { value })
        .collect();
    let history = Series::new(&times, &values).unwrap();
    for method in [
        r#"{"method": "level_shift", "window": 9, "min_periods": 3}"#,
        r#"{"method": "persist", "window": "7s", "side": "positive"}"#,
        r#"{"method": "volatility_shift", "window": 12, "min_periods": 3}"#,
        r#"{"method": "interquartile_range"}"#,
    ] {
        let method: Method = serde_json::from_str(method).unwrap();
        let (model, at_once) = method.fit_detect(history).unwrap();
        let after = method.fit(history).unwrap().detect(history);
        assert_eq!(model.bounds(), after.bounds, "{method:?}");
        assert_eq!(at_once.labels, after.labels, "{method:?}");
        assert!(at_once.scores.iter().zip(&after.scores).all(|(a, b)| same(*a, *b)), "{method:?}");
    }
}
