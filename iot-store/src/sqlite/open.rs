//! How a file is opened.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use iot_core::{Error, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::SqliteStore;
use super::error::{self, Fault};
use super::readers::Readers;
use super::schema;
use super::writer::Writer;

/// How to open a [`SqliteStore`].
///
/// ```
/// use std::time::Duration;
/// use iot_store::SqliteOptions;
///
/// let patient = SqliteOptions::new().with_patience(Duration::from_secs(30));
/// ```
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    patience: Duration,
    readers: NonZeroUsize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { patience: Duration::from_secs(5), readers: NonZeroUsize::MIN.saturating_add(3) }
    }
}

impl SqliteOptions {
    /// The default: 5 s of patience, 4 readers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, waiting this long for another process that writes into the file before a call is `Unavailable`.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The same, with at most this many reads at a time; further ones wait.
    #[must_use]
    pub fn with_readers(mut self, readers: NonZeroUsize) -> Self {
        self.readers = readers;
        self
    }

    /// Opens the store in this file, or makes a new one there.
    ///
    /// # Errors
    ///
    /// `Invalid` if the file is something else, of a later version, or cannot be written, or its folder is not there;
    /// `Corrupt` if it is damaged; `Unavailable` if another process holds it.
    pub async fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore> {
        let path = path.as_ref().to_owned();
        let opened = tokio::task::spawn_blocking(move || self.open_now(&path)).await;
        opened.map_err(|source| Error::internal("sqlite, open: the task failed").with_source(source))?
    }

    fn open_now(&self, path: &Path) -> Result<SqliteStore> {
        let named = |what: &str| Error::invalid(format!("sqlite file {}: {what}", path.display()));
        // An absolute path cannot be taken for one of SQLite's URIs.
        let path: PathBuf =
            std::path::absolute(path).map_err(|source| named("not a path").with_source(source))?;
        if !path.parent().is_some_and(Path::is_dir) {
            return Err(named("its folder is not there"));
        }
        if path.is_dir() {
            return Err(named("it is a folder"));
        }
        let connection = self.first(&path).map_err(|fault| match fault {
            Fault::Ours(error) => {
                Error::new(error.kind(), format!("sqlite file {}: {error}", path.display()))
            }
            Fault::Driver(driver) => match driver.sqlite_error_code() {
                // Found at the first look, these say that it is the wrong file.
                Some(ErrorCode::NotADatabase) => named("it is not a database").with_source(driver),
                Some(ErrorCode::CannotOpen) => named("it cannot be opened").with_source(driver),
                _ => Fault::Driver(driver).during(&format!("open {}", path.display())),
            },
        })?;
        let readers = Arc::new(Readers::new(self.clone(), path.clone(), self.readers.get()));
        Ok(SqliteStore { path, writer: Arc::new(Writer::start(connection)?), readers })
    }

    /// The connection that writes, after having made sure that the file is one of ours.
    fn first(&self, path: &Path) -> error::Result<Connection> {
        let mut connection = self.connect(path, OpenFlags::SQLITE_OPEN_CREATE)?;
        schema::check_owner(&connection)?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        if mode != "wal" {
            return Err(Error::invalid("its file system cannot hold a write-ahead log").into());
        }
        connection.pragma_update(None, "synchronous", "full")?;
        // 32 MB of log before it is folded back: a page that many transactions write is then folded back once.
        connection.pragma_update(None, "wal_autocheckpoint", 8_192)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        connection.pragma_update(None, "cache_size", -32_768)?;
        schema::create(&mut connection)?;
        schema::verify(&connection)?;
        Ok(connection)
    }

    /// A connection that only reads.
    pub(super) fn reader(&self, path: &Path) -> error::Result<Connection> {
        let connection = self.connect(path, OpenFlags::empty())?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "cache_size", -8_192)?;
        Ok(connection)
    }

    fn connect(&self, path: &Path, flags: OpenFlags) -> error::Result<Connection> {
        let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(self.patience)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }
}
