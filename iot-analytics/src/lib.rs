//! Statistics, distributions and anomaly detectors for sensor data.
//!
//! Pure maths over slices, `ndarray` views and `iot-core`'s [`Series`](iot_core::Series) and [`Frame`](iot_core::Frame): no I/O,
//! no async, no clock. NaN is a missing value everywhere: it is skipped, never summed. What learns is a type of its own, what streams
//! is bounded in memory and saved by serde, and everything refuses a wrong parameter by its name.
//!
//! ```
//! use iot_analytics::{Bins, Histogram, Method, Summary};
//! use iot_core::{Detect, Detector, Series};
//!
//! let times: Vec<i64> = (0..200).map(|second| second * 1_000_000_000).collect();
//! let mut voltage: Vec<f64> = (0..200).map(|i| 230.0 + f64::from(i * 7 % 11) / 10.0).collect();
//! voltage[150] = 251.3;
//!
//! let summary = Summary::of(&voltage);
//! assert_eq!((summary.median(), summary.moments().max()), (230.5, 251.3));
//! assert_eq!(Histogram::of(&voltage, Bins::Count(20))?.total(), 200);
//!
//! let method: Method = serde_json::from_str(r#"{"method": "interquartile_range", "low_factor": 3, "high_factor": 3}"#)?;
//! let series = Series::new(&times, &voltage)?;
//! assert_eq!(method.fit(series)?.detect(series).anomalies().collect::<Vec<_>>(), [150]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Contents
//!
//! - **Statistics**, each an accumulator that takes single values and slices, and merges with another of its kind, so that any number of
//!   readings streams through constant memory: [`Moments`] (count, mean, deviation, variance, extremes, skewness, kurtosis, RMS, crest
//!   factor), [`Quantiles`] (exact up to a stated number, then a sketch that states its error), [`Summary`] (both), [`Correlation`]
//!   (Pearson, covariance), [`Energy`] (with the method, the longest gap and the coverage), [`PeakDemand`]; [`power`] from
//!   voltage and current, and [`quantile`](fn@quantile) of values at hand.
//! - **Distributions**: [`Histogram`] with numpy's rules for [`Bins`], [`KernelDensity`] with a [`Bandwidth`].
//! - **Detectors**: the [handbook](detect), which says which one finds what. [`Method`], [`FrameMethod`] and [`AnyMethod`] choose and
//!   parametrise any of them by one JSON object. A [`pipeline`] prepares a series and detects.
//! - **Windows**: [`rolling`] and double-rolling aggregates, by samples and by time, causal and centred, of series and streams.
//! - **Seasons**: [`SeasonalDecomposition`], [`find_period`].
//! - **Preparing**: [`Resample`] onto a grid, [`StandardScaler`], [`split`] into parts to learn from and to judge.
//! - **After detection**: [`labels`] combined in three-valued logic, [`events`] of labels and their algebra, [`rules`] for alarms
//!   (hysteresis, shortest duration, cool-down).
//! - **How good is it?** [`metrics`] against the truth, and the scores of two public [benchmarks](benchmark).
//!
//! Examples: `detect` (ten lines), `own_detector` (thirty), `stream` (from a file), `score_skab`, `score_nab`, `plots`.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod benchmark;
mod correlation;
mod critical;
pub mod detect;
mod duration;
mod energy;
pub mod events;
mod histogram;
mod kernel_density;
pub mod labels;
mod linear;
mod method;
pub mod metrics;
mod moments;
mod nan;
mod peak_demand;
pub mod pipeline;
mod quantile;
mod resample;
pub mod rolling;
pub mod rules;
mod scaler;
mod seasonal;
pub mod split;
mod summary;
mod sums;
mod view;

pub use correlation::Correlation;
pub use energy::{Energy, Integration, power};
pub use histogram::{Bins, Histogram};
pub use kernel_density::{Bandwidth, Curve, KernelDensity};
pub use method::{
    AnyMethod, FrameMethod, FrameMethodModel, FrameMethodMonitor, Method, MethodModel, MethodMonitor,
    MethodPipeline,
};
pub use moments::Moments;
pub use peak_demand::{Demand, PeakDemand};
pub use quantile::{Estimate, Quantiles, quantile, quantiles};
pub use resample::{Interpolation, Resample, Resampled};
pub use scaler::StandardScaler;
pub use seasonal::{Season, SeasonalDecomposition, find_period};
pub use summary::Summary;
