//! A store that is asked again where it cannot answer now, as every caller of the port does.

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use iot_core::{Batch, BucketQuery, Buckets, DeviceSummary, FrameStream, Query, Result, Store, Timestamp};
use tokio::time::{Instant, sleep};

/// For how long `Unavailable` is taken for an answer that passes: longer than a server needs to start again.
const PATIENCE: Duration = Duration::from_secs(60);

/// The store under test. `Unavailable` is an answer that the contract allows at any time: a server may be busy, or
/// start again. What a law wants to know is what comes after it.
///
/// A scan is as it is: whoever has taken frames of it must begin anew.
#[derive(Debug)]
pub(super) struct Patient<S>(pub(super) S);

/// Calls until the answer is another one than `Unavailable`, for as long as one can expect that.
pub(super) async fn patiently<T, F: Future<Output = Result<T>>>(mut call: impl FnMut() -> F) -> Result<T> {
    let give_up = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(10);
    loop {
        match call().await {
            Err(error) if error.is_unavailable() && Instant::now() < give_up => sleep(pause).await,
            answer => return answer,
        }
        pause = (2 * pause).min(Duration::from_secs(1));
    }
}

#[async_trait]
impl<S: Store> Store for Patient<S> {
    async fn append(&self, batch: &Batch) -> Result<()> {
        patiently(|| self.0.append(batch)).await
    }

    fn scan(&self, query: Query) -> FrameStream {
        self.0.scan(query)
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        patiently(|| self.0.newest(skip, limit)).await
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        patiently(|| self.0.buckets(query.clone())).await
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        patiently(|| self.0.devices()).await
    }

    async fn device(&self, id: &str) -> Result<Option<DeviceSummary>> {
        patiently(|| self.0.device(id)).await
    }

    async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        patiently(|| self.0.delete_before(time)).await
    }

    async fn ping(&self) -> Result<()> {
        patiently(|| self.0.ping()).await
    }
}
