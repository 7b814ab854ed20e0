//! `GET /api/v1/devices/{device_id}/distribution`.

use iot_analytics::{Bandwidth, Bins, Histogram, KernelDensity};
use serde_json::{Value, json};

use crate::server::Server;

/// A server with a device of these voltages, a second apart.
async fn server_of(voltages: &[f64]) -> Server {
    let server = Server::of_memory().await;
    let line = |(i, voltage): (usize, &f64)| {
        json!({"timestamp": i, "device_id": "a", "voltage": voltage, "current": 2}).to_string()
    };
    let lines: Vec<String> = voltages.iter().enumerate().map(line).collect();
    assert_eq!(server.post_lines("/api/v1/readings?epoch=s", &lines.join("\n")).await.status, 200);
    server
}

async fn distribution(server: &Server, query: &str) -> Value {
    let answer = server.get(&format!("/api/v1/devices/a/distribution?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// S9, S12.
#[tokio::test]
async fn bins_and_density_are_those_of_the_analytics_of_all_readings() {
    let voltages: Vec<f64> = (0..5_000).map(|i| f64::from(i * 7919 % 997) / 9.0 + 100.0).collect();
    let server = server_of(&voltages).await;
    let found = distribution(&server, "quantity=voltage").await;
    let histogram = Histogram::of(&voltages, Bins::Count(20)).unwrap();
    assert_eq!(numbers(&found["edges"]), histogram.edges());
    assert_eq!(found["counts"], json!(histogram.counts()));
    assert_eq!((&found["count"], &found["unit"]), (&json!(5_000), &json!("V")));
    let estimate = KernelDensity::of(&voltages, Bandwidth::Scott).unwrap();
    let edges = histogram.edges();
    let curve = estimate.curve_over(edges[0], edges[20], 200).unwrap();
    assert_eq!(numbers(&found["density"]["points"]), curve.points);
    assert_eq!(numbers(&found["density"]["densities"]), curve.densities);
    assert_eq!(found["density"]["bandwidth"], estimate.bandwidth());
    let some = distribution(&server, "quantity=voltage&to=1970-01-01T00:01:40Z&bins=5&points=11").await;
    assert_eq!(some["counts"], json!(Histogram::of(&voltages[..100], Bins::Count(5)).unwrap().counts()));
    assert_eq!(numbers(&some["density"]["points"]).len(), 11);
}

#[tokio::test]
async fn power_is_distributed_where_it_was_not_measured() {
    let found = distribution(&server_of(&[1.0, 2.0, 4.0]).await, "quantity=power&bins=3").await;
    assert_eq!((&found["unit"], numbers(&found["edges"])), (&json!("W"), vec![2.0, 4.0, 6.0, 8.0]));
    assert_eq!(found["counts"], json!([1, 1, 1]));
}

/// S12, S18.
#[tokio::test]
async fn constant_or_too_few_values_have_bins_and_a_reason_for_no_density() {
    let constant = distribution(&server_of(&[5.0; 10]).await, "quantity=voltage&bins=2").await;
    assert_eq!((&constant["edges"], &constant["counts"]), (&json!([4.5, 5.0, 5.5]), &json!([0, 10])));
    assert_eq!(
        (&constant["density"], &constant["density_absent"]["reason"]),
        (&Value::Null, &json!("constant"))
    );
    let one = distribution(&server_of(&[5.0]).await, "quantity=voltage").await;
    assert_eq!((&one["count"], &one["density_absent"]["reason"]), (&json!(1), &json!("too_few_values")));
    for query in ["quantity=humidity", "quantity=voltage&from=2025-01-01"] {
        let none = distribution(&server_of(&[5.0]).await, query).await;
        assert_eq!((&none["count"], &none["edges"], &none["counts"]), (&json!(0), &json!([]), &json!([])));
        assert_eq!(none["density_absent"]["reason"], "too_few_values");
    }
}

#[tokio::test]
async fn wrong_parameters_of_a_distribution_are_refused_by_name() {
    let server = server_of(&[5.0]).await;
    for (query, named) in [
        ("", "quantity"),
        ("quantity=voltage&bins=0", "bins 0"),
        ("quantity=voltage&bins=1001", "bins 1001"),
        ("quantity=voltage&points=1", "points 1"),
        ("quantity=voltage&color=red", "color"),
    ] {
        let answer = server.get(&format!("/api/v1/devices/a/distribution?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(named), "{query}: {}", answer.text());
    }
}
