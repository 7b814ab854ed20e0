//! What happens when the server is away, refuses, or is not well.

use std::sync::Arc;
use std::time::Duration;

use iot_core::{Batch, BatchBuilder, ErrorKind, Quantity, Query, Store, StoreExt, Timestamp};
use iot_store::QuestDbStore;

use super::proxy::Proxy;
use super::server::{Table, append, reading, voltage, with_table};

/// The server behind two relays.
struct Relayed {
    write: Proxy,
    read: Proxy,
    store: QuestDbStore,
}

impl Relayed {
    async fn open(table: &Table) -> Self {
        let server = &table.server;
        let write = Proxy::before(&server.host, server.http_port).await;
        let read = Proxy::before(&server.host, server.pg_port).await;
        let store = QuestDbStore::open(table.options_at(write.port, read.port)).await.unwrap();
        Self { write, read, store }
    }

    fn down(&self) {
        self.write.down();
        self.read.down();
    }

    fn up(&self) {
        self.write.up();
        self.read.up();
    }
}

#[test]
fn a_server_that_is_away_is_unavailable_and_no_loss() {
    with_table(async |table| {
        let relayed = Relayed::open(&table).await;
        let store = &relayed.store;
        store.append(&voltage(0)).await.unwrap();
        relayed.down();
        let unavailable = |error: iot_core::Error| {
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
            // S8: nothing of the driver's own in what a stranger may see.
            assert!(!error.to_string().contains("127.0.0.1"), "{error}");
        };
        unavailable(store.append(&voltage(1)).await.unwrap_err());
        unavailable(store.ping().await.unwrap_err());
        unavailable(store.newest(0, 1).await.unwrap_err());
        unavailable(store.read(Query::device("pump")).await.unwrap_err());
        unavailable(
            QuestDbStore::open(table.options_at(relayed.write.port, relayed.read.port)).await.unwrap_err(),
        );
        relayed.up();
        store.append(&voltage(1)).await.unwrap();
        store.ping().await.unwrap();
        store.applied(Duration::from_secs(30)).await.unwrap();
        assert_eq!(store.read(Query::device("pump")).await.unwrap().unwrap().len(), 2);
    });
}

#[test]
fn a_ping_fails_when_either_port_is_away() {
    with_table(async |table| {
        let relayed = Relayed::open(&table).await;
        relayed.read.down();
        assert!(relayed.store.ping().await.unwrap_err().is_unavailable());
        relayed.read.up();
        relayed.store.ping().await.unwrap();
        relayed.write.stop().await;
        assert!(relayed.store.ping().await.unwrap_err().is_unavailable());
    });
}

#[test]
fn a_server_that_comes_and_goes_keeps_each_reading_once() {
    with_table(async |table| {
        let relayed = Arc::new(Relayed::open(&table).await);
        let switching = Arc::clone(&relayed);
        let switch = tokio::spawn(async move {
            for _ in 0..20 {
                tokio::time::sleep(Duration::from_millis(60)).await;
                switching.down();
                tokio::time::sleep(Duration::from_millis(30)).await;
                switching.up();
            }
        });
        let mut failures = 0;
        let mut batches = 0;
        while !switch.is_finished() {
            failures += append(&relayed.store, &long(batches)).await.unwrap();
            batches += 1;
        }
        assert!(failures > 0, "the server was never away");
        relayed.store.applied(Duration::from_secs(60)).await.unwrap();
        let devices = relayed.store.devices().await.unwrap();
        assert_eq!(devices.iter().filter_map(|device| device.readings).sum::<u64>(), batches * LONG);
    });
}

/// The write port makes a table of its own where there is none, without deduplication.
#[test]
fn a_table_that_has_gone_is_made_again_as_it_must_be() {
    for server_goes_too in [true, false] {
        with_table(async |table| {
            let relayed = Relayed::open(&table).await;
            relayed.store.append(&voltage(0)).await.unwrap();
            if server_goes_too {
                relayed.down();
            }
            table.run("DROP TABLE …").await;
            table.run("DROP TABLE …_quantities").await;
            relayed.up();
            // It is noticed after a moment.
            tokio::time::sleep(Duration::from_millis(100)).await;
            append(&relayed.store, &voltage(1)).await.unwrap();
            append(&relayed.store, &voltage(1)).await.unwrap();
            relayed.store.applied(Duration::from_secs(30)).await.unwrap();
            assert_eq!(relayed.store.read(Query::device("pump")).await.unwrap().unwrap().len(), 1);
            table.open().await;
        });
    }
}

/// `Invalid` would have a forwarder give up every reading there is.
#[test]
fn a_table_that_is_altered_meanwhile_is_not_the_fault_of_the_readings() {
    with_table(async |table| {
        let store = table.open().await;
        store.append(&voltage(0)).await.unwrap();
        store.applied(Duration::from_secs(30)).await.unwrap();
        for (fault, words) in [
            ("DEDUP DISABLE", "DEDUP ENABLE"),
            ("DEDUP ENABLE UPSERT KEYS(timestamp)", "not identified by timestamp and device_id"),
        ] {
            table.run(&format!("ALTER TABLE … {fault}")).await;
            let error = loop {
                // It is noticed after a moment.
                if let Err(error) = append(&store, &voltage(1)).await {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::Internal, "{error}");
            assert!(error.to_string().contains(words), "{error}");
            table.run("ALTER TABLE … DEDUP ENABLE UPSERT KEYS(timestamp, device_id)").await;
            while append(&store, &voltage(1)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    });
}

#[test]
fn a_ping_tells_of_a_table_that_is_not_in_order() {
    with_table(async |table| {
        let store = table.open().await;
        store.append(&voltage(0)).await.unwrap();
        store.applied(Duration::from_secs(30)).await.unwrap();
        store.ping().await.unwrap();
        table.run("ALTER TABLE … ALTER COLUMN voltage TYPE BOOLEAN").await;
        let error = loop {
            // It shows after a moment.
            if let Err(error) = store.ping().await {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::Internal, "{error}");
        assert!(error.to_string().contains("column voltage is BOOLEAN"), "{error}");
    });
}

/// S6: a new database connection per request.
#[test]
fn connections_are_used_again() {
    with_table(async |table| {
        let relayed = Relayed::open(&table).await;
        for i in 0..50 {
            relayed.store.append(&voltage(i)).await.unwrap();
            relayed.store.newest(0, 1).await.unwrap();
            relayed.store.read(Query::device("pump")).await.unwrap();
            relayed.store.devices().await.unwrap();
        }
        // One that watches for the writer, and one that reads; another where a slow machine still holds one of them.
        // What must not be is one a call, of which there were 150 and 50.
        assert!(relayed.read.accepted() <= 5, "{}", relayed.read.accepted());
        // One to ask for the protocol, and one that writes.
        assert!(relayed.write.accepted() <= 5, "{}", relayed.write.accepted());
    });
}

#[test]
fn a_refused_append_takes_no_other_with_it() {
    with_table(async |table| {
        let relayed = Arc::new(Relayed::open(&table).await);
        let odd = Quantity::named("odd").unwrap();
        relayed.store.append(&reading(0, &odd, 1.0)).await.unwrap();
        relayed.store.append(&voltage(0)).await.unwrap();
        // Behind the store's back a type that no number fits, which the server looks at for a new connection.
        relayed.write.down();
        table.run("ALTER TABLE … ALTER COLUMN odd TYPE BOOLEAN").await;
        let kind = "SELECT type FROM table_columns('…') WHERE \"column\" = 'odd'";
        while table.ask(kind).await.as_deref() != Some("BOOLEAN") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        relayed.write.up();
        append(&relayed.store, &voltage(0)).await.unwrap();
        // While the first is on its way the others gather behind it, and go together.
        let appends = (0..40).map(|i| {
            let relayed = Arc::clone(&relayed);
            let batch = match i {
                0 => long(0),
                i if i % 10 == 5 => reading(i, &odd, 1.0),
                i => voltage(i),
            };
            tokio::spawn(async move { (i, relayed.store.append(&batch).await) })
        });
        for append in appends.collect::<Vec<_>>() {
            let (i, appended) = append.await.unwrap();
            match appended {
                Ok(()) => assert_ne!(i % 10, 5, "append {i}"),
                Err(error) => {
                    // The table is to blame, and not a reading that a forwarder would give up.
                    assert_eq!((i % 10, error.kind()), (5, ErrorKind::Internal), "append {i}: {error}");
                }
            }
        }
        relayed.store.applied(Duration::from_secs(30)).await.unwrap();
        let count = table.ask("SELECT count()::varchar FROM … WHERE device_id = 'pump'").await.unwrap();
        // All but the first and the four refused, and the one of the beginning.
        assert_eq!(count, "36");
    });
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so where its runner shows it")]
fn a_suspended_table_is_reported() {
    with_table(async |table| {
        let store = table.open().await;
        store.append(&voltage(0)).await.unwrap();
        store.applied(Duration::from_secs(30)).await.unwrap();
        store.ping().await.unwrap();
        if table.try_run("ALTER TABLE … SUSPEND WAL").await.is_err() {
            eprintln!("skipped: the server is not in dev mode, so no table of it can be suspended");
            return;
        }
        let error = store.ping().await.unwrap_err();
        assert!(error.is_unavailable() && error.to_string().contains("RESUME WAL"), "{error}");
        store.append(&voltage(1)).await.unwrap();
        assert!(store.applied(Duration::from_secs(30)).await.is_err());
        table.run("ALTER TABLE … RESUME WAL").await;
        store.ping().await.unwrap();
        store.applied(Duration::from_secs(30)).await.unwrap();
        assert_eq!(store.read(Query::device("pump")).await.unwrap().unwrap().len(), 2);
    });
}

const LONG: u64 = 20_000;

/// Many readings, those of `part` being of times of their own.
fn long(part: u64) -> Batch {
    let mut batch = BatchBuilder::new();
    let voltage = batch.quantity(&Quantity::VOLTAGE).unwrap();
    for row in part * LONG..(part + 1) * LONG {
        let device = batch.device(&format!("machine {}", row % 10), None, None).unwrap();
        let time = Timestamp::from_millis(1_738_713_600_000 + row as i64 / 10);
        batch.row(device, time, &[(voltage, row as f64)]).unwrap();
    }
    batch.finish()
}
