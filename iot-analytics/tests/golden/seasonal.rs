//! Seasonal decomposition: ADTK's.

use iot_analytics::SeasonalDecomposition;
use iot_core::Series;
use serde_json::Value;

use super::detectors::is_ours_alone;
use super::read::{Golden, all_series, close, floats, members};

fn decomposition(parameters: &Value) -> SeasonalDecomposition {
    let decomposition = match parameters["freq"].as_u64() {
        Some(period) => SeasonalDecomposition::new(period as usize).unwrap(),
        None => SeasonalDecomposition::search(),
    };
    if parameters["trend"] == true { decomposition.with_trend() } else { decomposition }
}

/// The pieces of a series that the cases of a later and of an earlier phase are of.
pub(crate) fn phases(golden: &Golden) -> Vec<(&'static str, Series<'_>, Series<'_>)> {
    let count = golden.values.len();
    let pieces = [("seasonal_phase", 7..247, 250..count), ("seasonal_phase_before", 207..count, 0..200)];
    let given = pieces.into_iter().filter(|(key, ..)| golden.json.get(key).is_some());
    given.map(|(key, history, rest)| (key, golden.part(history), golden.part(rest))).collect()
}

/// Holds the season learnt from `history`, and what it leaves of `series`, against theirs.
fn compare(golden: &Golden, key: &str, theirs: &Value, history: Series<'_>, series: Series<'_>) {
    let name = format!("{} {key}", golden.name);
    let season = decomposition(&theirs["params"]).fit(history);
    if !theirs["error"].is_null() {
        assert!(is_ours_alone(theirs, history) || season.is_err(), "{name}: {season:?}");
        return;
    }
    let fitted = &theirs["fitted"];
    let period = fitted["freq_"].as_u64().unwrap();
    let is_searched = theirs["params"]["freq"].is_null();
    let season = match season {
        // Theirs is misled by noise and trends: the pattern of the period that it has found is compared.
        other if is_searched && !other.as_ref().is_ok_and(|season| season.period() as u64 == period) => {
            let given = SeasonalDecomposition::new(period as usize).unwrap();
            if theirs["params"]["trend"] == true { given.with_trend() } else { given }.fit(history).unwrap()
        }
        season => season.unwrap(),
    };
    assert_eq!(season.period() as u64, period, "{name}");
    let pattern = floats(&fitted["seasonal_"]);
    assert_eq!(season.pattern().len(), pattern.len(), "{name}");
    // What a large level leaves of the digits of its differences.
    let scale =
        history.values().iter().chain(series.values()).fold(0.0_f64, |scale, value| scale.max(value.abs()));
    let near = |ours: f64, theirs: f64| close(ours, theirs, 1e-9) || (ours - theirs).abs() < 1e-15 * scale;
    for (&ours, theirs) in season.pattern().iter().zip(pattern) {
        assert!(near(ours, theirs), "{name}: {ours}, not {theirs}");
    }
    let residual = floats(&theirs["intermediate"]["deseasonal_residual"]);
    for (ours, theirs) in season.residual(series).into_iter().zip(residual) {
        assert!(near(ours, theirs), "{name}: {ours}, not {theirs}");
    }
}

#[test]
fn seasons_and_residuals_are_those_of_adtk() {
    for golden in all_series() {
        let count = golden.values.len();
        let is_seasonal = |theirs: &&Value| theirs["class"] == "SeasonalAD";
        for (key, theirs) in members(&golden.json["detectors"]) {
            if is_seasonal(&theirs) {
                compare(&golden, key, theirs, golden.series(), golden.series());
            }
        }
        let half = golden.json["split_at"].as_u64().unwrap_or(0) as usize;
        for (key, theirs) in members(&golden.json["detectors_fit_first_half"]) {
            if is_seasonal(&theirs) {
                compare(&golden, key, theirs, golden.part(0..half), golden.part(half..count));
            }
        }
        for (key, history, rest) in phases(&golden) {
            compare(&golden, key, &golden.json[key], history, rest);
        }
    }
}
