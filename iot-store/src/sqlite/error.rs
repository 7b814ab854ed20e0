//! From SQLite's errors to ours.

use iot_core::{Error, ErrorKind};
use rusqlite::ErrorCode;

/// What goes wrong inside of this store.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// SQLite says no.
    #[error("sqlite failed")]
    Driver(#[from] rusqlite::Error),
    /// We do.
    #[error(transparent)]
    Ours(#[from] Error),
}

pub(super) type Result<T, E = Fault> = std::result::Result<T, E>;

impl Fault {
    /// The error to show of a write. What is wrong with the file is not the fault of what was to be written, which
    /// must not be given up for it.
    pub(super) fn while_writing(self, doing: &str) -> Error {
        let of_the_file = match &self {
            Self::Driver(driver) => driver.sqlite_error_code() != Some(ErrorCode::TooBig),
            Self::Ours(error) => error.kind() == ErrorKind::Corrupt,
        };
        let error = self.during(doing);
        if !of_the_file || error.is_unavailable() {
            return error;
        }
        Error::internal(error.to_string()).with_source(error)
    }

    /// The error to show; `doing` says what was being done.
    pub(super) fn during(self, doing: &str) -> Error {
        let driver = match self {
            Self::Ours(error) => return error,
            Self::Driver(driver) => driver,
        };
        let (kind, what) = match &driver {
            rusqlite::Error::SqliteFailure(failure, _) => meaning(failure.code),
            // Our schema has no such value: something else has written into the file.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::InvalidColumnType(..) => {
                (ErrorKind::Corrupt, "the file has a value that cannot be")
            }
            _ => (ErrorKind::Internal, "unexpected"),
        };
        Error::new(kind, format!("sqlite, {doing}: {what}")).with_source(driver)
    }
}

fn meaning(code: ErrorCode) -> (ErrorKind, &'static str) {
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            (ErrorKind::Unavailable, "another process holds the file")
        }
        ErrorCode::DiskFull => (ErrorKind::Unavailable, "the disk is full"),
        ErrorCode::SystemIoFailure => (ErrorKind::Unavailable, "the disk failed"),
        ErrorCode::CannotOpen => (ErrorKind::Unavailable, "the file cannot be opened"),
        ErrorCode::OutOfMemory => (ErrorKind::Unavailable, "out of memory"),
        ErrorCode::SchemaChanged | ErrorCode::OperationInterrupted => (ErrorKind::Unavailable, "interrupted"),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            (ErrorKind::Invalid, "the file cannot be written")
        }
        ErrorCode::TooBig => (ErrorKind::Invalid, "the value is too large"),
        ErrorCode::DatabaseCorrupt => (ErrorKind::Corrupt, "the file is damaged"),
        ErrorCode::NotADatabase => (ErrorKind::Corrupt, "the file is not a database"),
        _ => (ErrorKind::Internal, "unexpected"),
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn failure(code: i32, text: &str) -> Error {
        let failure = rusqlite::ffi::Error::new(code);
        Fault::from(rusqlite::Error::SqliteFailure(failure, Some(text.to_owned()))).during("append")
    }

    #[test]
    fn an_error_says_what_to_do() {
        use rusqlite::ffi;
        let kinds = [
            (ffi::SQLITE_BUSY, ErrorKind::Unavailable),
            (ffi::SQLITE_BUSY_SNAPSHOT, ErrorKind::Unavailable),
            (ffi::SQLITE_LOCKED, ErrorKind::Unavailable),
            (ffi::SQLITE_FULL, ErrorKind::Unavailable),
            (ffi::SQLITE_IOERR_WRITE, ErrorKind::Unavailable),
            (ffi::SQLITE_READONLY, ErrorKind::Invalid),
            (ffi::SQLITE_CORRUPT, ErrorKind::Corrupt),
            (ffi::SQLITE_NOTADB, ErrorKind::Corrupt),
            (ffi::SQLITE_MISUSE, ErrorKind::Internal),
            (ffi::SQLITE_CONSTRAINT_PRIMARYKEY, ErrorKind::Internal),
        ];
        for (code, kind) in kinds {
            assert_eq!(failure(code, "").kind(), kind, "{code}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_is_not_the_fault_of_the_batch() {
        use rusqlite::ffi;
        let kinds = [
            (ffi::SQLITE_FULL, ErrorKind::Unavailable),
            (ffi::SQLITE_READONLY, ErrorKind::Internal),
            (ffi::SQLITE_CORRUPT, ErrorKind::Internal),
            (ffi::SQLITE_NOTADB, ErrorKind::Internal),
            (ffi::SQLITE_TOOBIG, ErrorKind::Invalid),
        ];
        for (code, kind) in kinds {
            let failure = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(Fault::from(failure).while_writing("append").kind(), kind, "{code}");
        }
        assert_eq!(
            Fault::from(Error::corrupt("a bad device")).while_writing("append").kind(),
            ErrorKind::Internal
        );
        assert_eq!(
            Fault::from(Error::invalid("a second unit")).while_writing("append").kind(),
            ErrorKind::Invalid
        );
    }

    #[test]
    fn s8_the_databases_own_text_is_in_the_source_only() {
        let error = failure(rusqlite::ffi::SQLITE_ERROR, "no such table: secret");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(error.source().is_some_and(|source| source.to_string().contains("secret")));
    }
}
