//! From the thread that decodes to the task that consumes.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iot_core::{Delivery, Error, ErrorKind, Result};
use tokio::sync::Notify;

/// Room for one delivery, and for what has gone wrong.
#[derive(Debug, Default)]
pub(super) struct Handoff {
    ready: Mutex<Ready>,
    /// The thread may have room now.
    taken: Condvar,
    /// The task may have something to take now.
    put: Notify,
    closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Ready {
    delivery: Option<Delivery>,
    errors: VecDeque<Error>,
    /// Why nothing will ever come again.
    end: Option<(ErrorKind, String)>,
}

/// The errors that are kept for a task that does not ask for them.
const MAX_ERRORS: usize = 16;

impl Handoff {
    fn ready(&self) -> MutexGuard<'_, Ready> {
        // Every change is one assignment, so a poisoned lock guards good state.
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_room(&self) -> bool {
        self.ready().delivery.is_none()
    }

    /// Waits for room, for at most `patience`. Says whether there is some.
    pub(super) fn wait_for_room(&self, patience: Duration) -> bool {
        let full = |ready: &mut Ready| ready.delivery.is_some() && !self.is_closed();
        let waited = self.taken.wait_timeout_while(self.ready(), patience, full);
        let (ready, _) = waited.unwrap_or_else(PoisonError::into_inner);
        ready.delivery.is_none()
    }

    /// Puts a delivery where there is room; the thread is the only one that does.
    pub(super) fn put(&self, delivery: Delivery) {
        self.ready().delivery = Some(delivery);
        self.put.notify_one();
    }

    pub(super) fn fail(&self, error: Error) {
        let mut ready = self.ready();
        if ready.errors.len() == MAX_ERRORS {
            ready.errors.pop_front();
        }
        ready.errors.push_back(error);
        self.put.notify_one();
    }

    /// Says that after what is ready nothing will come, since this has happened.
    pub(super) fn end(&self, error: Error) {
        self.ready().end = Some((error.kind(), error.to_string()));
        self.fail(error);
    }

    /// The next delivery or error. Cancel-safe: it is taken when it is answered, and not before.
    pub(super) async fn take(&self) -> Result<Delivery> {
        loop {
            let mut put = pin!(self.put.notified());
            put.as_mut().enable();
            {
                let mut ready = self.ready();
                if let Some(delivery) = ready.delivery.take() {
                    self.taken.notify_one();
                    return Ok(delivery);
                }
                if let Some(error) = ready.errors.pop_front() {
                    return Err(error);
                }
                if let Some((kind, context)) = &ready.end {
                    return Err(Error::new(*kind, context.clone()));
                }
            }
            put.await;
        }
    }

    /// Tells the thread to end.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let _ready = self.ready();
        self.taken.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

/// Held by the thread: when that ends, the task is told so, and does not wait for ever.
pub(super) struct Ending(Arc<Handoff>);

impl Ending {
    pub(super) fn of(handoff: Arc<Handoff>) -> Self {
        Self(handoff)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if !self.0.is_closed() {
            self.0.end(Error::internal("the thread that consumes has ended"));
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap fails the test")]

    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_panic_of_the_thread_is_an_internal_error_of_the_task_for_ever() {
        let handoff = Arc::new(Handoff::default());
        let ending = Ending::of(Arc::clone(&handoff));
        let thread = std::thread::spawn(move || {
            let _ending = ending;
            panic!("on purpose");
        });
        for _ in 0..2 {
            let next = tokio::time::timeout(Duration::from_secs(60), handoff.take()).await;
            assert_eq!(next.unwrap().unwrap_err().kind(), ErrorKind::Internal);
        }
        assert!(thread.join().is_err());
    }
}
