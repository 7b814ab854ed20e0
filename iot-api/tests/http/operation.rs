//! What those who run the service see of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use iot_api::Api;
use iot_core::Error;
use serde_json::json;

use crate::moody::Moody;
use crate::server::Server;

/// S15.
#[tokio::test]
async fn readiness_names_what_is_not_ready() {
    let store = Moody::new();
    let api = Api::new(store.clone())
        .with_check("kafka", async || Err(Error::unavailable("no broker answers").with_source("secret")))
        .with_check("disk", async || Ok(()));
    let server = Server::of(api).await;
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, 503);
    let checks = json!({"store": "ok", "disk": "ok", "kafka": "unavailable: no broker answers"});
    assert_eq!(answer.json(), json!({"ready": false, "checks": checks}));
    let answer = server.get("/healthz").await;
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok"})));

    let server = Server::of(Api::new(store.clone())).await;
    assert_eq!(server.get("/readyz").await.json(), json!({"ready": true, "checks": {"store": "ok"}}));
    store.set_away(true);
    assert_eq!(server.get("/readyz").await.json()["checks"]["store"], "unavailable: the store is away");
}

#[tokio::test]
async fn a_check_that_hangs_is_not_ready() {
    let server = Server::of(Api::new(Moody::new()).with_check("slow", std::future::pending)).await;
    let began = Instant::now();
    assert_eq!(server.get("/readyz").await.status, 503);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn metrics_count_requests_and_readings_and_show_what_an_embedder_adds() {
    let api = Api::new(Moody::new()).with_metrics(|| "ledger_consumed 7".to_owned());
    let server = Server::of(api).await;
    server.post("/data", r#"{"device_id": "a", "voltage": 1}"#).await;
    server.post("/data", r#"{"device_id": "a"}"#).await;
    server.post_lines("/api/v1/readings", "{}\n{\"device_id\":\"a\",\"timestamp\":1,\"voltage\":1}").await;
    server.get("/data/some-id").await;
    server.get("/wp-login.php").await;
    server.send("BREW", "/data", &[], b"").await;
    let answer = server.get("/metrics").await;
    let text = answer.text();
    for line in [
        "iot_api_readings_stored_total 2",
        "iot_api_readings_rejected_total 2",
        r#"iot_api_requests_total{method="POST",route="/data",status="200"} 1"#,
        r#"iot_api_requests_total{method="POST",route="/data",status="422"} 1"#,
        r#"iot_api_requests_total{method="GET",route="/data/{device_id}",status="200"} 1"#,
        r#"iot_api_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"iot_api_requests_total{method="other",route="/data",status="405"} 1"#,
        r#"iot_api_request_seconds_count{route="/data/{device_id}"} 1"#,
        "ledger_consumed 7",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
    }
    assert!(answer.header("content-type").starts_with("text/plain"));
    assert!(!text.contains("some-id") && !text.contains("wp-login"));
}

#[tokio::test]
async fn an_answer_is_compressed_for_who_can_read_that() {
    let server = Server::of(Api::new(Moody::new())).await;
    let plain = server.get("/api/v1/openapi.json").await;
    assert_eq!(plain.header("content-encoding"), "");
    let packed = server.send("GET", "/api/v1/openapi.json", &[("accept-encoding", "gzip")], b"").await;
    assert_eq!((packed.header("content-encoding"), &packed.body[..2]), ("gzip", &[0x1f, 0x8b][..]));
    assert!(packed.body.len() * 2 < plain.body.len());
}

#[tokio::test]
async fn the_description_has_every_route_and_every_route_is_there() {
    let server = Server::of(Api::new(Moody::new()).with_deletion()).await;
    let document = server.get("/api/v1/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let routes = [
        ("GET", "/"),
        ("GET", "/data"),
        ("POST", "/data"),
        ("GET", "/data/{device_id}"),
        ("GET", "/devices"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/api/v1/readings"),
        ("POST", "/api/v1/readings"),
        ("DELETE", "/api/v1/readings"),
        ("GET", "/api/v1/devices"),
        ("GET", "/api/v1/devices/{device_id}/readings"),
        ("GET", "/api/v1/devices/{device_id}/series"),
        ("GET", "/api/v1/devices/{device_id}/statistics"),
        ("GET", "/api/v1/devices/{device_id}/buckets"),
        ("GET", "/api/v1/devices/{device_id}/anomalies"),
        ("GET", "/api/v1/devices/{device_id}/stream"),
        ("GET", "/api/v1/devices/{device_id}/distribution"),
        ("GET", "/api/v1/devices/{device_id}/condition"),
        ("GET", "/api/v1/conditions"),
        ("GET", "/api/v1/methods"),
    ];
    assert_eq!(
        described,
        routes.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect()
    );
    for (method, path) in routes {
        // A stream would not end; refused, it is there all the same.
        let headers = [("last-event-id", "none")];
        let status = server.send(method, &path.replace("{device_id}", "a"), &headers, b"").await.status;
        assert!(![404, 405, 500].contains(&status), "{method} {path} answers {status}");
        let operation = &document["paths"][path][method.to_lowercase()];
        assert!(
            operation["summary"].as_str().unwrap_or_default().ends_with('.'),
            "{method} {path} has no summary"
        );
    }
    // Two schemas of one name would be one: these have much in common, and are not the same.
    let schemas = &document["components"]["schemas"];
    assert!(schemas["Line"]["properties"]["times_ms"].is_object());
    assert!(schemas["BucketColumn"]["properties"]["first_time_ns"].is_object());
    assert!(schemas["Values"]["properties"]["values"].is_object());
    // Every schema that is named is there.
    let text = document.to_string();
    for named in text.split("#/components/schemas/").skip(1) {
        let name = named.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
}
