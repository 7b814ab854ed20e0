//! Faults: what goes wrong.

mod schedule;

pub(super) use schedule::{Active, Faults};

use serde::{Deserialize, Serialize};

use crate::{Device, Quantity, Timestamp};

/// A way in which a device or sensor fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// One value is far off.
    Spike,
    /// All values are off by as much.
    LevelShift,
    /// Values are off by more and more.
    Drift,
    /// The same value comes again and again.
    StuckValue,
    /// Values scatter.
    NoiseBurst,
    /// Readings are missing.
    Dropout,
    /// The device's clock is behind: readings are stamped too early, and so come out of order.
    ClockSkew,
}

impl FaultKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Spike,
        Self::LevelShift,
        Self::Drift,
        Self::StuckValue,
        Self::NoiseBurst,
        Self::Dropout,
        Self::ClockSkew,
    ];

    /// Whether it is about the device as a whole, not about one quantity.
    fn is_of_device(self) -> bool {
        matches!(self, Self::Dropout | Self::ClockSkew)
    }

    /// The least and the most readings it lasts.
    fn readings(self) -> [f64; 2] {
        match self {
            Self::Spike => [1.0, 1.0],
            Self::LevelShift | Self::StuckValue => [60.0, 240.0],
            Self::Drift => [120.0, 480.0],
            Self::NoiseBurst | Self::Dropout | Self::ClockSkew => [30.0, 120.0],
        }
    }
}

/// A fault that befell a device: the truth that a detector can be scored on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// The device.
    pub device: Device,
    /// What happened.
    pub kind: FaultKind,
    /// The quantity it befell; `None` where it is the whole device.
    pub quantity: Option<Quantity>,
    /// The true time of the first reading concerned. Under clock skew stamps lie [`size`](Self::size) earlier.
    pub from: Timestamp,
    /// The true time of the first reading after it; [`Timestamp::MAX`] of one that stays.
    pub to: Timestamp,
    /// How large it is, in the quantity's unit; for clock skew in seconds. See [the table](super).
    pub size: f64,
}
