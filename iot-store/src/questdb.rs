//! QuestDB: a time-series database on a server of its own.

mod buckets;
mod devices;
mod error;
mod newest;
mod options;
mod order;
mod pool;
mod precision;
mod reader;
mod scan;
mod schema;
mod table;
mod upkeep;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use iot_core::{
    Batch, BucketQuery, Buckets, DeviceSummary, Error, FrameStream, Query, Result, Store, Timestamp,
};

use tokio::net::TcpStream;
use tokio::time::timeout;

pub use options::QuestDbOptions;
use pool::Pool;
use reader::Reader;
use table::Table;
use writer::Writer;

/// How long a [`ping`](Store::ping) may take.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// A store in a table of QuestDB.
///
/// It writes by line protocol over HTTP and reads by PostgreSQL's protocol. Tried with server 9.3.4.
///
/// # The table
///
/// [`open`](Self::open) makes it where it is absent:
///
/// ```sql
/// CREATE TABLE readings (timestamp TIMESTAMP_NS, device_id SYMBOL CAPACITY 65536 CACHE,
///   device_type SYMBOL CAPACITY 256 CACHE, location SYMBOL CAPACITY 4096 CACHE)
///   TIMESTAMP(timestamp) PARTITION BY DAY WAL DEDUP UPSERT KEYS(timestamp, device_id)
/// ```
///
/// and checks one that is there: a table that is not so is refused as `Invalid` with the fault and its remedy, for
/// without deduplication a repeated batch would be stored twice. A quantity is a column of type `DOUBLE`, added when it
/// is first written, 256 of them at the most; its unit is kept in a table beside, `readings_quantities`. A designated
/// timestamp in microseconds (`TIMESTAMP`) is accepted, and then a reading with a finer time is refused, not rounded.
///
/// # What it keeps
///
/// - Times from 1970-01-01 to 2261-12-31; a batch with any other is refused before anything is written.
/// - `append` answers when the server has put the batch into its write-ahead log: it then survives the death of the
///   server's process. For that of the machine set `cairo.commit.mode=sync` on the server.
/// - Batches are written by one thread, in the order of the appends; those that wait are written in one transaction.
///   A batch of more than some 200,000 readings is several transactions, so a failure may leave part of it to be
///   written again.
/// - A request that was given up, a minute after it was sent, may still be carried out by a server that was stuck, and
///   even after a later one.
/// - What was appended can be read a little later, when the server has applied its log; [`applied`](Self::applied)
///   waits for it.
/// - `delete_before` drops whole days, and counts those of their readings that could be read.
///
/// ```no_run
/// use iot_core::{Query, Result, Store, StoreExt};
/// use iot_store::QuestDbStore;
///
/// async fn newest_voltage() -> Result<Option<f64>> {
///     let store = QuestDbStore::open("questdb://127.0.0.1:9000/readings?pg=8812".parse()?).await?;
///     let frame = store.read(Query::device("pump-7").quantities(["voltage"])).await?;
///     Ok(frame.and_then(|frame| frame.values("voltage")?.last().copied()))
/// }
/// ```
#[derive(Debug)]
pub struct QuestDbStore {
    table: Table,
    writer: Writer,
    reader: Reader,
    /// The host and the HTTP port.
    write_port: (String, u16),
}

impl QuestDbStore {
    /// Opens the table, which is made where it is absent.
    ///
    /// # Errors
    ///
    /// `Invalid` if the table is not as it must be, or the login is missing or refused; `Unavailable` if the server
    /// cannot be reached.
    pub async fn open(options: QuestDbOptions) -> Result<Self> {
        let pool = Arc::new(Pool::new(&options)?);
        let table = Table::new(Arc::clone(&pool), options.table.clone());
        table.prepare().await?;
        let reader = Reader::new(pool, &options.table);
        let write_port = (options.host.clone(), options.http_port);
        Ok(Self { table, writer: Writer::start(options).await?, reader, write_port })
    }

    /// Waits until all that any writer has appended by now can be read.
    ///
    /// # Errors
    ///
    /// `Unavailable` if it has not come about `within` this time, or the table is suspended.
    pub async fn applied(&self, within: Duration) -> Result<()> {
        self.reader.applied(within).await
    }
}

#[async_trait]
impl Store for QuestDbStore {
    async fn append(&self, batch: &Batch) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        self.table.admit(batch).await?;
        match self.writer.write(batch.clone()).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.table.blame(error).await),
        }
    }

    fn scan(&self, query: Query) -> FrameStream {
        self.reader.scan(query)
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        self.reader.newest(skip, limit).await
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        self.reader.buckets(&query).await
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        self.reader.devices().await
    }

    async fn device(&self, id: &str) -> Result<Option<DeviceSummary>> {
        self.reader.device(id).await
    }

    async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        self.reader.delete_before(time).await
    }

    async fn ping(&self) -> Result<()> {
        let answer = timeout(PING_TIMEOUT, async {
            self.reader.check().await?;
            let (host, port) = &self.write_port;
            TcpStream::connect((&**host, *port)).await.map_err(|error| {
                Error::unavailable("the write port of questdb cannot be reached").with_source(error)
            })
        });
        let late = |late| Error::unavailable("questdb does not answer in time").with_source(late);
        answer.await.map_err(late)?.map(|_| ())
    }
}
