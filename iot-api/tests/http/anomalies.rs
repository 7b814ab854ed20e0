//! `GET /api/v1/devices/{device_id}/anomalies`, and the anomalies of a series.

use serde_json::{Value, json};

use crate::server::Server;

/// 2025-02-05T00:00:00Z, seconds.
const START: i64 = 1_738_713_600;

/// A server with a device of so many readings a second apart: voltage 0, 1, 2, … 99, 0, 1, …, current always 2.
async fn saw(readings: i64) -> Server {
    let server = Server::of_memory().await;
    let line = |i: i64| {
        json!({"timestamp": START + i, "device_id": "a", "voltage": i % 100, "current": 2}).to_string()
    };
    let lines: Vec<String> = (0..readings).map(line).collect();
    assert_eq!(server.post_lines("/api/v1/readings?epoch=s", &lines.join("\n")).await.status, 200);
    server
}

async fn anomalies(server: &Server, query: &str) -> Value {
    let answer = server.get(&format!("/api/v1/devices/a/anomalies?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_threshold_finds_what_is_past_it_wherever_it_is() {
    let server = saw(10_000).await;
    let found = anomalies(&server, "quantity=voltage&method=value_based&low=1&high=97").await;
    assert_eq!(
        (&found["unit"], &found["values"], &found["judged"]),
        (&json!("V"), &json!(10_000), &json!(10_000))
    );
    assert_eq!((&found["anomalies"], &found["events_in_all"]), (&json!(300), &json!(101)));
    assert_eq!(found["bounds"], json!({"low": 1.0, "high": 97.0, "of": "value"}));
    assert_eq!(found["method"], json!({"method": "value_based", "low": 1.0, "high": 97.0}));
    // 98 and 99 of one tooth and the 0 of the next follow each other.
    let event = &found["events"][1];
    assert_eq!(
        (&event["from_ms"], &event["to_ms"]),
        (&json!((START + 98) * 1000), &json!((START + 100) * 1000))
    );
    assert_eq!(event["samples"], 3);
    let points = &found["points"];
    assert_eq!(
        (&points["times_ms"][1], &points["values"][1], &points["scores"][1]),
        (&json!((START + 98) * 1000), &json!(98.0), &json!(98.0))
    );
}

/// S9.
#[tokio::test]
async fn a_quantile_is_of_all_readings_of_the_range_or_of_another_one() {
    let server = saw(10_000).await;
    let found = anomalies(&server, "quantity=voltage&method=quantile&low=0.12&high=0.67").await;
    assert_eq!(found["learnt_from"]["samples"], 10_000);
    // Type 7 of a hundred of each from 0 to 99.
    let near = |name: &str, expected: f64| (found["bounds"][name].as_f64().unwrap() - expected).abs() < 1e-9;
    assert!(near("low", 11.88) && near("high", 66.33), "{found}");
    assert_eq!(found["anomalies"], 12 * 100 + 33 * 100);
    let learn = format!("learn_from={START}000000000&learn_to={}000000000", START + 50);
    let found = anomalies(&server, &format!("quantity=voltage&method=quantile&low=0&high=1&{learn}")).await;
    assert_eq!((&found["bounds"]["high"], &found["learnt_from"]["samples"]), (&json!(49.0), &json!(50)));
    assert_eq!((&found["anomalies"], &found["values"]), (&json!(5_000), &json!(10_000)));
}

#[tokio::test]
async fn of_more_than_was_asked_for_the_furthest_out_are_kept() {
    let server = saw(10_000).await;
    let found = anomalies(&server, "quantity=voltage&method=value_based&high=49&limit=100").await;
    assert_eq!((&found["anomalies"], &found["events_in_all"]), (&json!(5_000), &json!(100)));
    let values = found["points"]["values"].as_array().unwrap();
    assert!(values.len() == 100 && values.iter().all(|value| value == 99.0));
    assert!(found["points"]["times_ms"].as_array().unwrap().is_sorted_by_key(|time| time.as_i64()));
    let few = anomalies(&server, "quantity=voltage&method=value_based&high=49&limit=0").await;
    assert_eq!((&few["points"]["values"], &few["events"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn power_is_judged_where_it_was_not_measured() {
    let server = saw(100).await;
    let found = anomalies(&server, "quantity=power&method=value_based&high=190").await;
    assert_eq!(
        (&found["unit"], &found["points"]["values"]),
        (&json!("W"), &json!([192.0, 194.0, 196.0, 198.0]))
    );
    let series = server.get("/api/v1/devices/a/series?quantities=power").await.json();
    assert_eq!(
        (&series["quantities"][0]["unit"], &series["quantities"][0]["values"][99]),
        (&json!("W"), &json!(198.0))
    );
    assert_eq!(series["quantities"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_detector_that_looks_ahead_finds_the_shift_at_its_time() {
    let server = Server::of_memory().await;
    let voltage = |i: i64| (if i < 200 { 230 } else { 260 } + i % 3) as f64;
    let line = |i: i64| json!({"timestamp": START + i, "device_id": "a", "voltage": voltage(i)}).to_string();
    let lines: Vec<String> = (0..400).map(line).collect();
    server.post_lines("/api/v1/readings?epoch=s", &lines.join("\n")).await;
    let found = anomalies(&server, "quantity=voltage&method=level_shift&window=20&factor=6").await;
    assert_eq!(found["bounds"]["of"], "score");
    let event = &found["events"][0];
    let shift = (START + 200) * 1000;
    assert!(
        event["from_ms"].as_i64().unwrap() <= shift && shift <= event["to_ms"].as_i64().unwrap(),
        "{found}"
    );
    assert_eq!(found["events_in_all"], 1);
    // Each verdict comes late, with the value that it is about.
    let (times, values) = (found["points"]["times_ms"].as_array().unwrap(), &found["points"]["values"]);
    for (place, time) in times.iter().enumerate() {
        assert_eq!(values[place], voltage(time.as_i64().unwrap() / 1000 - START));
    }
}

#[tokio::test]
async fn a_number_is_one_however_it_is_written() {
    let server = saw(100).await;
    for text in ["97", "097", "97.", "+97", "%2B97", "9.7e1"] {
        let found = anomalies(&server, &format!("quantity=voltage&method=value_based&high={text}")).await;
        assert_eq!((&found["anomalies"], &found["method"]["high"]), (&json!(2), &json!(97.0)), "{text}");
    }
    let found = anomalies(&server, "quantity=voltage&method=persist&window=06&factor=.5").await;
    assert_eq!((&found["method"]["window"], &found["method"]["factor"]), (&json!(6), &json!(0.5)));
}

/// S13.
#[tokio::test]
async fn wrong_parameters_of_a_method_are_refused_by_name() {
    let server = saw(100).await;
    for (query, named) in [
        ("quantity=voltage&method=quantile&high=1.5", "high 1.5 is not a probability"),
        ("quantity=voltage&method=quantile&hihg=0.5", "hihg"),
        ("quantity=voltage&method=magic", "magic"),
        ("quantity=voltage", "method is missing"),
        ("method=quantile&high=0.9", "quantity is missing"),
        ("high=0.9", "high"),
        ("", "quantity and method are missing"),
        ("quantity=voltage&method=quantile&high=0.9&limit=x", "limit"),
        ("quantity=vol%20tage&method=quantile&high=0.9", "vol tage"),
        ("quantity=voltage&method=value_based&high=nan", "high \"nan\" is not a number"),
        ("quantity=voltage&method=value_based&high=9,5", "high \"9,5\" is not a number"),
        ("quantity=voltage&method=value_based&high=", "high \"\" is not a number"),
        (
            "quantity=voltage&method=persist&min_periods=1.5",
            "min_periods \"1.5\" is not a whole number from 0",
        ),
        ("quantity=voltage&method=persist&window=-1", "window"),
    ] {
        let answer = server.get(&format!("/api/v1/devices/a/anomalies?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(named), "{query}: {}", answer.text());
    }
    // There is nothing to learn from.
    let answer = server.get("/api/v1/devices/b/anomalies?quantity=voltage&method=quantile&high=0.9").await;
    assert_eq!((answer.status, answer.json()["kind"].clone()), (422, json!("invalid")));
}

#[tokio::test]
async fn a_series_keeps_the_anomalies_of_a_method() {
    let server = Server::of_memory().await;
    let is_odd = |i: i64| i % 500 == 77;
    let line = |i: i64| {
        // Hardly larger than its neighbours, so that only the method can tell.
        let voltage = if is_odd(i) { 10.5 } else { (i % 2 * 10) as f64 };
        json!({"timestamp": START + i, "device_id": "a", "voltage": voltage}).to_string()
    };
    let lines: Vec<String> = (0..10_000).map(line).collect();
    server.post_lines("/api/v1/readings?epoch=s", &lines.join("\n")).await;
    let kept = async |query: &str| {
        let series = server.get(&format!("/api/v1/devices/a/series?points=100{query}")).await.json();
        let times = series["quantities"][0]["times_ms"].as_array().unwrap().clone();
        (0..10_000).filter(|&i| is_odd(i) && times.contains(&json!((START + i) * 1000))).count()
    };
    assert!(kept("").await < 20);
    assert_eq!(kept("&quantity=voltage&method=value_based&high=10.2").await, 20);
}
