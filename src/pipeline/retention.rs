//! Readings older than a bound, removed.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use iot_core::{Store, Timestamp};
use tokio::time::{MissedTickBehavior, interval};

/// Removes readings that are older than `keep`, now and then every `every`, until `stop` is ready.
///
/// A store that is away is tried again next time.
pub async fn retain(store: &dyn Store, keep: Duration, every: Duration, stop: impl Future<Output = ()>) {
    let mut ticks = interval(every.max(Duration::from_secs(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = ticks.tick() => {}
        }
        match store.delete_before(Timestamp::now().saturating_sub(keep)).await {
            Ok(0) => {}
            Ok(readings) => tracing::info!(readings, ?keep, "removed readings that are too old"),
            Err(error) => tracing::warn!(error = format_args!("{error:#}"), "cannot remove old readings now"),
        }
    }
}
