//! What no client can do to the server.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use iot_api::{Api, Limits, ServerOptions, serve};
use iot_core::memory::MemoryStore;
use iot_core::{Batch, Column, Device, Quantity, Store as _};
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
    let mut first = TcpStream::connect(server.address).await.unwrap();
    first.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    // Whoever is answered has a place, and keeps it as long as the connection is open.
    timeout(LATE, first.read_exact(&mut [0; 12])).await.unwrap().unwrap();
    assert!(timeout(SOON, server.get("/healthz")).await.is_err());
    drop(first);
    assert_eq!(timeout(LATE, server.get("/healthz")).await.unwrap().status, 200);
}

/// A connection that has sent so much of a body that has more.
async fn begun(server: &Server, bytes: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /api/v1/readings HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n[",
        bytes + 1
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; bytes - 1]).await.unwrap();
    stream
}

#[tokio::test]
async fn no_more_long_bodies_are_read_at_a_time_than_was_said() {
    let limits = Limits::default().with_writes(1).with_body_time(LATE);
    let server = Server::of(Api::new(Moody::new()).with_limits(limits)).await;
    let mut first = begun(&server, 100_000).await;
    let waits = async { while timeout(SOON, server.post("/api/v1/readings", "[]")).await.is_ok() {} };
    timeout(LATE, waits).await.unwrap();
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
async fn bodies_that_do_not_arrive_keep_nobody_from_writing() {
    let server = Server::of(Api::new(Moody::new()).with_limits(Limits::default().with_writes(1))).await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(begun(&server, 10).await);
    }
    assert_eq!(timeout(LATE, server.post("/api/v1/readings", "[]")).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_body_that_takes_too_long_is_refused_and_its_turn_is_free() {
    let limits = Limits::default().with_writes(1).with_body_time(SOON);
    let server = Server::of(Api::new(Moody::new()).with_limits(limits)).await;
    for (bytes, path) in [(10, "/api/v1/readings"), (100_000, "/api/v1/readings"), (10, "/data")] {
        let mut slow = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 200000\r\n\r\n"
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        slow.write_all(&vec![b' '; bytes]).await.unwrap();
        let mut answer = [0; 12];
        timeout(LATE, slow.read_exact(&mut answer)).await.unwrap().unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408", "{path} {bytes}");
    }
    assert_eq!(timeout(LATE, server.post("/api/v1/readings", "[]")).await.unwrap().status, 200);
}

#[tokio::test]
async fn no_more_answers_are_made_in_memory_at_a_time_than_was_said() {
    let store = Moody::new();
    let limits = Limits::default().with_answers(1).with_analyses(1);
    let server = Server::of(Api::new(store.clone()).with_limits(limits)).await;
    for path in [
        "/api/v1/readings",
        "/api/v1/devices/a/readings",
        "/api/v1/devices/a/buckets?width_ns=1000000000000000&quantities=voltage",
        "/api/v1/devices/a/statistics",
        "/api/v1/devices/a/series",
    ] {
        store.set_held(true);
        let before = store.begun.load(Ordering::SeqCst);
        let begun = || store.begun.load(Ordering::SeqCst) - before;
        let one_has_begun = async {
            while begun() == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let _ = timeout(SOON, std::future::pending::<()>()).await;
        };
        let answered = tokio::select! {
            () = one_has_begun => false,
            _ = async { tokio::join!(server.get(path), server.get(path)) } => true,
        };
        assert!(!answered && begun() == 1, "{path}: {} at a time", begun());
        store.set_held(false);
        assert_eq!(timeout(LATE, server.get(path)).await.unwrap().status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_client_that_takes_a_table_slowly_holds_nothing_of_the_store() {
    let store = Moody::new();
    let rows = 400_000;
    let column = Column { quantity: Quantity::VOLTAGE, values: (0..rows).map(|i| i as f64 / 7.0).collect() };
    let device = Device::new("a").unwrap();
    let batch = Batch::new(vec![device], vec![0; rows], (0..rows as i64).collect(), vec![column]).unwrap();
    store.append(&batch).await.unwrap();
    let server = Server::of(Api::new(store.clone())).await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let head = "GET /api/v1/devices/a/readings?format=csv HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    slow.write_all(head.as_bytes()).await.unwrap();
    let none_is_open = async {
        while store.begun.load(Ordering::SeqCst) == 0
            || store.begun.load(Ordering::SeqCst) != store.ended.load(Ordering::SeqCst)
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LATE, none_is_open).await.unwrap();
    let mut table = Vec::new();
    timeout(5 * LATE, slow.read_to_end(&mut table)).await.unwrap().unwrap();
    assert!(store.begun.load(Ordering::SeqCst) > 1, "it was read in pieces");
    assert_eq!(String::from_utf8_lossy(&table).matches(",a,").count(), rows);
}

#[tokio::test]
async fn more_buckets_than_fit_an_answer_are_refused_with_the_limit() {
    let server = Server::of(Api::new(Moody::new()).with_limits(Limits::default().with_values(100))).await;
    server
        .post("/api/v1/readings", r#"{"device_id": "a", "timestamp": 1, "voltage": 1, "current": 1}"#)
        .await;
    let buckets = "buckets?from=0&to=60&width_ns=1";
    let answer = server.get(&format!("/api/v1/devices/a/{buckets}")).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text().contains("60 buckets of 2 quantities are more than 100 values"),
        "{}",
        answer.text()
    );
    for path in [format!("a/{buckets}&quantities=voltage"), format!("nobody/{buckets}")] {
        assert_eq!(server.get(&format!("/api/v1/devices/{path}")).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_page_of_very_many_values_is_shorter_and_leads_on_to_all() {
    let server = Server::of(Api::new(Moody::new()).with_limits(Limits::default().with_values(1))).await;
    let reading =
        |i: u32| format!(r#"{{"device_id": "a", "timestamp": {i}, "voltage": 1, "location": "{i}"}}"#);
    server.post("/api/v1/readings", format!("[{}]", [1, 2, 3].map(reading).join(","))).await;
    let (mut times, mut cursor) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = server.get(&format!("/api/v1/devices/a/readings?limit=100{cursor}")).await.json();
        assert_eq!(page["time_ns"].as_array().unwrap().len(), 1, "{page}");
        times.extend(page["time_ns"].as_array().unwrap().iter().map(|time| time.as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(times, [1, 2, 3]);
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

/// A server that is told to end while a request is under way, and what it answered to that where the client went on.
async fn ended(drain: Duration, client_goes_on: bool) -> (Vec<u8>, iot_core::Result<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ending) = oneshot::channel::<()>();
    let router = Api::new(Arc::new(MemoryStore::new())).router();
    let options = ServerOptions::default().with_drain(drain);
    let server = tokio::spawn(serve(listener, router, options, async { drop(ending.await) }));
    let mut client = TcpStream::connect(address).await.unwrap();
    let body = r#"[{"device_id": "a", "timestamp": 1, "voltage": 1}]"#;
    let head = format!(
        "POST /api/v1/readings HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    client.write_all(head.as_bytes()).await.unwrap();
    // This comes when the body is waited for.
    let mut begun = [0; 25];
    timeout(LATE, client.read_exact(&mut begun)).await.unwrap().unwrap();
    assert!(begun.starts_with(b"HTTP/1.1 100 "));
    end.send(()).unwrap();
    let refused = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(LATE, refused).await.unwrap();
    if client_goes_on {
        client.write_all(body.as_bytes()).await.unwrap();
    }
    let mut answer = Vec::new();
    let _ = timeout(LATE, client.read_to_end(&mut answer)).await.unwrap();
    (answer, timeout(LATE, server).await.unwrap().unwrap())
}

#[tokio::test]
async fn a_request_under_way_is_finished_before_the_server_ends() {
    let began = Instant::now();
    let (answer, outcome) = ended(LATE, true).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert!(outcome.is_ok() && began.elapsed() < LATE);
}

#[tokio::test]
async fn a_request_that_outlasts_the_drain_is_cut_off_and_that_is_said() {
    let (answer, outcome) = ended(Duration::from_millis(100), false).await;
    assert!(answer.is_empty());
    assert!(outcome.unwrap_err().to_string().contains("cut off"));
}
