//! The nouns and ports of the iot SDK, with an in-memory log and store.
//!
//! Everything else in the SDK says *how*; this crate says *what*:
//!
//! - **Nouns**: [`Timestamp`] and [`TimeRange`], [`Device`], [`Quantity`], [`Reading`], and their
//!   columnar forms [`Batch`] (many devices), [`Frame`] (one device) and [`Series`] (one quantity).
//! - **Ports**: [`Producer`], [`Consumer`], [`DeadLetters`] and [`Store`]; [`Detector`], [`Detect`] and
//!   [`Monitor`] for the maths. Each states its contract, and `iot-testkit` holds a law for each line of it.
//! - **[`Error`]**: one type, whose [`ErrorKind`] says what the caller should do next.
//! - **[`memory`]**: a log and a store inside the process, the reference reading of the ports.
//! - **[`simulate`]**: readings of devices that are not there, with faults whose truth is known.
//! - **[`wire`]**: the format readings have in messages.
//!
//! It does no I/O and imports no other crate of the SDK.

mod batch;
mod buckets;
mod detect;
mod device;
mod error;
mod frame;
mod log;
pub mod memory;
mod quantity;
mod reading;
pub mod simulate;
mod store;
mod time;
pub mod wire;

pub use batch::{Batch, BatchBuilder, Column};
pub use buckets::{Bucket, BucketQuery, Buckets};
pub use detect::{
    Bounds, Detect, DetectFrame, Detector, FrameDetector, FrameMonitor, Label, Monitor, Online, OnlineFrame,
    Verdict, Verdicts,
};
pub use device::Device;
pub use error::{Error, ErrorKind, Result};
pub use frame::{Frame, Series};
pub use log::{Consumer, DeadLetters, Delivery, Origin, Position, Producer, Reject};
pub use quantity::Quantity;
pub use reading::Reading;
pub use store::{DeviceSummary, FrameStream, Query, Store, StoreExt};
pub use time::{TimeRange, Timestamp};
