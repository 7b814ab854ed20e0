//! Statistics of whole series: pandas', numpy's and scipy's.

use iot_analytics::detect::AdaptiveQuantile;
use iot_analytics::{Correlation, Moments, Quantiles, StandardScaler, Summary, quantile};
use iot_core::{Detect, Detector, Series};

use super::read::{all_series, close, float, floats, members, same};

#[test]
fn moments_are_those_of_pandas() {
    for golden in all_series() {
        let values = golden.finite();
        let (stats, describe) = (&golden.json["stats"], &golden.json["stats"]["describe"]);
        let whole = Moments::of(&values);
        let mut pushed = Moments::new();
        values.iter().for_each(|&value| pushed.push(value));
        let mut merged = Moments::of(&values[..values.len() / 3]);
        merged.merge(&Moments::of(&values[values.len() / 3..]));
        for (way, moments) in [("whole", whole), ("pushed", pushed), ("merged", merged)] {
            for (name, ours, theirs, tolerance) in [
                ("count", moments.count() as f64, &describe["count"], 0.0),
                ("mean", moments.mean(), &describe["mean"], 1e-12),
                ("std", moments.std(), &describe["std"], golden.tolerance()),
                ("var", moments.variance(), &stats["var"], golden.tolerance()),
                ("min", moments.min(), &describe["min"], 0.0),
                ("max", moments.max(), &describe["max"], 0.0),
                ("skew", moments.skewness(), &stats["skew"], golden.tolerance()),
                ("kurt", moments.kurtosis(), &stats["kurt"], golden.tolerance()),
            ] {
                let theirs = float(theirs);
                // A skewness near 0 has lost as much as any other.
                let is_shape = name == "skew" || name == "kurt";
                let near = close(ours, theirs, tolerance) || (is_shape && (ours - theirs).abs() < tolerance);
                assert!(near, "{} {name} {way}: {ours}, not {theirs}", golden.name);
            }
        }
    }
}

#[test]
fn quantiles_are_those_of_numpy_to_the_bit() {
    for golden in all_series() {
        let values = golden.finite();
        let mut stream = Quantiles::new();
        stream.extend(&values);
        for pair in golden.json["stats"]["quantiles_linear"].as_array().unwrap() {
            let (q, theirs) = (float(&pair[0]), float(&pair[1]));
            for ours in [quantile(&values, q).unwrap(), stream.quantile(q).unwrap()] {
                assert!(same(ours, theirs), "{} {q}: {ours}, not {theirs}", golden.name);
            }
        }
        let median = Summary::of(&values).median();
        assert!(close(median, float(&golden.json["stats"]["median"]), 1e-15), "{}", golden.name);
        for (percent, q) in [("25%", 0.25), ("50%", 0.5), ("75%", 0.75)] {
            let (ours, theirs) =
                (quantile(&values, q).unwrap(), float(&golden.json["stats"]["describe"][percent]));
            assert!(same(ours, theirs), "{} {percent}: {ours}, not {theirs}", golden.name);
        }
        for pair in golden.json["quantiles_with_inf"].as_array().into_iter().flatten() {
            let (q, theirs) = (float(&pair[0]), float(&pair[1]));
            let ours = quantile(&golden.values, q).unwrap();
            assert!(same(ours, theirs), "{} with infinities {q}: {ours}, not {theirs}", golden.name);
        }
    }
}

#[test]
fn correlations_are_those_of_pandas() {
    for golden in all_series() {
        let second = floats(&golden.json["second"]);
        let ours = Correlation::of(&golden.values, &second).unwrap().pearson();
        let theirs = float(&golden.json["corr"]["pandas_pearson"]);
        assert!(close(ours, theirs, golden.tolerance()), "{}: {ours}, not {theirs}", golden.name);
    }
}

#[test]
fn adaptive_quantiles_are_those_of_river() {
    for golden in all_series() {
        let values: Vec<f64> = golden.finite();
        let times: Vec<i64> = (0..values.len() as i64).collect();
        let series = Series::new(&times, &values).unwrap();
        for (q, theirs) in members(&golden.json["stats"]["river_p2"]) {
            let (probability, theirs) = (q.parse::<f64>().unwrap(), floats(theirs));
            // With the first five, as published; the score is then the distance from the quantile of the values before.
            let detector = AdaptiveQuantile::new(probability, probability).unwrap().with_warm_up(5).unwrap();
            let scores = detector.fit(series).unwrap().detect(series).scores;
            for at in 6..values.len().min(theirs.len()) {
                let ours = values[at] - scores[at];
                let near = close(ours, theirs[at - 1], 1e-9)
                    || (ours - theirs[at - 1]).abs() < 1e-9 * values[at].abs();
                assert!(near, "{} {q} after {at}: {ours}, not {}", golden.name, theirs[at - 1]);
            }
        }
    }
}

#[test]
fn scaled_values_are_those_of_adtk() {
    for golden in all_series() {
        let theirs = floats(&golden.json["standard_scale"]);
        match StandardScaler::of(&Moments::of(&golden.values)) {
            Ok(scaler) => {
                for (ours, theirs) in scaler.scale_all(&golden.values).into_iter().zip(theirs) {
                    // In deviations, which are what the tolerance is of.
                    let near =
                        close(ours, theirs, golden.tolerance()) || (ours - theirs).abs() < golden.tolerance();
                    assert!(near, "{}: {ours}, not {theirs}", golden.name);
                }
            }
            // Where we refuse, ADTK has no number either.
            Err(error) => assert!(theirs.iter().all(|value| value.is_nan()), "{}: {error}", golden.name),
        }
    }
}
