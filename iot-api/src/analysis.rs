//! Work that holds a long history and keeps a processor busy: no more of it at a time than was said.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use iot_core::{Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::problem::Problem;

/// The places for analyses.
#[derive(Debug)]
pub(crate) struct Analyses(Arc<Semaphore>);

impl Analyses {
    pub(crate) fn new(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places)))
    }

    /// A place, once one is free.
    pub(crate) async fn turn(&self) -> Result<Turn, Problem> {
        let permit = Arc::clone(&self.0).acquire_owned().await.map_err(|_| Problem::ending())?;
        Ok(Turn(Arc::new(Place { _permit: permit, left: AtomicBool::new(false) })))
    }
}

/// A place for an analysis, for as long as someone waits for what comes of it.
///
/// Nothing can stop work that has begun, and it goes on to hold its history: a caller that goes away leaves the place to
/// the work, which gives up where it looks, and the place is free when it has ended.
#[derive(Debug)]
pub(crate) struct Turn(Arc<Place>);

impl Turn {
    /// Runs work where it holds up nobody.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Place) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = Arc::clone(&self.0);
        let done = spawn_blocking(move || {
            // What the work holds is dropped before its place.
            let (place, work) = (place, work);
            place.check()?;
            work(&place)
        });
        done.await.unwrap_or_else(|failed| {
            Err(if failed.is_panic() {
                Error::internal("an analysis failed").with_source(failed)
            } else {
                Error::unavailable("the service is ending")
            })
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.left.store(true, Ordering::Relaxed);
    }
}

/// Where an analysis is at work.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    left: AtomicBool,
}

impl Place {
    /// Looks whether anyone still waits.
    ///
    /// # Errors
    ///
    /// `Unavailable` if not.
    pub(crate) fn check(&self) -> Result<()> {
        if self.left.load(Ordering::Relaxed) {
            return Err(Error::unavailable("nobody waits for the answer any more"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::sync::mpsc::unbounded_channel;
    use tokio::time::timeout;

    use super::*;

    const LATE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn work_whose_caller_has_gone_is_told_and_keeps_its_place_until_it_ends() {
        let analyses = Arc::new(Analyses::new(2));
        let (told, mut heard) = unbounded_channel();
        let mut gates = Vec::new();
        for _ in 0..2 {
            let (open, gate) = mpsc::channel::<()>();
            let (analyses, told) = (Arc::clone(&analyses), told.clone());
            let caller = tokio::spawn(async move {
                let turn = analyses.turn().await.unwrap();
                turn.run(move |place| {
                    told.send(place.check().is_ok()).unwrap();
                    let _ = gate.recv();
                    told.send(place.check().is_ok()).unwrap();
                    Ok(())
                })
                .await
            });
            assert_eq!(timeout(LATE, heard.recv()).await.unwrap(), Some(true));
            caller.abort();
            assert!(caller.await.unwrap_err().is_cancelled());
            gates.push(open);
        }
        assert_eq!(analyses.0.available_permits(), 0);
        for open in gates {
            drop(open);
            assert_eq!(timeout(LATE, heard.recv()).await.unwrap(), Some(false));
            drop(timeout(LATE, analyses.turn()).await.unwrap().unwrap());
        }
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_of_its_own_and_leaves_its_place() {
        let analyses = Analyses::new(1);
        let failed = analyses.turn().await.unwrap().run(|_| -> Result<()> { panic!("of the test") }).await;
        assert_eq!(failed.unwrap_err().kind(), iot_core::ErrorKind::Internal);
        timeout(LATE, analyses.turn()).await.unwrap().unwrap();
    }
}
