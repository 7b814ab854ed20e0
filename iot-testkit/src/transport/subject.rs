//! The log under test.

use std::fmt::Debug;

use async_trait::async_trait;
use iot_core::{Consumer, Producer};

/// A topic of its own to try the laws on, with nothing in it and no group.
#[async_trait]
pub trait Transport: Debug + Send + Sync + 'static {
    /// A new producer into the topic.
    async fn producer(&self) -> Box<dyn Producer>;

    /// A new member of this group, which starts with the oldest message.
    async fn consumer(&self, group: &str) -> Box<dyn Consumer>;

    /// Puts a message of any bytes into the topic; `false` where the log carries no bytes.
    async fn inject(&self, key: Option<&[u8]>, payload: &[u8]) -> bool {
        let _ = (key, payload);
        false
    }

    /// Whether its members know their lag, if not at once.
    fn knows_lag(&self) -> bool {
        true
    }

    /// How many readings the log holds that no group has committed; `None` where it is not bounded by that. The laws
    /// send some thousand readings: a bound below that is the one that is tried.
    fn capacity(&self) -> Option<usize> {
        None
    }
}
