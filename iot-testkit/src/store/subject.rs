//! The store under test, and what its contract lets it do its own way.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use iot_core::{Store, TimeRange, Timestamp};

use super::patient::Patient;

/// A fresh, empty store to try the laws on, and in what it makes use of the freedom that the contract leaves.
///
/// ```
/// use iot_core::memory::MemoryStore;
/// use iot_core::{TimeRange, Timestamp};
/// use iot_testkit::store::Subject;
///
/// let since_1970 = TimeRange::new(Timestamp::from_nanos(0), Timestamp::MAX)?;
/// let subject = Subject::new(MemoryStore::new()).with_times(since_1970);
/// # Ok::<(), iot_core::Error>(())
/// ```
pub struct Subject {
    pub(super) store: Arc<dyn Store>,
    pub(super) times: TimeRange,
    pub(super) counts: bool,
    pub(super) deletes_exactly: bool,
    pub(super) reopen: Option<Reopen>,
    pub(super) guards: Vec<Box<dyn Any + Send>>,
}

pub(super) type Reopen = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Arc<dyn Store>> + Send>> + Send>;

impl Subject {
    /// A store that makes use of no freedom.
    pub fn new(store: impl Store) -> Self {
        Self {
            store: Arc::new(Patient(store)),
            times: TimeRange::ALL,
            counts: true,
            deletes_exactly: true,
            reopen: None,
            guards: Vec::new(),
        }
    }

    /// The same, which can hold these times only and refuses others as `Invalid`.
    #[must_use]
    pub fn with_times(mut self, times: TimeRange) -> Self {
        self.times = times;
        self
    }

    /// The same, which may not know how many readings a device has.
    #[must_use]
    pub fn without_counts(mut self) -> Self {
        self.counts = false;
        self
    }

    /// The same, which may keep some of the readings that it was asked to delete.
    #[must_use]
    pub fn deleting_in_parts(mut self) -> Self {
        self.deletes_exactly = false;
        self
    }

    /// The same, with a way to open what it has kept once more, after it has been dropped.
    #[must_use]
    pub fn with_reopen<S, F>(mut self, reopen: impl FnOnce() -> F + Send + 'static) -> Self
    where
        S: Store,
        F: Future<Output = S> + Send + 'static,
    {
        self.reopen = Some(Box::new(|| {
            let opening = reopen();
            Box::pin(async { Arc::new(Patient(opening.await)) as Arc<dyn Store> })
        }));
        self
    }

    /// The same, with something to be dropped when the law has been tried: a folder, a server, a table.
    #[must_use]
    pub fn with_guard(mut self, guard: impl Any + Send) -> Self {
        self.guards.push(Box::new(guard));
        self
    }

    /// Whether the store can hold this time.
    pub(super) fn holds(&self, time: Timestamp) -> bool {
        self.times.contains(time)
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("store", &self.store)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}
