//! The one thread that writes, in the order of the appends.

mod encode;

use std::fmt;
use std::thread;
use std::time::Duration;

use iot_core::{Batch, Error, ErrorKind, Result};
use questdb::ingress::{Buffer, Protocol, Sender, SenderBuilder, TableName};
use tokio::sync::{mpsc, oneshot};

use super::error::of_sender;
use super::options::QuestDbOptions;
use super::order::Order;
use encode::encode;

/// How many appends may wait before the next has to.
const MAX_WAITING: usize = 64;

/// Waiting appends go into one request until it has this many rows: the fewer transactions, the less work for the server.
const MERGED_ROWS: usize = 100_000;

/// A request is sent when it has this many bytes, so that a huge batch is several transactions and not a huge buffer.
const REQUEST_BYTES: usize = 32 << 20;

/// Longer than a busy server needs for [`REQUEST_BYTES`]. A request that is given up may still be carried out later.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

const DOING: &str = "writing readings";

/// A batch on its way, and who waits for it.
struct Job {
    batch: Batch,
    done: oneshot::Sender<Result<()>>,
}

/// Hands batches to the thread that writes them; the thread ends when this is dropped and all is written.
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the thread, once the server has said which protocol it speaks.
    pub(super) async fn start(options: QuestDbOptions) -> Result<Self> {
        let (jobs, queue) = mpsc::channel(MAX_WAITING);
        let (ready, started) = oneshot::channel();
        let run = move || match Session::open(&options) {
            Err(error) => drop(ready.send(Err(error))),
            Ok(session) => {
                if ready.send(Ok(())).is_ok() {
                    session.run(queue);
                }
            }
        };
        thread::Builder::new()
            .name("questdb-writer".to_owned())
            .spawn(run)
            .map_err(|error| Error::internal("a thread cannot be started").with_source(error))?;
        started.await.map_err(gone)??;
        Ok(Self { jobs })
    }

    /// Writes a batch; `Ok` when the server has it.
    pub(super) async fn write(&self, batch: Batch) -> Result<()> {
        let (done, written) = oneshot::channel();
        self.jobs.send(Job { batch, done }).await.map_err(gone)?;
        written.await.map_err(gone)?
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = MAX_WAITING - self.jobs.capacity();
        f.debug_struct("Writer").field("waiting", &waiting).finish_non_exhaustive()
    }
}

fn gone(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    // A job holds a batch, which is no cause to keep.
    Error::internal(format!("the thread that writes to questdb is gone: {error}"))
}

/// The thread's own: a connection that is opened again as needed, and memory that is used again.
struct Session {
    sender: Sender,
    buffer: Buffer,
    table: String,
    order: Order,
}

impl Session {
    fn open(options: &QuestDbOptions) -> Result<Self> {
        let sender = build(options).map_err(|error| of_sender("reaching the write port", &error))?;
        let buffer = sender.new_buffer();
        Ok(Self { sender, buffer, table: options.table.clone(), order: Order::default() })
    }

    fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        while let Some(job) = queue.blocking_recv() {
            let mut rows = job.batch.len();
            let mut jobs = vec![job];
            while rows < MERGED_ROWS
                && let Ok(job) = queue.try_recv()
            {
                rows += job.batch.len();
                jobs.push(job);
            }
            self.write_all(jobs);
        }
    }

    fn write_all(&mut self, jobs: Vec<Job>) {
        match self.write(&jobs) {
            // Some of them may be good. Each for itself, in their order.
            Err(error) if jobs.len() > 1 && error.kind() == ErrorKind::Corrupt => {
                for job in jobs {
                    let written = self.write(std::slice::from_ref(&job));
                    let _ = job.done.send(written);
                }
            }
            written => answer(jobs, written),
        }
    }

    /// Writes all rows of these jobs: one transaction, unless they are very many.
    fn write(&mut self, jobs: &[Job]) -> Result<()> {
        let batches = || jobs.iter().map(|job| &job.batch);
        let places = self.order.of(batches());
        let (sender, table) = (&mut self.sender, TableName::new(&self.table));
        self.buffer.clear();
        let mut flush = |buffer: &mut Buffer| {
            if buffer.is_empty() { Ok(()) } else { sender.flush(buffer) }
        };
        let written = table.and_then(|table| {
            encode(batches(), places, table, &mut self.buffer, |buffer| {
                if buffer.len() < REQUEST_BYTES { Ok(()) } else { flush(buffer) }
            })?;
            flush(&mut self.buffer)
        });
        written.map_err(|error| of_sender(DOING, &error))
    }
}

/// Tells all who wait. Nobody listens where an append was given up.
fn answer(mut jobs: Vec<Job>, written: Result<()>) {
    let last = jobs.pop();
    for job in jobs {
        let same = written.as_ref().map_err(|error| Error::new(error.kind(), error.to_string()));
        let _ = job.done.send(same.copied());
    }
    if let Some(last) = last {
        let _ = last.done.send(written);
    }
}

fn build(options: &QuestDbOptions) -> questdb::Result<Sender> {
    let mut builder = SenderBuilder::new(Protocol::Http, options.bracketed_host(), options.http_port)
        // Who appends knows what to do about a failure: nothing is tried again here.
        .retry_timeout(Duration::ZERO)?
        .request_min_throughput(0)?
        .request_timeout(REQUEST_TIMEOUT)?
        .max_buf_size(2 * REQUEST_BYTES)?;
    if let Some(login) = &options.login {
        builder = builder.username(&login.user)?.password(&login.password)?;
    }
    builder.build()
}
