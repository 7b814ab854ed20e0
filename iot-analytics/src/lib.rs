//! Statistics, distributions and anomaly detectors for sensor data.
//!
//! Pure maths over slices, `ndarray` views and `iot-core`'s [`Series`](iot_core::Series) and [`Frame`](iot_core::Frame): no I/O,
//! no async, no clock. NaN is a missing value everywhere: it is skipped, never summed.

