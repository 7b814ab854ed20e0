//! Our numbers held against those of ADTK and its fellows: all golden files of a folder, `IOT_GOLDEN` or the one beside the project.
//!
//! What a file is, is told by the groups in it and not by its name, and the parameters are those it states. A group, a class, a
//! parameter or a statistic that is not known here is a failure: nothing is passed over.

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
#[path = "golden/frames.rs"]
mod frames;
#[path = "golden/inventory.rs"]
mod inventory;
#[path = "golden/parameters.rs"]
mod parameters;
#[path = "golden/read.rs"]
mod read;
#[path = "golden/rolling.rs"]
mod rolling;
#[path = "golden/seasonal.rs"]
mod seasonal;
#[path = "golden/statistics.rs"]
mod statistics;
