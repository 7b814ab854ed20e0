//! The store that the example `own_store` writes is held to the laws, as yours should be.

#[path = "../examples/own_store.rs"]
#[expect(dead_code, reason = "the rest of the example is its `main`")]
mod own_store;

use iot_testkit::store::Subject;
use own_store::MapStore;

async fn fresh() -> Option<Subject> {
    Some(Subject::new(MapStore::default()))
}

iot_testkit::store_laws!(map_store, fresh);
