//! Connections that read, each for one question at a time.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use iot_core::{Device, Error, Quantity};
use rusqlite::{Connection, OptionalExtension as _};
use tokio::sync::{Semaphore, oneshot};

use super::SqliteOptions;
use super::error::{Fault, Result};
use super::schema;

pub(super) struct Readers {
    options: SqliteOptions,
    path: PathBuf,
    /// Connections that nobody uses now; never more than there are permits.
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(options: SqliteOptions, path: PathBuf, readers: usize) -> Self {
        Self { options, path, idle: Mutex::default(), permits: Arc::new(Semaphore::new(readers)) }
    }

    /// Asks a question, away from the async threads. It is asked of one state of the file, and given up when the
    /// future is dropped.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        doing: &'static str,
        question: impl FnOnce(&Snapshot<'_>) -> Result<T> + Send + 'static,
    ) -> iot_core::Result<T> {
        let gone = || Error::internal(format!("sqlite, {doing}: the task failed"));
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| gone())?;
        let (answer, answered) = oneshot::channel();
        let readers = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let result = readers.ask(&|| answer.is_closed(), question);
            // Before the answer: who has it may drop the store, and find the file closed.
            drop((readers, permit));
            // Whoever asked may be gone.
            let _ = answer.send(result.map_err(|fault| fault.during(doing)));
        });
        answered.await.map_err(|_| gone())?
    }

    fn ask<T>(
        &self,
        is_dropped: &dyn Fn() -> bool,
        question: impl FnOnce(&Snapshot<'_>) -> Result<T>,
    ) -> Result<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let connection = kept.map_or_else(|| self.options.reader(&self.path), Ok)?;
        let transaction = connection.unchecked_transaction()?;
        let quantities = schema::quantities(&transaction)?;
        let answer = question(&Snapshot { connection: &transaction, quantities, is_dropped })?;
        drop(transaction);
        // One on which something failed is closed instead.
        idle().push(connection);
        Ok(answer)
    }
}

/// One state of the file, to read from.
pub(super) struct Snapshot<'a> {
    pub(super) connection: &'a Connection,
    /// All quantities, in the order of their columns.
    pub(super) quantities: Vec<Quantity>,
    is_dropped: &'a dyn Fn() -> bool,
}

impl Snapshot<'_> {
    /// Where the quantities of these names stand; all of them if none is named.
    pub(super) fn places(&self, names: &[String]) -> Vec<usize> {
        let wanted = |&place: &usize| {
            names.is_empty() || names.iter().any(|name| name == self.quantities[place].name())
        };
        (0..self.quantities.len()).filter(wanted).collect()
    }

    /// The key of the device of this id.
    pub(super) fn device(&self, id: &str) -> Result<Option<i64>> {
        let mut statement = self.connection.prepare_cached("SELECT _key FROM devices WHERE _id = ?1")?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    /// Stops a long read for which nobody waits any more; asked now and then, by the number of rows read.
    pub(super) fn check_wanted(&self, rows: u64) -> Result<()> {
        if rows.is_multiple_of(4_096) && (self.is_dropped)() {
            return Err(Fault::Ours(Error::unavailable("nobody waits for the answer")));
        }
        Ok(())
    }
}

/// The kinds and locations met in one question, by key.
#[derive(Default)]
pub(super) struct Labels {
    known: HashMap<i64, (String, String)>,
}

impl Labels {
    /// The device of this id with the kind and location of a label.
    pub(super) fn device(&mut self, snapshot: &Snapshot<'_>, id: &str, label: i64) -> Result<Device> {
        let (kind, location) = match self.known.entry(label) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                let mut statement = snapshot
                    .connection
                    .prepare_cached("SELECT _kind, _location FROM labels WHERE _key = ?1")?;
                new.insert(statement.query_row([label], |row| Ok((row.get(0)?, row.get(1)?)))?)
            }
        };
        device(id, kind, location)
    }
}

/// A device as the file has it.
pub(super) fn device(id: &str, kind: &str, location: &str) -> Result<Device> {
    let device = Device::from_parts(id, Some(kind), Some(location));
    Ok(device.map_err(|source| Error::corrupt("the file has a bad device").with_source(source))?)
}
