//! What no client can do to the server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iot_api::{Api, Limits, ServerOptions, serve};
use iot_core::memory::MemoryStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::moody::Moody;
use crate::server::Server;

const SOON: Duration = Duration::from_millis(300);
const LATE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_client_that_sends_its_head_byte_by_byte_is_cut_off() {
    let options = ServerOptions::default().with_head(SOON);
    let server = Server::with(Api::new(Moody::new()), options).await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let mut rest = Vec::new();
    let drip = async {
        for byte in b"GET / HTTP/1.1\r\nhost: a\r\nx-long: ".iter().chain(std::iter::repeat(&b'x')) {
            if slow.write_all(&[*byte]).await.is_err()
                || slow.try_read_buf(&mut rest).is_ok_and(|read| read == 0)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LATE, drip).await.unwrap();
}

#[tokio::test]
async fn a_client_that_sends_its_body_byte_by_byte_is_answered_all_the_same() {
    let api = Api::new(Moody::new()).with_limits(Limits::default().with_time(SOON));
    let server = Server::of(api).await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /api/v1/readings HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n[";
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    timeout(LATE, slow.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 503");
}

#[tokio::test]
async fn a_connection_above_the_cap_waits_for_a_place() {
    let options = ServerOptions::default().with_connections(1).with_head(LATE);
    let server = Server::with(Api::new(Moody::new()), options).await;
    let first = TcpStream::connect(server.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(timeout(SOON, server.get("/healthz")).await.is_err());
    drop(first);
    assert_eq!(timeout(LATE, server.get("/healthz")).await.unwrap().status, 200);
}

#[tokio::test]
async fn no_more_bodies_are_read_at_a_time_than_was_said() {
    let server = Server::of(Api::new(Moody::new()).with_limits(Limits::default().with_writes(1))).await;
    let mut first = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /api/v1/readings HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[";
    first.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(timeout(SOON, server.post("/api/v1/readings", "[]")).await.is_err());
    assert_eq!(server.get("/healthz").await.status, 200);
    first.write_all(b"]").await.unwrap();
    assert_eq!(timeout(LATE, server.post("/api/v1/readings", "[]")).await.unwrap().status, 200);
}

#[test]
fn no_more_histories_are_held_than_was_said_however_many_clients_have_gone() {
    let runtime = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(1).enable_all().build();
    runtime.unwrap().block_on(async {
        let store = Moody::new();
        let api = Api::new(store.clone()).with_limits(Limits::default().with_analyses(2));
        let server = Server::of(api).await;
        server.post("/api/v1/readings", r#"{"device_id": "a", "timestamp": 1, "voltage": 1}"#).await;
        // No analysis ends before this does.
        let (release, held) = std::sync::mpsc::channel::<()>();
        let holding = tokio::task::spawn_blocking(move || held.recv());
        let mut scans = store.scans.subscribe();
        let paths = ["anomalies?quantity=voltage&method=value_based&high=5", "distribution?quantity=voltage"];
        let mut waits = false;
        for path in paths.iter().cycle().take(20) {
            let mut client = TcpStream::connect(server.address).await.unwrap();
            let head = format!("GET /api/v1/devices/a/{path} HTTP/1.1\r\nhost: a\r\n\r\n");
            client.write_all(head.as_bytes()).await.unwrap();
            waits = timeout(SOON, scans.changed()).await.is_err();
            if waits {
                break;
            }
            // It goes away when its history is read; where it is not yet, the next one may have its turn.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(waits, "{} histories are read, and none is done with", *scans.borrow());
        drop(release);
        assert!(holding.await.unwrap().is_err());
        for path in paths {
            let answer = timeout(LATE, server.get(&format!("/api/v1/devices/a/{path}"))).await;
            assert_eq!(answer.unwrap().status, 200);
        }
    });
}

#[tokio::test]
async fn a_page_is_no_longer_than_was_said_and_says_where_it_goes_on() {
    let server = Server::of(Api::new(Moody::new()).with_limits(Limits::default().with_rows(2))).await;
    let body = r#"[{"device_id": "a", "timestamp": 1, "voltage": 1}, {"device_id": "a", "timestamp": 2, "voltage": 1}, {"device_id": "a", "timestamp": 3, "voltage": 1}]"#;
    server.post("/api/v1/readings", body).await;
    for path in ["/api/v1/devices/a/readings?limit=1000", "/api/v1/readings"] {
        let page = server.get(path).await.json();
        assert_eq!(page["time_ns"].as_array().unwrap().len(), 2, "{path}");
        assert!(page["next"].is_string(), "{path}");
    }
}

#[tokio::test]
async fn a_head_without_an_end_is_refused() {
    let server = Server::of_memory().await;
    let long = "x".repeat(200_000);
    let answer = server.send("GET", &format!("/{long}"), &[], b"").await;
    assert!([414, 431].contains(&answer.status), "{}", answer.status);
}

/// A server that is told to end while a request is under way, and what it answered to that.
async fn ended(drain: Duration) -> (Vec<u8>, iot_core::Result<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ending) = oneshot::channel::<()>();
    let router = Api::new(Arc::new(MemoryStore::new())).router();
    let options = ServerOptions::default().with_drain(drain);
    let server = tokio::spawn(serve(listener, router, options, async { drop(ending.await) }));
    let mut client = TcpStream::connect(address).await.unwrap();
    let body = r#"[{"device_id": "a", "timestamp": 1, "voltage": 1}]"#;
    let head = format!(
        "POST /api/v1/readings HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    client.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    end.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let _ = client.write_all(body.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = timeout(LATE, client.read_to_end(&mut answer)).await.unwrap();
    let outcome = timeout(LATE, server).await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nothing is accepted any more");
    (answer, outcome)
}

#[tokio::test]
async fn a_request_under_way_is_finished_before_the_server_ends() {
    let began = Instant::now();
    let (answer, outcome) = ended(LATE).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert!(outcome.is_ok() && began.elapsed() < LATE);
}

#[tokio::test]
async fn a_request_that_outlasts_the_drain_is_cut_off_and_that_is_said() {
    let (answer, outcome) = ended(Duration::from_millis(100)).await;
    assert!(answer.is_empty());
    assert!(outcome.unwrap_err().to_string().contains("cut off"));
}
