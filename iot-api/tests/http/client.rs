//! `ApiStore` keeps every law of a store, over a real socket.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use iot_api::{Api, ApiStore, Limits, ServerOptions, serve};
use iot_core::memory::MemoryStore;
use iot_core::{Batch, Device, Error, ErrorKind, Quantity, Reading, Store as _, Timestamp};
use iot_testkit::store::Subject;
use serde_json::{Value, json};

use crate::server::Server;

async fn fresh() -> Option<Subject> {
    let server = Server::of(Api::new(Arc::new(MemoryStore::new())).with_deletion()).await;
    let store = ApiStore::new(&server.url()).unwrap();
    Some(Subject::new(store).with_guard(server))
}

iot_testkit::store_laws!(api, fresh);

#[tokio::test]
async fn an_address_that_is_not_one_is_refused_and_a_secret_in_it_is_not_repeated() {
    for url in ["127.0.0.1:8000", "https://plant.example", "http://", "ftp://a", "http://a?b=c", "http://a b"]
    {
        assert_eq!(ApiStore::new(url).unwrap_err().kind(), ErrorKind::Invalid, "{url}");
    }
    let error = ApiStore::new("http://user:secret@plant.example").unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(ApiStore::open(&url).await.unwrap_err().kind(), ErrorKind::Unavailable);
    let store = ApiStore::new(&url).unwrap();
    assert_eq!(store.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(store.devices().await.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_batch_above_what_a_server_takes_goes_in_several_requests() {
    let limits = Limits::default().with_body_bytes(20_000);
    let server = Server::of(Api::new(Arc::new(MemoryStore::new())).with_limits(limits)).await;
    let store = ApiStore::new(&server.url()).unwrap();
    let reading = |i: i64| {
        let device = Device::new(&format!("device-{}", i % 7)).unwrap();
        Reading::new(device, Timestamp::from_secs(i)).with(Quantity::VOLTAGE, i as f64).unwrap()
    };
    let readings: Vec<Reading> = (0..3000).map(reading).collect();
    store.append(&Batch::from_readings(&readings).unwrap()).await.unwrap();
    let counts = store.devices().await.unwrap().iter().map(|summary| summary.readings.unwrap()).sum::<u64>();
    assert_eq!(counts, 3000);
    // A unit that is refused is refused before a piece has been kept, wherever in the batch its reading is.
    let co2 = |unit: &str| Quantity::new("co2", unit).unwrap();
    let first =
        Reading::new(Device::new("c").unwrap(), Timestamp::from_secs(0)).with(co2("ppm"), 1.0).unwrap();
    store.append(&Batch::from_readings(&[first]).unwrap()).await.unwrap();
    let late =
        Reading::new(Device::new("late").unwrap(), Timestamp::from_secs(0)).with(co2("%"), 1.0).unwrap();
    let readings: Vec<Reading> = (5000..8000).map(reading).chain([late]).collect();
    let error = store.append(&Batch::from_readings(&readings).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    let counts = store.devices().await.unwrap().iter().map(|summary| summary.readings.unwrap()).sum::<u64>();
    assert_eq!(counts, 3001);
}

/// What a store says of a server that answers readings so.
async fn answered(status: u16, body: Value) -> Error {
    let answer = move || async move { (StatusCode::from_u16(status).unwrap(), Json(body)) };
    let router = Router::new().route("/api/v1/readings", post(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(serve(listener, router, ServerOptions::default(), std::future::pending()));
    let reading = Reading::new(Device::new("a").unwrap(), Timestamp::from_secs(0));
    let batch = Batch::from_readings(&[reading.with(Quantity::VOLTAGE, 1.0).unwrap()]).unwrap();
    let error = ApiStore::new(&url).unwrap().append(&batch).await.unwrap_err();
    server.abort();
    error
}

#[tokio::test]
async fn readings_are_given_up_only_where_the_server_refuses_them_and_not_the_call() {
    let problem = |status: u16| json!({"status": status, "detail": "no", "kind": "invalid"});
    let of_readings = json!({"detail": "no", "kind": "invalid", "readings_refused": true});
    for (status, body, kind) in [
        (400, problem(400), ErrorKind::Internal),
        (401, problem(401), ErrorKind::Internal),
        (405, problem(405), ErrorKind::Internal),
        (415, problem(415), ErrorKind::Internal),
        (421, problem(421), ErrorKind::Internal),
        (422, problem(422), ErrorKind::Internal),
        (422, json!({"detail": []}), ErrorKind::Internal),
        (422, of_readings, ErrorKind::Invalid),
        (413, problem(413), ErrorKind::Invalid),
        (413, Value::Null, ErrorKind::Invalid),
        (503, Value::Null, ErrorKind::Unavailable),
    ] {
        let error = answered(status, body.clone()).await;
        assert_eq!(error.kind(), kind, "{status} {body}: {error}");
    }
}
