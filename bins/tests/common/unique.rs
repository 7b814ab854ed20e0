//! Names that no other run of a test has.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

static USED: AtomicU32 = AtomicU32::new(0);

/// A name for a topic or a table: `what` and what makes it new.
pub(crate) fn unique(what: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    format!("{what}_{now}_{}_{}", std::process::id(), USED.fetch_add(1, Ordering::Relaxed))
}
