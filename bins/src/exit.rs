//! Exit codes that mean something.

use std::process::ExitCode;

use iot::ErrorKind;
use iot::api::Denied;

/// What the help of every binary says about exit codes.
pub const EXIT_CODES: &str = "\
Exit codes:
   0  done, or stopped by Ctrl-C or SIGTERM with nothing left in flight
   2  wrong usage or settings, a refused call, or a feature that was not built in
  65  some of the data was bad; all the rest was dealt with
  69  a server was absent for too long
  70  a bug; please report it
 130  stopped at once by a second Ctrl-C or SIGTERM; what was in flight comes again";

/// An error of this kind with a message of its own.
pub fn fail(kind: ErrorKind, message: impl Into<String>) -> anyhow::Error {
    iot::Error::new(kind, message).into()
}

/// Why a server did not let us in, if that is what went wrong: the SDK does not give up data for it, but it is no bug.
pub(crate) fn denied(error: &anyhow::Error) -> Option<Denied> {
    error.chain().find_map(|cause| cause.downcast_ref::<Denied>()).copied()
}

/// The code for an error: that of the SDK's error in its chain, if there is one.
pub(crate) fn code(error: &anyhow::Error) -> ExitCode {
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<iot::Error>()).map(iot::Error::kind);
    ExitCode::from(match kind {
        _ if denied(error).is_some() => 2,
        Some(ErrorKind::Invalid) => 2,
        Some(ErrorKind::Corrupt) => 65,
        Some(ErrorKind::Unavailable) => 69,
        Some(ErrorKind::Internal) | None => 70,
    })
}
