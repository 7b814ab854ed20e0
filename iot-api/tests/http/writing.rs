//! `POST /api/v1/readings`.

use std::sync::atomic::Ordering;

use iot_api::{Api, Limits};
use serde_json::{Value, json};

use crate::moody::Moody;
use crate::server::Server;

const TWO: &str = r#"[{"timestamp": "2025-02-05T00:00:00Z", "device_id": "a", "voltage": 1.5, "co2": 400},
    {"timestamp": "2025-02-05T00:00:01Z", "device_id": "a", "voltage": 2.5}]"#;

async fn columns(server: &Server, path: &str) -> Value {
    let answer = server.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn an_array_is_stored_with_the_units_that_are_stated() {
    let server = Server::of_memory().await;
    let answer = server.post("/api/v1/readings?unit.co2=ppm", TWO).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"stored": 2, "rejected": 0, "rejects": []})));
    assert_eq!(
        columns(&server, "/api/v1/devices/a/readings").await,
        json!({
            "devices": [{"device_id": "a", "device_type": null, "location": null}],
            "time_ns": [1_738_713_600_000_000_000_i64, 1_738_713_601_000_000_000_i64],
            "quantities": [
                {"name": "voltage", "unit": "V", "values": [1.5, 2.5]},
                {"name": "co2", "unit": "ppm", "values": [400.0, null]},
            ],
            "next": null,
        })
    );
}

/// S16.
#[tokio::test]
async fn every_value_has_its_unit_and_every_time_its_zone() {
    let server = Server::of_memory().await;
    server.post("/api/v1/readings?unit.co2=ppm", TWO).await;
    for path in ["readings", "series", "statistics", "buckets?width_ns=10000000000000000"] {
        let answer = columns(&server, &format!("/api/v1/devices/a/{path}")).await;
        let units: Vec<_> =
            answer["quantities"].as_array().unwrap().iter().map(|of| (&of["name"], &of["unit"])).collect();
        assert_eq!(units, [(&json!("voltage"), &json!("V")), (&json!("co2"), &json!("ppm"))], "{path}");
    }
    let table = server.get("/api/v1/devices/a/readings?format=csv").await;
    assert!(table.text().starts_with(
        "timestamp,device_id,device_type,location,voltage (V),co2 (ppm)\r\n2025-02-05T00:00:00Z,"
    ));
    assert_eq!(columns(&server, "/api/v1/devices").await["devices"][0]["last_seen"], "2025-02-05T00:00:01Z");
    assert_eq!(columns(&server, "/api/v1/devices/a/statistics").await["first"], "2025-02-05T00:00:00Z");
}

/// S16.
#[tokio::test]
async fn a_second_unit_is_refused_and_so_is_another_one_of_a_known_quantity() {
    let server = Server::of_memory().await;
    assert_eq!(server.post("/api/v1/readings?unit.co2=ppm", TWO).await.status, 200);
    let answer = server.post("/api/v1/readings?unit.co2=%25", TWO).await;
    assert_eq!((answer.status, answer.json()["kind"].clone()), (422, json!("invalid")));
    let answer = server.post("/api/v1/readings?unit.voltage=kV", TWO).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
}

#[tokio::test]
async fn good_lines_are_stored_and_bad_ones_named() {
    let server = Server::of_memory().await;
    let lines = [
        r#"{"timestamp": "2025-02-05 00:00:00", "device_id": "a", "voltage": 1}"#,
        r#"{"timestamp": "2025-02-05 00:00:01", "device_id": "a", "voltage": "high"}"#,
        "",
        "not json",
        r#"{"timestamp": "2025-02-05 00:00:02", "voltage": 3}"#,
        r#"{"device_id": "a", "voltage": 3}"#,
        "{\"timestamp\": \"2025-02-05 00:00:03\", \"device_id\": \"a\", \"voltage\": 4}\r",
    ];
    let answer = server.post_lines("/api/v1/readings", &lines.join("\n")).await.json();
    assert_eq!((&answer["stored"], &answer["rejected"]), (&json!(2), &json!(4)));
    let named: Vec<_> = answer["rejects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reject| (&reject["line"], &reject["field"]))
        .collect();
    assert_eq!(
        named,
        [
            (&json!(2), &json!("voltage")),
            (&json!(4), &Value::Null),
            (&json!(5), &json!("device_id")),
            (&json!(6), &json!("timestamp")),
        ]
    );
    assert_eq!(answer["rejects"][0]["reason"], "voltage \"high\" is not a number");
    assert_eq!(columns(&server, "/api/v1/devices/a/readings").await["time_ns"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_bad_element_of_an_array_is_named_by_its_place() {
    let server = Server::of_memory().await;
    let body = r#"[{"timestamp": 1, "device_id": "a", "voltage": 1}, {"timestamp": 2, "device_id": "a"}, 7]"#;
    let answer = server.post("/api/v1/readings", body).await.json();
    assert_eq!(answer["stored"], 1);
    let lines: Vec<_> = answer["rejects"].as_array().unwrap().iter().map(|reject| &reject["line"]).collect();
    assert_eq!(lines, [&json!(2), &json!(3)]);
}

#[tokio::test]
async fn a_request_of_which_nothing_is_good_is_refused_as_a_problem() {
    let server = Server::of_memory().await;
    for body in ["{}", "[]x", "7", "{\"device_id\": \"\", \"timestamp\": 1, \"voltage\": 1}"] {
        let answer = server.post("/api/v1/readings", body).await;
        assert_eq!(answer.status, 422, "{body}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["rejects"].as_array().unwrap().len(), 1);
    }
    let many = "{}\n".repeat(500);
    let answer = server.post_lines("/api/v1/readings", &many).await;
    assert_eq!(answer.json()["rejects"].as_array().unwrap().len(), 100);
    assert!(answer.json()["detail"].as_str().unwrap().contains("500"));
    assert_eq!(server.post("/api/v1/readings", "[]").await.json()["stored"], 0);
}

#[tokio::test]
async fn a_form_that_is_not_known_is_told_which_are() {
    let server = Server::of_memory().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let answer =
            server.send("POST", "/api/v1/readings", &[("content-type", content_type)], TWO.as_bytes()).await;
        assert_eq!(answer.status, 415);
        assert!(answer.json()["detail"].as_str().unwrap().contains("application/x-ndjson"));
    }
    let answer = server.post("/api/v1/readings?units=ppm", TWO).await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (400, json!(400)));
}

#[tokio::test]
async fn columns_are_taken_as_they_are_given_out() {
    let server = Server::of_memory().await;
    let form = [("content-type", "application/vnd.iot.columns+json")];
    let columns = json!({
        "devices": [{"device_id": "a", "device_type": "Sensor", "location": null}, {"device_id": "b", "device_type": null, "location": "hall"}],
        "device": [0, 1],
        "time_ns": [1, 2],
        "quantities": [{"name": "co2", "unit": "ppm", "values": [0.1, -0.0]}],
    });
    let answer = server.send("POST", "/api/v1/readings", &form, columns.to_string().as_bytes()).await;
    assert_eq!((answer.status, answer.json()["stored"].clone()), (200, json!(2)), "{}", answer.text());
    let mut newest = server.get("/api/v1/readings").await.json();
    assert_eq!(newest["quantities"][0]["values"].to_string(), "[-0.0,0.1]");
    assert_eq!(newest["next"].take(), Value::Null);
    for broken in [
        json!({"devices": [], "time_ns": [1], "quantities": []}),
        json!({"devices": [{"device_id": "a"}], "time_ns": [1, 2], "quantities": [{"name": "co2", "unit": "", "values": [1.0, null]}]}),
        json!({"devices": [{"device_id": "a"}], "device": [1], "time_ns": [1], "quantities": [{"name": "co2", "unit": "", "values": [1.0]}]}),
        json!({"devices": [{"device_id": "a"}], "time_ns": [1], "quantities": [{"name": "co2", "unit": "", "values": [1.0, 2.0]}]}),
        json!({"rows": []}),
    ] {
        let answer = server.send("POST", "/api/v1/readings", &form, broken.to_string().as_bytes()).await;
        assert_eq!(answer.status, 422, "{broken}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_time_that_no_range_has_is_refused() {
    let server = Server::of_memory().await;
    let time = i64::MAX;
    let text = format!(r#"{{"timestamp": {time}, "device_id": "a", "voltage": 1}}"#);
    let columns = json!({"devices": [{"device_id": "a"}], "time_ns": [time], "quantities": [{"name": "voltage", "unit": "V", "values": [1.0]}]});
    for (form, body) in
        [("application/json", text), ("application/vnd.iot.columns+json", columns.to_string())]
    {
        let answer =
            server.send("POST", "/api/v1/readings", &[("content-type", form)], body.as_bytes()).await;
        assert_eq!(
            (answer.status, &answer.json()["readings_refused"]),
            (422, &json!(true)),
            "{}",
            answer.text()
        );
        assert!(answer.text().contains("timestamp 2262-"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_compressed_body_is_understood() {
    let server = Server::of_memory().await;
    let body = br#"{"timestamp": 1, "device_id": "a", "voltage": 1}"#;
    for (encoding, bytes) in [("gzip", gzip(body)), ("zstd", zstd(body))] {
        let headers = [("content-type", "application/json"), ("content-encoding", encoding)];
        let answer = server.send("POST", "/api/v1/readings", &headers, &bytes).await;
        assert_eq!((answer.status, answer.json()["stored"].clone()), (200, json!(1)), "{encoding}");
        let answer = server.send("POST", "/api/v1/readings", &headers, b"neither of them").await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (400, "application/problem+json"),
            "{encoding}"
        );
    }
    let headers = [("content-type", "application/json"), ("content-encoding", "br")];
    let answer = server.send("POST", "/api/v1/readings", &headers, body).await;
    assert_eq!((answer.status, answer.header("content-type")), (415, "application/problem+json"));
    assert!(answer.header("accept-encoding").contains("zstd"));
}

/// One stored block, as RFC 1952 has it.
fn gzip(data: &[u8]) -> Vec<u8> {
    let crc = !data.iter().fold(!0_u32, |mut crc, &byte| {
        crc ^= u32::from(byte);
        (0..8).for_each(|_| crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()));
        crc
    });
    let length = data.len() as u16;
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    [
        &head[..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        data,
        &crc.to_le_bytes(),
        &(data.len() as u32).to_le_bytes(),
    ]
    .concat()
}

/// One raw block, as RFC 8878 has it.
fn zstd(data: &[u8]) -> Vec<u8> {
    let block = ((data.len() as u32) << 3 | 1).to_le_bytes();
    [&[0x28, 0xb5, 0x2f, 0xfd, 0x20, data.len() as u8][..], &block[..3], data].concat()
}

#[tokio::test]
async fn nothing_is_acknowledged_while_the_store_is_away() {
    let store = Moody::new();
    let server = Server::of(Api::new(store.clone())).await;
    store.set_away(true);
    let answer = server.post("/api/v1/readings", TWO).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
    assert_eq!(answer.json()["kind"], "unavailable");
    assert_eq!(store.appends.load(Ordering::SeqCst), 1);
    store.set_away(false);
    assert_eq!(columns(&server, "/api/v1/readings").await["time_ns"], json!([]));
}

#[tokio::test]
async fn repeating_a_request_changes_nothing() {
    let server = Server::of_memory().await;
    for _ in 0..2 {
        assert_eq!(server.post("/api/v1/readings", TWO).await.json()["stored"], 2);
    }
    assert_eq!(server.get("/api/v1/devices").await.json()["devices"][0]["readings"], 2);
}

#[tokio::test]
async fn a_long_body_is_refused_before_and_after_it_is_unpacked() {
    let api = Api::new(Moody::new()).with_limits(Limits::default().with_body_bytes(1000));
    let server = Server::of(api).await;
    let long = " ".repeat(1001);
    let answer = server.post("/api/v1/readings", &long).await;
    assert_eq!((answer.status, answer.json()["kind"].clone()), (413, json!("invalid")));
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let packed = gzip(long.as_bytes());
    assert_eq!(server.send("POST", "/api/v1/readings", &headers, &packed).await.status, 413);
}

#[tokio::test]
async fn readings_are_deleted_only_where_that_is_enabled() {
    let (kept, deleting) = (Api::new(Moody::new()), Api::new(Moody::new()).with_deletion());
    for (api, status, left) in [(kept, 405, 2), (deleting, 200, 1)] {
        let server = Server::of(api).await;
        server.post("/api/v1/readings", TWO).await;
        let answer = server.send("DELETE", "/api/v1/readings?before=2025-02-05T00:00:01Z", &[], b"").await;
        assert_eq!(answer.status, status);
        assert_eq!(
            columns(&server, "/api/v1/devices/a/readings").await["time_ns"].as_array().unwrap().len(),
            left
        );
    }
}

#[tokio::test]
async fn readings_of_too_many_quantities_are_refused_as_a_whole_and_told_to_come_in_parts() {
    let server = Server::of_memory().await;
    let line = |i| format!(r#"{{"timestamp":0,"device_id":"a","q{i}":1}}"#);
    let lines: Vec<String> = (0..1001).map(line).collect();
    let answers = [
        server.post("/api/v1/readings", format!("[{}]", lines.join(","))).await,
        server.post_lines("/api/v1/readings", &lines.join("\n")).await,
    ];
    for answer in answers {
        assert_eq!((answer.status, answer.json()["kind"].clone()), (422, json!("invalid")));
        assert!(answer.text().contains("send fewer at once"), "{}", answer.text());
    }
    assert_eq!(server.get("/api/v1/devices").await.json()["devices"], json!([]));
    assert_eq!(server.post_lines("/api/v1/readings", &lines[..900].join("\n")).await.json()["stored"], 900);
}
