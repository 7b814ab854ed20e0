//! A store that is away when it is told to be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use iot_core::memory::MemoryStore;
use iot_core::{
    Batch, BucketQuery, Buckets, DeviceSummary, Error, FrameStream, Query, Result, Store, Timestamp,
};
use tokio::sync::watch;

/// What its driver says of a failure: nobody outside may read it.
pub(crate) const DRIVERS_WORDS: &str = "FATAL: password authentication failed for user admin";

#[derive(Debug, Default)]
pub(crate) struct Moody {
    inner: MemoryStore,
    pub(crate) away: AtomicBool,
    /// How often an append was tried.
    pub(crate) appends: AtomicU64,
    /// How often it was scanned.
    pub(crate) scans: watch::Sender<u64>,
    /// Whether the next scan that finds something breaks off after it.
    breaks: Arc<AtomicBool>,
    /// Whether whoever reads has to wait.
    held: AtomicBool,
    /// How many reads have begun, and how many of them have ended.
    pub(crate) begun: AtomicU64,
    pub(crate) ended: Arc<AtomicU64>,
}

/// A read that is under way.
struct Reading(Arc<AtomicU64>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Moody {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    pub(crate) fn break_off(&self) {
        self.breaks.store(true, Ordering::SeqCst);
    }

    pub(crate) fn set_held(&self, held: bool) {
        self.held.store(held, Ordering::SeqCst);
    }

    fn begin(&self) -> Reading {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Reading(Arc::clone(&self.ended))
    }

    async fn read(&self) -> Result<Reading> {
        let reading = self.begin();
        while self.held.load(Ordering::SeqCst) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        self.answer().map(|()| reading)
    }

    fn answer(&self) -> Result<()> {
        if self.away.load(Ordering::SeqCst) { Err(away()) } else { Ok(()) }
    }
}

fn away() -> Error {
    Error::unavailable("the store is away").with_source(DRIVERS_WORDS)
}

#[async_trait]
impl Store for Moody {
    async fn append(&self, batch: &Batch) -> Result<()> {
        self.appends.fetch_add(1, Ordering::SeqCst);
        self.answer()?;
        self.inner.append(batch).await
    }

    fn scan(&self, query: Query) -> FrameStream {
        self.scans.send_modify(|scans| *scans += 1);
        let reading = self.begin();
        if self.held.load(Ordering::SeqCst) {
            // Like a store that does not answer: it ends when it is dropped.
            return stream::pending().map(move |frame| (&reading, frame).1).boxed();
        }
        if let Err(error) = self.answer() {
            return stream::iter([Err(error)]).boxed();
        }
        let breaks = Arc::clone(&self.breaks);
        let frames = self.inner.scan(query).map(move |frame| (&reading, frame).1);
        let broken = move |frame| {
            let broken = breaks.swap(false, Ordering::SeqCst).then(|| Err(away()));
            stream::iter([frame].into_iter().chain(broken))
        };
        frames.flat_map(broken).boxed()
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        let _reading = self.read().await?;
        self.inner.newest(skip, limit).await
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        let _reading = self.read().await?;
        self.inner.buckets(query).await
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        self.answer()?;
        self.inner.devices().await
    }

    async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        self.answer()?;
        self.inner.delete_before(time).await
    }

    async fn ping(&self) -> Result<()> {
        self.answer()
    }
}
