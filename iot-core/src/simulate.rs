//! A simulator: readings of devices that are not there, with faults whose truth is known.
//!
//! A [`Fleet`] makes [`Batch`](crate::Batch)es in time order. It is pure: it has no clock and does no I/O, and the same
//! [`FleetOptions`] give the same readings to the byte, on every machine and however they are divided into batches.
//!
//! # Signals
//!
//! A device draws current by a daily load curve of its own, with slow and fast noise on it. Its voltage wanders with the
//! mains, which all devices of one location share, and sags as the current rises, so that the two are correlated
//! negatively. Of further quantities, power is the product of the two; temperature follows the load with a delay, and
//! humidity the temperature, downwards; rotation and speed follow the load; all others wander on their own.
//! Values are rounded as a sensor's are, and stay inside the ranges of the device's [`Kind`].
//!
//! # Faults
//!
//! With [`FleetOptions::faults`], faults befall each device at random, one at a time, and [`Fleet::take_faults`] tells
//! of each. A fault changes nothing but what it is about: outside of it the readings are those of the same fleet
//! without faults, to the byte.
//!
//! | fault | what is seen | readings | [size](Fault::size) |
//! | --- | --- | --- | --- |
//! | [spike](FaultKind::Spike) | one value far off | 1 | 0.5 to 1.5 ranges, up or down |
//! | [level shift](FaultKind::LevelShift) | values off by as much | 60 to 240 | 0.2 to 0.4 ranges, up or down |
//! | [drift](FaultKind::Drift) | values off by more and more | 120 to 480 | 0.3 to 0.6 ranges at the end, up or down |
//! | [stuck value](FaultKind::StuckValue) | the same value again and again | 60 to 240 | the value |
//! | [noise burst](FaultKind::NoiseBurst) | much noise | 30 to 120 | standard deviation, 0.1 to 0.2 ranges |
//! | [dropout](FaultKind::Dropout) | no readings | 30 to 120 | 0 |
//! | [clock skew](FaultKind::ClockSkew) | times that are behind | 30 to 120 | seconds, 2.5 to 20.5 steps |
//!
//! A [`Defect`] is a level shift that stays, on one device and from a given time on.
//!
//! A range is that of the quantity in the device's [`Kind`]; values with a fault may lie outside of it.
//!
//! # Randomness
//!
//! The generator is PCG64-MCG (M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms
//! for Random Number Generation", 2014), one for each device and purpose, seeded through SplitMix64; normal deviates
//! are by Box and Muller, transcendental functions from `libm`, which is the same everywhere.

mod fault;
mod fleet;
mod kind;
mod options;
mod random;
mod sensor;
mod signal;

pub use fault::{Fault, FaultKind};
pub use fleet::Fleet;
pub use kind::Kind;
pub use options::{Defect, FleetOptions};
