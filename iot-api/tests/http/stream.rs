//! `GET /api/v1/devices/{device_id}/stream`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iot_api::{Api, Limits, ServerOptions, serve};
use iot_core::memory::MemoryStore;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::moody::Moody;
use crate::server::Server;

const LATE: Duration = Duration::from_secs(20);

/// An open stream.
struct Events(BufReader<TcpStream>);

/// An event: its name, id and data.
type Event = (String, String, Value);

impl Events {
    async fn open(server: &Server, query: &str, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let last = last.map_or(String::new(), |id| format!("last-event-id: {id}\r\n"));
        let head = format!("GET /api/v1/devices/a/stream{query} HTTP/1.1\r\nhost: a\r\n{last}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut events = Self(BufReader::new(stream));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push_str(&events.line().await);
        }
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/event-stream"), "{head}");
        events
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        timeout(LATE, self.0.read_line(&mut line)).await.unwrap().unwrap();
        line
    }

    async fn next(&mut self) -> Event {
        let (mut name, mut id) = (String::new(), String::new());
        loop {
            // Lines of chunks and comments are none of an event.
            let line = self.line().await;
            assert!(!line.is_empty(), "the stream has ended");
            let value = |prefix: &str| line.strip_prefix(prefix).map(|rest| rest.trim().to_owned());
            if let Some(text) = value("event:") {
                name = text;
            } else if let Some(text) = value("id:") {
                id = text;
            } else if let Some(text) = value("data:") {
                return (name, id, serde_json::from_str(&text).unwrap());
            }
        }
    }
}

async fn post(server: &Server, seconds: i64, voltage: f64) {
    let reading = json!({"device_id": "a", "timestamp": seconds, "voltage": voltage, "current": 2});
    assert_eq!(server.post("/api/v1/readings?epoch=s", reading.to_string()).await.status, 200);
}

/// S10.
#[tokio::test]
async fn new_readings_come_as_they_are_stored_and_old_ones_do_not() {
    let server = Server::of_memory().await;
    post(&server, 1, 1.0).await;
    let mut events = Events::open(&server, "", None).await;
    for (second, voltage) in [(2, 2.5), (3, 3.5)] {
        post(&server, second, voltage).await;
        let (name, id, data) = events.next().await;
        assert_eq!((name.as_str(), id), ("readings", (second * 1_000_000_000).to_string()));
        assert_eq!(
            data["quantities"][0],
            json!({"name": "voltage", "unit": "V", "times_ms": [second * 1000], "values": [voltage]})
        );
        assert_eq!(data["quantities"][1]["name"], "current");
    }
}

#[tokio::test]
async fn a_client_that_comes_back_misses_nothing() {
    let server = Server::of_memory().await;
    post(&server, 1, 1.0).await;
    let mut events = Events::open(&server, "?from=1970-01-01&quantities=voltage", None).await;
    let (_, id, data) = events.next().await;
    assert_eq!(data["quantities"][0]["values"], json!([1.0]));
    drop(events);
    for second in 2..5 {
        post(&server, second, second as f64).await;
    }
    let mut events = Events::open(&server, "?quantities=voltage", Some(&id)).await;
    let (_, _, data) = events.next().await;
    assert_eq!(
        data["quantities"],
        json!([{"name": "voltage", "unit": "V", "times_ms": [2000, 3000, 4000], "values": [2.0, 3.0, 4.0]}])
    );
    let answer = server.send("GET", "/api/v1/devices/a/stream", &[("last-event-id", "x")], b"").await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn anomalies_come_with_the_readings_they_are_among() {
    let server = Server::of_memory().await;
    for second in 0..100 {
        post(&server, second, second as f64).await;
    }
    let query = "?quantities=current&quantity=voltage&method=quantile&high=0.9";
    let mut events = Events::open(&server, query, None).await;
    post(&server, 100, 50.0).await;
    let (name, _, data) = events.next().await;
    assert_eq!((name.as_str(), &data["quantities"][0]["name"]), ("readings", &json!("current")));
    post(&server, 101, 95.0).await;
    assert_eq!(events.next().await.0, "readings");
    let (name, id, data) = events.next().await;
    assert_eq!((name.as_str(), id.as_str()), ("anomalies", "101000000000"));
    assert_eq!(
        data,
        json!({"quantity": "voltage", "times_ms": [101_000], "values": [95.0], "scores": [95.0]})
    );
}

#[tokio::test]
async fn a_client_that_goes_away_between_readings_and_their_anomalies_gets_both_again() {
    let server = Server::of_memory().await;
    for second in 0..100 {
        post(&server, second, second as f64).await;
    }
    let query = "?quantities=voltage&quantity=voltage&method=quantile&high=0.9";
    let mut events = Events::open(&server, query, None).await;
    post(&server, 100, 50.0).await;
    let (_, last, _) = events.next().await;
    assert_eq!(last, "100000000000");
    post(&server, 101, 95.0).await;
    let (name, id, _) = events.next().await;
    assert_eq!((name.as_str(), id.as_str()), ("readings", ""));
    drop(events);
    let mut events = Events::open(&server, query, Some(&last)).await;
    let (name, _, data) = events.next().await;
    assert_eq!((name.as_str(), &data["quantities"][0]["values"]), ("readings", &json!([95.0])));
    let (name, last, data) = events.next().await;
    assert_eq!((name.as_str(), &data["values"]), ("anomalies", &json!([95.0])));
    drop(events);
    let mut events = Events::open(&server, query, Some(&last)).await;
    post(&server, 102, 50.0).await;
    let (_, _, data) = events.next().await;
    assert_eq!(data["quantities"][0]["values"], json!([50.0]));
}

#[tokio::test]
async fn readings_that_are_read_again_after_a_failure_are_judged_once() {
    let store = Moody::new();
    let server = Server::of(Api::new(store.clone())).await;
    for second in 0..100 {
        post(&server, second, (second % 2) as f64).await;
    }
    // Judged a second time a value is as the one before: itself.
    let query = "?quantity=voltage&method=persist&window=1";
    let mut events = Events::open(&server, query, None).await;
    store.break_off();
    post(&server, 100, 50.0).await;
    assert_eq!(events.next().await.0, "readings");
    let (name, _, data) = timeout(LATE, events.next()).await.unwrap();
    assert_eq!((name.as_str(), &data["values"]), ("anomalies", &json!([50.0])));
}

#[tokio::test]
async fn a_store_that_is_away_for_a_while_ends_no_stream() {
    let store = Moody::new();
    let server = Server::of(Api::new(store.clone())).await;
    let mut events = Events::open(&server, "", None).await;
    store.set_away(true);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    store.set_away(false);
    post(&server, 1, 1.0).await;
    assert_eq!(events.next().await.0, "readings");
}

#[tokio::test]
async fn no_more_streams_are_open_than_was_said() {
    let server = Server::of(Api::new(Moody::new()).with_limits(Limits::default().with_streams(1))).await;
    let first = Events::open(&server, "", None).await;
    let refused = server.get("/api/v1/devices/a/stream").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    drop(first);
    let began = Instant::now();
    loop {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /api/v1/devices/a/stream HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await.unwrap();
        if line.contains("200") {
            break;
        }
        assert!(began.elapsed() < LATE, "the place of a client that has gone is never free");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ending) = oneshot::channel::<()>();
    let router = Api::new(Arc::new(MemoryStore::new())).router();
    let options = ServerOptions::default().with_drain(LATE);
    let server = tokio::spawn(serve(listener, router, options, async { drop(ending.await) }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /api/v1/devices/a/stream HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.unwrap();
    let began = Instant::now();
    end.send(()).unwrap();
    timeout(LATE, server).await.unwrap().unwrap().unwrap();
    assert!(began.elapsed() < LATE / 2);
}
