//! Laws of quantities: columns that grow, each in one unit.

use iot_core::{ErrorKind, Quantity, Query, Reading};

use super::generate::{batch, device, second, voltage};
use super::trial::Trial;

fn co2(unit: &str) -> Quantity {
    Quantity::new("co2", unit).unwrap()
}

pub(super) async fn a_quantity_appended_for_the_first_time_is_a_new_column(mut trial: Trial) {
    trial.append_readings(&[voltage("pump", second(0), 1.0), voltage("mill", second(0), 2.0)]).await;
    trial.append_readings(&[voltage("pump", second(1), 3.0).with(co2("ppm"), 400.0).unwrap()]).await;
    let many = (0..40).map(|i| (Quantity::new(&format!("channel_{i}"), "mV").unwrap(), f64::from(i)));
    let many = many.fold(Reading::new(device("logger"), second(2)), |reading, (quantity, value)| {
        reading.with(quantity, value).unwrap()
    });
    trial.append_readings(&[many]).await;
    trial.settle().await;
    let rows = trial.scan(Query::device("pump")).await;
    assert_eq!(rows.iter().map(|row| row.values.contains_key("co2")).collect::<Vec<_>>(), [false, true]);
    trial.holds_what_was_appended().await;
}

pub(super) async fn any_name_and_unit_of_a_quantity_is_kept(mut trial: Trial) {
    let names = [
        "select",
        "order",
        "group",
        "table",
        "index",
        "time",
        "device",
        "id",
        "key",
        "kind",
        "label",
        "label_key",
        "rowid",
        "oid",
        "value",
        "values",
        "v",
        "null",
        "count",
        "sum",
        "first",
        "a",
        "x1",
        "long",
        "double",
        "symbol",
        "type",
        "unit",
    ];
    let units = ["µm/s", "'", "\"", "%", "m²", "Ω", "", "kg·m/s", "?"];
    let longest = "q".repeat(Quantity::MAX_BYTES);
    let named = names.into_iter().chain([&*longest]).enumerate();
    let quantities = named.map(|(i, name)| Quantity::new(name, units[i % units.len()]).unwrap());
    let reading = quantities.enumerate().fold(voltage("pump", second(0), 1.0), |reading, (i, quantity)| {
        reading.with(quantity, i as f64).unwrap()
    });
    trial.append_readings(&[reading]).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
    for name in names {
        trial.scans_as_modelled(Query::device("pump").quantities([name])).await;
    }
}

pub(super) async fn a_second_unit_is_refused_and_leaves_no_trace(mut trial: Trial) {
    let air = |quantity| Reading::new(device("air"), second(0)).with(quantity, 400.0).unwrap();
    trial.append_readings(&[air(co2("ppm"))]).await;
    let mut refused =
        vec![voltage("new", second(0), 1.0).with(Quantity::new("fresh", "m").unwrap(), 1.0).unwrap()];
    refused.push(Reading::new(device("air"), second(1)).with(co2("g"), 0.7).unwrap());
    let error = trial.store().append(&batch(&refused)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("co2"), "{error} does not name the quantity");
    trial.settle().await;
    trial.holds_what_was_appended().await;
    // The refused batch has not fixed a unit either.
    let fresh = Quantity::new("fresh", "cm").unwrap();
    trial.append_readings(&[voltage("new", second(1), 1.0).with(fresh, 100.0).unwrap()]).await;
    trial.settle().await;
    trial.holds_what_was_appended().await;
}

pub(super) async fn a_stated_unit_wins_over_an_unstated_one(mut trial: Trial) {
    let air = |secs, quantity| Reading::new(device("air"), second(secs)).with(quantity, 400.0).unwrap();
    for (secs, unit) in [(0, ""), (1, "ppm"), (2, "")] {
        trial.append_readings(&[air(secs, co2(unit))]).await;
        trial.settle().await;
        trial.holds_what_was_appended().await;
    }
    let refused = batch(&[air(3, co2("g"))]);
    assert_eq!(trial.store().append(&refused).await.unwrap_err().kind(), ErrorKind::Invalid);
}
