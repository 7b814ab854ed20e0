//! `GET /api/v1/devices/{device_id}/statistics`.

use iot_analytics::{Correlation, Summary};
use serde_json::{Value, json};

use crate::server::Server;

const HOUR: i64 = 3600;

/// A server with a device of these times (s), voltages and currents.
async fn server_of(readings: impl Iterator<Item = (i64, f64, f64)>) -> Server {
    let server = Server::of_memory().await;
    let line = |(time, voltage, current): (i64, f64, f64)| {
        json!({"timestamp": time, "device_id": "a", "voltage": voltage, "current": current}).to_string()
    };
    let lines: Vec<String> = readings.map(line).collect();
    assert_eq!(server.post_lines("/api/v1/readings?epoch=s", &lines.join("\n")).await.status, 200);
    server
}

async fn statistics(server: &Server, query: &str) -> Value {
    let answer = server.get(&format!("/api/v1/devices/a/statistics{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn close(value: &Value, expected: f64) -> bool {
    (value.as_f64().unwrap() - expected).abs() <= 1e-9 * expected.abs()
}

/// S9.
#[tokio::test]
async fn statistics_see_every_reading() {
    let server =
        server_of((0..10_000).map(|i| (i * 60, f64::from(i as i32), 2.0 * f64::from(i as i32) + 1.0))).await;
    let all = statistics(&server, "").await;
    assert_eq!(all["readings"], 10_000);
    assert_eq!(
        (&all["first"], &all["last"]),
        (&json!("1970-01-01T00:00:00Z"), &json!("1970-01-07T22:39:00Z"))
    );
    let voltage = &all["quantities"][0];
    assert_eq!(
        (&voltage["name"], &voltage["unit"], &voltage["count"]),
        (&json!("voltage"), &json!("V"), &json!(10_000))
    );
    assert_eq!((&voltage["min"], &voltage["max"]), (&json!(0.0), &json!(9999.0)));
    assert_eq!((&voltage["mean"], &voltage["median"]), (&json!(4999.5), &json!(4999.5)));
    // The variance of n numbers in a row, divided by n - 1, is n (n + 1) / 12.
    assert!(close(&voltage["std"], (10_000.0_f64 * 10_001.0 / 12.0).sqrt()));
    assert_eq!(voltage["median_rank_error"], 0.0);
    assert_eq!((&all["power"]["unit"], &all["power"]["max"]), (&json!("W"), &json!(9999.0 * 19_999.0)));
    assert_eq!((&all["correlation"]["pearson"], &all["correlation"]["count"]), (&json!(1.0), &json!(10_000)));
    let some = statistics(&server, "?from=600&to=1200").await;
    assert_eq!(some["readings"], 0, "a bare number is nanoseconds");
    let some = statistics(&server, "?from=1970-01-01T00:10:00Z&to=1970-01-01T00:20:00Z").await;
    assert_eq!((&some["readings"], &some["quantities"][0]["mean"]), (&json!(10), &json!(14.5)));
}

/// S9.
#[tokio::test]
async fn statistics_are_those_of_the_analytics_to_the_last_bit() {
    let readings: Vec<(i64, f64, f64)> =
        (0..3_000).map(|i| (i * 60, (i as f64).sin() * 7.0 + 230.1, (i as f64).cos() * 3.0 + 50.3)).collect();
    let server = server_of(readings.iter().copied()).await;
    let all = statistics(&server, "").await;
    let voltage: Vec<f64> = readings.iter().map(|reading| reading.1).collect();
    let current: Vec<f64> = readings.iter().map(|reading| reading.2).collect();
    let watts = iot_analytics::power(&voltage, &current).unwrap();
    for (of, values) in
        [(&all["quantities"][0], &voltage), (&all["quantities"][1], &current), (&all["power"], &watts)]
    {
        let mut summary = Summary::new();
        summary.extend(values);
        let moments = summary.moments();
        for (name, expected) in [
            ("mean", moments.mean()),
            ("std", moments.std()),
            ("min", moments.min()),
            ("max", moments.max()),
            ("median", summary.median()),
        ] {
            assert_eq!(of[name], expected, "{} {name}", of["name"]);
        }
    }
    let mut correlation = Correlation::new();
    correlation.extend(&voltage, &current).unwrap();
    assert_eq!(all["correlation"]["pearson"], correlation.pearson());
}

/// S11.
#[tokio::test]
async fn energy_goes_by_timestamps() {
    // 1 kW for a week of hourly readings, between the first and the last of which 167 hours pass.
    let server = server_of((0..168).map(|i| (i * HOUR, 100.0, 10.0))).await;
    let energy = statistics(&server, "").await["energy"].take();
    assert!(close(&energy["value"], 167.0), "{energy}");
    assert_eq!((&energy["unit"], &energy["method"]), (&json!("kWh"), &json!("trapezoid")));
    assert_eq!((&energy["coverage_percent"], &energy["gaps"]), (&json!(100.0), &json!(0)));
    // Of the same power read every minute for three hours, 3 kWh.
    let server = server_of((0..=180).map(|i| (i * 60, 100.0, 10.0))).await;
    assert!(close(&statistics(&server, "").await["energy"]["value"], 3.0));
}

#[tokio::test]
async fn energy_is_not_counted_where_readings_pause() {
    let hours = (0..24).chain(44..=67);
    let server = server_of(hours.map(|hour| (hour * HOUR, 100.0, 10.0))).await;
    let energy = statistics(&server, "").await["energy"].take();
    assert!(close(&energy["value"], 46.0), "{energy}");
    assert_eq!(energy["gaps"], 1);
    assert!(close(&energy["coverage_percent"], 100.0 * 46.0 / 67.0));
    let energy = statistics(&server, "?max_gap_s=86400").await["energy"].take();
    assert!(close(&energy["value"], 67.0), "{energy}");
    assert_eq!(server.get("/api/v1/devices/a/statistics?max_gap_s=-1").await.status, 400);
}

/// S18.
#[tokio::test]
async fn one_reading_constant_data_and_a_missing_quantity_have_statistics_too() {
    let server = server_of([(0, 5.0, 1.0)].into_iter()).await;
    let one = statistics(&server, "").await;
    assert_eq!((&one["quantities"][0]["mean"], &one["quantities"][0]["std"]), (&json!(5.0), &Value::Null));
    assert_eq!((&one["energy"]["value"], &one["energy"]["coverage_percent"]), (&json!(0.0), &Value::Null));
    let constant = server_of((0..10).map(|i| (i, 5.0, 1.0))).await;
    let constant = statistics(&constant, "").await;
    assert_eq!(
        (&constant["quantities"][0]["std"], &constant["correlation"]["pearson"]),
        (&json!(0.0), &Value::Null)
    );
    let server = Server::of_memory().await;
    server.post("/data", r#"{"device_id": "a", "voltage": 1}"#).await;
    let lone = statistics(&server, "").await;
    assert_eq!(
        (&lone["power"], &lone["energy"], &lone["correlation"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}
