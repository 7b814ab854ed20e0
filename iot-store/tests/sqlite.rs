//! The SQLite store keeps the laws of a store.

#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use iot_core::{Batch, BucketQuery, Buckets, DeviceSummary, FrameStream, Query, Result, Store, Timestamp};
use iot_store::SqliteStore;
use iot_testkit::store::Subject;

async fn fresh() -> Option<Subject> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("readings.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let reopen = || async { SqliteStore::open(path).await.unwrap() };
    Some(Subject::new(store).with_reopen(reopen).with_guard(folder))
}

iot_testkit::store_laws!(one_store, fresh);

async fn fresh_twice() -> Option<Subject> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("readings.db");
    let stores = [SqliteStore::open(&path).await.unwrap(), SqliteStore::open(&path).await.unwrap()];
    Some(Subject::new(Alternating { stores, calls: AtomicUsize::new(0) }).with_guard(folder))
}

iot_testkit::store_laws!(two_stores_on_one_file, fresh_twice);

/// Two stores on one file, as two processes would have them: each call goes to the other one than the last.
#[derive(Debug)]
struct Alternating {
    stores: [SqliteStore; 2],
    calls: AtomicUsize,
}

impl Alternating {
    fn next(&self) -> &SqliteStore {
        &self.stores[self.calls.fetch_add(1, Ordering::Relaxed) % 2]
    }
}

#[async_trait]
impl Store for Alternating {
    async fn append(&self, batch: &Batch) -> Result<()> {
        self.next().append(batch).await
    }

    fn scan(&self, query: Query) -> FrameStream {
        self.next().scan(query)
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        self.next().newest(skip, limit).await
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        self.next().buckets(query).await
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        self.next().devices().await
    }

    async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        self.next().delete_before(time).await
    }

    async fn ping(&self) -> Result<()> {
        self.next().ping().await
    }
}
