//! Readings as Arrow.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, TimestampNanosecondType};
use arrow_array::{Array as _, RecordBatch};
use arrow_ipc::reader::StreamReader;

use crate::server::Server;

async fn read(server: &Server, path: &str) -> Vec<RecordBatch> {
    let answer = server.get(path).await;
    assert_eq!(answer.header("content-type"), "application/vnd.apache.arrow.stream");
    StreamReader::try_new(answer.body.as_slice(), None).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn arrow_has_every_reading_exactly_and_the_units() {
    let server = Server::of_memory().await;
    let body = r#"[{"device_id": "a", "timestamp": 1738713600000000001, "voltage": 0.1, "location": "hall"},
        {"device_id": "a", "timestamp": 1738713600000000002, "current": 2, "location": "yard"}]"#;
    server.post("/api/v1/readings", body).await;
    let batches = read(&server, "/api/v1/devices/a/readings?format=arrow").await;
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2);
    let names: Vec<_> = batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["timestamp", "device_id", "device_type", "location", "voltage", "current"]);
    assert_eq!(batches[0].schema().field_with_name("voltage").unwrap().metadata()["unit"], "V");
    let (first, second) = (&batches[0], &batches[1]);
    assert_eq!(first.column(0).as_primitive::<TimestampNanosecondType>().value(0), 1_738_713_600_000_000_001);
    assert_eq!(first.column(4).as_primitive::<Float64Type>().value(0), 0.1);
    assert!(first.column(5).is_null(0) && second.column(4).is_null(0) && first.column(2).is_null(0));
    let place =
        second.column(3).as_dictionary::<Int32Type>().downcast_dict::<arrow_array::StringArray>().unwrap();
    assert_eq!(place.into_iter().collect::<Vec<_>>(), [Some("yard")]);
}

#[tokio::test]
async fn a_device_without_readings_is_a_table_without_rows() {
    let server = Server::of_memory().await;
    assert!(read(&server, "/api/v1/devices/b/readings?format=arrow").await.is_empty());
}
