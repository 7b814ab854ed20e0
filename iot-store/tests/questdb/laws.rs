//! The laws of a store.

use iot_core::{TimeRange, Timestamp};
use iot_testkit::store::Subject;

use super::server::{Server, open};

async fn fresh() -> Option<Subject> {
    let table = Server::find()?.table();
    let again = table.options();
    let times = TimeRange::new(Timestamp::from_secs(0), "2262-01-01".parse().unwrap()).unwrap();
    let subject = Subject::new(table.open().await)
        .with_times(times)
        .deleting_in_parts()
        .with_reopen(async || open(again).await)
        .with_guard(table);
    Some(subject)
}

iot_testkit::store_laws!(questdb, fresh);
