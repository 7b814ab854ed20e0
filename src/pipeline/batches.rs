//! Deliveries gathered into batches worth a transaction.

use std::sync::Arc;
use std::time::Duration;

use iot_core::{Batch, BatchBuilder, Delivery, Origin, Position, Reject};
use tokio::time::Instant;

use super::ForwardOptions;

/// What goes to the store in one transaction, and what to commit when it is there.
#[derive(Debug, Default)]
pub(super) struct Parcel {
    pub(super) topic: Arc<str>,
    pub(super) batch: Batch,
    pub(super) rejects: Vec<Reject>,
    pub(super) origins: Vec<Origin>,
    pub(super) position: Position,
}

impl Parcel {
    /// The readings and rejects in it.
    pub(super) fn len(&self) -> u64 {
        (self.batch.len() + self.rejects.len()) as u64
    }

    pub(super) fn origin(&self, row: usize) -> Option<Origin> {
        let at = self.origins.partition_point(|origin| origin.first_row as usize <= row);
        at.checked_sub(1).map(|at| self.origins[at])
    }
}

/// Gathers deliveries until there is enough for a transaction, or the oldest has waited long enough.
#[derive(Debug)]
pub(super) struct Gatherer {
    builder: BatchBuilder,
    parcel: Parcel,
    reject_bytes: usize,
    /// A delivery that cannot share a batch with what is gathered: a quantity is in another unit there, or with the
    /// columns of both it would be too large.
    apart: Option<Delivery>,
    due: Option<Instant>,
    max_rows: usize,
    max_bytes: usize,
    linger: Duration,
}

impl Gatherer {
    pub(super) fn new(options: &ForwardOptions) -> Self {
        Self {
            builder: BatchBuilder::new(),
            parcel: Parcel::default(),
            reject_bytes: 0,
            apart: None,
            due: None,
            max_rows: options.max_rows,
            max_bytes: options.max_bytes,
            linger: options.linger,
        }
    }

    pub(super) fn add(&mut self, delivery: Delivery) {
        let first_row = self.builder.len() as u32;
        let Delivery { batch, .. } = &delivery;
        let bytes = self.builder.bytes_with(batch.len(), self.builder.new_columns(batch));
        let too_wide = bytes + self.reject_bytes > self.max_bytes && !self.builder.is_empty();
        if too_wide || self.builder.extend(&delivery.batch).is_err() {
            self.apart = Some(delivery);
            return;
        }
        let shifted = |origin: Origin| Origin { first_row: origin.first_row + first_row, ..origin };
        self.reject_bytes += delivery.rejects.iter().map(|reject| reject.payload.len()).sum::<usize>();
        self.parcel.topic = delivery.topic;
        self.parcel.origins.extend(delivery.origins.into_iter().map(shifted));
        self.parcel.rejects.extend(delivery.rejects);
        self.parcel.position.advance(&delivery.position);
        self.due.get_or_insert_with(|| Instant::now() + self.linger);
    }

    /// Whether nothing more should be added.
    pub(super) fn is_full(&self) -> bool {
        self.apart.is_some()
            || self.builder.len() + self.parcel.rejects.len() >= self.max_rows
            || self.builder.bytes() + self.reject_bytes >= self.max_bytes
    }

    /// When it should go even if it is not full; `None` while it is empty.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.is_full() { Some(Instant::now()) } else { self.due }
    }

    pub(super) fn take(&mut self) -> Parcel {
        self.due = None;
        self.reject_bytes = 0;
        let parcel = Parcel { batch: self.builder.finish(), ..std::mem::take(&mut self.parcel) };
        if let Some(delivery) = self.apart.take() {
            // Into an empty batch: units agree within one delivery.
            self.add(delivery);
        }
        parcel
    }
}
