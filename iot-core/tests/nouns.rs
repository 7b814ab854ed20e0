//! The nouns: what they take, what they refuse, and what stays true of them.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::time::Duration;

use iot_core::{
    Batch, BatchBuilder, Bucket, BucketQuery, Column, Device, ErrorKind, Frame, Quantity, Reading, Result,
    Series, TimeRange, Timestamp,
};
use proptest::prelude::*;

fn pump() -> Device {
    Device::new("pump-7").unwrap()
}

fn reading(id: &str, nanos: i64, voltage: f64) -> Reading {
    let device = Device::new(id).unwrap();
    Reading::new(device, Timestamp::from_nanos(nanos)).with(Quantity::VOLTAGE, voltage).unwrap()
}

fn column(quantity: Quantity, values: &[f64]) -> Column {
    Column { quantity, values: values.to_vec() }
}

#[track_caller]
fn invalid<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error.to_string()
}

mod device {
    use super::*;

    #[test]
    fn an_id_has_1_to_256_bytes_and_no_control_character() {
        assert_eq!(invalid(Device::new("")), "device_id is empty");
        assert!(Device::new(&"é".repeat(128)).is_ok());
        assert_eq!(invalid(Device::new(&"é".repeat(129))), "device_id has 258 bytes, more than 256");
        for control in ["\0", "a\nb", "\u{7f}", "\u{85}"] {
            assert!(invalid(Device::new(control)).contains("control character"));
        }
        for kept in ["a/b", " ", "'; DROP TABLE", "\u{202e}", "🦀", "...", "a/../b"] {
            assert_eq!(Device::new(kept).unwrap().id(), kept);
        }
    }

    /// S17.
    #[test]
    fn an_id_that_no_url_can_name_is_refused() {
        for step in [".", ".."] {
            let reason = format!("device_id {step:?} is a step of a path: no URL can name it");
            assert_eq!(invalid(Device::new(step)), reason);
            assert!(Device::from_parts(step, Some("Sensor"), None).is_err());
        }
    }

    #[test]
    fn an_empty_kind_or_location_is_an_unknown_one() {
        let device = Device::from_parts("a", Some(""), Some("")).unwrap();
        assert_eq!(device, Device::new("a").unwrap());
        assert_eq!((device.kind(), device.location()), (None, None));
        assert!(device.has_parts("a", None, None));
        assert!(!device.has_parts("a", Some("Sensor"), None));
    }

    #[test]
    fn its_text_form_is_read_as_it_was_written() {
        let device = pump().with_kind("Sensor").unwrap().with_location("hall \"3\"").unwrap();
        let text = serde_json::to_string(&device).unwrap();
        assert_eq!(text, r#"{"device_id":"pump-7","device_type":"Sensor","location":"hall \"3\""}"#);
        assert_eq!(serde_json::from_str::<Device>(&text).unwrap(), device);
        assert!(serde_json::from_str::<Device>(r#"{"device_id":""}"#).is_err());
    }
}

mod quantity {
    use super::*;

    #[test]
    fn a_name_is_of_letters_digits_and_underscores_without_regard_to_case() {
        assert_eq!(Quantity::named("PM2_5").unwrap().name(), "pm2_5");
        assert!(Quantity::named(&"q".repeat(64)).is_ok());
        for wrong in
            ["", "2pm", "_a", "a b", "a-b", "é", &"q".repeat(65), "TimeStamp", "device_id", "location"]
        {
            invalid(Quantity::named(wrong));
        }
    }

    #[test]
    fn a_known_quantity_has_its_own_unit_and_no_other() {
        for known in Quantity::KNOWN {
            assert_eq!(Quantity::named(&known.name().to_uppercase()).unwrap(), known);
            assert_eq!(Quantity::new(known.name(), known.unit()).unwrap(), known);
            invalid(Quantity::new(known.name(), "furlong"));
        }
        invalid(Quantity::new("co2", "p\npm"));
    }

    #[test]
    fn a_stated_unit_wins_over_none_and_two_are_an_error() {
        let co2 = |unit| Quantity::new("co2", unit).unwrap();
        assert_eq!(co2("").merge(&co2("ppm")).unwrap(), co2("ppm"));
        assert_eq!(co2("ppm").merge(&co2("")).unwrap(), co2("ppm"));
        assert_eq!(co2("ppm").merge(&co2("ppm")).unwrap(), co2("ppm"));
        invalid(co2("ppm").merge(&co2("%")));
        invalid(co2("ppm").merge(&Quantity::VOLTAGE));
    }

    #[test]
    fn its_text_form_is_checked_when_it_is_read() {
        let text = serde_json::to_string(&Quantity::VOLTAGE).unwrap();
        assert_eq!(serde_json::from_str::<Quantity>(&text).unwrap(), Quantity::VOLTAGE);
        assert!(serde_json::from_str::<Quantity>(r#"{"name":"voltage","unit":"kV"}"#).is_err());
    }
}

mod time {
    use super::*;

    #[test]
    fn the_forms_of_text_are_the_same_instant() {
        let expected = Timestamp::from_secs(1_738_713_600);
        for text in [
            "2025-02-05",
            "2025-02-05 00:00",
            "2025-02-05 00:00:00",
            "2025-02-05T00:00:00",
            "2025-02-05T00:00:00.000000000Z",
            "2025-02-05 02:00:00+02:00",
            "2025-02-04T19:00:00-05:00",
            "2025-02-04T19:00:00-0500",
            "2025-02-05t00:00:00.0z",
            "2025-02-05 01:00+01:00",
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2025-02-30",
            "2025-13-01",
            "2025-02-05 24:00:00",
            "05.02.2025",
            "1500-01-01",
            "1738713600",
            // What a library might read, and drop a part of.
            "2025-02-05T00:00:00[Europe/Berlin]",
            "2025-02-05T00:00:00+01:00[Europe/Berlin]",
            "2025-02-05[Europe/Berlin]",
            "2025-02-05+01:00",
            "2025-02-05Z",
            "2016-12-31 23:59:60",
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60.5+00:00",
            "20250205T000000",
            "20250205",
            "+002025-02-05",
            "2025-W06-3",
            "2025-02-05 00",
            "2025-02-05T00:00:00+01:00:30",
            "2025-02-05 00:00:00.",
        ] {
            assert!(
                invalid(text.parse::<Timestamp>()).starts_with(&format!("{text:?} is not a time"))
                    || text == "1500-01-01",
                "{text}"
            );
        }
    }

    #[test]
    fn arithmetic_stops_at_the_first_and_last_instant() {
        assert_eq!(Timestamp::MAX.saturating_add(Duration::from_nanos(1)), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.saturating_sub(Duration::MAX), Timestamp::MIN);
        assert_eq!(Timestamp::from_secs(i64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::from_millis(i64::MIN), Timestamp::MIN);
    }

    #[test]
    fn a_range_has_its_start_and_not_its_end() {
        let time = Timestamp::from_nanos;
        let range = TimeRange::new(time(-5), time(5)).unwrap();
        assert!(range.contains(time(-5)) && range.contains(time(4)) && !range.contains(time(5)));
        assert_eq!(range.nanos(), 10);
        assert_eq!(TimeRange::ALL.nanos(), u64::MAX);
        assert!(!TimeRange::new(time(1), time(1)).unwrap().contains(time(1)));
        invalid(TimeRange::new(time(1), time(0)));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_as_the_same(nanos in any::<i64>(), coarse in 0..3_u32) {
            let unit = 1_000_i64.pow(coarse);
            let time = Timestamp::from_nanos(nanos / unit * unit);
            prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
            let json = serde_json::to_string(&time).unwrap();
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), time);
        }
    }
}

mod batch {
    use super::*;

    #[test]
    fn a_reading_keeps_the_last_value_of_a_quantity_and_no_infinite_one() {
        let twice = reading("a", 0, 1.0).with(Quantity::VOLTAGE, 2.0).unwrap();
        assert_eq!(twice.values(), [(Quantity::VOLTAGE, 2.0)]);
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            invalid(reading("a", 0, 1.0).with(Quantity::CURRENT, value));
        }
    }

    #[test]
    fn columns_that_do_not_fit_are_refused() {
        let voltage = || column(Quantity::VOLTAGE, &[1.0]);
        assert!(Batch::new(vec![pump()], vec![0], vec![0], vec![voltage()]).is_ok());
        invalid(Batch::new(vec![pump()], vec![0], vec![], vec![]));
        invalid(Batch::new(vec![pump()], vec![1], vec![0], vec![voltage()]));
        invalid(Batch::new(vec![pump()], vec![0, 0], vec![0, 1], vec![voltage()]));
        invalid(Batch::new(vec![pump()], vec![0], vec![0], vec![voltage(), voltage()]));
        invalid(Batch::new(vec![pump()], vec![0], vec![0], vec![column(Quantity::POWER, &[f64::INFINITY])]));
    }

    #[test]
    fn a_slice_has_its_rows_and_their_devices() {
        let batch = Batch::from_readings(&[reading("a", 0, 1.0), reading("b", 1, 2.0), reading("a", 2, 3.0)])
            .unwrap();
        let slice = batch.slice(1..3);
        assert_eq!(slice.readings().collect::<Vec<_>>(), [reading("b", 1, 2.0), reading("a", 2, 3.0)]);
        assert_eq!(slice.devices(), batch.devices());
        assert_eq!(batch.slice(1..2).devices(), [Device::new("b").unwrap()]);
        assert_eq!(batch.slice(1..2).codes(), [0]);
        assert_eq!(batch.slice(1..1).devices(), []);
        assert_eq!(batch.reading(3), None);
        assert_eq!(batch.bytes(), 3 * (4 + 8 + 8));
    }

    #[test]
    fn a_refused_row_leaves_no_trace() {
        let mut builder = BatchBuilder::new();
        let device = builder.device("a", None, None).unwrap();
        let voltage = builder.quantity(&Quantity::VOLTAGE).unwrap();
        let time = Timestamp::from_nanos(0);
        for values in [
            &[][..],
            &[(voltage, f64::NAN)],
            &[(voltage, f64::INFINITY)],
            &[(voltage, 1.0), (voltage, f64::NAN)],
            &[(7, 1.0)],
        ] {
            invalid(builder.row(device, time, values));
        }
        invalid(builder.row(7, time, &[(voltage, 1.0)]));
        assert!(builder.is_empty());
        builder.row(device, time, &[(voltage, f64::NAN), (voltage, 2.0)]).unwrap();
        assert_eq!(builder.finish(), Batch::from_readings(&[reading("a", 0, 2.0)]).unwrap());
    }

    #[test]
    fn a_quantity_comes_in_one_unit() {
        let co2 = |unit| Quantity::new("co2", unit).unwrap();
        let one = |unit| Reading::new(pump(), Timestamp::from_nanos(0)).with(co2(unit), 1.0).unwrap();
        let mut builder = BatchBuilder::new();
        builder.push(&one("")).unwrap();
        builder.push(&one("ppm")).unwrap();
        invalid(builder.push(&one("%")));
        invalid(builder.extend(&Batch::from_readings(&[one("%")]).unwrap()));
        assert_eq!(builder.finish().columns(), [column(co2("ppm"), &[1.0, 1.0])]);
    }

    #[test]
    fn a_column_without_a_value_is_left_out() {
        let mut builder = BatchBuilder::default();
        builder.quantity(&Quantity::POWER).unwrap();
        builder.push(&reading("a", 0, 1.0)).unwrap();
        assert_eq!(builder.finish().columns(), [column(Quantity::VOLTAGE, &[1.0])]);
    }

    #[test]
    fn each_batch_has_a_dictionary_of_its_own() {
        let mut builder = BatchBuilder::default();
        for expected in [["a", "b"], ["b", "a"], ["c", "a"]] {
            for id in expected.iter().chain(&expected) {
                builder.push(&reading(id, 0, 1.0)).unwrap();
            }
            let batch = builder.finish();
            assert_eq!(batch.devices().iter().map(Device::id).collect::<Vec<_>>(), expected);
            assert_eq!(batch.codes(), [0, 1, 0, 1]);
        }
    }

    #[test]
    fn devices_past_what_it_remembers_keep_their_rows() {
        let mut builder = BatchBuilder::new();
        let voltage = builder.quantity(&Quantity::VOLTAGE).unwrap();
        let rows = (1 << 18) + 10;
        for i in 0..rows {
            let device = builder.device(&i.to_string(), None, None).unwrap();
            builder.row(device, Timestamp::from_nanos(i), &[(voltage, 1.0)]).unwrap();
        }
        let batch = builder.finish();
        assert!((0..rows).all(|i| batch.device(i as usize).id() == i.to_string()));
    }

    fn some_readings() -> impl Strategy<Value = Vec<Reading>> {
        let quantity = proptest::sample::select(vec!["voltage", "current", "co2", "pm10"]);
        let one = ("[ab]", any::<bool>(), any::<i64>(), quantity, any::<i32>());
        proptest::collection::vec(one, 0..12).prop_map(|readings| {
            let reading = |(id, kind, nanos, quantity, value): (String, bool, i64, &str, i32)| {
                let device = Device::from_parts(&id, kind.then_some("Sensor"), None).unwrap();
                let quantity = Quantity::named(quantity).unwrap();
                Reading::new(device, Timestamp::from_nanos(nanos)).with(quantity, value.into()).unwrap()
            };
            readings.into_iter().map(reading).collect()
        })
    }

    proptest! {
        #[test]
        fn the_readings_of_a_batch_are_those_it_was_built_of(readings in some_readings()) {
            let batch = Batch::from_readings(&readings).unwrap();
            prop_assert_eq!(batch.readings().collect::<Vec<_>>(), readings);
            let (devices, codes, times, columns) = batch.clone().into_parts();
            prop_assert_eq!(Batch::new(devices, codes, times, columns).unwrap(), batch);
        }

        #[test]
        fn extending_is_pushing_each(first in some_readings(), second in some_readings()) {
            let mut builder = BatchBuilder::new();
            builder.extend(&Batch::from_readings(&first).unwrap()).unwrap();
            builder.extend(&Batch::from_readings(&second).unwrap()).unwrap();
            let readings: Vec<_> = builder.finish().readings().collect();
            prop_assert_eq!(readings, [first, second].concat());
        }
    }
}

mod frame {
    use super::*;

    fn frame(times: &[i64], quantity: Quantity, values: &[f64]) -> Frame {
        Frame::new(pump(), times.to_vec(), vec![column(quantity, values)]).unwrap()
    }

    #[test]
    fn times_that_do_not_strictly_ascend_are_refused() {
        for times in [[1, 0], [1, 1]] {
            invalid(Frame::new(pump(), times.to_vec(), vec![]));
            invalid(Series::new(&times, &[0.0, 0.0]));
        }
        invalid(Series::new(&[0], &[]));
        invalid(Frame::new(pump(), vec![0], vec![column(Quantity::POWER, &[])]));
    }

    #[test]
    fn extending_fills_the_columns_that_only_one_has() {
        let mut all = frame(&[0, 1], Quantity::VOLTAGE, &[1.0, 2.0]);
        all.extend(&frame(&[5], Quantity::CURRENT, &[3.0])).unwrap();
        assert_eq!(all.times(), [0, 1, 5]);
        let expected = [
            column(Quantity::VOLTAGE, &[1.0, 2.0, f64::NAN]),
            column(Quantity::CURRENT, &[f64::NAN, f64::NAN, 3.0]),
        ];
        assert_eq!(all.columns(), expected);
        assert_eq!(all.series("current").unwrap().iter().last().unwrap(), (Timestamp::from_nanos(5), 3.0));
        assert!(all.series("power").is_none());
    }

    #[test]
    fn only_later_readings_of_the_same_device_extend_it() {
        let mut all = frame(&[0, 5], Quantity::VOLTAGE, &[1.0, 2.0]);
        invalid(all.extend(&frame(&[5], Quantity::VOLTAGE, &[3.0])));
        let other = Frame::new(Device::new("other").unwrap(), vec![9], vec![]).unwrap();
        invalid(all.extend(&other));
        let empty = Frame::new(pump(), vec![], vec![]).unwrap();
        all.extend(&empty).unwrap();
        assert_eq!(all.len(), 2);
    }
}

mod bucket {
    use super::*;

    fn of_all(values: &[(i64, f64)]) -> Bucket {
        values.iter().fold(Bucket::EMPTY, |bucket, &(time, value)| bucket.merge(Bucket::of(time, value)))
    }

    /// All but the sum to the last bit, NaN being equal to NaN.
    fn same(a: Bucket, b: Bucket) -> bool {
        let bits = |b: Bucket| {
            let values = [b.min, b.max, b.first, b.last].map(f64::to_bits);
            (b.count, values, b.first_time, b.last_time)
        };
        bits(a) == bits(b) && (a.sum - b.sum).abs() <= 1e-12 * (a.sum.abs() + 1e6)
    }

    #[test]
    fn a_missing_value_is_in_no_bucket() {
        let bucket = of_all(&[(1, f64::NAN), (2, 5.0), (3, f64::NAN)]);
        assert!(same(bucket, Bucket::of(2, 5.0)));
        assert_eq!(Bucket::EMPTY.count, 0);
        assert!(Bucket::EMPTY.mean().is_nan());
    }

    #[test]
    fn a_query_has_a_bounded_number_of_buckets_and_covers_its_range() {
        let range = TimeRange::new(Timestamp::from_nanos(-5), Timestamp::from_nanos(6)).unwrap();
        let query = BucketQuery::new("a", range, 4).unwrap();
        assert_eq!(query.len(), 3);
        assert_eq!([-5, -2, -1, 5].map(|time| query.index_of(time)), [0, 0, 1, 2]);
        invalid(BucketQuery::new("a", range, 0));
        invalid(BucketQuery::new("a", TimeRange::ALL, 1));
    }

    fn parts() -> impl Strategy<Value = [Vec<(i64, f64)>; 3]> {
        let value = prop_oneof![4 => -1e6..1e6, 1 => Just(f64::NAN)];
        let part = || proptest::collection::vec((0..20_i64, value.clone()), 0..6);
        [part(), part(), part()]
    }

    proptest! {
        #[test]
        fn merging_is_associative_and_empty_is_neutral(parts in parts()) {
            let [a, b, c] = parts.map(|part| of_all(&part));
            let (left, right) = (a.merge(b).merge(c), a.merge(b.merge(c)));
            prop_assert!(same(left, right), "{left:?} {right:?}");
            prop_assert!(same(a.merge(Bucket::EMPTY), a) && same(Bucket::EMPTY.merge(a), a));
        }

        #[test]
        fn a_bucket_is_what_its_values_say(parts in parts()) {
            let values = parts.concat();
            let bucket = of_all(&values);
            let present: Vec<_> = values.into_iter().filter(|(_, value)| !value.is_nan()).collect();
            prop_assert_eq!(bucket.count, present.len() as u64);
            if let Some(first) = present.iter().min_by_key(|(time, _)| time) {
                prop_assert_eq!((bucket.first_time, bucket.first), *first);
                prop_assert_eq!(bucket.max, present.iter().fold(f64::MIN, |max, (_, value)| max.max(*value)));
                prop_assert_eq!(bucket.min, present.iter().fold(f64::MAX, |min, (_, value)| min.min(*value)));
                prop_assert_eq!(bucket.last_time, present.iter().map(|(time, _)| *time).max().unwrap());
            }
        }
    }
}
