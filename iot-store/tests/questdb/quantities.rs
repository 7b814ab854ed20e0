//! Columns and units, where more than one writes.

use std::time::Duration;

use iot_core::{Batch, Device, ErrorKind, Quantity, Query, Reading, Store, StoreExt, Timestamp};

use super::server::{append, reading, voltage, with_table};

#[test]
fn of_two_first_units_at_one_time_one_is_kept_and_the_other_refused() {
    with_table(async |table| {
        let (one, other) = (table.open().await, table.open().await);
        for round in 0..5 {
            let name = format!("co2_{round}");
            let (ppm, grams) = (Quantity::new(&name, "ppm").unwrap(), Quantity::new(&name, "g").unwrap());
            let (first, second) = (reading(0, &ppm, 1.0), reading(1, &grams, 2.0));
            let (first, second) = tokio::join!(append(&one, &first), append(&other, &second));
            let kept = match (first, second) {
                (Ok(_), Err(error)) if error.kind() == ErrorKind::Invalid => ppm,
                (Err(error), Ok(_)) if error.kind() == ErrorKind::Invalid => grams,
                both => panic!("{both:?}"),
            };
            one.applied(Duration::from_secs(30)).await.unwrap();
            for store in [&one, &other] {
                let frame = store.read(Query::device("pump").quantities([&name])).await.unwrap().unwrap();
                assert_eq!(frame.columns()[0].quantity, kept);
                assert_eq!(frame.len(), 1);
            }
        }
    });
}

/// A reader knows the columns a moment before it asks for the rows.
#[test]
fn a_reading_that_brings_a_quantity_is_seen_whole_or_not_at_all() {
    with_table(async |table| {
        let (writer, reader) = (table.open().await, table.open().await);
        writer.append(&voltage(0)).await.unwrap();
        for round in 1..=20 {
            let vibration = Quantity::named(&format!("vibration_{round}")).unwrap();
            let pump = Device::new("pump").unwrap();
            let reading = Reading::new(pump, Timestamp::from_secs(1_738_713_600 + round));
            let reading = reading.with(Quantity::VOLTAGE, 1.0).unwrap().with(vibration.clone(), 2.0).unwrap();
            let batch = Batch::from_readings(&[reading]).unwrap();
            let append = append(&writer, &batch);
            let watch = async {
                loop {
                    let newest = reader.newest(0, 1).await.unwrap();
                    let frame = reader.read(Query::device("pump")).await.unwrap();
                    let Some(frame) = frame.filter(|frame| frame.len() as i64 > round) else { continue };
                    assert_eq!(frame.values(vibration.name()).unwrap().last(), Some(&2.0));
                    if newest.times().last() == frame.times().last() {
                        let column = newest.columns().iter().find(|column| column.quantity == vibration);
                        assert_eq!(column.unwrap().values, [2.0]);
                        break;
                    }
                }
            };
            tokio::join!(append, watch).0.unwrap();
        }
    });
}

#[test]
fn two_writers_may_add_one_column_at_one_time() {
    with_table(async |table| {
        let (one, other) = (table.open().await, table.open().await);
        for round in 0..5 {
            let quantity = Quantity::named(&format!("vibration_{round}")).unwrap();
            let (first, second) = (reading(0, &quantity, 1.0), reading(1, &quantity, 2.0));
            let (first, second) = tokio::join!(append(&one, &first), append(&other, &second));
            first.unwrap();
            second.unwrap();
            one.applied(Duration::from_secs(30)).await.unwrap();
            let query = Query::device("pump").quantities([quantity.name()]);
            assert_eq!(one.read(query).await.unwrap().unwrap().values(quantity.name()).unwrap(), [1.0, 2.0]);
        }
    });
}

#[test]
fn a_table_has_256_quantities_and_no_more() {
    with_table(async |table| {
        let columns: Vec<_> = (0..255).map(|i| format!("q{i} DOUBLE")).collect();
        table
            .run(&format!(
                "CREATE TABLE … (timestamp TIMESTAMP_NS, device_id SYMBOL, device_type SYMBOL, location SYMBOL, {}) \
                 TIMESTAMP(timestamp) PARTITION BY DAY WAL DEDUP UPSERT KEYS(timestamp, device_id)",
                columns.join(", ")
            ))
            .await;
        let store = table.open().await;
        store.append(&reading(0, &Quantity::named("the_last").unwrap(), 1.0)).await.unwrap();
        let error = store.append(&reading(0, &Quantity::named("one_more").unwrap(), 1.0)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("one_more"), "{error}");
        store.append(&reading(1, &Quantity::named("q7").unwrap(), 1.0)).await.unwrap();
    });
}
