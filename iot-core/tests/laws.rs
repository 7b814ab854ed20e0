//! The memory store keeps the laws of a store.

use iot_core::memory::MemoryStore;
use iot_testkit::store::Subject;

async fn fresh() -> Option<Subject> {
    Some(Subject::new(MemoryStore::new()))
}

iot_testkit::store_laws!(store, fresh);
