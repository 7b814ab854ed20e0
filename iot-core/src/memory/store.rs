//! A store inside the process.

mod state;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::{Context, Poll};

use async_trait::async_trait;
use futures_core::Stream;

use crate::{
    Batch, BucketQuery, Buckets, DeviceSummary, Frame, FrameStream, Query, Result, Store, Timestamp,
};
use state::State;

/// A store that is a map in memory: the reference reading of [`Store`]'s contract.
///
/// It is as durable as the process, and `devices` and `buckets` visit every reading they are about. A clone is the
/// same store.
///
/// ```
/// use iot_core::memory::MemoryStore;
/// use iot_core::{Batch, Device, Quantity, Query, Reading, Result, Store, StoreExt, Timestamp};
///
/// async fn keep_one() -> Result<()> {
///     let store = MemoryStore::new();
///     let reading = Reading::new(Device::new("pump-7")?, Timestamp::from_secs(0)).with(Quantity::VOLTAGE, 229.7)?;
///     store.append(&Batch::from_readings(&[reading])?).await?;
///     let frame = store.read(Query::device("pump-7")).await?;
///     assert_eq!(frame.unwrap().values("voltage"), Some(&[229.7][..]));
///     Ok(())
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(keep_one()).unwrap();
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    state: Arc<RwLock<State>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    // No call leaves the state half changed, so a panic elsewhere has not spoilt it.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("readings", &self.read().len()).finish()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn append(&self, batch: &Batch) -> Result<()> {
        self.write().append(batch)
    }

    fn scan(&self, query: Query) -> FrameStream {
        Box::pin(Scan { store: self.clone(), rest: Some(query) })
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        self.read().newest(skip, limit)
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        Ok(self.read().buckets(&query))
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        Ok(self.read().devices())
    }

    async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        Ok(self.write().delete_before(time))
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

/// Reads a frame whenever it is asked for one, holding nothing between.
struct Scan {
    store: MemoryStore,
    /// What has not been read yet.
    rest: Option<Query>,
}

impl Stream for Scan {
    type Item = Result<Frame>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(query) = self.rest.take() else { return Poll::Ready(None) };
        let Some((frame, rest)) = self.store.read().frame(query) else { return Poll::Ready(None) };
        self.rest = rest;
        Poll::Ready(Some(frame))
    }
}
