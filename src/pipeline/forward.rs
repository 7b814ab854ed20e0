//! The forwarder: consume, append, commit.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use iot_core::{Consumer, DeadLetters, Delivery, Error, Result, Store};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep_until, timeout_at};

use super::batches::{Gatherer, Parcel};
use super::commits::{Commits, Stored};
use super::deliver::Deliverer;
use super::{Ledger, Totals};

/// How [`forward`] gathers and retries. The defaults suit a store on the same machine or network.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ForwardOptions {
    /// The readings at which a transaction of the store is full. Batches grow up to it with the backlog; since a
    /// delivery of the log is not split, they may be longer by less than one of those (Kafka: 100,000 readings).
    pub max_rows: usize,
    /// The bytes of columns and rejects at which a transaction is full. Only a single delivery can take more (Kafka: 64 MiB
    /// of columns).
    pub max_bytes: usize,
    /// How long a reading may wait for others to share its transaction.
    pub linger: Duration,
    /// The first pause before a call is tried again; it doubles, with jitter, up to `max_backoff`.
    pub min_backoff: Duration,
    /// The longest pause before a call is tried again.
    pub max_backoff: Duration,
    /// How long a graceful stop waits for the store to take what is in flight.
    pub drain: Duration,
}

impl Default for ForwardOptions {
    fn default() -> Self {
        Self {
            max_rows: 200_000,
            max_bytes: 64 << 20,
            linger: Duration::from_millis(200),
            min_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(10),
            drain: Duration::from_secs(30),
        }
    }
}

/// How often the lag is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// A forwarder from `consumer` into `store`; what can never be stored goes to `dead_letters`. [`Forward::run`] starts it.
pub fn forward(consumer: impl Consumer, store: impl Store, dead_letters: impl DeadLetters) -> Forward {
    Forward {
        consumer: Box::new(consumer),
        store: Arc::new(store),
        dead_letters: Arc::new(dead_letters),
        options: ForwardOptions::default(),
        ledger: Arc::default(),
    }
}

/// Consumes a log, appends to a store, and commits, in that order.
///
/// - A reading is committed only when the store or the dead letters have it. After a crash it comes again, and
///   since appending twice is appending once, the store holds it once.
/// - Decoding overlaps storing: while one batch is being stored, the next is gathered. Commits keep the log's order.
/// - A store that is away is waited for as long as it takes, with backoff and jitter; meanwhile nothing more is
///   consumed than two batches, and the consumer stays in its group.
/// - A batch the store refuses for good is divided down to the reading that is to blame, and only that one becomes
///   a dead letter.
#[derive(Debug)]
#[must_use = "a forwarder does nothing until it is run"]
pub struct Forward {
    consumer: Box<dyn Consumer>,
    store: Arc<dyn Store>,
    dead_letters: Arc<dyn DeadLetters>,
    options: ForwardOptions,
    ledger: Arc<Ledger>,
}

impl Forward {
    /// The same with these options.
    pub fn with_options(mut self, options: ForwardOptions) -> Self {
        self.options = options;
        self
    }

    /// Its ledger, to be read while it runs.
    pub fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger)
    }

    /// Runs until `stop` is ready, then stores and commits what is in flight, and answers the final count.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the store did not take what was in flight within [`ForwardOptions::drain`], or the log not what
    /// to commit; that comes again. Any other kind if the log or the store failed in a way that waiting does not mend.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) -> Result<Totals> {
        let Self { mut consumer, store, dead_letters, options, ledger } = self;
        let backoff = Deliverer::backoff(&options);
        let deliverer = Deliverer { store, dead_letters, ledger: Arc::clone(&ledger), backoff };
        let mut storing = Storing::start(deliverer);
        let mut gatherer = Gatherer::new(&options);
        let mut fetch = Fetch::new(backoff);
        let mut commits = Commits::new(&ledger, backoff);
        let mut looks = interval(LOOK);
        let mut stop = pin!(stop);

        let outcome = loop {
            let due = gatherer.due();
            tokio::select! {
                () = &mut stop => break Ok(()),
                stored = storing.done.recv() => match stored {
                    Some(parcel) => commits.commit(&mut *consumer, &parcel).await,
                    None => break Ok(()),
                },
                permit = storing.inbox.reserve(), if due.is_some_and(|due| due <= Instant::now()) => match permit {
                    Ok(permit) => permit.send(gatherer.take()),
                    Err(_) => break Ok(()),
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some_and(|due| due > Instant::now()) => {}
                _ = looks.tick() => ledger.lag(consumer.lag()),
                delivery = fetch.next(&mut *consumer), if !gatherer.is_full() => match delivery {
                    Ok(delivery) => {
                        ledger.consumed((delivery.batch.len() + delivery.rejects.len()) as u64);
                        gatherer.add(delivery);
                    }
                    Err(error) => break Err(error),
                },
            }
        };
        // Even when the log has failed, what came out of it is stored. If storing has failed, this tells why.
        let rest = std::iter::from_fn(|| gatherer.due().map(|_| gatherer.take())).collect();
        let drained = storing.drain(rest, &mut *consumer, &mut commits, options.drain).await;
        outcome.and(drained).map(|()| ledger.totals())
    }
}

/// Consumes, waiting out a log that is away.
struct Fetch {
    backoff: ExponentialBuilder,
    pauses: ExponentialBackoff,
    not_before: Option<Instant>,
}

impl Fetch {
    fn new(backoff: ExponentialBuilder) -> Self {
        Self { backoff, pauses: backoff.build(), not_before: None }
    }

    /// The next delivery. Cancel-safe.
    async fn next(&mut self, consumer: &mut dyn Consumer) -> Result<Delivery> {
        loop {
            if let Some(time) = self.not_before {
                sleep_until(time).await;
                self.not_before = None;
            }
            match consumer.next().await {
                Err(error) if error.is_unavailable() => {
                    tracing::warn!(error = format_args!("{error:#}"), "the log is away, trying again");
                    self.not_before = self.pauses.next().map(|pause| Instant::now() + pause);
                }
                delivery => {
                    self.pauses = self.backoff.build();
                    return delivery;
                }
            }
        }
    }
}

/// The task that stores parcels in order, and the two ends of it.
struct Storing {
    inbox: mpsc::Sender<Parcel>,
    done: mpsc::Receiver<Stored>,
    task: JoinHandle<Result<()>>,
}

impl Storing {
    fn start(deliverer: Deliverer) -> Self {
        // One parcel being stored, one waiting, one being gathered: enough to keep both sides busy.
        let (inbox, mut parcels) = mpsc::channel::<Parcel>(1);
        let (stored, done) = mpsc::channel(4);
        let task = tokio::spawn(async move {
            while let Some(mut parcel) = parcels.recv().await {
                let readings = parcel.len();
                deliverer.deliver(&mut parcel).await?;
                if stored.send(Stored { position: parcel.position, readings }).await.is_err() {
                    break;
                }
            }
            Ok(())
        });
        Self { inbox, done, task }
    }

    /// Stores and commits what is left, for at most `limit`.
    async fn drain(
        self,
        rest: Vec<Parcel>,
        consumer: &mut dyn Consumer,
        commits: &mut Commits<'_>,
        limit: Duration,
    ) -> Result<()> {
        let Self { inbox, mut done, task } = self;
        let deadline = Instant::now() + limit;
        let abort = task.abort_handle();
        let work = async {
            for parcel in rest {
                // A closed channel shows as the task's own error below.
                let _ = inbox.send(parcel).await;
            }
            drop(inbox);
        };
        let committing = async {
            while let Some(stored) = done.recv().await {
                commits.commit(consumer, &stored).await;
            }
        };
        let finish = async {
            tokio::join!(work, committing);
            task.await
        };
        match timeout_at(deadline, finish).await {
            Ok(Ok(result)) => result.and(commits.finish(consumer, deadline).await),
            Ok(Err(panic)) if panic.is_panic() => Err(Error::internal("storing panicked").with_source(panic)),
            Ok(Err(_)) => Ok(()),
            Err(_) => {
                abort.abort();
                let waiting = commits.ledger.totals().in_flight;
                Err(Error::unavailable(format!(
                    "the store did not take {waiting} readings within {limit:?}; they are not committed and come again"
                )))
            }
        }
    }
}
