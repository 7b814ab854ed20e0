//! Where every reading is.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts of a [`forward`](super::forward()), one moment's worth: `consumed = stored + rejected + in_flight`.
///
/// A payload that could not be decoded counts as one reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Taken from the log.
    pub consumed: u64,
    /// In the store for good.
    pub stored: u64,
    /// Kept as dead letters for good.
    pub rejected: u64,
    /// Neither yet.
    pub in_flight: u64,
    /// Of the stored and rejected ones, those that the log has been told of; the others come again after a crash.
    pub committed: u64,
    /// How often an append or a dead letter had to be tried again.
    pub retries: u64,
}

/// The running count of a [`forward`](super::forward()), readable at any time from any thread.
///
/// Exported through the `metrics` facade as `iot_forward_consumed_total`, `iot_forward_stored_total`,
/// `iot_forward_rejected_total`, `iot_forward_committed_total`, `iot_forward_retries_total` and the gauges
/// `iot_forward_in_flight` and, where the log knows it, `iot_forward_lag_messages`.
#[derive(Debug, Default)]
pub struct Ledger {
    totals: Mutex<Totals>,
}

impl Ledger {
    /// All counts of one moment.
    pub fn totals(&self) -> Totals {
        *self.lock()
    }

    pub(super) fn consumed(&self, readings: u64) {
        let mut totals = self.lock();
        totals.consumed += readings;
        totals.in_flight += readings;
        metrics::counter!("iot_forward_consumed_total").increment(readings);
        metrics::gauge!("iot_forward_in_flight").set(totals.in_flight as f64);
    }

    pub(super) fn stored(&self, readings: u64) {
        let mut totals = self.lock();
        totals.stored += readings;
        totals.in_flight -= readings;
        metrics::counter!("iot_forward_stored_total").increment(readings);
        metrics::gauge!("iot_forward_in_flight").set(totals.in_flight as f64);
    }

    pub(super) fn rejected(&self, readings: u64) {
        let mut totals = self.lock();
        totals.rejected += readings;
        totals.in_flight -= readings;
        metrics::counter!("iot_forward_rejected_total").increment(readings);
        metrics::gauge!("iot_forward_in_flight").set(totals.in_flight as f64);
    }

    pub(super) fn committed(&self, readings: u64) {
        self.lock().committed += readings;
        metrics::counter!("iot_forward_committed_total").increment(readings);
    }

    /// What the log has beyond what was consumed, if it knows.
    pub(super) fn lag(&self, messages: Option<u64>) {
        if let Some(messages) = messages {
            metrics::gauge!("iot_forward_lag_messages").set(messages as f64);
        }
    }

    pub(super) fn retried(&self) {
        self.lock().retries += 1;
        metrics::counter!("iot_forward_retries_total").increment(1);
    }

    fn lock(&self) -> MutexGuard<'_, Totals> {
        // Counts stay right even if a thread died while it held them: each change is one statement.
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
