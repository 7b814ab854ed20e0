//! The SQLite store among processes: one that is killed, and two that write into one file.
//!
//! The other process is this test, started once more with the file's path in [`CHILD`].

#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
#![expect(clippy::print_stdout, reason = "the other process says on stdout what it has done")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use iot_core::{Batch, Column, Device, Quantity, Query, Store, StoreExt};
use iot_store::SqliteStore;

const CHILD: &str = "IOT_TEST_SQLITE_CHILD";

/// The readings of a batch: `DEVICES` times `TIMES`.
const DEVICES: usize = 20;
const TIMES: usize = 50;

/// Batch `number`: its readings are of instants of its own, and have its number as value.
fn batch(writer: &str, number: usize) -> Batch {
    let devices = (0..DEVICES).map(|i| Device::new(&format!("{writer} {i}")).unwrap()).collect();
    let rows = DEVICES * TIMES;
    let codes = (0..rows).map(|row| (row % DEVICES) as u32).collect();
    let times = (0..rows).map(|row| (number * TIMES + row / DEVICES) as i64).collect();
    let column = Column { quantity: Quantity::VOLTAGE, values: vec![number as f64; rows] };
    Batch::new(devices, codes, times, vec![column]).unwrap()
}

/// Starts this test once more.
fn child(test: &str, path: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(CHILD, path).stdout(Stdio::piped()).spawn().unwrap()
}

/// Appends further batches, as four tasks, and says which ones are kept.
async fn append_for_ever(path: &str) {
    let store = SqliteStore::open(path).await.unwrap();
    let first =
        store.device("child 0").await.unwrap().map_or(0, |last| last.last_seen.nanos() as usize / TIMES + 1);
    let tasks = (0..4).map(|task| {
        let store = store.clone();
        tokio::spawn(async move {
            for number in (first + task..).step_by(4) {
                store.append(&batch("child", number)).await.unwrap();
                println!("kept {number}");
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// The numbers of the batches that the store has, each of which it must have whole.
async fn numbers(store: &SqliteStore, writer: &str) -> BTreeSet<usize> {
    let mut numbers: Option<BTreeSet<usize>> = None;
    for i in 0..DEVICES {
        let frame = store.read(Query::device(format!("{writer} {i}"))).await.unwrap().unwrap();
        let values = frame.values("voltage").unwrap();
        for (time, value) in frame.times().iter().zip(values) {
            assert_eq!(*value, (*time as usize / TIMES) as f64);
        }
        let found: BTreeSet<_> = values.iter().map(|value| *value as usize).collect();
        assert_eq!(frame.len(), found.len() * TIMES, "a batch is there whole or not at all");
        assert_eq!(*numbers.get_or_insert_with(|| found.clone()), found);
    }
    for summary in store.devices().await.unwrap() {
        let frame = store.read(Query::device(summary.device.id())).await.unwrap().unwrap();
        assert_eq!(summary.readings, Some(frame.len() as u64));
    }
    numbers.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    if let Ok(path) = std::env::var(CHILD) {
        return append_for_ever(&path).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("readings.db");
    let mut kept = BTreeSet::new();
    for round in 1..=5 {
        let mut child = child("nothing_acknowledged_is_lost_when_the_process_is_killed", &path);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let numbers_kept = lines.filter_map(|line| line.strip_prefix("kept ")?.parse::<usize>().ok());
        for number in numbers_kept {
            kept.insert(number);
            if kept.len() == round * 37 {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(kept.len() >= round * 37, "the child wrote until it was killed");

        let store = SqliteStore::open(&path).await.unwrap();
        let found = numbers(&store, "child").await;
        assert!(found.is_superset(&kept), "lost: {:?}", kept.difference(&found));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_into_one_file() {
    let writer = if std::env::var(CHILD).is_ok() { "child" } else { "parent" };
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var(CHILD).map_or_else(|_| folder.path().join("readings.db"), Into::into);
    let store = SqliteStore::open(&path).await.unwrap();
    let other = (writer == "parent").then(|| child("two_processes_write_into_one_file", &path));
    for number in 0..50 {
        store.append(&batch(writer, number)).await.unwrap();
        // Both write the readings of one device.
        store.append(&batch("both", number)).await.unwrap();
    }
    let Some(mut other) = other else { return };
    assert!(other.wait().unwrap().success());
    for writer in ["parent", "child", "both"] {
        assert_eq!(numbers(&store, writer).await, (0..50).collect());
    }
}
