//! The HTTP face of a store, as an axum router.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::http::HeaderValue;
use iot_core::{Error, Result, Store};
use tokio::sync::{Semaphore, watch};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::analysis::Analyses;
use crate::auth::Access;
use crate::checks::Check;
use crate::hosts::Hosts;
use crate::telemetry::{Source, Telemetry};
use crate::{HostName, Limits, Token, checks, guard, openapi, seed, telemetry, v1};

/// The HTTP face of a store: makes an axum [`Router`], to be served by [`serve`](crate::serve) or merged into another one.
///
/// ```
/// use std::sync::Arc;
///
/// use iot_api::{Api, Limits, Token};
/// use iot_core::memory::MemoryStore;
///
/// let api = Api::new(Arc::new(MemoryStore::new()))
///     .with_limits(Limits::default().with_rows(10_000))
///     .with_write_token(Token::new("correct horse battery staple")?)
///     .with_check("disk", async || Ok(()));
/// let router: axum::Router = api.router();
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Api {
    store: Arc<dyn Store>,
    limits: Limits,
    access: Access,
    hosts: Hosts,
    origins: Vec<HeaderValue>,
    checks: Vec<Check>,
    sources: Vec<Source>,
    deletes: bool,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("store", &self.store)
            .field("limits", &self.limits)
            .field("access", &self.access)
            .field("hosts", &self.hosts)
            .field("origins", &self.origins)
            .field("checks", &self.checks)
            .field("deletes", &self.deletes)
            .finish_non_exhaustive()
    }
}

impl Api {
    /// The face of this store, with the default limits, open to every caller.
    pub fn new(store: Arc<dyn Store>) -> Self {
        let asked = Arc::clone(&store);
        let check = Check::new("store", move || {
            let store = Arc::clone(&asked);
            async move { store.ping().await }
        });
        Self {
            store,
            limits: Limits::default(),
            access: Access::default(),
            hosts: Hosts::default(),
            origins: Vec::new(),
            checks: vec![check],
            sources: Vec::new(),
            deletes: false,
        }
    }

    /// The same with these limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same for callers who show this token only. Whether the service runs and is ready is told to all, and the
    /// page itself too: it asks for the token.
    #[must_use]
    pub fn with_read_token(mut self, token: Token) -> Self {
        self.access.read = Some(token);
        self
    }

    /// The same, written to by callers who show this token only. The replaced system's forwarder cannot show one.
    #[must_use]
    pub fn with_write_token(mut self, token: Token) -> Self {
        self.access.write = Some(token);
        self
    }

    /// The same, called by these names too where no token is asked for; addresses, `localhost` and names without a dot
    /// need not be told.
    #[must_use]
    pub fn with_hosts(mut self, names: impl IntoIterator<Item = HostName>) -> Self {
        self.hosts.0.extend(names);
        self
    }

    /// The same, which web pages of these origins (`https://plant.example`) may use too.
    ///
    /// # Errors
    ///
    /// `Invalid` if one is not an origin.
    pub fn with_origins<'a>(mut self, origins: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        for origin in origins {
            let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let value = authority
                .filter(|authority| !authority.is_empty() && !authority.contains(['/', '*', '?', '#']))
                .and_then(|_| HeaderValue::from_str(origin).ok());
            let refused =
                || Error::invalid(format!("origin {origin:?} is not of the form https://host[:port]"));
            self.origins.push(value.ok_or_else(refused)?);
        }
        Ok(self)
    }

    /// The same, ready only while this check answers `Ok` too. An error's words are shown to callers, its causes are not.
    #[must_use]
    pub fn with_check<F, A>(mut self, name: &str, check: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<()>> + Send + 'static,
    {
        self.checks.push(Check::new(name, check));
        self
    }

    /// The same with this text, in the format of Prometheus, added to `/metrics` each time it is read.
    #[must_use]
    pub fn with_metrics(mut self, source: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    /// The same with `DELETE /api/v1/readings`, which removes old readings for good.
    #[must_use]
    pub fn with_deletion(mut self) -> Self {
        self.deletes = true;
        self
    }

    /// The routes.
    pub fn router(self) -> Router {
        let routes = OpenApiRouter::with_openapi(openapi::head())
            .merge(seed::routes())
            .nest("/api/v1", v1::routes(self.deletes))
            .merge(operation());
        let (router, document) = routes.split_for_parts();
        let router = router.merge(openapi::route(&document));
        #[cfg(feature = "dashboard")]
        let router = router.merge(crate::dashboard::routes());
        self.finish(router)
    }

    /// Only the routes for those who run it: `/healthz`, `/readyz` and `/metrics`. For a process that serves no readings.
    pub fn operation_router(self) -> Router {
        let (router, _) = operation().split_for_parts();
        self.finish(router)
    }

    fn finish(self, router: Router<Arc<Context>>) -> Router {
        let cross_origin = guard::cross_origin(&self.origins);
        let context = Arc::new(Context {
            store: self.store,
            limits: self.limits,
            access: self.access,
            hosts: self.hosts,
            origins: self.origins,
            checks: self.checks,
            telemetry: Telemetry::new(self.sources),
            writes: Semaphore::new(self.limits.writes),
            analyses: Analyses::new(self.limits.analyses),
            answers: Arc::new(Semaphore::new(self.limits.answers)),
            conditions: v1::Known::default(),
            streams: Arc::new(Semaphore::new(self.limits.streams)),
            appended: watch::Sender::new(()),
        });
        guard::guarded(router, &context).layer(cross_origin).with_state(context)
    }
}

/// The routes for those who run it.
fn operation() -> OpenApiRouter<Arc<Context>> {
    OpenApiRouter::new()
        .routes(routes!(checks::healthz))
        .routes(routes!(checks::readyz))
        .routes(routes!(telemetry::metrics))
}

impl Context {
    /// Counts readings that came in, and tells those who wait for them.
    pub(crate) fn stored(&self, stored: u64, rejected: u64) {
        self.telemetry.readings(stored, rejected);
        if stored > 0 {
            self.appended.send_replace(());
        }
    }
}

/// What all routes share.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) limits: Limits,
    pub(crate) access: Access,
    pub(crate) hosts: Hosts,
    pub(crate) origins: Vec<HeaderValue>,
    pub(crate) checks: Vec<Check>,
    pub(crate) telemetry: Telemetry,
    pub(crate) writes: Semaphore,
    pub(crate) analyses: Analyses,
    pub(crate) answers: Arc<Semaphore>,
    pub(crate) conditions: v1::Known,
    pub(crate) streams: Arc<Semaphore>,
    /// Tells streams that something was stored through this API.
    pub(crate) appended: watch::Sender<()>,
}
