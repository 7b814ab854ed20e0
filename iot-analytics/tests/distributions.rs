//! Laws of distributions: a histogram counts every value once, a density has an area of 1.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use iot_analytics::{Bandwidth, Bins, Histogram, KernelDensity, Moments};
use proptest::prelude::*;

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        8 => -1e3..1e3_f64,
        4 => (0..4_u8).prop_map(f64::from),
        1 => Just(f64::NAN),
    ];
    proptest::collection::vec(value, 0..3000)
}

fn rule() -> impl Strategy<Value = Bins> {
    prop_oneof![
        (1..500_usize).prop_map(Bins::Count),
        Just(Bins::Auto),
        Just(Bins::Sturges),
        Just(Bins::Scott),
        Just(Bins::FreedmanDiaconis),
    ]
}

proptest! {
    #[test]
    fn a_histogram_counts_every_value_once_and_in_its_bin(values in values(), rule in rule()) {
        let histogram = Histogram::of(&values, rule).unwrap();
        let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        prop_assert_eq!(histogram.total(), present.len() as u64);
        let (edges, last) = (histogram.edges(), histogram.counts().len() - 1);
        for (at, &count) in histogram.counts().iter().enumerate() {
            let inside = |value: &f64| edges[at] <= *value && (*value < edges[at + 1] || at == last);
            prop_assert_eq!(count, present.iter().filter(|value| inside(value)).count() as u64);
        }
        // Edges that are given count the same in another way.
        let mut given = Histogram::with_edges(edges.to_vec()).unwrap();
        given.extend(&values);
        prop_assert_eq!(given.counts(), histogram.counts());
    }

    #[test]
    fn histograms_of_two_halves_are_that_of_the_whole(values in values(), part in 0.0..1.0_f64) {
        let empty = || Histogram::empty(-500.0, 700.0, 17).unwrap();
        let (mut whole, mut head, mut tail) = (empty(), empty(), empty());
        whole.extend(&values);
        let cut = (values.len() as f64 * part) as usize;
        values[..cut].iter().for_each(|&value| head.push(value));
        tail.extend(&values[cut..]);
        head.merge(&tail).unwrap();
        prop_assert_eq!(&whole, &head);
        let restored: Histogram = serde_json::from_str(&serde_json::to_string(&head).unwrap()).unwrap();
        prop_assert_eq!(&restored, &head);
    }

}

proptest! {
    // A direct sum has a term for each value and point.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_density_has_an_area_of_1(values in values(), silverman: bool, points in 100..1000_usize) {
        let bandwidth = if silverman { Bandwidth::Silverman } else { Bandwidth::Scott };
        let Ok(density) = KernelDensity::of(&values, bandwidth) else { return Ok(()) };
        let curve = density.curve(points).unwrap();
        let step = curve.points[1] - curve.points[0];
        // A curve of steps wider than the kernel has no area to speak of.
        prop_assume!(step < density.bandwidth());
        let area = curve.densities.iter().sum::<f64>() * step;
        prop_assert!((area - 1.0).abs() < 0.005, "{area}");
        prop_assert!(curve.densities.iter().all(|&density| density >= 0.0));
    }

    #[test]
    fn a_binned_density_is_close_to_the_exact_one(values in values(), bandwidth in 1.0..300.0_f64) {
        let moments = Moments::of(&values);
        prop_assume!(moments.max() > 3.0 && moments.min() < moments.max());
        // Many times over, they are too many for the direct sum.
        let many: Vec<f64> = values.iter().copied().cycle().take(values.len() * 2 + 3000).collect();
        let density = KernelDensity::of(&many, Bandwidth::Given(bandwidth)).unwrap();
        // From inside the values to far outside of them.
        let curve = density.curve_over(-200.0, 3000.0, 50).unwrap();
        let exact = density.at(&curve.points);
        // The points may miss the peak, and some of the values are near it.
        let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).take(50).collect();
        let peak = density.at(&present).iter().chain(&exact).fold(0.0_f64, |peak, &density| peak.max(density));
        for (binned, exact) in curve.densities.iter().zip(exact) {
            prop_assert!((binned - exact).abs() <= 2e-3 * peak, "{binned} and not {exact}");
        }
    }
}

#[test]
fn the_rules_are_those_of_numpy() {
    // numpy.histogram_bin_edges(x, rule).size - 1 of numpy 1.26 for the squares of 0 to 99, and with 50 values of 7 behind them.
    let squares: Vec<f64> = (0..100).map(|n| f64::from(n * n)).collect();
    let bins = |values: &[f64], rule| Histogram::of(values, rule).unwrap().counts().len();
    let tied: Vec<f64> = squares.iter().copied().chain([7.0; 50]).collect();
    for (rule, of_squares, of_tied) in
        [(Bins::Sturges, 8, 9), (Bins::Scott, 5, 6), (Bins::FreedmanDiaconis, 5, 7), (Bins::Auto, 8, 9)]
    {
        assert_eq!((bins(&squares, rule), bins(&tied, rule)), (of_squares, of_tied), "{rule:?}");
    }
    let constant_middle: Vec<f64> = [7.0; 100].into_iter().chain([0.0, 10.0]).collect();
    assert_eq!(bins(&constant_middle, Bins::FreedmanDiaconis), 1);
    assert_eq!(bins(&constant_middle, Bins::Auto), 8);
}

// The replaced system's bars were shifted by half a bin, and its density failed on constant data (S12).
#[test]
fn bars_stand_between_their_edges_and_a_constant_has_a_histogram_but_no_density() {
    let histogram = Histogram::of(&[0.0, 1.0, 2.0, 3.0], Bins::Count(3)).unwrap();
    assert_eq!(histogram.edges(), [0.0, 1.0, 2.0, 3.0]);
    assert_eq!(histogram.counts(), [1, 1, 2]);

    let constant = [230.0; 50];
    let histogram = Histogram::of(&constant, Bins::Count(20)).unwrap();
    assert_eq!((histogram.edges()[0], histogram.edges()[20], histogram.total()), (229.5, 230.5, 50));
    let error = KernelDensity::of(&constant, Bandwidth::Scott).unwrap_err();
    assert_eq!(error.kind(), iot_core::ErrorKind::Invalid);
    assert_eq!(error.to_string(), "all values are 230: a constant has no density");
}

#[test]
fn what_has_no_distribution_is_refused_and_what_is_huge_is_survived() {
    for values in [&[][..], &[1.0], &[f64::NAN, 1.0], &[1.0, f64::INFINITY], &[1e300, -1e300]] {
        assert!(KernelDensity::of(values, Bandwidth::Scott).is_err(), "{values:?}");
    }
    let given = |bandwidth| KernelDensity::of(&[1.0, 2.0], Bandwidth::Given(bandwidth));
    for bandwidth in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(given(bandwidth).is_err());
    }
    let density = given(1e-300).unwrap();
    assert!(density.curve(1).is_err() && density.curve(1 << 20).is_err());
    assert!(density.curve_over(1.0, 1.0, 10).is_err() && density.curve_over(f64::MIN, f64::MAX, 10).is_err());
    assert!(density.curve(10).unwrap().densities.iter().all(|density| density.is_finite()));
    let wide: Vec<f64> = (0..5000).map(|n| if n % 2 == 0 { 1e150 } else { -1e150 }).collect();
    let curve = KernelDensity::of(&wide, Bandwidth::Scott).unwrap().curve(200).unwrap();
    assert!(curve.densities.iter().all(|density| density.is_finite() && *density >= 0.0));

    assert_eq!(Histogram::of(&[], Bins::Auto).unwrap().edges(), [0.0, 1.0]);
    assert_eq!(Histogram::of(&[1e300, -1e300], Bins::Count(2)).unwrap().counts(), [1, 1]);
    assert!(Histogram::of(&[f64::MAX, f64::MIN], Bins::Count(2)).is_err());
    assert!(Histogram::of(&[1.0, f64::INFINITY], Bins::Count(2)).is_err());
    assert!(Histogram::of(&[1.0, 2.0], Bins::Count(0)).is_err());
    assert!(Histogram::of(&[1.0, 2.0], Bins::Count(usize::MAX)).is_err());
    let outlier: Vec<f64> = (0..1000).map(f64::from).chain([1e300]).collect();
    assert!(Histogram::of(&outlier, Bins::FreedmanDiaconis).is_err());
    assert!(Histogram::empty(1.0, 1.0, 5).is_err() && Histogram::empty(0.0, f64::NAN, 5).is_err());
    assert!(Histogram::with_edges(vec![1.0]).is_err() && Histogram::with_edges(vec![2.0, 1.0]).is_err());
    let mut other = Histogram::empty(0.0, 1.0, 5).unwrap();
    assert!(other.merge(&Histogram::empty(0.0, 2.0, 5).unwrap()).is_err());
}
