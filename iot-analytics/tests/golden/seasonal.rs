//! Seasonal decomposition: ADTK's.

use iot_analytics::SeasonalDecomposition;
use iot_core::Series;
use serde_json::Value;

use super::read::{Golden, all_series, close, float, floats};

fn decomposition(parameters: &Value) -> SeasonalDecomposition {
    let decomposition = match parameters["freq"].as_u64() {
        Some(period) => SeasonalDecomposition::new(period as usize).unwrap(),
        None => SeasonalDecomposition::search(),
    };
    if parameters["trend"] == true { decomposition.with_trend() } else { decomposition }
}

/// Holds the season learnt from `history`, and what it leaves of `series`, against theirs.
fn compare(golden: &Golden, key: &str, theirs: &Value, history: Series<'_>, series: Series<'_>) {
    let name = format!("{} {key}", golden.name);
    let season = decomposition(&theirs["params"]).fit(history);
    if !theirs["error"].is_null() {
        // Missing samples do not stop us, and what is infinite is as good as missing to a trend.
        let tolerant =
            ["interior_nan", "no_frequency", "non_finite"].iter().any(|code| theirs["code"] == *code);
        assert!(tolerant || season.is_err(), "{name}: {season:?}");
        return;
    }
    let season = season.unwrap();
    let fitted = &theirs["fitted"];
    assert_eq!(season.period() as u64, fitted["freq_"].as_u64().unwrap(), "{name}");
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
    assert!(!float(&fitted["freq_"]).is_nan());
}

#[test]
fn seasons_and_residuals_are_those_of_adtk() {
    for golden in all_series() {
        let count = golden.values.len();
        let is_seasonal = |theirs: &&Value| theirs["class"] == "SeasonalAD";
        for (key, theirs) in golden.json["detectors"].as_object().unwrap() {
            if is_seasonal(&theirs) {
                compare(&golden, key, theirs, golden.series(), golden.series());
            }
        }
        let half = golden.json["split_at"].as_u64().unwrap_or(0) as usize;
        for (key, theirs) in golden.json["detectors_fit_first_half"].as_object().into_iter().flatten() {
            if is_seasonal(&theirs) {
                compare(&golden, key, theirs, golden.part(0..half), golden.part(half..count));
            }
        }
        for (key, history, rest) in
            [("seasonal_phase", 7..247, 250..count), ("seasonal_phase_before", 207..count, 0..200)]
        {
            if let Some(theirs) = golden.json.get(key) {
                compare(&golden, key, theirs, golden.part(history), golden.part(rest));
            }
        }
    }
}
