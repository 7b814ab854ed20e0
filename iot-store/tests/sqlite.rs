//! The SQLite store keeps the laws of a store.

#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use iot_store::SqliteStore;
use iot_testkit::store::Subject;

async fn fresh() -> Option<Subject> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("readings.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let reopen = || async { SqliteStore::open(path).await.unwrap() };
    Some(Subject::new(store).with_reopen(reopen).with_guard(folder))
}

iot_testkit::store_laws!(store, fresh);
