//! Our numbers held against those of ADTK and its fellows: the golden files, read from `IOT_GOLDEN` or beside the project.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed unwrap fails the test, and a skip says so"
)]

#[path = "golden/detectors.rs"]
mod detectors;
#[path = "golden/distributions.rs"]
mod distributions;
#[path = "golden/events.rs"]
mod events;
#[path = "golden/read.rs"]
mod read;
#[path = "golden/rolling.rs"]
mod rolling;
#[path = "golden/seasonal.rs"]
mod seasonal;
#[path = "golden/statistics.rs"]
mod statistics;
