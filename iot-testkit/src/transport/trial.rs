//! One law on one fresh topic.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use iot_core::{Batch, Consumer, Delivery, Producer};

use super::Transport;
use super::generate::{Row, rows_of, sorted};

/// How long a law may take in all. A log that is only slow stays far below.
const DEADLINE: Duration = Duration::from_secs(300);

/// Tries a law on a fresh topic; nothing where there is none.
pub(super) fn run<T, F, L>(fresh: impl FnOnce() -> F, law: impl FnOnce(Trial) -> L)
where
    T: Transport,
    F: Future<Output = Option<T>>,
    L: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let Some(transport) = fresh().await else { return };
        let law = law(Trial { transport: Arc::new(transport) });
        tokio::time::timeout(DEADLINE, law).await.expect("the law was not decided before its deadline");
    });
}

pub(super) struct Trial {
    pub(super) transport: Arc<dyn Transport>,
}

impl Trial {
    pub(super) async fn producer(&self) -> Box<dyn Producer> {
        self.transport.producer().await
    }

    pub(super) async fn consumer(&self, group: &str) -> Box<dyn Consumer> {
        self.transport.consumer(group).await
    }

    /// Sends one batch with a producer of its own.
    pub(super) async fn send(&self, batch: &Batch) {
        self.producer().await.send(batch).await.unwrap();
    }

    /// Checks that what a new group gets is these rows, in any order.
    pub(super) async fn holds(&self, expected: Vec<Row>) {
        let mut consumer = self.consumer("holds").await;
        let found = take(&mut *consumer, expected.len()).await;
        same(sorted(rows_of(&found)), sorted(expected));
    }
}

/// Deliveries up to `readings` readings in all, without committing.
pub(super) async fn take(consumer: &mut dyn Consumer, readings: usize) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    let mut taken = 0;
    while taken < readings {
        let delivery = consumer.next().await.unwrap();
        taken += delivery.batch.len();
        deliveries.push(delivery);
    }
    deliveries
}

/// Deliveries up to `readings` readings in all, each committed.
pub(super) async fn take_and_commit(consumer: &mut dyn Consumer, readings: usize) -> Vec<Delivery> {
    let deliveries = take(consumer, readings).await;
    for delivery in &deliveries {
        consumer.commit(&delivery.position).await.unwrap();
    }
    deliveries
}

/// Lets a future run up to where it waits, and drops it there.
pub(super) async fn start_and_drop<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Panics at the first difference, which says more than both lists do.
pub(super) fn same(found: impl AsRef<[Row]>, expected: impl AsRef<[Row]>) {
    let (found, expected) = (found.as_ref(), expected.as_ref());
    if let Some(at) = (0..found.len().max(expected.len())).find(|&at| found.get(at) != expected.get(at)) {
        panic!(
            "{} readings found, {} expected; at place {at} found {:?}, expected {:?}",
            found.len(),
            expected.len(),
            found.get(at),
            expected.get(at)
        );
    }
}
