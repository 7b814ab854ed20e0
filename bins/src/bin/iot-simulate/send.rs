//! From a source to a sink, when readings are due.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use iot::{Batch, BatchBuilder, Timestamp};
use iot_bins::{Pace, Sink, stopped};
use tokio::sync::mpsc;
use tracing::info;

/// Where readings come from.
pub(crate) struct Source {
    /// The speed unless told otherwise; infinity is as fast as possible.
    pub(crate) default_speed: f64,
    /// The next readings; `None` at the end.
    pub(crate) next_batch: Box<dyn FnMut(Take) -> Result<Option<Batch>> + Send>,
}

/// How many readings to take from a source.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Take {
    /// So many at the most.
    Rows(usize),
    /// Those that are due next, and no later ones.
    Due,
}

/// A progress bar on standard error, hidden where that is not a terminal.
pub(crate) fn progress(quiet: bool) -> ProgressBar {
    let bar = ProgressBar::no_length();
    if quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {msg}  {elapsed}, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Sends all readings of `source`, each when it is due, until the end or the signal to stop.
pub(crate) async fn send(
    source: Source,
    sink: Sink,
    speed: f64,
    batch: usize,
    progress: &ProgressBar,
) -> Result<()> {
    let mut sending = Sending { sink, waiting: BatchBuilder::new(), sent: 0, began: Instant::now() };
    let outcome = tokio::select! {
        outcome = sending.all(source, speed, batch, progress) => outcome,
        // What the other side has not acknowledged yet is not counted.
        () = stopped() => Ok(()),
    };
    progress.finish_and_clear();
    info!("sent {}", sending.rate());
    outcome
}

struct Sending {
    sink: Sink,
    waiting: BatchBuilder,
    sent: u64,
    began: Instant,
}

impl Sending {
    async fn all(&mut self, source: Source, speed: f64, batch: usize, progress: &ProgressBar) -> Result<()> {
        let mut pace = Pace::new(speed);
        let mut batches = start(source, if speed.is_infinite() { Take::Rows(batch) } else { Take::Due });
        while let Some(next) = batches.recv().await {
            // Also where the source has failed, what came before is sent.
            let due = match &next {
                Ok(next) => {
                    pace.wait(Timestamp::from_nanos(next.times().first().copied().unwrap_or_default()))
                }
                Err(_) => Duration::ZERO,
            };
            let full = next.as_ref().map_or(true, |next| self.waiting.len() + next.len() > batch);
            if full || !due.is_zero() {
                self.flush().await?;
                progress.set_message(self.rate());
            }
            tokio::time::sleep(due).await;
            self.waiting.extend(&next?)?;
        }
        self.flush().await
    }

    async fn flush(&mut self) -> Result<()> {
        let batch = self.waiting.finish();
        if !batch.is_empty() {
            self.sink.send(&batch).await?;
        }
        self.sent += batch.len() as u64;
        Ok(())
    }

    fn rate(&self) -> String {
        let seconds = self.began.elapsed().as_secs_f64().max(1e-9);
        format!("{} readings, {:.0} a second", self.sent, self.sent as f64 / seconds)
    }
}

/// Reads the source on a thread of its own, so that reading overlaps sending.
fn start(mut source: Source, take: Take) -> mpsc::Receiver<Result<Batch>> {
    let (sender, receiver) = mpsc::channel(2);
    std::thread::spawn(move || {
        loop {
            let next = match (source.next_batch)(take).context("cannot read on") {
                Ok(Some(batch)) => Ok(batch),
                Ok(None) => return,
                Err(error) => Err(error),
            };
            let failed = next.is_err();
            if sender.blocking_send(next).is_err() || failed {
                return;
            }
        }
    });
    receiver
}
