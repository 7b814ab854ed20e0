//! Kafka as the log of the iot SDK.
