//! Which tables are taken, and which are refused with what remedy.

use std::time::Duration;

use iot_core::{BucketQuery, ErrorKind, Quantity, Query, Store, StoreExt, TimeRange, Timestamp};
use iot_store::QuestDbStore;

use super::server::{Table, reading, voltage, with_table};

const SYMBOLS: &str = "device_id SYMBOL, device_type SYMBOL, location SYMBOL";
const KEYS: &str = "DEDUP UPSERT KEYS(timestamp, device_id)";

/// Opening is refused, with words that say what is wrong.
async fn refused(table: &Table, words: &str) {
    let error = QuestDbStore::open(table.options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    let text = error.to_string();
    assert!(text.contains(words) && text.contains(&table.name), "{text}");
}

/// S5: a table without designated timestamp, partitions, WAL or dedup; text ids instead of symbols.
#[test]
fn our_own_table_has_time_partitions_wal_dedup_and_symbols() {
    with_table(async |table| {
        table.open().await.append(&voltage(0)).await.unwrap();
        // A second opening takes it as it is.
        table.open().await.applied(Duration::from_secs(30)).await.unwrap();
        let settings = "SELECT concat(designatedTimestamp, ' ', partitionBy, ' ', walEnabled, ' ', dedup)::varchar \
                        FROM tables() WHERE table_name = '…'";
        assert_eq!(table.ask(settings).await.unwrap(), "timestamp DAY true true");
        let kinds = "SELECT string_agg(concat(\"column\", ' ', type, ' ', upsertKey), ',')::varchar \
                     FROM table_columns('…')";
        assert_eq!(
            table.ask(kinds).await.unwrap(),
            "timestamp TIMESTAMP_NS true,device_id SYMBOL true,device_type SYMBOL false,\
             location SYMBOL false,voltage DOUBLE false"
        );
    });
}

#[test]
fn a_table_without_dedup_is_refused_until_it_has_it() {
    with_table(async |table| {
        table
            .run(&format!(
                "CREATE TABLE … (timestamp TIMESTAMP_NS, {SYMBOLS}) TIMESTAMP(timestamp) PARTITION BY DAY WAL"
            ))
            .await;
        refused(&table, "DEDUP ENABLE UPSERT KEYS(timestamp, device_id)").await;
        table.run("ALTER TABLE … DEDUP ENABLE UPSERT KEYS(timestamp, device_id)").await;
        opens(&table).await;
    });
}

#[test]
fn a_table_that_takes_other_rows_for_the_same_is_refused() {
    for keys in ["timestamp", "timestamp, device_id, location", "timestamp, location"] {
        with_table(async |table| {
            table
                .run(&format!(
                    "CREATE TABLE … (timestamp TIMESTAMP_NS, {SYMBOLS}) TIMESTAMP(timestamp) PARTITION BY DAY WAL \
                     DEDUP UPSERT KEYS({keys})"
                ))
                .await;
            refused(&table, "a reading is not identified by timestamp and device_id").await;
        });
    }
}

#[test]
fn a_table_without_days_wal_or_time_is_refused() {
    for (rest, words) in [
        (format!("TIMESTAMP(timestamp) PARTITION BY MONTH WAL {KEYS}"), "not partitioned by day"),
        ("TIMESTAMP(timestamp) PARTITION BY DAY BYPASS WAL".to_owned(), "SET TYPE WAL"),
        ("TIMESTAMP(timestamp)".to_owned(), "not partitioned by day"),
        (String::new(), "not partitioned by day"),
    ] {
        with_table(async |table| {
            table.run(&format!("CREATE TABLE … (timestamp TIMESTAMP_NS, {SYMBOLS}) {rest}")).await;
            refused(&table, words).await;
        });
    }
}

#[test]
fn a_column_of_another_kind_is_refused_with_its_remedy() {
    for (columns, words) in [
        ("at TIMESTAMP_NS, device_id SYMBOL, device_type SYMBOL, location SYMBOL", "column timestamp"),
        (
            "timestamp TIMESTAMP_NS, device_id VARCHAR, device_type SYMBOL, location SYMBOL",
            "device_id TYPE SYMBOL",
        ),
        ("timestamp TIMESTAMP_NS, device_id SYMBOL, device_type SYMBOL", "ADD COLUMN location SYMBOL"),
        (
            "timestamp TIMESTAMP_NS, device_id SYMBOL, device_type SYMBOL, location SYMBOL, voltage FLOAT",
            "voltage TYPE DOUBLE",
        ),
        (
            "timestamp TIMESTAMP_NS, device_id SYMBOL, device_type SYMBOL, location SYMBOL, note VARCHAR",
            "note is VARCHAR",
        ),
        (
            "timestamp TIMESTAMP_NS, device_id SYMBOL, device_type SYMBOL, location SYMBOL, \"a b\" DOUBLE",
            "\"a b\" cannot be a quantity",
        ),
    ] {
        with_table(async |table| {
            let time = columns.split(' ').next().unwrap();
            table
                .run(&format!(
                    "CREATE TABLE … ({columns}) TIMESTAMP({time}) PARTITION BY DAY WAL DEDUP UPSERT KEYS({time}, device_id)"
                ))
                .await;
            refused(&table, words).await;
        });
    }
}

/// A table as others make it.
#[test]
fn a_table_of_microseconds_keeps_them_and_refuses_what_is_finer() {
    with_table(async |table| {
        table
            .run(&format!(
                "CREATE TABLE … (timestamp TIMESTAMP, {SYMBOLS}, Voltage DOUBLE) TIMESTAMP(timestamp) \
                 PARTITION BY DAY WAL {KEYS}"
            ))
            .await;
        let store = table.open().await;
        let error = store.append(&reading(1_500, &Quantity::VOLTAGE, 1.0)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("00:00:00.000001500Z"), "{error}");

        let day = 86_400_000_000_000;
        let times = [-day, 0, 1_000, 2_000, 3_000];
        for (i, nanos) in times.into_iter().enumerate() {
            store.append(&reading(nanos, &Quantity::VOLTAGE, i as f64)).await.unwrap();
        }
        store.applied(Duration::from_secs(30)).await.unwrap();
        let midnight: Timestamp = "2025-02-05".parse().unwrap();
        let at = |nanos| Timestamp::from_nanos(midnight.nanos() + nanos);
        let frame = store.read(Query::device("pump")).await.unwrap().unwrap();
        assert_eq!(frame.times(), times.map(|nanos| at(nanos).nanos()));
        assert_eq!(frame.values("voltage").unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0]);
        // Bounds lie between the microseconds too.
        let range = TimeRange::new(at(1), at(2_001)).unwrap();
        let frame = store.read(Query::device("pump").range(range)).await.unwrap().unwrap();
        assert_eq!(frame.values("voltage").unwrap(), [2.0, 3.0]);
        let buckets = store.buckets(BucketQuery::new("pump", range, 1_500).unwrap()).await.unwrap();
        let buckets: Vec<_> = buckets.of("voltage").unwrap().iter().map(|b| (b.count, b.last_time)).collect();
        assert_eq!(buckets, [(1, at(1_000).nanos()), (1, at(2_000).nanos())]);
        let newest = store.newest(1, 2).await.unwrap();
        assert_eq!(newest.times(), [at(2_000).nanos(), at(1_000).nanos()]);
        let summary = store.devices().await.unwrap().remove(0);
        assert_eq!((summary.first_seen, summary.last_seen), (at(-day), at(3_000)));
        assert_eq!(store.delete_before(at(2_000)).await.unwrap(), 1);
        store.applied(Duration::from_secs(30)).await.unwrap();
        assert_eq!(store.read(Query::device("pump")).await.unwrap().unwrap().len(), 4);
    });
}

async fn opens(table: &Table) {
    // The server takes its time to show a change.
    tokio::time::timeout(Duration::from_secs(30), async {
        while QuestDbStore::open(table.options()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
}

/// S15: no default passwords.
#[test]
fn a_wrong_login_is_refused_and_told_to_nobody() {
    with_table(async |table| {
        let error = QuestDbStore::open(table.options().with_login("admin", "letmein")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(!format!("{error} {error:?}").contains("letmein"));
    });
}
