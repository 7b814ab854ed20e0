//! Our numbers held against those of ADTK and its fellows: the golden files, read from `IOT_GOLDEN` or beside the project.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed unwrap fails the test, and a skip says so"
)]

#[path = "golden/detectors.rs"]
mod detectors;
#[path = "golden/events.rs"]
mod events;
#[path = "golden/read.rs"]
mod read;
