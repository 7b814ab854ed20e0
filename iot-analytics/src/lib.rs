//! Statistics, distributions and anomaly detectors for sensor data.
