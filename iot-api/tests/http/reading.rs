//! What can be read under `/api/v1`.

use serde_json::{Value, json};

use crate::server::Server;

const SECOND: i64 = 1_000_000_000;
/// 2025-02-05T00:00:00Z.
const START: i64 = 1_738_713_600 * SECOND;

/// A server with one device of so many readings, one a second: voltage 0, 1, 2, …, every tenth with a current.
async fn counting(id: &str, readings: i64) -> Server {
    let server = Server::of_memory().await;
    let id = json!(id);
    let line = |i: i64| {
        let current = if i % 10 == 0 { json!(0.5) } else { Value::Null };
        json!({"timestamp": START + i * SECOND, "device_id": id, "voltage": i, "current": current})
            .to_string()
    };
    let lines: Vec<String> = (0..readings).map(line).collect();
    let answer = server.post_lines("/api/v1/readings", &lines.join("\n")).await;
    assert_eq!(answer.json()["stored"], readings);
    server
}

async fn json_of(server: &Server, path: &str) -> Value {
    let answer = server.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

#[tokio::test]
async fn pages_follow_the_cursor_and_show_each_reading_once() {
    let server = counting("a", 25).await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    let mut pages = 0;
    loop {
        let page = json_of(&server, &format!("/api/v1/devices/a/readings?limit=10{cursor}")).await;
        seen.extend(list(&page["time_ns"]).iter().map(|time| time.as_i64().unwrap()));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!((pages, seen), (3, (0..25).map(|i| START + i * SECOND).collect()));
}

/// S7.
#[tokio::test]
async fn a_range_has_its_start_and_not_its_end_in_whatever_form_it_is_given() {
    let server = counting("a", 100).await;
    for range in [
        format!("from={}&to={}", START + 10 * SECOND, START + 20 * SECOND),
        "from=2025-02-05T00:00:10Z&to=2025-02-05T00:00:20Z".to_owned(),
        "from=2025-02-05T01:00:10%2B01:00&to=2025-02-05T01:00:20+01:00".to_owned(),
        "from=2025-02-05%2000:00:10&to=2025-02-05+00:00:20".to_owned(),
    ] {
        let page = json_of(&server, &format!("/api/v1/devices/a/readings?{range}")).await;
        let values = list(&page["quantities"][0]["values"]);
        assert_eq!((values.len(), &values[0], &values[9]), (10, &json!(10.0), &json!(19.0)), "{range}");
    }
    let page = json_of(&server, "/api/v1/devices/a/readings?quantities=Current&skip=2&limit=3").await;
    assert_eq!(page["quantities"], json!([{"name": "current", "unit": "A", "values": [0.5, 0.5, 0.5]}]));
    assert_eq!(page["time_ns"][0], START + 20 * SECOND);
}

#[tokio::test]
async fn wrong_parameters_are_refused_by_name() {
    let server = counting("a", 1).await;
    for (query, named) in [
        ("from=yesterday", "yesterday"),
        ("from=2025-02-06&to=2025-02-05", "before"),
        ("limit=0", "limit 0"),
        ("limit=ten", "invalid digit"),
        ("form=2025-02-05", "form"),
        ("format=xml", "xml"),
    ] {
        let answer = server.get(&format!("/api/v1/devices/a/readings?{query}")).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (400, "application/problem+json"),
            "{query}"
        );
        assert!(problem["detail"].as_str().unwrap().contains(named), "{query}: {problem}");
        assert_eq!((&problem["kind"], &problem["title"]), (&json!("invalid"), &json!("Bad Request")));
    }
    for path in ["points=2", "points=1000000"] {
        assert_eq!(server.get(&format!("/api/v1/devices/a/series?{path}")).await.status, 400);
    }
    for path in ["width_ns=0", "width_ns=1&to=1970-01-02&from=0", ""] {
        assert_eq!(server.get(&format!("/api/v1/devices/a/buckets?{path}")).await.status, 400, "{path}");
    }
    assert_eq!(server.get("/api/v1/nothing").await.json()["status"], 404);
    assert_eq!(server.send("PUT", "/api/v1/devices", &[], b"").await.json()["status"], 405);
    assert_eq!(server.get("/api/v1/devices/%FF/readings").await.json()["status"], 400);
}

/// S17.
#[tokio::test]
async fn any_id_is_reached_percent_encoded() {
    for (id, path) in [
        ("hall/1/../pump", "hall%2F1%2F%2E%2E%2Fpump"),
        ("...", "%2E%2E%2E"),
        ("100 % Größe 漢🚀", "100%20%25%20Gr%C3%B6%C3%9Fe%20%E6%BC%A2%F0%9F%9A%80"),
        ("a+b&c=d?e#f;'\"", "a%2Bb%26c%3Dd%3Fe%23f%3B%27%22"),
    ] {
        let server = counting(id, 3).await;
        for route in ["readings", "series", "statistics"] {
            let answer = json_of(&server, &format!("/api/v1/devices/{path}/{route}")).await;
            let shown = answer.get("device_id").unwrap_or(&answer["devices"][0]["device_id"]);
            assert_eq!(shown, id, "{route}");
        }
    }
}

/// S17: a browser takes `%2E%2E` of a path for `..`, and asks for another path.
#[tokio::test]
async fn an_id_that_no_browser_can_ask_for_is_not_taken() {
    let server = counting("a", 1).await;
    for id in [".", ".."] {
        let refused = server
            .post("/api/v1/readings", json!({"device_id": id, "timestamp": 1, "voltage": 1}).to_string())
            .await;
        let reject = &refused.json()["rejects"][0];
        assert_eq!((refused.status, &reject["field"]), (422, &json!("device_id")), "{}", refused.text());
        assert!(reject["reason"].as_str().unwrap().contains("no URL can name it"));
    }
    assert_eq!(json_of(&server, "/api/v1/devices").await["devices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_unknown_device_has_nothing_and_that_is_no_error() {
    let server = counting("a", 1).await;
    assert_eq!(json_of(&server, "/api/v1/devices/b/readings").await["time_ns"], json!([]));
    assert_eq!(json_of(&server, "/api/v1/devices/b/series").await["quantities"], json!([]));
    let statistics = json_of(&server, "/api/v1/devices/b/statistics").await;
    assert_eq!((&statistics["readings"], &statistics["first"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn a_table_is_saved_under_the_name_of_its_device_in_any_script() {
    for (id, path, disposition) in [
        ("pump-7", "pump-7", "attachment; filename=\"pump-7.csv\""),
        (
            "Größe/漢 7",
            "Gr%C3%B6%C3%9Fe%2F%E6%BC%A2%207",
            "attachment; filename=\"Gr--e---7.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe-%E6%BC%A2-7.csv",
        ),
    ] {
        let server = counting(id, 1).await;
        let answer = server.get(&format!("/api/v1/devices/{path}/readings?format=csv")).await;
        assert_eq!(answer.header("content-disposition"), disposition);
    }
}

#[tokio::test]
async fn a_table_has_a_head_with_units_and_all_rows_whatever_the_page_is() {
    let server = counting("=pump", 20_000).await;
    let answer = server.get("/api/v1/devices/=pump/readings?format=csv").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"-pump.csv\"");
    let lines: Vec<&str> = answer.text().lines().collect();
    assert_eq!(lines.len(), 20_001);
    assert_eq!(lines[0], "timestamp,device_id,device_type,location,voltage (V),current (A)");
    assert_eq!(lines[1], "2025-02-05T00:00:00Z,\"'=pump\",,,0,0.5");
    assert_eq!(lines[20_000], "2025-02-05T05:33:19Z,\"'=pump\",,,19999,");
    let accept = [("accept", "text/csv")];
    let answer =
        server.send("GET", "/api/v1/devices/=pump/readings?limit=1&quantities=current", &accept, b"").await;
    assert_eq!(
        answer.text(),
        "timestamp,device_id,device_type,location,current (A)\r\n2025-02-05T00:00:00Z,\"'=pump\",,,0.5\r\n"
    );
}

#[tokio::test]
async fn a_long_series_comes_in_few_points_with_its_extremes_and_its_pauses() {
    let server = Server::of_memory().await;
    let line = |i: i64| {
        let voltage = match i {
            7_777 => 400.0,
            3_333 => -5.0,
            _ => 230.0 + (i as f64 / 300.0).sin(),
        };
        json!({"timestamp": START + i * SECOND, "device_id": "a", "voltage": voltage}).to_string()
    };
    let lines: Vec<String> = (0..20_000).filter(|i| !(12_000..13_000).contains(i)).map(line).collect();
    server.post_lines("/api/v1/readings", &lines.join("\n")).await;
    let answer = json_of(&server, "/api/v1/devices/a/series?points=500").await;
    let voltage = &answer["quantities"][0];
    assert_eq!((&voltage["name"], &voltage["unit"]), (&json!("voltage"), &json!("V")));
    assert_eq!((&voltage["readings"], &voltage["complete"]), (&json!(19_000), &json!(false)));
    let (times, values) = (list(&voltage["times_ms"]), list(&voltage["values"]));
    assert_eq!(times.len(), values.len());
    assert!((400..=510).contains(&times.len()), "{}", times.len());
    let at = |value: f64| times[values.iter().position(|other| other == value).unwrap()].as_i64().unwrap();
    assert_eq!(at(400.0), (START + 7_777 * SECOND) / 1_000_000);
    assert_eq!(at(-5.0), (START + 3_333 * SECOND) / 1_000_000);
    let pause = values.iter().position(Value::is_null).unwrap();
    assert_eq!(times[pause - 1], (START + 11_999 * SECOND) / 1_000_000);
    assert_eq!(times[pause + 1], (START + 13_000 * SECOND) / 1_000_000);
    // Looking closer shows everything.
    let close = json_of(
        &server,
        "/api/v1/devices/a/series?points=500&from=2025-02-05T00:00:00Z&to=2025-02-05T00:05:00Z",
    )
    .await;
    assert_eq!(
        (&close["quantities"][0]["readings"], &close["quantities"][0]["complete"]),
        (&json!(300), &json!(true))
    );
}

#[tokio::test]
async fn buckets_are_aggregates_with_units() {
    let server = counting("a", 100).await;
    let path = format!(
        "/api/v1/devices/a/buckets?from={START}&to={}&width_ns={}",
        START + 120 * SECOND,
        60 * SECOND
    );
    let buckets = json_of(&server, &path).await;
    let voltage = &buckets["quantities"][0];
    assert_eq!((&voltage["count"], &voltage["max"]), (&json!([60, 40]), &json!([59.0, 99.0])));
    assert_eq!((&voltage["unit"], &voltage["first_time_ns"][1]), (&json!("V"), &json!(START + 60 * SECOND)));
}

#[tokio::test]
async fn devices_come_by_id_page_by_page() {
    let server = Server::of_memory().await;
    for id in ["c", "a", "b"] {
        let body = json!({"device_id": id, "voltage": 1, "timestamp": "2025-02-05", "device_type": "Sensor"});
        server.post("/data", body.to_string()).await;
    }
    let page = json_of(&server, "/api/v1/devices?limit=2").await;
    assert_eq!((list(&page["devices"]).len(), &page["next"]), (2, &json!("b")));
    assert_eq!(
        page["devices"][0],
        json!({
            "device_id": "a", "device_type": "Sensor", "location": null,
            "first_seen": "2025-02-05T00:00:00Z", "last_seen": "2025-02-05T00:00:00Z",
            "readings": 1, "quantities": [{"name": "voltage", "unit": "V"}],
        })
    );
    let rest = json_of(&server, "/api/v1/devices?limit=2&cursor=b").await;
    assert_eq!((&rest["devices"][0]["device_id"], &rest["next"]), (&json!("c"), &Value::Null));
}

#[tokio::test]
async fn ten_thousand_devices_come_once_each_whatever_the_page() {
    let server = Server::of_memory().await;
    let line = |i: i64| json!({"timestamp": 1, "device_id": format!("pump-{i}"), "voltage": 1}).to_string();
    let lines: Vec<String> = (0..10_000).map(line).collect();
    assert_eq!(server.post_lines("/api/v1/readings", &lines.join("\n")).await.json()["stored"], 10_000);
    for limit in [999, 10_000, 1_000_000] {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = json_of(&server, &format!("/api/v1/devices?limit={limit}{cursor}")).await;
            let devices = page["devices"].as_array().unwrap();
            assert!(devices.len() <= limit);
            ids.extend(devices.iter().map(|device| device["device_id"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(ids.len(), 10_000);
        assert!(ids.is_sorted_by(|one, next| one < next), "page of {limit}");
    }
}

#[tokio::test]
async fn the_newest_readings_of_all_come_newest_first() {
    let server = counting("a", 5).await;
    let page = json_of(&server, "/api/v1/readings?limit=2").await;
    assert_eq!(page["time_ns"], json!([START + 4 * SECOND, START + 3 * SECOND]));
    let page =
        json_of(&server, &format!("/api/v1/readings?limit=4&cursor={}", page["next"].as_str().unwrap()))
            .await;
    assert_eq!((list(&page["time_ns"]).len(), &page["next"]), (3, &Value::Null));
}
