//! A store that lies behind our HTTP API.

mod append;
mod http;
mod replaced;
mod scan;

use std::time::Duration;

use async_trait::async_trait;
use axum::http::Method;
use iot_core::{
    Batch, BatchBuilder, BucketQuery, Buckets, DeviceSummary, Error, FrameStream, Query, Result, Store,
    Timestamp,
};
use serde::Deserialize;

use self::append::Pieces;
pub use self::http::Denied;
use self::http::{Http, Request};
use self::replaced::Replaced;
use crate::Token;
use crate::columns::Columns;
use crate::v1;

/// A [`Store`] behind the HTTP API of this crate, wherever that runs.
///
/// Connections are kept and shared; a batch goes in few requests. Speaks `http` only: for a network that is not
/// trusted put a TLS proxy before the server, and one before the client.
///
/// `append` answers `Invalid` only where the server refuses readings for what they are. Where it does not let its client
/// in, the cause of the error is a [`Denied`].
///
/// Where a server answers 404 for `/api/v1` it is the system that this one replaces: `append` then brings it each
/// reading by a `POST /data` of its own, a device's in order. It keeps voltage and current only, and takes a reading
/// that it was sent twice for two.
///
/// ```
/// use iot_api::ApiStore;
///
/// let store = ApiStore::new("http://127.0.0.1:8000")?;
/// assert!(ApiStore::new("https://127.0.0.1:8000").is_err());
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug)]
pub struct ApiStore {
    http: Http,
    pieces: Pieces,
    replaced: Replaced,
}

impl ApiStore {
    /// The store behind the API at this address, `http://host:port`; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// `Invalid` if that is not such an address.
    pub fn new(url: &str) -> Result<Self> {
        Ok(Self { http: Http::new(url)?, pieces: Pieces::default(), replaced: Replaced::default() })
    }

    /// The same, once a server there has answered.
    ///
    /// # Errors
    ///
    /// `Invalid` if that is not such an address, `Unavailable` if no server answers there.
    pub async fn open(url: &str) -> Result<Self> {
        let store = Self::new(url)?;
        store.http.exchange(Request::get("/healthz")).await?;
        Ok(store)
    }

    /// The same showing this token.
    #[must_use]
    pub fn with_token(mut self, token: &Token) -> Self {
        self.http.set_token(token);
        self
    }

    /// The same giving up on an answer after this time; 75 s unless stated.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.http.set_timeout(timeout);
        self
    }
}

#[derive(Deserialize)]
struct Readiness {
    checks: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Deleted {
    deleted: u64,
}

#[async_trait]
impl Store for ApiStore {
    async fn append(&self, batch: &Batch) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        if !self.replaced.is_known() {
            match self.pieces.append(&self.http, batch).await {
                Err(error) if http::is_absent(&error) => self.replaced.found(&self.http),
                answer => return answer,
            }
        }
        self.replaced.append(&self.http, batch).await
    }

    fn scan(&self, query: Query) -> FrameStream {
        scan::frames(self.http.clone(), &query)
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        let mut all = BatchBuilder::new();
        let mut cursor = skip.to_string();
        while all.len() < limit {
            let path = format!("/api/v1/readings?cursor={cursor}&limit={}", limit - all.len());
            let (batch, next) = self.http.json::<Columns>(Request::get(path)).await?.into_batch()?;
            all.extend(&batch)?;
            match next {
                Some(next) => cursor = next,
                None => break,
            }
        }
        Ok(all.finish())
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        let Some(quantities) = scan::quantities(&query.quantities) else {
            return Ok(Buckets { range: query.range, width_nanos: query.width_nanos, columns: Vec::new() });
        };
        let (device, range) = (scan::device(&query.device), scan::range(query.range));
        let path = format!("{device}/buckets?{range}&width_ns={}&{quantities}", query.width_nanos);
        self.http.json::<v1::Buckets>(Request::get(path)).await?.try_into()
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        let mut all = Vec::new();
        let mut path = "/api/v1/devices?limit=10000".to_owned();
        loop {
            let page: v1::Devices = self.http.json(Request::get(path)).await?;
            for summary in page.devices {
                all.push(summary.try_into()?);
            }
            let Some(next) = page.next else { return Ok(all) };
            path = format!("/api/v1/devices?limit=10000&cursor={}", scan::encoded(&next));
        }
    }

    async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        let path = format!("/api/v1/readings?before={}", time.nanos());
        Ok(self.http.json::<Deleted>(Request { method: Method::DELETE, ..Request::get(path) }).await?.deleted)
    }

    async fn ping(&self) -> Result<()> {
        if self.replaced.is_known() {
            return self.http.send(Request::get("/")).await.map(drop);
        }
        // Other checks of that server are not the store's.
        let answer = self.http.exchange(Request::get("/readyz")).await?;
        let readiness: Option<Readiness> = serde_json::from_slice(&answer.body).ok();
        match readiness.and_then(|mut readiness| readiness.checks.remove("store")) {
            Some(state) if state == "ok" => Ok(()),
            Some(state) => Err(Error::unavailable(format!("the store behind {}: {state}", self.http))),
            None => Err(Error::unavailable(format!("{} does not say whether it is ready", self.http))),
        }
    }
}
