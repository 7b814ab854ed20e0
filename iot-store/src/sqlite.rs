//! The embedded store: one SQLite file.

mod append;
mod buckets;
mod devices;
mod error;
mod newest;
mod open;
mod readers;
mod registry;
mod retention;
mod rows;
mod scan;
mod schema;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream;
use iot_core::{Batch, BucketQuery, Buckets, DeviceSummary, FrameStream, Query, Result, Store, Timestamp};

pub use open::SqliteOptions;
use readers::Readers;
use writer::Writer;

/// A store in one SQLite file, which needs no server.
///
/// One thread writes; appends that wait for it share a transaction, and each is answered when that is on disk. Reads
/// have connections of their own and never wait for the writer. A clone is the same store; when the last one is
/// dropped, the writer ends what it has begun and the file is closed. It lives inside a tokio runtime.
///
/// Readings are clustered by device and time, so that those of one device lie together: a range of them is read
/// in one go, and batches with many readings of each device are written fastest. A file holds up to 512 quantities.
///
/// Other processes may open the same file at the same time, on the same machine.
///
/// ```
/// use iot_core::{Batch, Device, Quantity, Query, Reading, Store, StoreExt, Timestamp};
/// use iot_store::SqliteStore;
///
/// # async fn keep_one(path: &std::path::Path) -> iot_core::Result<()> {
/// let store = SqliteStore::open(path).await?;
/// let reading = Reading::new(Device::new("pump-7")?, Timestamp::from_secs(0)).with(Quantity::VOLTAGE, 229.7)?;
/// store.append(&Batch::from_readings(&[reading])?).await?;
/// let frame = store.read(Query::device("pump-7")).await?;
/// assert_eq!(frame.unwrap().values("voltage"), Some(&[229.7][..]));
/// # Ok(())
/// # }
/// # let folder = tempfile::tempdir().unwrap();
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(keep_one(&folder.path().join("readings.db"))).unwrap();
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    path: PathBuf,
    // Dropped before the writer, which folds the write-ahead log back if it is the last to close the file.
    readers: Arc<Readers>,
    writer: Arc<Writer>,
}

impl SqliteStore {
    /// Opens the store in this file, or makes a new one there, with the default [`SqliteOptions`].
    ///
    /// # Errors
    ///
    /// Those of [`SqliteOptions::open`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        SqliteOptions::new().open(path).await
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn append(&self, batch: &Batch) -> Result<()> {
        self.writer.append(batch).await
    }

    fn scan(&self, query: Query) -> FrameStream {
        // A frame at a time, each a read of its own: a slow consumer holds neither a connection nor a snapshot, which
        // would keep the write-ahead log from being folded back.
        Box::pin(stream::try_unfold((Arc::clone(&self.readers), Some(query)), |(readers, rest)| async {
            let Some(query) = rest else { return Ok(None) };
            let read = readers.read("scan", move |snapshot| scan::frame(snapshot, query)).await?;
            Ok(read.map(|(frame, rest)| (frame, (readers, rest))))
        }))
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        self.readers.read("newest readings", move |snapshot| newest::newest(snapshot, skip, limit)).await
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        self.readers.read("buckets", move |snapshot| buckets::buckets(snapshot, &query)).await
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        self.readers.read("devices", devices::devices).await
    }

    async fn device(&self, id: &str) -> Result<Option<DeviceSummary>> {
        let id = id.to_owned();
        self.readers.read("device", move |snapshot| devices::device_of(snapshot, &id)).await
    }

    async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        self.writer.delete_before(time).await
    }

    async fn ping(&self) -> Result<()> {
        self.writer.check_alive()?;
        self.readers.read("ping", schema::check_version).await
    }
}
