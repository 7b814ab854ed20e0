//! Telling the log what is stored.

use backon::{BackoffBuilder, ExponentialBuilder};
use iot_core::{Consumer, Error, Position, Result};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Ledger;

/// A parcel that is stored and not yet committed.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) position: Position,
    pub(super) readings: u64,
}

/// Commits what is stored. What could not be committed is so with the next, or comes again.
#[derive(Debug)]
pub(super) struct Commits<'a> {
    pub(super) ledger: &'a Ledger,
    backoff: ExponentialBuilder,
    /// What is stored and not committed, and the readings that are so with it.
    position: Position,
    readings: u64,
}

impl<'a> Commits<'a> {
    pub(super) fn new(ledger: &'a Ledger, backoff: ExponentialBuilder) -> Self {
        Self { ledger, backoff, position: Position::new(), readings: 0 }
    }

    /// Commits a parcel, and what was left before it.
    pub(super) async fn commit(&mut self, consumer: &mut dyn Consumer, stored: &Stored) {
        self.position.advance(&stored.position);
        self.readings += stored.readings;
        if let Err(error) = self.try_commit(consumer).await {
            tracing::warn!(error = format_args!("{error:#}"), "cannot commit now");
        }
    }

    /// Commits what is left, trying until the deadline.
    pub(super) async fn finish(&mut self, consumer: &mut dyn Consumer, deadline: Instant) -> Result<()> {
        let mut pauses = self.backoff.build();
        loop {
            let tried = timeout_at(deadline, self.try_commit(consumer)).await;
            let error = match tried {
                Ok(Err(error)) if error.is_unavailable() => error,
                Ok(outcome) => return outcome,
                Err(late) => Error::unavailable("the log did not answer").with_source(late),
            };
            let next = pauses.next().map(|pause| Instant::now() + pause);
            match next.filter(|&next| next < deadline) {
                Some(next) => sleep_until(next).await,
                None => {
                    let readings = self.readings;
                    let context =
                        format!("{readings} readings are stored and not committed; they come again");
                    return Err(Error::unavailable(context).with_source(error));
                }
            }
        }
    }

    async fn try_commit(&mut self, consumer: &mut dyn Consumer) -> Result<()> {
        if self.position.is_empty() {
            return Ok(());
        }
        consumer.commit(&self.position).await?;
        self.ledger.committed(self.readings);
        self.position = Position::new();
        self.readings = 0;
        Ok(())
    }
}
