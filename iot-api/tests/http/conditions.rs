//! `GET /api/v1/conditions`, `GET /api/v1/devices/{device_id}/condition` and `GET /api/v1/methods`.

use iot_analytics::Method;
use iot_api::Api;
use iot_core::Timestamp;
use serde_json::{Value, json};

use crate::moody::Moody;
use crate::server::Server;

const SECOND: i64 = 1_000_000_000;

/// Stores readings of a device, a second apart, the last of them now.
async fn feed(server: &Server, id: &str, readings: i64, voltage: impl Fn(i64) -> f64) -> i64 {
    let start = (Timestamp::now().nanos() / SECOND - readings + 1) * SECOND;
    let line =
        |i: i64| json!({"timestamp": start + i * SECOND, "device_id": id, "voltage": voltage(i)}).to_string();
    let lines: Vec<String> = (0..readings).map(line).collect();
    assert_eq!(server.post_lines("/api/v1/readings", &lines.join("\n")).await.status, 200);
    start / 1_000_000
}

/// A number from -1 to 1 that looks random.
fn noise(i: i64) -> f64 {
    (i * 7919 % 101 - 50) as f64 / 50.0
}

async fn get(server: &Server, path: &str) -> Value {
    let answer = server.get(&format!("/api/v1/{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn the_odd_device_is_told_from_the_others_with_since_when_and_by_how_much() {
    let server = Server::of_memory().await;
    feed(&server, "a", 2_000, |i| 230.0 + noise(i)).await;
    let start = feed(&server, "b", 2_000, |i| if i >= 1_800 { 215.0 } else { 230.0 } + noise(i)).await;
    feed(&server, "c/1 <b>", 5, |i| i as f64).await;
    let all = get(&server, "conditions").await;
    let states: Vec<_> = all["conditions"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["normal", "odd", "unknown"]);
    assert_eq!(all["next"], Value::Null);
    let odd = &all["conditions"][1];
    assert_eq!((&odd["device_id"], &odd["silent_since_ms"]), (&json!("b"), &Value::Null));
    let finding = &odd["findings"][0];
    assert_eq!(
        (&finding["quantity"], &finding["unit"], &finding["kind"], &finding["ongoing"]),
        (&json!("voltage"), &json!("V"), &json!("low"), &json!(true))
    );
    assert_eq!(finding["from_ms"], start + 1_800_000);
    let (by, low) = (finding["by"].as_f64().unwrap(), finding["usual_low"].as_f64().unwrap());
    assert!((by - (low - 214.0)).abs() < 1.5 && low > 220.0, "{finding}");
    assert_eq!(&get(&server, "devices/b/condition").await, odd);
    assert_eq!(get(&server, "devices/c%2F1%20%3Cb%3E/condition").await["state"], "unknown");
    let none = get(&server, "devices/d/condition").await;
    assert_eq!((&none["state"], &none["judged"]["readings"]), (&json!("unknown"), &json!(0)));
}

#[tokio::test]
async fn conditions_come_in_pages() {
    let server = Server::of_memory().await;
    for id in ["a", "b", "c"] {
        feed(&server, id, 40, noise).await;
    }
    let first = get(&server, "conditions?limit=2").await;
    assert_eq!((first["conditions"].as_array().unwrap().len(), &first["next"]), (2, &json!("b")));
    let rest = get(&server, "conditions?limit=2&cursor=b").await;
    assert_eq!((&rest["conditions"][0]["device_id"], &rest["next"]), (&json!("c"), &Value::Null));
}

#[tokio::test]
async fn a_large_fleet_of_which_nothing_is_new_is_looked_at_once() {
    let store = Moody::new();
    let server = Server::of(Api::new(store.clone())).await;
    let line = |i: i64| json!({"timestamp": 1, "device_id": format!("pump-{i}"), "voltage": 1}).to_string();
    let lines: Vec<String> = (0..10_000).map(line).collect();
    assert_eq!(server.post_lines("/api/v1/readings?epoch=s", &lines.join("\n")).await.status, 200);
    let walk = async || {
        let (mut devices, mut path) = (0, String::from("conditions?limit=1000"));
        loop {
            let page = get(&server, &path).await;
            devices += page["conditions"].as_array().unwrap().len();
            match page["next"].as_str() {
                Some(next) => path = format!("conditions?limit=1000&cursor={next}"),
                None => return (devices, *store.scans.borrow()),
            }
        }
    };
    let (devices, scans) = walk().await;
    assert_eq!(devices, 10_000);
    assert!(scans >= 10_000, "{scans}");
    assert_eq!(walk().await, (10_000, scans));
}

#[tokio::test]
async fn a_device_that_stopped_sending_is_silent_and_judged_by_what_it_sent() {
    let server = Server::of_memory().await;
    let lines: Vec<String> = (0..100)
        .map(|i| json!({"timestamp": i, "device_id": "a", "voltage": noise(i)}).to_string())
        .collect();
    server.post_lines("/api/v1/readings?epoch=s", &lines.join("\n")).await;
    let condition = get(&server, "devices/a/condition").await;
    assert_eq!(
        (&condition["silent_since_ms"], &condition["usual_step_ms"]),
        (&json!(99_000), &json!(1000.0))
    );
    assert_eq!((&condition["state"], &condition["judged"]["readings"]), (&json!("normal"), &json!(100)));
}

#[tokio::test]
async fn of_a_long_history_the_newest_readings_are_judged() {
    let server = Server::of_memory().await;
    // Once an hour for years, then once a second: the mean rate says little.
    let line =
        |time: i64| json!({"timestamp": time, "device_id": "a", "voltage": 230.0 + noise(time)}).to_string();
    let hourly = (0..20_000).map(|i| line(i * 3600));
    let end = 20_000 * 3600;
    let dense = (0..30_000).map(|i| line(end + i));
    for chunk in hourly.chain(dense).collect::<Vec<_>>().chunks(25_000) {
        server.post_lines("/api/v1/readings?epoch=s", &chunk.join("\n")).await;
    }
    let condition = get(&server, "devices/a/condition").await;
    assert_eq!(condition["judged"]["to_ms"], (end + 29_999) * 1000);
    assert!((1_000..20_000).contains(&condition["judged"]["readings"].as_i64().unwrap()), "{condition}");
}

#[tokio::test]
async fn every_method_is_offered_with_an_example_that_runs() {
    let server = Server::of_memory().await;
    feed(&server, "a", 500, |i| 230.0 + noise(i)).await;
    let offered = get(&server, "methods").await;
    let methods = offered["methods"].as_array().unwrap();
    assert_eq!(methods.len(), Method::NAMES.len());
    for method in methods {
        let name = method["name"].as_str().unwrap();
        let mut query = format!("quantity=voltage&method={name}");
        for (parameter, value) in method["example"].as_object().unwrap() {
            let text = value.as_str().unwrap().replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
            query.push_str(&format!("&{parameter}={text}"));
        }
        let found = get(&server, &format!("devices/a/anomalies?{query}")).await;
        assert_eq!(found["method"]["method"], name);
        assert_eq!(found["values"], 500, "{name}");
    }
    assert!(Method::NAMES.contains(&offered["usual"]["method"].as_str().unwrap()));
}
