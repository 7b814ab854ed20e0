//! The laws of the detector ports, for every detector of this crate.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::time::Duration;

use iot_analytics::detect::{
    AdaptiveQuantile, AnyOf, Autoregression, Conformal, Cusum, Ewma, FlatLine, GeneralizedEsd,
    HalfSpaceTrees, Hampel, HotellingT2, InterquartileRange, LevelShift, PageHinkley, Pca, Persist, Quantile,
    RateOfChange, Ratio, Regression, Seasonal, Side, Silence, Spread, SquaredPredictionError, Threshold,
    VolatilityShift, ZScore,
};
use iot_analytics::pipeline::{Pipeline, Step};
use iot_analytics::rolling::{Aggregate, Rolling, Window};
use iot_analytics::{FrameMethod, Method};
use iot_testkit::{detector_laws, frame_detector_laws};

detector_laws!(threshold, Threshold::new(224.0, 236.0).unwrap());
detector_laws!(quantile, Quantile::new(0.01, 0.99).unwrap());
detector_laws!(interquartile_range, InterquartileRange::new(1.5).unwrap());
detector_laws!(ewma, Ewma::new(0.2, 3.0).unwrap());
detector_laws!(cusum, Cusum::new(0.5, 5.0).unwrap());
detector_laws!(page_hinkley, PageHinkley::new(0.5, 10.0).unwrap());
detector_laws!(rate_of_change, RateOfChange::new(8.0, 6.0).unwrap());
detector_laws!(flat_line, FlatLine::new(Duration::from_secs(10)).unwrap().with_tolerance(0.1).unwrap());
detector_laws!(silence, Silence::new(Duration::from_secs(10)).unwrap());
detector_laws!(persist, Persist::new(Window::Samples(1)).unwrap());
detector_laws!(persist_window, Persist::new(Window::Samples(10)).unwrap());
detector_laws!(persist_duration, Persist::new(Window::Duration(Duration::from_secs(10))).unwrap());
detector_laws!(level_shift, LevelShift::new(Window::Samples(10)).unwrap());
detector_laws!(
    level_shift_uneven,
    LevelShift::with_windows(Window::Samples(10), Window::Samples(3)).unwrap().with_factor(3.0).unwrap()
);
detector_laws!(volatility_shift, VolatilityShift::new(Window::Samples(10)).unwrap());
detector_laws!(
    volatility_shift_log,
    VolatilityShift::new(Window::Samples(10))
        .unwrap()
        .with_spread(Spread::InterquartileRange)
        .with_ratio(Ratio::Log, 0.01)
        .unwrap()
);
detector_laws!(autoregression, Autoregression::new(1, 1).unwrap());
detector_laws!(autoregression_of_lags, Autoregression::new(3, 2).unwrap());
detector_laws!(generalized_esd, GeneralizedEsd::new(0.05).unwrap());
detector_laws!(seasonal, Seasonal::new(24).unwrap());
detector_laws!(seasonal_of_odd_period, Seasonal::new(23).unwrap().with_trend());
detector_laws!(seasonal_with_trend, Seasonal::new(24).unwrap().with_trend().with_side(Side::Positive));
detector_laws!(seasonal_search, Seasonal::search());
detector_laws!(
    pipeline,
    Pipeline::new(
        [
            Step::Scale,
            Step::Season { period: Some(24) },
            Step::Difference,
            Step::Rolling(Rolling::new(Window::Samples(5), Aggregate::Mean).unwrap().with_min_periods(1)),
        ],
        Quantile::new(0.01, 0.99).unwrap()
    )
    .unwrap()
);
detector_laws!(method, Method::from(Quantile::new(0.01, 0.99).unwrap()));
detector_laws!(
    method_of_steps,
    serde_json::from_str::<Method>(
        r#"{"method": "pipeline", "steps": [{"step": "difference"}], "detector": {"method": "persist", "window": 5}}"#
    )
    .unwrap()
);
detector_laws!(z_score, ZScore::new(20).unwrap());
detector_laws!(z_score_early, ZScore::new(20).unwrap().with_min_periods(5).unwrap());
detector_laws!(hampel, Hampel::new(20).unwrap());
detector_laws!(conformal, Conformal::new(0.05).unwrap().with_window(100, 20).unwrap());
detector_laws!(adaptive_quantile, AdaptiveQuantile::new(0.05, 0.95).unwrap().with_warm_up(50).unwrap());

frame_detector_laws!(hotelling_t2, HotellingT2::new(0.999).unwrap());
frame_detector_laws!(hotelling_t2_smooth, HotellingT2::new(0.999).unwrap().with_smooth(5).unwrap());
frame_detector_laws!(squared_prediction_error, SquaredPredictionError::new(0.999).unwrap());
frame_detector_laws!(pca, Pca::new(1).unwrap());
frame_detector_laws!(regression, Regression::new("power").unwrap());
frame_detector_laws!(
    hotelling_t2_of_averages,
    HotellingT2::new(0.999).unwrap().with_weight(0.2).unwrap().with_max_autocorrelation(0.99).unwrap()
);
frame_detector_laws!(half_space_trees, HalfSpaceTrees::new().with_window(100).unwrap());
frame_detector_laws!(
    any_of,
    AnyOf::new([
        FrameMethod::from(
            HotellingT2::new(0.999).unwrap().with_variance(0.5).unwrap().with_smooth(5).unwrap()
        ),
        FrameMethod::from(SquaredPredictionError::new(0.999).unwrap().with_quantities(["voltage", "power"])),
    ])
    .unwrap()
);

/// A window by time may judge a missing sample by its neighbours, and so its detectors cannot keep every law; this one they do.
#[test]
fn windows_by_time_give_in_a_stream_what_they_give_in_a_batch() {
    let seconds = |seconds| Window::Duration(Duration::from_secs(seconds));
    let level = LevelShift::with_windows(seconds(10), seconds(7)).unwrap();
    iot_testkit::detector::series::the_stream_gives_what_the_batch_gives(&level);
    iot_testkit::detector::series::a_monitor_restored_in_mid_stream_goes_on(&level);
    let mixed = VolatilityShift::with_windows(Window::Samples(10), seconds(20)).unwrap();
    iot_testkit::detector::series::the_stream_gives_what_the_batch_gives(&mixed);
}
