//! Clients that are not ours: the scripts in `tests/python`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A command that runs a script of `tests/python`, with the Python that `IOT_PYTHON` names, else `python3`.
///
/// Answers `None` where that Python has not the modules, and says so; with `IOT_LIVE=1` it panics instead.
#[expect(clippy::print_stderr, reason = "a skipped test says so where its runner shows it")]
pub(crate) fn python(script: &str) -> Option<Command> {
    let python = std::env::var("IOT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let modules = Command::new(&python).args(["-c", "import confluent_kafka, pandas, requests"]).output();
    if !modules.is_ok_and(|output| output.status.success()) {
        let hint = format!(
            "{python} has not the modules of tests/python/requirements.txt; set IOT_PYTHON to one that has"
        );
        assert!(std::env::var("IOT_LIVE").as_deref() != Ok("1"), "{hint}");
        eprintln!("skipped: {hint}");
        return None;
    }
    let scripts: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/python");
    let mut command = Command::new(python);
    command.arg("-B").arg(scripts.join(script));
    Some(command)
}
