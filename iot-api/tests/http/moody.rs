//! A store that is away when it is told to be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use iot_core::memory::MemoryStore;
use iot_core::{
    Batch, BucketQuery, Buckets, DeviceSummary, Error, FrameStream, Query, Result, Store, Timestamp,
};

/// What its driver says of a failure: nobody outside may read it.
pub(crate) const DRIVERS_WORDS: &str = "FATAL: password authentication failed for user admin";

#[derive(Debug, Default)]
pub(crate) struct Moody {
    inner: MemoryStore,
    pub(crate) away: AtomicBool,
    /// How often an append was tried.
    pub(crate) appends: AtomicU64,
}

impl Moody {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    fn answer(&self) -> Result<()> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Error::unavailable("the store is away").with_source(DRIVERS_WORDS));
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Moody {
    async fn append(&self, batch: &Batch) -> Result<()> {
        self.appends.fetch_add(1, Ordering::SeqCst);
        self.answer()?;
        self.inner.append(batch).await
    }

    fn scan(&self, query: Query) -> FrameStream {
        match self.answer() {
            Ok(()) => self.inner.scan(query),
            Err(error) => Box::pin(futures_util::stream::iter([Err(error)])),
        }
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        self.answer()?;
        self.inner.newest(skip, limit).await
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        self.answer()?;
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
