//! Groups: what they have committed stays behind them, and what they have not comes again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use iot_core::{Consumer, Error};
use tokio::task::JoinHandle;

use super::generate::{Row, device, round, rows, rows_of, run, sorted};
use super::trial::{Trial, same, take, take_and_commit};

pub(super) async fn each_group_gets_every_reading(trial: Trial) {
    let mut first = trial.consumer("first").await;
    let mut second = trial.consumer("second").await;
    let batch = round(40, 0);
    trial.send(&batch).await;
    for consumer in [&mut first, &mut second] {
        let found = take_and_commit(&mut **consumer, 40).await;
        same(sorted(rows_of(&found)), sorted(rows(&batch)));
    }
}

pub(super) async fn what_was_not_committed_comes_again(trial: Trial) {
    let batch = round(40, 0);
    trial.send(&batch).await;
    for _ in 0..2 {
        let mut consumer = trial.consumer("again").await;
        let found = take(&mut *consumer, 40).await;
        same(sorted(rows_of(&found)), sorted(rows(&batch)));
    }
}

pub(super) async fn what_was_committed_does_not_come_again(trial: Trial) {
    let producer = trial.producer().await;
    for at in 0..3 {
        let batch = round(40, at);
        producer.send(&batch).await.unwrap();
        // Each time a new member: it gets what is new, and nothing before it.
        let mut consumer = trial.consumer("committed").await;
        let found = take_and_commit(&mut *consumer, 40).await;
        same(sorted(rows_of(&found)), sorted(rows(&batch)));
    }
}

pub(super) async fn a_restart_goes_on_where_the_group_was(trial: Trial) {
    let producer = trial.producer().await;
    for from in (0..100).step_by(10) {
        producer.send(&run(&device(0), from, 10)).await.unwrap();
    }
    let expected = rows(&run(&device(0), 0, 100));
    let mut reached = 0;
    // A member that goes on from wherever the one before it has committed, to the end of the log.
    while reached < expected.len() {
        let mut consumer = trial.consumer("restart").await;
        let mut at = reached;
        for commit in [true, false] {
            if at == expected.len() {
                break;
            }
            let delivery = consumer.next().await.unwrap();
            let found = rows(&delivery.batch);
            same(&found, &expected[at..at + found.len()]);
            at += found.len();
            if commit {
                consumer.commit(&delivery.position).await.unwrap();
                reached = at;
            }
        }
    }
}

pub(super) async fn committing_an_older_position_changes_nothing(trial: Trial) {
    let producer = trial.producer().await;
    let mut consumer = trial.consumer("older").await;
    let mut positions = Vec::new();
    for at in 0..3 {
        producer.send(&run(&device(0), at * 10, 10)).await.unwrap();
        let taken = take_and_commit(&mut *consumer, 10).await;
        positions.extend(taken.into_iter().map(|delivery| delivery.position));
    }
    for position in &positions {
        consumer.commit(position).await.unwrap();
    }
    drop(consumer);
    let last = run(&device(0), 30, 10);
    producer.send(&last).await.unwrap();
    let found = take(&mut *trial.consumer("older").await, 10).await;
    same(rows_of(&found), rows(&last));
}

/// What the members of a group have seen, together and each.
#[derive(Debug, Default)]
struct Seen {
    all: BTreeSet<Row>,
    /// How many readings each member has got.
    members: Vec<usize>,
}

/// Consumes and commits for ever, as member `number`.
fn member(mut consumer: Box<dyn Consumer>, number: usize, seen: &Arc<Mutex<Seen>>) -> JoinHandle<()> {
    seen.lock().unwrap().members.push(0);
    let seen = Arc::clone(seen);
    tokio::spawn(async move {
        loop {
            let delivery = consumer.next().await.unwrap();
            {
                let mut seen = seen.lock().unwrap();
                seen.members[number] += delivery.batch.len();
                seen.all.extend(rows(&delivery.batch));
            }
            // While members come and go it may fail for now; the next one covers it.
            let committed = consumer.commit(&delivery.position).await;
            assert!(committed.as_ref().err().is_none_or(Error::is_unavailable), "{committed:?}");
        }
    })
}

/// Sends rounds of readings, at a pace at which they can be consumed, until `enough` has been seen.
async fn send_until(trial: &Trial, seen: &Mutex<Seen>, sent: &mut usize, enough: impl Fn(&[usize]) -> bool) {
    let producer = trial.producer().await;
    while !enough(&seen.lock().unwrap().members) {
        producer.send(&round(60, *sent)).await.unwrap();
        *sent += 1;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// Waits until all readings of the rounds sent have been seen.
async fn all_seen(seen: &Mutex<Seen>, sent: usize) {
    let expected: Vec<Row> = sorted((0..sent).flat_map(|at| rows(&round(60, at))).collect());
    while seen.lock().unwrap().all.len() < expected.len() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    same(seen.lock().unwrap().all.iter().cloned().collect::<Vec<_>>(), expected);
}

pub(super) async fn two_members_share_the_work(trial: Trial) {
    let (seen, mut sent) = (Arc::default(), 0);
    let first = member(trial.consumer("share").await, 0, &seen);
    send_until(&trial, &seen, &mut sent, |members| members[0] > 0).await;
    let second = member(trial.consumer("share").await, 1, &seen);
    send_until(&trial, &seen, &mut sent, |members| members[1] > 0).await;
    let first_until_now = seen.lock().unwrap().members[0];
    send_until(&trial, &seen, &mut sent, |members| members[0] > first_until_now).await;
    all_seen(&seen, sent).await;
    first.abort();
    second.abort();
}

pub(super) async fn nothing_is_lost_when_a_member_leaves(trial: Trial) {
    let (seen, mut sent) = (Arc::default(), 0);
    let first = member(trial.consumer("leave").await, 0, &seen);
    let second = member(trial.consumer("leave").await, 1, &seen);
    send_until(&trial, &seen, &mut sent, |members| members.iter().all(|&readings| readings > 0)).await;
    // In the middle of whatever it is doing: what it has not committed is for the other.
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let second_until_now = seen.lock().unwrap().members[1];
    send_until(&trial, &seen, &mut sent, |members| members[1] > second_until_now + 1000).await;
    all_seen(&seen, sent).await;
    second.abort();
}
