//! The laws of the detector ports: one test for each line of [`Detect`](iot_core::Detect)'s and
//! [`Online`](iot_core::Online)'s contract, and the same for frames.

#[doc(hidden)]
pub mod frames;
#[doc(hidden)]
pub mod series;
mod subjects;

/// Tests a detector of one quantity by every law of its contract, in a module of this name.
///
/// The expression makes the detector, a [`Detector`](iot_core::Detector) whose model is
/// [`Online`](iot_core::Online). It must be able to learn from a sine with a period of 24 samples and some noise.
///
/// ```
/// # use iot_core::{Bounds, Detect, Detector, Monitor, Online, Result, Series, Timestamp, Verdict, Verdicts};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Clone, Serialize, Deserialize)]
/// struct Negative;
/// # const BOUNDS: Bounds = Bounds { low: 0.0, high: f64::INFINITY };
/// # impl Detector for Negative {
/// #     type Model = Self;
/// #     fn fit(&self, _: Series<'_>) -> Result<Self> { Ok(Self) }
/// # }
/// # impl Detect for Negative {
/// #     fn bounds(&self) -> Bounds { BOUNDS }
/// #     fn detect(&self, series: Series<'_>) -> Verdicts {
/// #         let labels = series.values().iter().map(|&value| BOUNDS.judge(value)).collect();
/// #         Verdicts { labels, scores: series.values().to_vec(), bounds: BOUNDS }
/// #     }
/// # }
/// # impl Online for Negative {
/// #     type Monitor = Self;
/// #     fn monitor(&self) -> Self { Self }
/// # }
/// # impl Monitor for Negative {
/// #     fn observe(&mut self, time: Timestamp, value: f64) -> Option<Verdict> {
/// #         Some(Verdict { time, label: BOUNDS.judge(value), score: value })
/// #     }
/// # }
/// // ... which implements Detector, Detect, Online and Monitor
///
/// iot_testkit::detector_laws!(negative, Negative);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! detector_laws {
    ($name:ident, $detector:expr) => {
        $crate::detector_laws! { @tests series $name, $detector,
            there_is_one_verdict_a_sample,
            a_missing_sample_is_unknown,
            a_score_inside_the_bounds_is_no_anomaly,
            degenerate_series_are_survived,
            learning_and_judging_at_once_is_one_after_the_other,
            only_the_order_and_distances_of_times_count,
            the_stream_gives_what_the_batch_gives,
            a_monitor_restored_in_mid_stream_goes_on,
            whatever_the_history_a_restored_monitor_goes_on,
        }
    };
    (@tests $kind:ident $name:ident, $detector:expr, $($law:ident,)+) => {
        mod $name {
            #[allow(unused_imports, reason = "the expression may name things of the module around")]
            use super::*;

            $(
                #[test]
                fn $law() {
                    $crate::detector::$kind::$law(&$detector);
                }
            )+
        }
    };
}

/// Tests a detector of frames by every law of its contract, in a module of this name.
///
/// The expression makes a [`FrameDetector`](iot_core::FrameDetector) whose model is
/// [`OnlineFrame`](iot_core::OnlineFrame). It must be able to learn from a frame of `voltage`, `current` and `power`.
#[macro_export]
macro_rules! frame_detector_laws {
    ($name:ident, $detector:expr) => {
        $crate::detector_laws! { @tests frames $name, $detector,
            there_is_one_verdict_a_row,
            a_row_that_misses_a_quantity_is_unknown,
            further_quantities_and_the_order_of_columns_do_not_matter,
            a_frame_without_a_quantity_is_refused,
            a_score_inside_the_bounds_is_no_anomaly,
            degenerate_frames_are_survived,
            only_the_order_and_distances_of_times_count,
            the_stream_gives_what_the_batch_gives,
            a_monitor_restored_in_mid_stream_goes_on,
            whatever_the_history_a_restored_monitor_goes_on,
        }
    };
}

/// Whether two scores are the same but for rounding.
fn close(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

/// Whether bounds are the same, NaN being the same as NaN.
fn same_bounds(a: iot_core::Bounds, b: iot_core::Bounds) -> bool {
    a.low.total_cmp(&b.low).is_eq() && a.high.total_cmp(&b.high).is_eq()
}

/// Whether two scores are the same to the bit; any NaN is as good as another.
fn same_score(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// How many of the subjects are histories to learn from, the random ones not among them, and what their monitors are tried on.
const HISTORIES: usize = 16;
const STRANGE: [&str; 4] = ["faulty", "some missing", "constant", "huge"];

/// Saves a monitor and restores it.
fn saved_and_restored<M: serde::Serialize + serde::de::DeserializeOwned>(monitor: &M) -> M {
    let state = serde_json::to_string(monitor).expect("a monitor can be saved");
    serde_json::from_str(&state).unwrap_or_else(|error| panic!("{error} in {state}"))
}
