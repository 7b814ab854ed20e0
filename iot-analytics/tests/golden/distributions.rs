//! Histograms and densities: numpy's, scipy's and KDEpy's.

use iot_analytics::{Bandwidth, Bins, Histogram, KernelDensity};
use serde_json::Value;

use super::read::{all_series, close, float, floats, members};

fn is_as(histogram: &Histogram, theirs: &Value, name: &str) {
    let counts: Vec<u64> = theirs["counts"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    assert_eq!(histogram.counts(), counts, "{name}");
    if !theirs["edges"].is_null() {
        assert_eq!(histogram.edges(), floats(&theirs["edges"]), "{name}");
    }
}

/// The bins that the name of a case says: edges, a number with or without a range, or a rule.
fn histogram(case: &str, theirs: &Value, values: &[f64]) -> Histogram {
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("histogram {case}"));
    let histogram = match (case, case.split_once("_range_")) {
        ("explicit", _) => Histogram::with_edges(floats(&theirs["edges"])),
        (_, Some((count, range))) => {
            let (low, high) = range.split_once('_').unwrap();
            Histogram::empty(low.parse().unwrap(), high.parse().unwrap(), number(count))
        }
        ("auto", _) => Histogram::of(values, Bins::Auto),
        ("sturges", _) => Histogram::of(values, Bins::Sturges),
        ("scott", _) => Histogram::of(values, Bins::Scott),
        ("fd", _) => Histogram::of(values, Bins::FreedmanDiaconis),
        (count, _) => Histogram::of(values, Bins::Count(number(count))),
    };
    histogram.unwrap()
}

#[test]
fn histograms_are_those_of_numpy_to_the_bit() {
    for golden in all_series() {
        let finite = golden.finite();
        for (key, theirs) in members(&golden.json["stats"]["histogram"]) {
            let name = format!("{} {key}", golden.name);
            let mut ours = histogram(key, theirs, &finite);
            if ours.total() == 0 {
                // Of a given range: what is outside or no number is dropped.
                ours.extend(&golden.values);
            }
            is_as(&ours, theirs, &name);
        }
    }
}

/// The largest distance of two curves, as a part of the peak of the second.
fn distance(ours: &[f64], theirs: &[f64]) -> f64 {
    let peak = theirs.iter().fold(0.0_f64, |peak, &density| peak.max(density));
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / peak
}

#[test]
fn densities_are_those_of_scipy_and_close_to_those_of_kdepy() {
    for golden in all_series() {
        let finite = golden.finite();
        let kde = &golden.json["stats"]["kde"];
        let density = |bandwidth| KernelDensity::of(&finite, bandwidth);
        // scipy makes a density of rounding dust out of a constant.
        if !kde["error"].is_null() || finite.iter().all(|value| *value == finite[0]) {
            assert!(density(Bandwidth::Scott).is_err(), "{}", golden.name);
            continue;
        }
        let (scott, silverman) = (density(Bandwidth::Scott).unwrap(), density(Bandwidth::Silverman).unwrap());
        // scipy itself loses digits at a mean of a million and a deviation of a hundredth.
        let tolerance = golden.tolerance();
        assert!(close(scott.bandwidth(), float(&kde["bandwidth_sd"]), tolerance), "{}", golden.name);
        let grid = floats(&kde["grid"]);
        let off = distance(&scott.at(&grid), &floats(&kde["density"]));
        assert!(off < tolerance, "{} scott: {off}", golden.name);
        let off = distance(&silverman.at(&grid), &floats(&kde["silverman_density"]));
        assert!(off < tolerance, "{} silverman: {off}", golden.name);

        for (name, kdepy) in members(kde).filter(|(name, _)| name.starts_with("kdepy_fft_")) {
            if !kdepy["error"].is_null() {
                continue;
            }
            let grid = floats(&kdepy["grid"]);
            // Many times over, they are too many for the direct sum.
            let many: Vec<f64> = finite.iter().copied().cycle().take(finite.len() * 2500).collect();
            let bandwidth = Bandwidth::Given(scott.bandwidth());
            let binned = KernelDensity::of(&many, bandwidth).unwrap();
            let curve = binned.curve_over(grid[0], grid[grid.len() - 1], grid.len()).unwrap();
            let off = distance(&curve.densities, &floats(&kdepy["density"]));
            assert!(off < 4e-3, "{} {name}: {off}", golden.name);
            let off = distance(&curve.densities, &scott.at(&curve.points));
            assert!(off < 2e-3, "{} {name}, binned: {off}", golden.name);
        }
    }
}
