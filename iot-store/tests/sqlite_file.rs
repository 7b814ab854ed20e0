//! What the SQLite store does with files: its own, those of others, locked and damaged ones.

#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use iot_core::{
    Batch, BucketQuery, Column, Device, Error, ErrorKind, Quantity, Query, Reading, Store, StoreExt,
    TimeRange, Timestamp,
};
use iot_store::{SqliteOptions, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;

fn file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("readings.db");
    (folder, path)
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

/// `rows` readings of one device, a second apart.
fn batch(device: &str, rows: usize) -> Batch {
    let times = (0..rows as i64).map(|secs| Timestamp::from_secs(secs).nanos()).collect();
    let values = (0..rows).map(|row| row as f64 / 7.0).collect();
    let column = Column { quantity: Quantity::VOLTAGE, values };
    Batch::new(vec![Device::new(device).unwrap()], vec![0; rows], times, vec![column]).unwrap()
}

/// The error of opening a file, which must not have changed it.
async fn refused(path: &Path) -> Error {
    let before = fs::read(path).ok();
    let error = SqliteStore::open(path).await.unwrap_err();
    assert_eq!(fs::read(path).ok(), before, "the file was left as it was");
    error
}

#[test]
fn a_file_of_something_else_is_refused_and_left_alone() {
    run(async {
        let (folder, path) = file();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE songs (title TEXT)").unwrap();
        let error = refused(&path).await;
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("readings.db"), "{error} names the file");

        let text = folder.path().join("notes.txt");
        fs::write(&text, "these are notes, and not a database at all\n".repeat(100)).unwrap();
        assert_eq!(refused(&text).await.kind(), ErrorKind::Invalid);
        assert_eq!(refused(folder.path()).await.kind(), ErrorKind::Invalid);
        let missing = refused(&folder.path().join("no such folder/readings.db")).await;
        assert_eq!(missing.kind(), ErrorKind::Invalid);
        assert!(missing.to_string().contains("no such folder"), "{missing}");
    });
}

#[test]
fn a_file_of_a_later_version_is_refused_and_left_alone() {
    run(async {
        let (_folder, path) = file();
        drop(SqliteStore::open(&path).await.unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
        let error = refused(&path).await;
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("version 2"), "{error}");
    });
}

#[test]
fn s5_tables_without_the_key_or_the_types_are_refused_at_open() {
    let spoilt = [
        // Without a key a reading could be there twice.
        "DROP TABLE readings; CREATE TABLE readings (_device INTEGER NOT NULL, _time INTEGER NOT NULL,
         _label INTEGER NOT NULL, voltage ANY)",
        "ALTER TABLE readings RENAME COLUMN _time TO time",
        "ALTER TABLE devices DROP COLUMN voltage",
        "ALTER TABLE readings ADD COLUMN stray TEXT",
        "DROP TABLE labels",
    ];
    run(async {
        for change in spoilt {
            let (_folder, path) = file();
            let store = SqliteStore::open(&path).await.unwrap();
            store.append(&batch("pump", 3)).await.unwrap();
            drop(store);
            drop(SqliteStore::open(&path).await.unwrap());
            Connection::open(&path).unwrap().execute_batch(change).unwrap();
            let error = SqliteStore::open(&path).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{change}");
            assert!(error.to_string().contains("table"), "{error}");
        }
    });
}

#[test]
fn a_path_is_never_taken_for_a_uri() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file:a?mode=memory&cache=shared #%41 ü.db");
        drop(SqliteStore::open(&path).await.unwrap());
        assert!(path.is_file());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn s6_reads_keep_their_connections() {
    fn open_files(path: &Path) -> Vec<(PathBuf, PathBuf)> {
        let open = fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| {
            let entry = entry.ok()?.path();
            let target = fs::read_link(&entry).ok()?;
            target.to_str()?.starts_with(path.to_str()?).then_some((entry, target))
        });
        let mut open: Vec<_> = open.collect();
        open.sort();
        open
    }
    run(async {
        let (_folder, path) = file();
        let store = SqliteStore::open(&path).await.unwrap();
        store.append(&batch("pump", 3)).await.unwrap();
        store.devices().await.unwrap();
        let first = open_files(&path);
        assert!(!first.is_empty());
        for _ in 0..100 {
            store.devices().await.unwrap();
            store.append(&batch("pump", 3)).await.unwrap();
            store.read(Query::device("pump")).await.unwrap();
        }
        assert_eq!(open_files(&path), first);
        // However many read at once, the connections stay bounded.
        let readers = (0..50).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.read(Query::device("pump")).await.unwrap().unwrap().len() })
        });
        for reader in readers.collect::<Vec<_>>() {
            assert_eq!(reader.await.unwrap(), 3);
        }
        assert!(open_files(&path).len() <= 5 * first.len());
    });
}

#[test]
fn s7_readings_past_the_first_two_thousand_are_reached_in_order() {
    run(async {
        let (_folder, path) = file();
        let store = SqliteStore::open(&path).await.unwrap();
        store.append(&batch("pump", 10_000)).await.unwrap();
        let frame = store.read(Query::device("pump").skip(2_500).limit(5)).await.unwrap().unwrap();
        let expected: Vec<_> = (2_500..2_505).map(|secs| Timestamp::from_secs(secs).nanos()).collect();
        assert_eq!(frame.times(), expected);
        let newest = store.newest(2_500, 2).await.unwrap();
        assert_eq!(newest.times(), [7_499, 7_498].map(|secs| Timestamp::from_secs(secs).nanos()));
        assert_eq!(store.read(Query::device("pump")).await.unwrap().unwrap().len(), 10_000);
    });
}

#[test]
fn s8_a_damaged_file_is_corrupt_and_says_so_in_our_words() {
    run(async {
        let (_folder, path) = file();
        let store = SqliteStore::open(&path).await.unwrap();
        store.append(&batch("pump", 50_000)).await.unwrap();
        drop(store);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 100_000].fill(0xa5);
        fs::write(&path, bytes).unwrap();
        let store = SqliteStore::open(&path).await.unwrap();
        let error = store.read(Query::device("pump")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        let text = error.source().unwrap().to_string();
        assert!(text.contains("malformed") && !error.to_string().contains("malformed"), "{error}: {text}");
        // What is not damaged still answers.
        assert_eq!(store.devices().await.unwrap().len(), 1);
        // It is not the fault of what is to be written: a forwarder must stop, not bury it.
        let error = store.append(&batch("pump", 50_000)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal, "{error:#}");
    });
}

#[test]
fn a_locked_file_is_unavailable_until_it_is_free() {
    run(async {
        let (_folder, path) = file();
        let store = SqliteOptions::new().with_patience(Duration::from_millis(20)).open(&path).await.unwrap();
        store.append(&batch("pump", 3)).await.unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = store.append(&batch("mill", 3)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(store.delete_before(Timestamp::MAX).await.unwrap_err().kind(), ErrorKind::Unavailable);
        // Reading goes on.
        assert_eq!(store.devices().await.unwrap().len(), 1);
        other.execute_batch("ROLLBACK").unwrap();
        store.append(&batch("mill", 3)).await.unwrap();
        assert_eq!(store.devices().await.unwrap().len(), 2);
    });
}

#[test]
fn one_refused_batch_does_not_fail_those_that_waited_with_it() {
    run(async {
        let (_folder, path) = file();
        let store = SqliteStore::open(&path).await.unwrap();
        let kilo = |unit| Quantity::new("mass", unit).unwrap();
        let reading = |i: i64, unit| {
            let device = Device::new(&format!("scale {i}")).unwrap();
            Reading::new(device, Timestamp::from_secs(i)).with(kilo(unit), 1.0).unwrap()
        };
        store.append(&Batch::from_readings(&[reading(0, "kg")]).unwrap()).await.unwrap();
        let appends = (1..=100).map(|i| {
            let store = store.clone();
            let batch = Batch::from_readings(&[reading(i, if i % 10 == 0 { "t" } else { "kg" })]).unwrap();
            tokio::spawn(async move { store.append(&batch).await })
        });
        for (i, append) in (1..).zip(appends.collect::<Vec<_>>()) {
            let kind = append.await.unwrap().err().map(|error| error.kind());
            assert_eq!(kind, (i % 10 == 0).then_some(ErrorKind::Invalid), "{i}");
        }
        assert_eq!(store.devices().await.unwrap().len(), 91);
    });
}

#[test]
fn one_quantity_too_many_is_refused_by_name() {
    run(async {
        let (_folder, path) = file();
        let store = SqliteStore::open(&path).await.unwrap();
        let wide = |quantities: std::ops::Range<usize>| {
            let columns = quantities.map(|i| Column {
                quantity: Quantity::named(&format!("q{i}")).unwrap(),
                values: vec![i as f64],
            });
            let device = Device::new("logger").unwrap();
            Batch::new(vec![device], vec![0], vec![0], columns.collect()).unwrap()
        };
        store.append(&wide(0..512)).await.unwrap();
        let error = store.append(&wide(500..513)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("q512"), "{error}");
        let frame = store.read(Query::device("logger")).await.unwrap().unwrap();
        assert_eq!(frame.columns().len(), 512);
        assert_eq!(frame.values("q511"), Some(&[511.0][..]));
    });
}

#[test]
fn dropping_the_last_handle_closes_the_file() {
    run(async {
        let (_folder, path) = file();
        let store = SqliteStore::open(&path).await.unwrap();
        store.append(&batch("pump", 3)).await.unwrap();
        store.devices().await.unwrap();
        let log = path.with_extension("db-wal");
        assert!(log.is_file());
        let other = store.clone();
        drop(store);
        assert!(log.is_file());
        drop(other);
        assert!(!log.exists(), "the write-ahead log has been folded back");
    });
}

/// The most memory that this process has had at a time, bytes.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

#[cfg(target_os = "linux")]
#[test]
fn buckets_take_memory_for_the_quantities_that_the_device_has_and_for_no_others() {
    run(async {
        let (_folder, path) = file();
        let store = SqliteStore::open(&path).await.unwrap();
        store.append(&batch("a", 1)).await.unwrap();
        let reading = Reading::new(Device::new("wide").unwrap(), Timestamp::from_secs(0));
        let wide = (0..100)
            .try_fold(reading, |reading, i| reading.with(Quantity::new(&format!("q{i}"), "").unwrap(), 1.0));
        store.append(&Batch::from_readings(&[wide.unwrap()]).unwrap()).await.unwrap();
        let range = TimeRange::new(Timestamp::from_secs(0), Timestamp::from_secs(100_000)).unwrap();
        let before = peak();
        for (device, quantities) in [("nobody", 0), ("a", 1)] {
            let buckets =
                store.buckets(BucketQuery::new(device, range, 1_000_000_000).unwrap()).await.unwrap();
            assert_eq!(buckets.columns.len(), quantities, "{device}");
        }
        // All quantities of the file would be 646 MB.
        assert!(peak() - before < 200 << 20, "{} MB", (peak() - before) >> 20);
    });
}
