//! Who may call, and from where.

use iot_api::{Api, ApiStore, Denied, Token};
use iot_core::{Batch, Device, ErrorKind, Quantity, Reading, Store as _, Timestamp};

use crate::moody::Moody;
use crate::server::Server;

const READING: &[u8] = br#"{"device_id": "a", "voltage": 1, "timestamp": "2025-02-05"}"#;

fn token(text: &str) -> Token {
    Token::new(text).unwrap()
}

/// S15.
#[tokio::test]
async fn where_tokens_are_asked_for_nothing_goes_without_the_right_one() {
    let api = Api::new(Moody::new()).with_read_token(token("reader")).with_write_token(token("writer"));
    let server = Server::of(api).await;
    let (none, reader, writer) = ("", "Bearer reader", "bearer writer");
    for (method, path, shown, status) in [
        ("GET", "/api/v1/devices", none, 401),
        ("GET", "/api/v1/devices", writer, 401),
        ("GET", "/api/v1/devices", "Bearer reader2", 401),
        ("GET", "/api/v1/devices", "Bearer reade", 401),
        ("GET", "/api/v1/devices", "Basic reader", 401),
        ("GET", "/api/v1/devices", reader, 200),
        ("GET", "/data", none, 401),
        ("GET", "/data/a", none, 401),
        ("GET", "/devices", none, 401),
        ("GET", "/metrics", none, 401),
        ("GET", "/api/v1/openapi.json", none, 401),
        ("GET", "/api/v1/nothing", none, 401),
        ("POST", "/data", none, 401),
        ("POST", "/data", reader, 401),
        ("POST", "/data", writer, 200),
        ("POST", "/api/v1/readings", reader, 401),
        ("POST", "/api/v1/readings", writer, 200),
        ("GET", "/healthz", none, 200),
        ("GET", "/readyz", none, 200),
        ("GET", "/", none, 200),
    ] {
        let headers = [("authorization", shown), ("content-type", "application/json")];
        let answer = server.send(method, path, &headers, if method == "POST" { READING } else { b"" }).await;
        assert_eq!(answer.status, status, "{method} {path} {shown:?}");
        assert_eq!(answer.header("www-authenticate"), if status == 401 { "Bearer" } else { "" });
    }
}

#[tokio::test]
async fn the_client_shows_its_token_and_a_wrong_one_is_no_fault_of_the_readings() {
    let api = Api::new(Moody::new()).with_read_token(token("key")).with_write_token(token("key"));
    let server = Server::of(api).await;
    let reading = Reading::new(Device::new("a").unwrap(), Timestamp::from_secs(0))
        .with(Quantity::VOLTAGE, 1.0)
        .unwrap();
    let batch = Batch::from_readings(&[reading]).unwrap();
    let store = ApiStore::new(&server.url()).unwrap();
    let error = store.append(&batch).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref());
    assert_eq!(cause, Some(&Denied::Token));
    let store = store.with_token(&token("key"));
    store.append(&batch).await.unwrap();
    assert_eq!(store.devices().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_page_of_another_origin_can_neither_read_nor_write() {
    let server = Server::of_memory().await;
    let post = async |origin: &str, host: &str| {
        let headers = [("origin", origin), ("host", host), ("content-type", "text/plain")];
        server.send("POST", "/data", &headers, READING).await.status
    };
    assert_eq!(post("https://evil.example", "127.0.0.1:8000").await, 403);
    assert_eq!(post("null", "127.0.0.1:8000").await, 403);
    assert_eq!(post("http://127.0.0.1:8000", "127.0.0.1:8000").await, 200);
    let answer = server.send("GET", "/api/v1/devices", &[("origin", "https://evil.example")], b"").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_name_that_may_be_a_strangers_is_answered_only_where_it_was_told_or_a_token_is_shown() {
    let evil = [("host", "evil.example:8000"), ("origin", "http://evil.example:8000")];
    let api = || Api::new(Moody::new());
    let server = Server::of(api().with_hosts(["iot.plant.example".parse().unwrap()])).await;
    for (method, path) in [("GET", "/api/v1/devices"), ("GET", "/dashboard/"), ("POST", "/data")] {
        let answer = server.send(method, path, &evil, READING).await;
        assert_eq!(answer.status, 421, "{path}");
        assert!(
            answer.text().contains("evil.example") && answer.text().contains("--host"),
            "{}",
            answer.text()
        );
    }
    assert_eq!(server.send("GET", "/healthz", &evil, b"").await.status, 200);
    for host in ["127.0.0.1:8000", "[::1]", "localhost:1", "api:8000", "iot.plant.example"] {
        assert_eq!(server.send("GET", "/api/v1/devices", &[("host", host)], b"").await.status, 200, "{host}");
    }
    let mut old = tokio::net::TcpStream::connect(server.address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut old, b"GET /api/v1/devices HTTP/1.0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut old, &mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.0 200"), "no browser leaves out the host: {answer}");

    let server = Server::of(api().with_read_token(token("key"))).await;
    let shown = [evil[0], ("authorization", "Bearer key")];
    assert_eq!(server.send("GET", "/api/v1/devices", &shown, b"").await.status, 200);
}

#[tokio::test]
async fn a_page_of_an_origin_that_was_named_may_do_both() {
    let api = Api::new(Moody::new()).with_origins(["https://plant.example"]).unwrap();
    let server = Server::of(api).await;
    let headers = [("origin", "https://plant.example"), ("content-type", "application/json")];
    let answer = server.send("POST", "/data", &headers, READING).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "https://plant.example"));
    let other = server.send("GET", "/devices", &[("origin", "https://evil.example")], b"").await;
    assert_eq!(other.header("access-control-allow-origin"), "");
    for wrong in ["plant.example", "*", "https://", "https://plant.example/page"] {
        assert!(Api::new(Moody::new()).with_origins([wrong]).is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn every_answer_keeps_a_browser_from_guessing() {
    let server = Server::of_memory().await;
    for path in ["/", "/data", "/api/v1/devices", "/api/v1/nothing", "/metrics"] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}
