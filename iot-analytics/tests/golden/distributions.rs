//! Histograms and densities: numpy's, scipy's and KDEpy's.

use iot_analytics::{Bandwidth, Bins, Histogram, KernelDensity};
use serde_json::Value;

use super::read::{all_series, close, float, floats};

fn is_as(histogram: &Histogram, theirs: &Value, name: &str) {
    let counts: Vec<u64> = theirs["counts"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    assert_eq!(histogram.counts(), counts, "{name}");
    if !theirs["edges"].is_null() {
        assert_eq!(histogram.edges(), floats(&theirs["edges"]), "{name}");
    }
}

#[test]
fn histograms_are_those_of_numpy_to_the_bit() {
    for golden in all_series() {
        let finite: Vec<f64> = golden.values.iter().copied().filter(|value| value.is_finite()).collect();
        for (key, theirs) in golden.json["stats"]["histogram"].as_object().unwrap() {
            let name = format!("{} {key}", golden.name);
            let ours = match key.as_str() {
                "explicit" => Histogram::with_edges(floats(&theirs["edges"])),
                "20_range_0_300" => Histogram::empty(0.0, 300.0, 20),
                count => Histogram::of(&finite, Bins::Count(count.parse().unwrap())),
            };
            let mut ours = ours.unwrap();
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
        let finite: Vec<f64> = golden.values.iter().copied().filter(|value| value.is_finite()).collect();
        let kde = &golden.json["stats"]["kde"];
        let density = |bandwidth| KernelDensity::of(&finite, bandwidth);
        // scipy makes a density of rounding dust out of a constant.
        if !kde["error"].is_null() || golden.name == "constant" {
            assert!(density(Bandwidth::Scott).is_err(), "{}", golden.name);
            continue;
        }
        let (scott, silverman) = (density(Bandwidth::Scott).unwrap(), density(Bandwidth::Silverman).unwrap());
        // scipy itself loses digits at a mean of a million and a deviation of a hundredth.
        let tolerance = if golden.name == "big_offset" { 1e-6 } else { 1e-9 };
        assert!(close(scott.bandwidth(), float(&kde["bandwidth_sd"]), tolerance), "{}", golden.name);
        let grid = floats(&kde["grid"]);
        let off = distance(&scott.at(&grid), &floats(&kde["density"]));
        assert!(off < tolerance, "{} scott: {off}", golden.name);
        let off = distance(&silverman.at(&grid), &floats(&kde["silverman_density"]));
        assert!(off < tolerance, "{} silverman: {off}", golden.name);

        let kdepy = &kde["kdepy_fft_256"];
        if kdepy["error"].is_null() {
            let grid = floats(&kdepy["grid"]);
            // Many times over, they are too many for the direct sum.
            let many: Vec<f64> = finite.iter().copied().cycle().take(finite.len() * 2500).collect();
            let bandwidth = Bandwidth::Given(scott.bandwidth());
            let binned = KernelDensity::of(&many, bandwidth).unwrap();
            let curve = binned.curve_over(grid[0], grid[grid.len() - 1], grid.len()).unwrap();
            let off = distance(&curve.densities, &floats(&kdepy["density"]));
            assert!(off < 4e-3, "{} kdepy: {off}", golden.name);
            let off = distance(&curve.densities, &scott.at(&curve.points));
            assert!(off < 2e-3, "{} binned: {off}", golden.name);
        }
    }
}
