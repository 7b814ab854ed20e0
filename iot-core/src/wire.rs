//! The wire format: readings as JSON, in a Kafka value, an HTTP body or a dead letter.
//!
//! One reading is one object, in UTF-8; a message is one reading or an array of them:
//!
//! ```json
//! {"timestamp": "2025-02-05 00:00:00", "voltage": 3.7, "current": 0.5, "device_type": "Controller", "location": "warehouse"}
//! ```
//!
//! | member | value |
//! | --- | --- |
//! | `timestamp` | text as [`Timestamp`](crate::Timestamp) reads it, or a whole number since 1970 in the [unit](Epoch) agreed upon |
//! | `device_id` | text; where it is missing, the message's key is the id |
//! | `device_type`, `location` | text |
//! | a quantity that is [known](crate::Quantity::KNOWN) or [configured](Options::quantities) | a number, in the quantity's unit |
//! | any other name | a number: a further quantity, in a unit that nobody has stated; anything else is no value, and ignored |
//!
//! `null` is a missing value everywhere. Names of quantities are without regard to case; of two members with one
//! name the later counts, though a value of the wrong type refuses the reading wherever it stands.
//!
//! What is refused is named in the reason: text that is not JSON (strictly: no comments, no `NaN`, no lone
//! surrogates, at most 127 levels deep), a reading without device, time or value, a number too large for an
//! `f64`, a quantity whose value is not a number or whose name [is not one](crate::Quantity), more than
//! [`MAX_VALUES`] values in a reading, and what [`Device`](crate::Device) refuses.
//!
//! A batch takes at most [`MAX_QUANTITIES`] quantities and [`Options::max_bytes`] of columns, whatever strangers
//! send: the first reading that is past either [begins the next batch](Rest), and none is refused for it. Names that
//! are neither known nor configured are forgotten with the batch that fills up with them.
//!
//! [`Decoder`] reads it, [`encode_row`] writes it; what one writes the other reads, to the last bit.

mod decode;
mod draft;
mod encode;
mod names;
mod number;
mod options;
mod scan;
mod text;
mod time;

pub use decode::{Decoder, Rest};
pub use draft::MAX_VALUES;
pub use encode::encode_row;
pub use names::MAX_QUANTITIES;
pub use options::{Epoch, Options};
