//! Times as a browser has them.

use serde::{Serialize, Serializer};

/// Nanoseconds since 1970, written as milliseconds: whole where they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Millis(pub(crate) i64);

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1_000_000 == 0 {
            return serializer.serialize_i64(self.0 / 1_000_000);
        }
        serializer.serialize_f64(self.0 as f64 / 1e6)
    }
}
