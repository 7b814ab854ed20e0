//! What holds for every route: who may call, how long it may take, and what a browser may do with the answer.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::decompression::RequestDecompressionLayer;

use crate::api::Context;
use crate::hosts::host;
use crate::problem::Problem;
use crate::{seed, telemetry};

/// These routes with all that holds for every route.
pub(crate) fn guarded(router: Router<Arc<Context>>, context: &Arc<Context>) -> Router<Arc<Context>> {
    // The last layer is the first to see a request.
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(RequestDecompressionLayer::new())
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(Arc::clone(context), in_time))
        .layer(from_fn_with_state(Arc::clone(context), admitted))
        .layer(from_fn(plain))
        .layer(from_fn_with_state(Arc::clone(context), telemetry::observe))
}

/// Lets web pages of these origins in, and no others.
pub(crate) fn cross_origin(origins: &[HeaderValue]) -> CorsLayer {
    if origins.is_empty() {
        return CorsLayer::new();
    }
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::CONTENT_ENCODING])
}

/// An error in the form that callers of this path expect.
pub(crate) fn refusal(uri: &Uri, status: StatusCode, detail: impl Into<String>) -> Response {
    if uri.path().starts_with("/api/") {
        return Problem::new(status, detail).into_response();
    }
    seed::refusal(status, &detail.into())
}

async fn not_found(uri: Uri) -> Response {
    refusal(&uri, StatusCode::NOT_FOUND, "Not Found")
}

async fn method_not_allowed(uri: Uri) -> Response {
    refusal(&uri, StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}

/// Ends the work on a request that takes too long.
async fn in_time(State(context): State<Arc<Context>>, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let limit = context.limits.time;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("no answer within {limit:?}: ask for less, or later");
            refusal(&uri, StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }
}

/// Turns away who shows no token, and web pages of other origins that try to write.
async fn admitted(State(context): State<Arc<Context>>, request: Request, next: Next) -> Response {
    let (uri, headers) = (request.uri(), request.headers());
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if writes && !is_of_this_origin(headers, &context.origins) {
        return refusal(uri, StatusCode::FORBIDDEN, "a page of another origin may not write");
    }
    if !is_open(uri.path()) && !context.access.allows(writes, headers) {
        return refusal(uri, StatusCode::UNAUTHORIZED, "a bearer token is needed");
    }
    // Who shows a token is no page that a name of another's has led here.
    if !context.access.asks(writes)
        && !is_for_operation(uri.path())
        && let Some(host) = host(uri, headers).filter(|host| !context.hosts.trusts(host))
    {
        let detail = format!(
            "host {host:?} is not a name of this service: allow it with --host or IOT_HOST, or ask for tokens"
        );
        return refusal(uri, StatusCode::MISDIRECTED_REQUEST, detail);
    }
    next.run(request).await
}

/// Whether a path is shown to everyone.
fn is_open(path: &str) -> bool {
    matches!(path, "/" | "/healthz" | "/readyz" | "/dashboard") || path.starts_with("/dashboard/")
}

/// Whether a path is for those who run the service, who call it by whatever name their network has for it.
fn is_for_operation(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/metrics")
}

/// Whether no browser says that a page of an unknown origin sent this: it would send a simple request to any address.
fn is_of_this_origin(headers: &HeaderMap, origins: &[HeaderValue]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let authority =
        origin.to_str().ok().and_then(|text| text.split_once("://")).map(|(_, authority)| authority);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origins.contains(origin) || (authority.is_some() && authority == host)
}

/// Gives every error the form of its path, and every answer the headers that keep a browser from guessing.
async fn plain(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    let typed = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes();
        value.starts_with(b"application/problem+json") || value.starts_with(b"application/json")
    });
    let status = response.status();
    if (status.is_client_error() || status.is_server_error()) && !typed {
        let reason = status.canonical_reason().unwrap_or("Error");
        let mut refused = refusal(&uri, status, reason);
        if let Some(accepted) = response.headers_mut().remove(header::ACCEPT_ENCODING) {
            refused.headers_mut().insert(header::ACCEPT_ENCODING, accepted);
        }
        response = refused;
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}
