//! The one thread that writes.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use iot_core::{Batch, Error, Timestamp};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::append::append;
use super::error::{Fault, Result};
use super::registry::Registry;
use super::retention::Retention;

/// How many calls wait for the thread before the next ones wait to be let in.
const QUEUE: usize = 16;

/// Appends that wait share a transaction until it has this many readings.
const MAX_SHARED: usize = 100_000;

type Answer<T> = oneshot::Sender<iot_core::Result<T>>;

enum Job {
    Append(Batch, Answer<()>),
    Delete(Retention, Answer<u64>),
}

/// The way to the writing thread, which ends when this is dropped.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> iot_core::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let work = Work { connection, registry: Registry::default(), deletions: VecDeque::new() };
        let thread = thread::Builder::new().name("iot-sqlite".to_owned()).spawn(move || work.run(queue));
        let thread = thread
            .map_err(|source| Error::unavailable("sqlite, open: no thread to write").with_source(source))?;
        Ok(Self { jobs: Some(jobs), thread: Mutex::new(Some(thread)) })
    }

    pub(super) async fn append(&self, batch: &Batch) -> iot_core::Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let (answer, answered) = oneshot::channel();
        self.work(Job::Append(batch.clone(), answer), answered).await
    }

    pub(super) async fn delete_before(&self, time: Timestamp) -> iot_core::Result<u64> {
        let (answer, answered) = oneshot::channel();
        self.work(Job::Delete(Retention::new(time.nanos()), answer), answered).await
    }

    /// Whether there is still a thread to write.
    pub(super) fn check_alive(&self) -> iot_core::Result<()> {
        if self.jobs.as_ref().is_none_or(mpsc::Sender::is_closed) { Err(ended()) } else { Ok(()) }
    }

    async fn work<T>(
        &self,
        job: Job,
        answered: oneshot::Receiver<iot_core::Result<T>>,
    ) -> iot_core::Result<T> {
        self.jobs.as_ref().ok_or_else(ended)?.send(job).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

fn ended() -> Error {
    Error::internal("sqlite: the thread that writes has ended")
}

impl Drop for Writer {
    /// Waits for the end of what has been begun, so that the file is closed when the store has gone.
    fn drop(&mut self) {
        self.jobs = None;
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic there has been printed, and answered to everyone who waited.
            let _ = thread.join();
        }
    }
}

/// What the thread has.
struct Work {
    connection: Connection,
    registry: Registry,
    /// Deletions under way; they go on while no append waits.
    deletions: VecDeque<(Retention, Answer<u64>)>,
}

impl Work {
    fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        loop {
            let appends = self.take(&mut queue);
            if !appends.is_empty() {
                self.append(appends);
            } else if self.deletions.is_empty() {
                // Nobody is left.
                return;
            }
            if let Some((retention, answer)) = self.deletions.pop_front() {
                self.delete(retention, answer);
            }
        }
    }

    /// Takes from the queue what can share a transaction; waits for a job only if there is nothing else to do.
    fn take(&mut self, queue: &mut mpsc::Receiver<Job>) -> Vec<(Batch, Answer<()>)> {
        let mut appends = Vec::new();
        let mut readings = 0;
        while readings < MAX_SHARED {
            let idle = appends.is_empty() && self.deletions.is_empty();
            let job = if idle { queue.blocking_recv() } else { queue.try_recv().ok() };
            match job {
                Some(Job::Append(batch, answer)) => {
                    readings += batch.len();
                    appends.push((batch, answer));
                }
                Some(Job::Delete(retention, answer)) => self.deletions.push_back((retention, answer)),
                None => break,
            }
        }
        appends
    }

    /// Writes batches in one transaction. If one of them is refused, each gets one of its own.
    fn append(&mut self, mut appends: Vec<(Batch, Answer<()>)>) {
        // Whoever has gone was promised nothing.
        appends.retain(|(_, answer)| !answer.is_closed());
        let written = self.transaction(|connection, registry| {
            appends.iter().try_for_each(|(batch, _)| append(connection, registry, batch))
        });
        let error = match written.map_err(|fault| fault.while_writing("append")) {
            Ok(()) => {
                for (_, answer) in appends {
                    let _ = answer.send(Ok(()));
                }
                return;
            }
            Err(error) => error,
        };
        if appends.len() > 1 && !error.is_unavailable() {
            return appends.into_iter().for_each(|append| self.append(vec![append]));
        }
        let mut appends = appends.into_iter();
        let first = appends.next();
        for (_, answer) in appends {
            let _ = answer.send(Err(Error::new(error.kind(), error.to_string())));
        }
        if let Some((_, answer)) = first {
            let _ = answer.send(Err(error));
        }
    }

    /// Takes one step of a deletion.
    fn delete(&mut self, mut retention: Retention, answer: Answer<u64>) {
        if answer.is_closed() {
            return;
        }
        let step = self.transaction(|connection, registry| retention.step(connection, registry));
        // The summaries of the devices are others now.
        self.registry.forget();
        match step {
            Ok(ControlFlow::Continue(())) => self.deletions.push_back((retention, answer)),
            Ok(ControlFlow::Break(gone)) => drop(answer.send(Ok(gone))),
            Err(fault) => drop(answer.send(Err(fault.while_writing("delete")))),
        }
    }

    fn transaction<T>(&mut self, write: impl FnOnce(&Connection, &mut Registry) -> Result<T>) -> Result<T> {
        let Self { connection, registry, .. } = self;
        let written = || {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            registry.refresh(&transaction)?;
            let written = write(&transaction, registry)?;
            transaction.commit()?;
            Ok::<T, Fault>(written)
        };
        let result = written();
        if result.is_err() {
            registry.forget();
        }
        result
    }
}
