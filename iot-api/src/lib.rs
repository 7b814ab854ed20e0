//! The HTTP face of a store: routes, server, client and dashboard.
//!
//! [`Api`] makes an axum router of any [`Store`](iot_core::Store); [`serve`] serves it with the limits a server
//! on a plant floor needs; [`ApiStore`] is the other end, a store over HTTP. A binary joins them:
//!
//! ```no_run
//! # async fn run(store: std::sync::Arc<dyn iot_core::Store>) -> iot_core::Result<()> {
//! use iot_api::{Api, ServerOptions, serve};
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await.map_err(iot_api::listening)?;
//! let router = Api::new(store).router();
//! serve(listener, router, ServerOptions::default(), std::future::pending()).await
//! # }
//! ```
//!
//! | routes | for |
//! | --- | --- |
//! | `/`, `/data`, `/data/{device_id}`, `/devices` | the clients of the system this one replaces, byte for byte |
//! | `/api/v1/…` | everyone else; described by `/api/v1/openapi.json` |
//! | `/healthz`, `/readyz`, `/metrics` | those who run it |
//! | `/dashboard/` | people, with the feature `dashboard` |
//!
//! # Who may do what
//!
//! Nothing is asked for unless a [`Token`] is given, and the binaries listen on the loopback address unless told
//! otherwise. Without a token the service answers to addresses, to names without a dot, and to the names it is
//! [told](Api::with_hosts): any other may be that of a stranger's page, led here by its own name server. Answers never hold a database's own words; those go to the log. A web page of another origin can
//! neither read ([no CORS](Api::with_origins)) nor write.

mod ahead;
mod analysis;
mod api;
#[cfg(feature = "arrow")]
mod arrow;
mod auth;
mod body;
mod cadence;
mod checks;
mod client;
mod columns;
mod condition;
mod csv;
#[cfg(feature = "dashboard")]
mod dashboard;
mod derive;
mod describe;
mod disposition;
mod downsample;
mod findings;
mod guard;
mod history;
mod hosts;
mod limits;
mod millis;
mod openapi;
mod params;
mod pieces;
mod problem;
mod seed;
mod server;
mod telemetry;
mod v1;

pub use api::Api;
pub use auth::Token;
pub use client::{ApiStore, Denied};
pub use hosts::HostName;
pub use limits::Limits;
pub use server::{ServerOptions, listening, serve};
