//! Where tests find real data, which lies beside the project and is no part of it.

use std::path::{Path, PathBuf};

/// The file or folder at `path` of the data beside the project; where it is absent, says so and answers `None`.
#[expect(clippy::print_stderr, reason = "a skipped test says so where its runner shows it")]
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(path);
    if !found.exists() {
        eprintln!("skipped: the data {path} is not beside the project");
        return None;
    }
    Some(found)
}
