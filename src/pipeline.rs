//! From a log into a store: the only place where transports and stores meet.
//!
//! [`forward`] consumes a log, appends to a store and commits, in that order, so that a reading is either
//! stored or comes again. What a store refuses for good is kept as a dead letter, with the reason. A [`Ledger`]
//! says at any time where every reading is.

mod batches;
mod commits;
mod dead_letters;
mod deliver;
mod forward;
mod ledger;
mod retention;

pub use dead_letters::{FileDeadLetters, MemoryDeadLetters};
pub use forward::{Forward, ForwardOptions, forward};
pub use ledger::{Ledger, Totals};
pub use retention::retain;
