//! Statistics, distributions and anomaly detectors for sensor data.
//!
//! Pure maths over slices, `ndarray` views and `iot-core`'s [`Series`](iot_core::Series) and [`Frame`](iot_core::Frame): no I/O,
//! no async, no clock. NaN is a missing value everywhere: it is skipped, never summed.
//!
//! - **Statistics**, each an accumulator that takes single values and slices, and merges with another of its kind:
//!   [`Summary`] ([`Moments`] and [`Quantiles`]), [`Correlation`], [`Energy`]; and [`quantile`](fn@quantile) of values at hand.

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
pub use quantile::{Quantiles, quantile, quantiles};
pub use resample::{Interpolation, Resample, Resampled};
pub use scaler::StandardScaler;
pub use seasonal::{Season, SeasonalDecomposition, find_period};
pub use summary::Summary;
