//! Statistics of whole series: pandas', numpy's and scipy's.

use iot_analytics::{Correlation, Moments, Quantiles, StandardScaler, Summary, quantile};

use super::read::{Golden, all_series, close, file, float, floats};

/// The files' statistics are of the finite values.
fn finite(golden: &Golden) -> Vec<f64> {
    golden.values.iter().copied().filter(|value| value.is_finite()).collect()
}

/// numpy's own sums lose digits at a mean of a million and a deviation of a hundredth.
fn tolerance(golden: &Golden) -> f64 {
    if golden.name == "big_offset" { 1e-6 } else { 1e-9 }
}

#[test]
fn moments_are_those_of_pandas() {
    for golden in all_series() {
        let values = finite(&golden);
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
                ("std", moments.std(), &describe["std"], tolerance(&golden)),
                ("var", moments.variance(), &stats["var"], tolerance(&golden)),
                ("min", moments.min(), &describe["min"], 0.0),
                ("max", moments.max(), &describe["max"], 0.0),
                ("skew", moments.skewness(), &stats["skew"], tolerance(&golden)),
                ("kurt", moments.kurtosis(), &stats["kurt"], tolerance(&golden)),
            ] {
                let theirs = float(theirs);
                assert!(close(ours, theirs, tolerance), "{} {name} {way}: {ours}, not {theirs}", golden.name);
            }
        }
    }
}

#[test]
fn quantiles_are_those_of_numpy_to_the_bit() {
    for golden in all_series() {
        let values = finite(&golden);
        let mut stream = Quantiles::new();
        stream.extend(&values);
        for pair in golden.json["stats"]["quantiles_linear"].as_array().unwrap() {
            let (q, theirs) = (float(&pair[0]), float(&pair[1]));
            for ours in [quantile(&values, q).unwrap(), stream.quantile(q).unwrap()] {
                let same = ours == theirs || (ours.is_nan() && theirs.is_nan());
                assert!(same, "{} {q}: {ours}, not {theirs}", golden.name);
            }
        }
        let median = Summary::of(&values).median();
        assert!(close(median, float(&golden.json["stats"]["median"]), 1e-15), "{}", golden.name);
    }
}

#[test]
fn correlations_are_those_of_pandas() {
    for golden in all_series() {
        let second = floats(&golden.json["second"]);
        let ours = Correlation::of(&golden.values, &second).unwrap().pearson();
        let theirs = float(&golden.json["corr"]["pandas_pearson"]);
        assert!(close(ours, theirs, tolerance(&golden)), "{}: {ours}, not {theirs}", golden.name);
    }
    let Some(frame) = file("multivariate.json") else { return };
    let columns = ["voltage", "current", "power"].map(|name| floats(&frame["columns"][name]));
    for (row, theirs) in frame["corr_matrix"].as_array().unwrap().iter().enumerate() {
        for (column, theirs) in floats(theirs).into_iter().enumerate() {
            let ours = Correlation::of(&columns[row], &columns[column]).unwrap().pearson();
            assert!(close(ours, theirs, 1e-9), "row {row} column {column}: {ours}, not {theirs}");
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
                    assert!(close(ours, theirs, tolerance(&golden)), "{}: {ours}, not {theirs}", golden.name);
                }
            }
            // Where we refuse, ADTK has no number either.
            Err(error) => assert!(theirs.iter().all(|value| value.is_nan()), "{}: {error}", golden.name),
        }
    }
}
