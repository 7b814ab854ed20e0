//! What the unchanged services of the replaced system need of us: each point of the last section of its description.

use std::time::{Duration, Instant};

use iot_api::Api;
use iot_core::Timestamp;
use serde_json::{Value, json};

use crate::moody::{DRIVERS_WORDS, Moody};
use crate::server::{Answer, Server};

const READING: &str = r#"{"timestamp": "2025-02-05 00:00:00", "device_id": "pump", "voltage": 3.7, "current": 0.5, "device_type": "Controller", "location": "warehouse"}"#;

async fn posted(server: &Server, body: Value) -> Answer {
    server.post("/data", body.to_string()).await
}

/// The rows of an answer.
async fn rows(server: &Server, path: &str) -> Vec<Value> {
    let answer = server.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()[0].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_reading_that_is_posted_comes_back_as_a_row() {
    let server = Server::of_memory().await;
    let answer = server.post("/data", READING).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"message": "Data inserted successfully"})));
    let row = r#"{"timestamp":"2025-02-05T00:00:00","device_id":"pump","voltage":3.7,"current":0.5,"device_type":"Controller","location":"warehouse"}"#;
    for path in ["/data", "/data/pump", "/data?limit=1", "/data/pump?offset=0"] {
        assert_eq!(server.get(path).await.text(), format!("[[{row}],0]"), "{path}");
    }
    assert_eq!(server.get("/devices").await.text(), r#"["pump"]"#);
}

#[tokio::test]
async fn the_root_greets_and_what_is_not_there_is_fastapis_not_found() {
    let server = Server::of_memory().await;
    assert_eq!(server.get("/").await.json(), json!({"message": "API is running"}));
    for path in ["/nothing", "/data/", "/devices/x"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.json()), (404, json!({"detail": "Not Found"})), "{path}");
    }
    for (method, path) in [("PUT", "/data"), ("POST", "/devices"), ("DELETE", "/")] {
        let answer = server.send(method, path, &[], b"").await;
        assert_eq!(
            (answer.status, answer.json()),
            (405, json!({"detail": "Method Not Allowed"})),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_missing_or_null_time_means_now() {
    let server = Server::of_memory().await;
    let before = Timestamp::now();
    assert_eq!(posted(&server, json!({"device_id": "a", "voltage": 1})).await.status, 200);
    assert_eq!(posted(&server, json!({"device_id": "b", "voltage": 1, "timestamp": null})).await.status, 200);
    for row in rows(&server, "/data").await {
        let time: Timestamp = row["timestamp"].as_str().unwrap().parse().unwrap();
        assert!(before <= time && time <= Timestamp::now());
    }
}

#[tokio::test]
async fn every_form_of_a_time_is_one_instant() {
    let server = Server::of_memory().await;
    let forms = [
        json!("2025-02-05"),
        json!("2025-02-05 00:00"),
        json!("2025-02-05T00:00:00"),
        json!("2025-02-05 00:00:00.000"),
        json!("2025-02-05T00:00:00Z"),
        json!("2025-02-05T01:00:00+01:00"),
        json!(1_738_713_600),
        json!("1738713600"),
        json!(1_738_713_600.0),
        json!(1_738_713_600_000_i64),
        json!(1_738_713_600_000_000_000_i64),
    ];
    for time in forms {
        let answer = posted(&server, json!({"device_id": "pump", "voltage": 1, "timestamp": time})).await;
        assert_eq!(answer.status, 200, "{time}: {}", answer.text());
        let rows = rows(&server, "/data/pump").await;
        assert_eq!((rows.len(), &rows[0]["timestamp"]), (1, &json!("2025-02-05T00:00:00")), "{time}");
    }
}

#[tokio::test]
async fn pydantics_leniency_is_ours() {
    let server = Server::of_memory().await;
    let body = json!({"timestamp": "2025-02-05", "device_id": "a", "voltage": "1.5", "current": null, "note": [1], "firmware": 7});
    assert_eq!(posted(&server, body).await.status, 200);
    let row = &rows(&server, "/data/a").await[0];
    assert_eq!((&row["voltage"], &row["current"]), (&json!(1.5), &Value::Null));
    assert_eq!((&row["device_type"], &row["location"]), (&Value::Null, &Value::Null));
    let quantities = server.get("/api/v1/devices").await.json()["devices"][0]["quantities"].clone();
    assert_eq!(quantities, json!([{"name": "voltage", "unit": "V"}]));
}

#[tokio::test]
async fn what_is_wrong_is_listed_as_pydantic_lists_it() {
    let server = Server::of_memory().await;
    let cases = [
        (json!({"device_id": 7, "voltage": 1}), "string_type", json!(["body", "device_id"]), json!(7)),
        (json!({"voltage": 1}), "missing", json!(["body", "device_id"]), json!({"voltage": 1})),
        (
            json!([{"device_id": "a", "voltage": 1}]),
            "model_attributes_type",
            json!(["body"]),
            json!([{"device_id": "a", "voltage": 1}]),
        ),
        (json!({"device_id": "a"}), "value_error", json!(["body"]), json!({"device_id": "a"})),
        (
            json!({"device_id": "a", "voltage": null}),
            "value_error",
            json!(["body"]),
            json!({"device_id": "a", "voltage": null}),
        ),
        (
            json!({"device_id": "a", "voltage": "nan"}),
            "finite_number",
            json!(["body", "voltage"]),
            json!("nan"),
        ),
        (
            json!({"device_id": "a", "current": "high"}),
            "float_parsing",
            json!(["body", "current"]),
            json!("high"),
        ),
        (json!({"device_id": "a", "current": true}), "float_type", json!(["body", "current"]), json!(true)),
        (
            json!({"device_id": "a", "voltage": 1, "timestamp": "noon"}),
            "datetime_parsing",
            json!(["body", "timestamp"]),
            json!("noon"),
        ),
        (
            json!({"device_id": "a", "voltage": 1, "location": 5}),
            "string_type",
            json!(["body", "location"]),
            json!(5),
        ),
        (
            json!({"device_id": "", "voltage": 1}),
            "value_error",
            json!(["body"]),
            json!({"device_id": "", "voltage": 1}),
        ),
    ];
    for (body, kind, loc, input) in cases {
        let answer = posted(&server, body.clone()).await;
        assert_eq!(answer.status, 422, "{body}");
        let detail = &answer.json()["detail"][0];
        assert_eq!(
            (&detail["type"], &detail["loc"], &detail["input"]),
            (&json!(kind), &loc, &input),
            "{body}"
        );
        assert!(detail["msg"].is_string());
    }
    assert_eq!(server.post("/data", "{").await.json()["detail"][0]["type"], "json_invalid");
    assert_eq!(server.get("/data").await.text(), "[[],0]");
}

#[tokio::test]
async fn limit_is_0_to_1000_and_offset_has_no_end() {
    let server = Server::of_memory().await;
    server.post("/data", READING).await;
    for (query, kind) in [
        ("limit=1001", "less_than_equal"),
        ("limit=-1", "greater_than_equal"),
        ("limit=x", "int_parsing"),
        ("limit=1.5", "int_parsing"),
        ("offset=-1", "greater_than_equal"),
    ] {
        for path in ["/data", "/data/pump"] {
            let answer = server.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.status, 422);
            let detail = &answer.json()["detail"][0];
            assert_eq!(detail["type"], kind, "{query}");
            assert_eq!(detail["loc"], json!(["query", query.split('=').next().unwrap()]));
        }
    }
    for path in ["/data?limit=0", "/data/pump?limit=0", "/data/unknown", "/data/unknown?limit=1000"] {
        assert_eq!(server.get(path).await.text(), "[[],0]", "{path}");
    }
    assert_eq!(server.get("/data?offset=1000000").await.text(), "[[],1000000]");
}

/// S7.
#[tokio::test]
async fn every_row_of_a_long_device_is_reachable_in_order() {
    let server = Server::of_memory().await;
    let lines: String = (0..2500)
        .map(|i| format!("{{\"timestamp\":{},\"device_id\":\"long\",\"voltage\":{i}}}\n", 1_700_000_000 + i))
        .collect();
    assert_eq!(server.post_lines("/api/v1/readings?epoch=s", &lines).await.status, 200);
    let last = rows(&server, "/data/long?limit=1000&offset=2000").await;
    assert_eq!(
        (last.len(), &last[0]["voltage"], &last[499]["voltage"]),
        (500, &json!(2000.0), &json!(2499.0))
    );
    let newest = rows(&server, "/data?limit=2&offset=1").await;
    assert_eq!((&newest[0]["voltage"], &newest[1]["voltage"]), (&json!(2498.0), &json!(2497.0)));
}

#[tokio::test]
async fn only_devices_with_both_voltage_and_current_are_listed() {
    let server = Server::of_memory().await;
    for body in [
        json!({"device_id": "both", "voltage": 1, "current": 1}),
        json!({"device_id": "voltage", "voltage": 1}),
        json!({"device_id": "warm", "temperature": 20}),
        json!({"device_id": "in two", "voltage": 1, "timestamp": 1}),
        json!({"device_id": "in two", "current": 1, "timestamp": 2}),
    ] {
        assert_eq!(posted(&server, body).await.status, 200);
    }
    assert_eq!(server.get("/devices").await.json(), json!(["both", "in two"]));
    // A row without either would stop its reader.
    assert_eq!(server.get("/data/warm").await.text(), "[[],0]");
}

/// S18.
#[tokio::test]
async fn one_answer_has_one_precision_of_time_and_no_instant_twice() {
    let server = Server::of_memory().await;
    let times = async |server: &Server| -> Vec<String> {
        let time = |row: &Value| row["timestamp"].as_str().unwrap().to_owned();
        rows(server, "/data/pump").await.iter().map(time).collect()
    };
    for (time, voltage) in
        [("2025-02-05 00:00:01", 1), ("2025-02-05 00:00:00", 2), ("2025-02-05T00:00:00Z", 3)]
    {
        posted(&server, json!({"device_id": "pump", "voltage": voltage, "timestamp": time})).await;
    }
    assert_eq!(times(&server).await, ["2025-02-05T00:00:00", "2025-02-05T00:00:01"]);
    assert_eq!(rows(&server, "/data/pump").await[0]["voltage"], 3.0);
    posted(&server, json!({"device_id": "pump", "voltage": 1, "timestamp": "2025-02-05 00:00:01.5"})).await;
    assert_eq!(
        times(&server).await,
        ["2025-02-05T00:00:00.000000000", "2025-02-05T00:00:01.000000000", "2025-02-05T00:00:01.500000000"]
    );
}

/// S17.
#[tokio::test]
async fn any_id_that_is_taken_can_be_read_quoted_or_not() {
    let server = Server::of_memory().await;
    for (id, paths) in [
        ("hall 1/pump", vec!["/data/hall%201%2Fpump", "/data/hall%201/pump"]),
        ("...", vec!["/data/%2E%2E%2E", "/data/..."]),
        ("a/../b", vec!["/data/a%2F..%2Fb", "/data/a/../b"]),
        ("Größe°漢", vec!["/data/Gr%C3%B6%C3%9Fe%C2%B0%E6%BC%A2"]),
        ("<img src=x onerror=alert(1)>", vec!["/data/%3Cimg%20src=x%20onerror=alert(1)%3E"]),
        ("50%", vec!["/data/50%25"]),
        ("a?b#c", vec!["/data/a%3Fb%23c"]),
    ] {
        assert_eq!(posted(&server, json!({"device_id": id, "voltage": 1})).await.status, 200);
        for path in paths {
            let rows = rows(&server, path).await;
            assert_eq!((rows.len(), &rows[0]["device_id"]), (1, &json!(id)), "{path}");
        }
    }
    for id in ["tab\there", ".", ".."] {
        assert_eq!(posted(&server, json!({"device_id": id, "voltage": 1})).await.status, 422, "{id}");
    }
}

#[tokio::test]
async fn a_store_that_is_back_in_time_is_waited_for() {
    let store = Moody::new();
    let server = Server::of(Api::new(store.clone())).await;
    store.set_away(true);
    let back = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        store.set_away(false);
    };
    let (answer, ()) = tokio::join!(server.post("/data", READING), back);
    assert_eq!(answer.status, 200);
    assert_eq!(rows(&server, "/data/pump").await.len(), 1);
}

/// S8.
#[tokio::test]
async fn a_store_that_stays_away_is_told_of_within_five_seconds_and_not_in_its_own_words() {
    let store = Moody::new();
    let server = Server::of(Api::new(store.clone())).await;
    store.set_away(true);
    let began = Instant::now();
    let answer = server.post("/data", READING).await;
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!((answer.status, answer.json()), (503, json!({"detail": "the store is away"})));
    assert_eq!(answer.header("retry-after"), "1");
    for path in
        ["/data", "/data/pump", "/devices", "/api/v1/devices", "/api/v1/devices/pump/readings", "/readyz"]
    {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert!(!answer.text().contains(DRIVERS_WORDS), "{path}");
    }
}

#[tokio::test]
async fn a_time_that_cannot_be_kept_is_refused_and_not_taken_for_another() {
    let server = Server::of_memory().await;
    for time in [
        "1e30",
        "-1e30",
        "9.3e18",
        "9223372036854775807",
        "18446744073709551615",
        "\"9223372036854775807\"",
        "\"2262-04-11T23:47:16.854775807Z\"",
        "\"9999-01-01\"",
    ] {
        let body = format!("{{\"device_id\": \"late\", \"voltage\": 1, \"timestamp\": {time}}}");
        let answer = server.post("/data", body).await;
        assert_eq!(answer.status, 422, "{time}: {}", answer.text());
        assert_eq!(answer.json()["detail"][0]["loc"], json!(["body", "timestamp"]), "{time}");
    }
}
