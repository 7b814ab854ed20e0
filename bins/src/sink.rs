//! Where a binary sends readings: a log or a store.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use backon::{ExponentialBuilder, Retryable};
use iot::address::{LogAddress, StoreAddress};
use iot::{Batch, Error, Producer, Store};
use tracing::warn;

use crate::TokenFile;

/// The address of a log or a store, known to be well formed.
#[derive(Debug, Clone)]
pub enum SinkAddress {
    /// A log.
    Log(LogAddress),
    /// A store.
    Store(StoreAddress),
}

/// A log or a store to send readings to. A side that is away is waited for.
#[derive(Debug, Clone)]
pub struct Sink(Target);

#[derive(Debug, Clone)]
enum Target {
    Log(Arc<dyn Producer>),
    Store(Arc<dyn Store>),
}

impl std::str::FromStr for SinkAddress {
    type Err = Error;

    fn from_str(address: &str) -> iot::Result<Self> {
        if address.starts_with("kafka:") {
            return Ok(Self::Log(address.parse()?));
        }
        Ok(Self::Store(address.parse()?))
    }
}

impl std::fmt::Display for SinkAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Log(log) => log.fmt(f),
            Self::Store(store) => store.fmt(f),
        }
    }
}

impl SinkAddress {
    /// The same showing the token that is named to an API.
    ///
    /// # Errors
    ///
    /// If its file cannot be read, or holds no token.
    pub fn showing(self, token: &TokenFile) -> Result<Self> {
        Ok(match self {
            Self::Store(store) => Self::Store(token.shown_to(store)?),
            log => log,
        })
    }

    /// Opens it.
    ///
    /// # Errors
    ///
    /// If there is nothing there that takes readings.
    pub async fn open(&self) -> Result<Sink> {
        Ok(Sink(match self {
            Self::Log(log) => Target::Log(log.producer().await.with_context(|| format!("to {log}"))?),
            Self::Store(store) => Target::Store(store.open().await.with_context(|| format!("to {store}"))?),
        }))
    }
}

impl Sink {
    /// Sends these readings, again and again while the other side is away.
    ///
    /// # Errors
    ///
    /// If the other side refuses them.
    pub async fn send(&self, batch: &Batch) -> Result<()> {
        let send = || async {
            match &self.0 {
                Target::Log(log) => log.send(batch).await,
                Target::Store(store) => store.append(batch).await,
            }
        };
        let outcome = send
            .retry(backoff())
            .when(Error::is_unavailable)
            .notify(|error, delay| {
                warn!(error = format_args!("{error:#}"), ?delay, "cannot send now, trying again")
            })
            .await;
        Ok(outcome?)
    }
}

/// Opens what `open` does, again and again while that is away.
///
/// # Errors
///
/// Those that waiting does not mend.
pub async fn opened<T, F: Future<Output = iot::Result<T>>>(what: &str, open: impl FnMut() -> F) -> Result<T> {
    let opened = open
        .retry(backoff())
        .when(Error::is_unavailable)
        .notify(|error, delay| {
            warn!(error = format_args!("{error:#}"), ?delay, "{what} is away, trying again")
        })
        .await;
    opened.with_context(|| what.to_owned())
}

/// Pauses that grow to ten seconds, without an end.
fn backoff() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(10))
        .with_jitter()
        .without_max_times()
}
