//! Whether the service is alive, and whether it is ready.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use iot_core::{Error, Result};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::Context;

/// A check that is slower than this has failed.
const PATIENCE: Duration = Duration::from_secs(3);

type Answer = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Something that must work for the service to be ready.
#[derive(Clone)]
pub(crate) struct Check {
    name: String,
    ask: Arc<dyn Fn() -> Answer + Send + Sync>,
}

impl Check {
    pub(crate) fn new<F, A>(name: &str, ask: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<()>> + Send + 'static,
    {
        Self { name: name.to_owned(), ask: Arc::new(move || Box::pin(ask())) }
    }

    async fn answer(&self) -> Result<()> {
        let late = |_| Err(Error::unavailable(format!("no answer within {PATIENCE:?}")));
        tokio::time::timeout(PATIENCE, (self.ask)()).await.unwrap_or_else(late)
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Check").field(&self.name).finish()
    }
}

/// Whether the process runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether everything that is needed works.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether all of it does.
    ready: bool,
    /// For each part `ok`, or what is wrong with it.
    #[schema(example = json!({"store": "ok"}))]
    checks: BTreeMap<String, String>,
}

/// Says that the process runs.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, description = "it runs", body = Health)))]
pub(crate) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Says whether what the service needs works, and names what does not.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses((status = 200, description = "ready", body = Readiness), (status = 503, description = "not ready", body = Readiness))
)]
pub(crate) async fn readyz(State(context): State<Arc<Context>>) -> (StatusCode, Json<Readiness>) {
    let answers = context.checks.iter().map(async |check| (check.name.clone(), check.answer().await));
    let mut ready = true;
    let mut checks = BTreeMap::new();
    for (name, answer) in futures_util::future::join_all(answers).await {
        let text = match answer {
            Ok(()) => "ok".to_owned(),
            Err(error) => {
                crate::problem::log(&error);
                ready = false;
                format!("{}: {error}", error.kind().as_str())
            }
        };
        checks.insert(name, text);
    }
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, checks }))
}
