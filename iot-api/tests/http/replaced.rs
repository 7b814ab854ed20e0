//! `ApiStore` in front of the system that this one replaces.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use iot_api::{ApiStore, ServerOptions, serve};
use iot_core::{Batch, Device, ErrorKind, Quantity, Query, Reading, Store as _, StoreExt as _, Timestamp};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Behaves as that system does, in what a forwarder sees of it.
#[derive(Debug, Default)]
struct Demo {
    rows: Mutex<Vec<Value>>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    /// How many more posts succeed before its database goes away.
    good_for: AtomicU64,
}

impl Demo {
    fn new(good_for: u64) -> Arc<Self> {
        Arc::new(Self { good_for: AtomicU64::new(good_for), ..Self::default() })
    }

    async fn serve(self: &Arc<Self>) -> String {
        let router = Router::new()
            .route("/", get(async || Json(json!({"message": "API is running"}))))
            .route("/data", post(insert))
            .fallback(async || (StatusCode::NOT_FOUND, Json(json!({"detail": "Not Found"}))))
            .with_state(Arc::clone(self));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, router, ServerOptions::default(), std::future::pending()));
        format!("http://{address}")
    }

    /// The voltages of a device in the order they came.
    fn voltages(&self, id: &str) -> Vec<f64> {
        let rows = self.rows.lock().unwrap();
        rows.iter().filter(|row| row["device_id"] == id).map(|row| row["voltage"].as_f64().unwrap()).collect()
    }
}

async fn insert(State(demo): State<Arc<Demo>>, Json(row): Json<Value>) -> (StatusCode, Json<Value>) {
    let under_way = demo.under_way.fetch_add(1, Ordering::SeqCst) + 1;
    demo.most_under_way.fetch_max(under_way, Ordering::SeqCst);
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    demo.under_way.fetch_sub(1, Ordering::SeqCst);
    let good = demo.good_for.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    if good.is_err() {
        return (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"detail": "connection refused"})));
    }
    if row["voltage"] == 13.0 {
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"detail": []})));
    }
    if row["voltage"] == 400.0 {
        return (StatusCode::BAD_REQUEST, Json(json!({"detail": "of a proxy"})));
    }
    demo.rows.lock().unwrap().push(row);
    (StatusCode::OK, Json(json!({"message": "Data inserted successfully"})))
}

fn readings(voltages: impl Iterator<Item = u32>) -> Batch {
    let reading = |i: u32| {
        let device = Device::new(&format!("d{}", i % 5)).unwrap().with_kind("Sensor").unwrap();
        Reading::new(device, Timestamp::from_millis(i64::from(i) * 1500))
            .with(Quantity::VOLTAGE, f64::from(i))
            .unwrap()
    };
    Batch::from_readings(&voltages.map(reading).collect::<Vec<_>>()).unwrap()
}

fn of_device(device: u32, of: impl Iterator<Item = u32>) -> Vec<f64> {
    of.filter(|i| i % 5 == device).map(f64::from).collect()
}

#[tokio::test]
async fn each_reading_is_posted_alone_and_a_devices_in_order() {
    let demo = Demo::new(u64::MAX);
    let store = ApiStore::new(&demo.serve().await).unwrap();
    store.append(&readings(100..200)).await.unwrap();
    for device in 0..5 {
        assert_eq!(demo.voltages(&format!("d{device}")), of_device(device, 100..200));
    }
    let expected = json!({"timestamp": "1970-01-01T00:02:31.500", "device_id": "d1", "voltage": 101.0, "current": null, "device_type": "Sensor", "location": ""});
    assert!(demo.rows.lock().unwrap().contains(&expected));
    assert!((2..=8).contains(&demo.most_under_way.load(Ordering::SeqCst)));
    store.ping().await.unwrap();
}

#[tokio::test]
async fn an_append_that_failed_half_way_can_be_repeated_and_doubles_nothing() {
    let demo = Demo::new(40);
    let store = ApiStore::new(&demo.serve().await).unwrap();
    let batch = readings(100..200);
    let error = store.append(&batch).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!error.to_string().contains("connection refused"));
    demo.good_for.store(u64::MAX, Ordering::SeqCst);
    store.append(&batch).await.unwrap();
    let mut seen: HashMap<String, u32> = HashMap::new();
    for row in demo.rows.lock().unwrap().iter() {
        *seen.entry(row["timestamp"].to_string()).or_default() += 1;
    }
    assert!(seen.len() == 100 && seen.values().all(|&times| times == 1));
}

#[tokio::test]
async fn a_reading_that_is_refused_is_found_by_halves_and_the_others_are_posted_once() {
    let demo = Demo::new(u64::MAX);
    let store = ApiStore::new(&demo.serve().await).unwrap();
    assert_eq!(store.append(&readings(0..20)).await.unwrap_err().kind(), ErrorKind::Invalid);
    store.append(&readings(0..13)).await.unwrap();
    assert_eq!(store.append(&readings(13..14)).await.unwrap_err().kind(), ErrorKind::Invalid);
    store.append(&readings(14..20)).await.unwrap();
    assert_eq!(demo.rows.lock().unwrap().len(), 19);
    // Any other answer is no fault of the reading: it is not given up.
    assert_eq!(store.append(&readings(400..401)).await.unwrap_err().kind(), ErrorKind::Internal);
    let warm = Reading::new(Device::new("w").unwrap(), Timestamp::from_secs(0))
        .with(Quantity::TEMPERATURE, 1.0)
        .unwrap();
    let error = store.append(&Batch::from_readings(&[warm]).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn it_can_only_be_written_to() {
    let demo = Demo::new(u64::MAX);
    let store = ApiStore::open(&demo.serve().await).await.unwrap();
    let error = store.read(Query::device("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.to_string().contains("has no /api/v1"), "{error}");
}
