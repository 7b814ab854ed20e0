//! What the binaries share: settings, logs, the signal to stop, and exit codes.

mod exit;
mod listen;
mod operations;
mod pace;
mod settings;
mod sink;
mod start;
mod topic;
mod values;

pub use exit::{EXIT_CODES, fail};
pub use listen::{bind, token};
pub use operations::serve_operations;
pub use pace::Pace;
pub use settings::Settings;
pub use sink::{Sink, SinkAddress};
pub use start::{Common, main, stopped};
pub use topic::Topic;
pub use values::{duration, quantity, speed};
