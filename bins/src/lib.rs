//! What the binaries share: settings, logs, the signal to stop, and exit codes.

mod exit;
mod listen;
mod operations;
mod pace;
mod settings;
mod sink;
mod start;
mod token_file;
mod topic;
mod values;

pub use exit::{EXIT_CODES, fail};
pub use listen::{bind, served, token};
pub use operations::{describe_forwarding, serve_operations};
pub use pace::Pace;
pub use settings::Settings;
pub use sink::{Sink, SinkAddress, opened};
pub use start::{Common, main, stopped};
pub use token_file::TokenFile;
pub use topic::Topic;
pub use values::{duration, quantity, speed};
