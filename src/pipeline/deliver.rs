//! One parcel into the store, whatever it takes.

use std::future::Future;
use std::sync::Arc;

use backon::{ExponentialBuilder, Retryable};
use iot_core::{Batch, DeadLetters, Error, ErrorKind, Reject, Result, Store, wire};

use super::batches::Parcel;
use super::{ForwardOptions, Ledger};

/// So many readings that the store refuses are kept in memory before they are buried.
const MAX_REJECTS: usize = 1_000;

/// What is refused is divided by this. Where one reading is bad it takes as many appends as halving does, where all are
/// two thirds of them.
const PIECES: usize = 4;

/// Puts parcels into a store, and what the store refuses for good into the dead letters.
#[derive(Debug)]
pub(super) struct Deliverer {
    pub(super) store: Arc<dyn Store>,
    pub(super) dead_letters: Arc<dyn DeadLetters>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) backoff: ExponentialBuilder,
}

impl Deliverer {
    pub(super) fn backoff(options: &ForwardOptions) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_min_delay(options.min_backoff)
            .with_max_delay(options.max_backoff)
            .with_jitter()
            .without_max_times()
    }

    /// Stores the parcel. `Ok` when each of its readings is in the store or among the dead letters.
    pub(super) async fn deliver(&self, parcel: &mut Parcel) -> Result<()> {
        let mut rejects = std::mem::take(&mut parcel.rejects);
        // Pieces that are still to be stored, the earliest on top: later readings must come after earlier ones,
        // since of two with one id and time the last appended counts.
        let mut parts = Vec::new();
        parts.push(0..parcel.batch.len());
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            let whole = part.len() == parcel.batch.len();
            let sliced = if whole { None } else { Some(parcel.batch.slice(part.clone())) };
            let batch: &Batch = sliced.as_ref().unwrap_or(&parcel.batch);
            match self.retry("append to the store", || self.store.append(batch)).await {
                Ok(()) => self.ledger.stored(part.len() as u64),
                Err(error) if !is_final(error.kind()) => return Err(error),
                Err(error) if part.len() == 1 => {
                    rejects.push(refused(parcel, part.start, &error));
                    if rejects.len() >= MAX_REJECTS {
                        self.bury(&mut rejects).await?;
                    }
                }
                Err(_) => {
                    let piece = part.len().div_ceil(PIECES);
                    let starts = part.clone().step_by(piece).rev();
                    parts.extend(starts.map(|start| start..part.end.min(start + piece)));
                }
            }
        }
        self.bury(&mut rejects).await
    }

    async fn bury(&self, rejects: &mut Vec<Reject>) -> Result<()> {
        if let Some(first) = rejects.first() {
            tracing::warn!(readings = rejects.len(), ?first, "readings refused, kept as dead letters");
            self.retry("keep dead letters", || self.dead_letters.bury(rejects)).await?;
            self.ledger.rejected(rejects.len() as u64);
            rejects.clear();
        }
        Ok(())
    }

    async fn retry<F: Future<Output = Result<()>>>(&self, what: &str, call: impl FnMut() -> F) -> Result<()> {
        call.retry(self.backoff)
            .when(Error::is_unavailable)
            .notify(|error, delay| {
                self.ledger.retried();
                tracing::warn!(error = format_args!("{error:#}"), ?delay, "cannot {what} now, trying again");
            })
            .await
    }
}

/// Whether the store will never take this data.
fn is_final(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Invalid | ErrorKind::Corrupt)
}

fn refused(parcel: &Parcel, row: usize, error: &Error) -> Reject {
    let mut payload = Vec::new();
    wire::encode_row(&parcel.batch, row, &mut payload);
    let origin = parcel.origin(row);
    Reject {
        payload,
        key: Some(parcel.batch.device(row).id().as_bytes().into()),
        topic: parcel.topic.clone(),
        partition: origin.map_or(-1, |origin| origin.partition),
        offset: origin.map_or(-1, |origin| origin.offset),
        time: origin.and_then(|origin| origin.time),
        reason: format!("the store refused it: {error}"),
    }
}
