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
pub mod labels;
mod linear;
mod method;
pub mod metrics;
mod moments;
mod nan;
mod quantile;
pub mod rolling;
pub mod rules;
pub mod split;
mod summary;
mod sums;
mod view;

pub use correlation::Correlation;
pub use energy::{Energy, Integration, power};
pub use method::{
    AnyMethod, FrameMethod, FrameMethodModel, FrameMethodMonitor, Method, MethodModel, MethodMonitor,
};
pub use moments::Moments;
pub use quantile::{Quantiles, quantile, quantiles};
pub use summary::Summary;
