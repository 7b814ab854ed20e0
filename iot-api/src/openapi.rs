//! The description of the routes, made from the routes themselves.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::get;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};

use crate::api::Context;

/// The description of no route yet.
pub(crate) fn head() -> OpenApi {
    let license = LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).build();
    let info = InfoBuilder::new()
        .title("iot-api")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Readings of devices over time. A range is `from` (included) to `to` (excluded), RFC 3339 or nanoseconds \
             since 1970; ids in a path are percent-encoded; every value names its unit. Where a token is asked for, \
             send it as `Authorization: Bearer`.",
        ))
        .license(Some(license));
    OpenApiBuilder::new().info(info.build()).build()
}

/// The route that shows this description.
pub(crate) fn route(document: &OpenApi) -> Router<Arc<Context>> {
    // It never changes while the service runs.
    let text: Arc<str> = serde_json::to_string(document).unwrap_or_default().into();
    let show =
        async move || ([(header::CONTENT_TYPE, "application/json")], String::from(&*text)).into_response();
    Router::new().route("/api/v1/openapi.json", get(show))
}
