//! The routes under `/api/v1`.

mod anomalies;
mod buckets;
mod conditions;
mod decode;
mod delete;
mod devices;
mod distribution;
mod method;
mod methods;
mod newest;
mod readings;
mod series;
mod statistics;
mod stream;
mod write;

pub(crate) use buckets::Buckets;
pub(crate) use conditions::Known;
pub(crate) use devices::Devices;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Context;

/// The routes; `deletes` says whether readings can be deleted.
pub(crate) fn routes(deletes: bool) -> OpenApiRouter<Arc<Context>> {
    let routes = OpenApiRouter::default()
        .routes(routes!(newest::newest, write::write))
        .routes(routes!(devices::devices))
        .routes(routes!(readings::readings))
        .routes(routes!(series::series))
        .routes(routes!(statistics::statistics))
        .routes(routes!(distribution::distribution))
        .routes(routes!(anomalies::anomalies))
        .routes(routes!(methods::methods))
        .routes(routes!(conditions::conditions))
        .routes(routes!(conditions::condition))
        .routes(routes!(stream::stream))
        .routes(routes!(buckets::buckets));
    if deletes { routes.routes(routes!(delete::delete)) } else { routes }
}
