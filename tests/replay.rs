//! Readings from CSV files, good and bad.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use iot::replay::{CsvReplay, Mapping};
use iot::{Device, ErrorKind, Quantity};

fn mapping() -> Mapping {
    Mapping::new("at", Device::new("house").unwrap())
        .with_quantity("U", Quantity::VOLTAGE)
        .with_quantity("I", Quantity::CURRENT)
}

fn open(text: &str) -> CsvReplay {
    CsvReplay::new(Cursor::new(text.as_bytes().to_vec()), &mapping()).unwrap()
}

#[test]
fn a_row_is_a_reading_and_an_empty_cell_a_missing_value() {
    let mut replay = open("at,I,x,U\n2025-02-05 00:00:00,4.1,?,229.7\n2025-02-05T00:00:01Z,,?, 230 \n");
    let batch = replay.next_batch(100).unwrap().unwrap();
    let readings: Vec<_> = batch.readings().collect();
    assert_eq!(readings[0].value("voltage"), Some(229.7));
    assert_eq!(readings[0].value("current"), Some(4.1));
    assert_eq!((readings[1].value("voltage"), readings[1].value("current")), (Some(230.0), None));
    assert_eq!(readings[1].time(), "2025-02-05T00:00:01Z".parse().unwrap());
    assert!(replay.next_batch(100).unwrap().is_none());
    assert_eq!(replay.bad_rows(), 0);
}

#[test]
fn a_bad_row_costs_only_itself() {
    let bad = [
        "yesterday,1,2",
        "2025-02-05,1",
        "2025-02-05,one,2",
        "2025-02-05,inf,2",
        "2025-02-05,NaN,2",
        "2025-02-05,,",
    ];
    let text = format!("at,U,I\n2025-02-05 00:00:00,1,2\n{}\n2025-02-05 00:00:01,3,4\n", bad.join("\n"));
    let mut replay = open(&text);
    let batch = replay.next_batch(100).unwrap().unwrap();
    assert_eq!(batch.columns()[0].values, [1.0, 3.0]);
    assert_eq!(replay.bad_rows(), bad.len() as u64);
}

#[test]
fn batches_are_bounded_and_together_are_the_file() {
    let rows: String = (0..25).map(|i| format!("2025-02-05 00:00:{i:02},{i},1\n")).collect();
    let mut replay = open(&format!("at,U,I\n{rows}"));
    let mut lengths = Vec::new();
    while let Some(batch) = replay.next_batch(10).unwrap() {
        lengths.push(batch.len());
    }
    assert_eq!(lengths, [10, 10, 5]);
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let error = CsvReplay::new(Cursor::new(&b"at,U\n"[..]), &mapping()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.to_string(), r#"the file has no column "I"; it has at, U"#);
}

#[test]
fn devices_can_come_from_a_column() {
    let mapping = mapping().with_device_column("who").with_delimiter(b';');
    let text = "who;at;U;I\na;2025-02-05;1;1\nb;2025-02-05;2;2\n;2025-02-05;3;3\n";
    let mut replay = CsvReplay::new(Cursor::new(text), &mapping).unwrap();
    let batch = replay.next_batch(100).unwrap().unwrap();
    assert_eq!(batch.devices().iter().map(Device::id).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(replay.bad_rows(), 1, "an empty id is no device");
}

#[test]
fn a_gzipped_file_is_read_through_and_a_damaged_one_gives_what_was_whole() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..50_000).map(|i| format!("{},{i}.5,1\n", iot::Timestamp::from_secs(i))).collect();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(format!("at,U,I\n{rows}").as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let count = |bytes: &[u8]| {
        let path = folder.path().join("readings.csv.gz");
        std::fs::write(&path, bytes).unwrap();
        let mut replay = CsvReplay::open(&path, &mapping()).unwrap();
        let mut rows = 0;
        loop {
            match replay.next_batch(1_000) {
                Ok(Some(batch)) => rows += batch.len(),
                Ok(None) => return (rows, None),
                Err(error) => return (rows, Some(error.kind())),
            }
        }
    };
    assert_eq!(count(&packed), (50_000, None));
    let (rows, error) = count(&packed[..packed.len() / 2]);
    assert!((1_000..50_000).contains(&rows), "{rows}");
    assert_eq!(error, Some(ErrorKind::Corrupt));
}

#[test]
fn the_household_file_has_its_reference_numbers() {
    let Some(file) = iot_testkit::data::shared("household/household_power_2006-12_2008-06.csv.gz") else {
        return;
    };
    let mapping = Mapping::new("date_time", Device::new("house").unwrap())
        .with_quantity("Voltage", Quantity::VOLTAGE)
        .with_quantity("Global_intensity", Quantity::CURRENT);
    let mut replay = CsvReplay::open(file, &mapping).unwrap();
    let (mut rows, mut min, mut max, mut sum) = (0, f64::INFINITY, f64::NEG_INFINITY, 0.0);
    while let Some(batch) = replay.next_batch(50_000).unwrap() {
        rows += batch.len();
        for value in &batch.columns()[0].values {
            min = value.min(min);
            max = value.max(max);
            sum += value;
        }
    }
    assert_eq!((rows, replay.bad_rows()), (809_676, 0));
    assert_eq!((min, max), (223.49, 252.14));
    assert!((sum / rows as f64 - 239.79035).abs() < 5e-6);
}
