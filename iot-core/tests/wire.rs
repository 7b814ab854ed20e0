//! The wire format, case by case.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use iot_core::wire::{Decoder, Epoch, MAX_QUANTITIES, Options, encode_row};
use iot_core::{Batch, Column, Device, Error, ErrorKind, Quantity, Reading, Timestamp};

/// The batch and the refused pieces, with their reasons, of one message.
fn decode_by(decoder: &mut Decoder, key: Option<&str>, payload: &str) -> (Batch, Vec<(String, String)>) {
    let mut rejects = Vec::new();
    let mut on_reject = |bytes: &[u8], reason: Error| {
        assert_eq!(reason.kind(), ErrorKind::Invalid);
        rejects.push((String::from_utf8_lossy(bytes).into_owned(), reason.to_string()));
    };
    let rest = decoder.message(key.map(str::as_bytes), payload.as_bytes(), &mut on_reject);
    assert_eq!(rest, None);
    let rows = decoder.rows();
    let batch = decoder.finish();
    assert_eq!(batch.len(), rows);
    (batch, rejects)
}

fn decode(payload: &str) -> (Batch, Vec<(String, String)>) {
    decode_by(&mut Decoder::default(), Some("key-1"), payload)
}

#[track_caller]
fn accepted(payload: &str) -> Reading {
    let (batch, rejects) = decode(payload);
    assert_eq!(rejects, []);
    assert_eq!(batch.len(), 1);
    batch.reading(0).unwrap()
}

#[track_caller]
fn refused(payload: &str) -> String {
    let (batch, rejects) = decode(payload);
    assert_eq!(batch.len(), 0);
    assert_eq!(rejects.len(), 1);
    assert_eq!(rejects[0].0, payload);
    rejects[0].1.clone()
}

fn encoded(batch: &Batch, row: usize) -> String {
    let mut out = Vec::new();
    encode_row(batch, row, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn the_seeds_message_is_a_reading_of_its_key() {
    let reading = accepted(
        r#"{"timestamp": "2025-02-05 00:00:00", "voltage": 3.7, "current": 0.5, "device_type": "Controller", "location": "warehouse"}"#,
    );
    let device =
        Device::new("key-1").unwrap().with_kind("Controller").unwrap().with_location("warehouse").unwrap();
    let time = "2025-02-05T00:00:00Z".parse().unwrap();
    let expected = Reading::new(device, time).with(Quantity::VOLTAGE, 3.7).unwrap();
    assert_eq!(reading, expected.with(Quantity::CURRENT, 0.5).unwrap());
}

#[test]
fn the_device_id_of_the_value_wins_over_the_key() {
    assert_eq!(accepted(r#"{"timestamp":0,"device_id":"own","voltage":1}"#).device().id(), "own");
    assert_eq!(accepted(r#"{"timestamp":0,"device_id":null,"voltage":1}"#).device().id(), "key-1");
}

#[test]
fn without_device_id_and_key_a_reading_is_refused() {
    let payload = r#"{"timestamp":0,"voltage":1}"#;
    for key in [None, Some("")] {
        let (batch, rejects) = decode_by(&mut Decoder::default(), key, payload);
        assert!(batch.is_empty());
        assert_eq!(rejects[0].1, "device_id is missing");
    }
    let mut reasons = Vec::new();
    let rest =
        Decoder::default().message(Some(b"\xff"), payload.as_bytes(), &mut |_, reason| reasons.push(reason));
    assert_eq!(rest, None);
    assert_eq!(reasons[0].to_string(), "device_id is missing, and key \"\u{fffd}\" is not UTF-8");
}

#[test]
fn names_of_quantities_are_without_regard_to_case() {
    let reading = accepted(r#"{"timestamp":0,"Voltage":1,"CO2":400,"current":2,"co2":401}"#);
    assert_eq!(reading.values().len(), 3);
    assert_eq!(reading.value("voltage"), Some(1.0));
    assert_eq!(reading.value("co2"), Some(401.0));
}

#[test]
fn further_numbers_are_quantities_of_no_stated_unit_and_all_else_is_ignored() {
    let reading = accepted(
        r#"{"timestamp":0,"co2":400,"firmware":"1.2","ok":true,"tags":["a",{"b":[]}],"not a name":{},"x y":null}"#,
    );
    assert_eq!(reading.values(), [(Quantity::named("co2").unwrap(), 400.0)]);
}

#[test]
fn configured_quantities_have_their_unit_and_must_be_numbers() {
    let co2 = Quantity::new("co2", "ppm").unwrap();
    let mut decoder = Decoder::new(&Options { quantities: vec![co2.clone()], ..Options::default() }).unwrap();
    let (batch, _) = decode_by(&mut decoder, Some("a"), r#"{"timestamp":0,"CO2":400}"#);
    assert_eq!(batch.columns(), [Column { quantity: co2.clone(), values: vec![400.0] }]);
    let (_, rejects) = decode_by(&mut decoder, Some("a"), r#"{"timestamp":0,"co2":"400"}"#);
    assert_eq!(rejects[0].1, r#"co2 "400" is not a number"#);

    let percent = Quantity::new("co2", "%").unwrap();
    assert!(Decoder::new(&Options { quantities: vec![co2, percent], ..Options::default() }).is_err());
}

#[test]
fn null_is_a_missing_value() {
    let reading = accepted(
        r#"{"timestamp":0,"voltage":null,"current":1,"co2":null,"location":null,"device_type":null}"#,
    );
    assert_eq!(reading.values(), [(Quantity::CURRENT, 1.0)]);
    assert_eq!((reading.device().kind(), reading.device().location()), (None, None));
}

#[test]
fn of_two_members_of_one_name_the_later_counts() {
    let reading = accepted(
        r#"{"timestamp":0,"voltage":1,"device_id":"a","voltage":2,"current":3,"current":null,"timestamp":5,"device_id":"b"}"#,
    );
    assert_eq!(reading.values(), [(Quantity::VOLTAGE, 2.0)]);
    assert_eq!((reading.device().id(), reading.time().nanos()), ("b", 5));
    let wrong = r#"{"timestamp":0,"voltage":"1","voltage":2}"#;
    assert_eq!(refused(wrong), r#"voltage "1" is not a number"#);
}

#[test]
fn times_are_text_or_whole_numbers_in_the_unit_agreed_upon() {
    let nanos = |epoch: Epoch, time: &str| {
        let mut decoder = Decoder::new(&Options { epoch, ..Options::default() }).unwrap();
        let payload = format!(r#"{{"timestamp":{time},"voltage":1}}"#);
        decode_by(&mut decoder, Some("a"), &payload).0.times().to_vec()
    };
    for (unit, factor) in [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)] {
        let epoch: Epoch = unit.parse().unwrap();
        assert_eq!(epoch.to_string(), unit);
        assert_eq!(nanos(epoch, "1738713600"), [1_738_713_600 * factor]);
        assert_eq!(nanos(epoch, "-1"), [-factor]);
        assert_eq!(nanos(epoch, "\"1970-01-01T00:00:01+00:00\""), [1_000_000_000]);
        assert_eq!(nanos(epoch, "\"1970-01-02\""), [86_400_000_000_000]);
    }
    assert_eq!(Epoch::default(), Epoch::Nanos);
    assert!("sec".parse::<Epoch>().is_err());
    assert_eq!(nanos(Epoch::Seconds, "9223372037"), []);
}

#[test]
fn numbers_that_are_hard_to_round_are_the_nearest_there_are() {
    for number in [
        // Just past what the fast path may take.
        "9007199254740993",
        "9007199254740993e1",
        "1e22",
        "1e23",
        "3e-23",
        // As 64 bits wrap, this is 1.
        "18446744073709551617",
        "184467440737095.51617",
        "123456789012345678901234567890e-10",
        "0.000000000000000000000000000000012345678901234567890",
        "5e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "1.7976931348623157e308",
        "1e-400",
        "1e-99999999999999999999",
        "0e99999999999999999999",
        "-0",
        "-0.0E+5",
    ] {
        let (batch, _) = decode(&format!(r#"{{"timestamp":0,"voltage":{number}}}"#));
        let expected: f64 = number.parse().unwrap();
        assert_eq!(batch.columns()[0].values[0].to_bits(), expected.to_bits(), "{number}");
    }
    assert!(refused(r#"{"timestamp":0,"voltage":1e99999999999999999999}"#).contains("not a finite number"));
}

/// The time of a message with this text for it.
fn time_of(text: &str) -> Option<i64> {
    decode(&format!(r#"{{"timestamp":"{text}","voltage":1}}"#)).0.times().first().copied()
}

#[test]
fn the_calendar_is_that_of_timestamp_on_every_day() {
    for year in 1676..=2263 {
        for month in 0..=13 {
            for day in [0, 1, 28, 29, 30, 31, 32] {
                let text = format!("{year}-{month:02}-{day:02} 12:34:56");
                assert_eq!(time_of(&text), text.parse().ok().map(Timestamp::nanos), "{text}");
            }
        }
    }
}

#[test]
fn unusual_times_are_those_of_timestamp() {
    for text in [
        "2016-12-31 23:59:60",
        "2016-12-31 23:60:00",
        "2016-12-31 24:00:00",
        "2025-02-05 00:00:00.",
        "2025-02-05 00:00:00Z",
        "2025-02-05t00:00:00z",
        "2025-02-05 00:00:00.1234567890",
        "2025-02-05 00:00:00,5",
        "2025-02-05  00:00:00",
        "2025/02/05 00:00:00",
        "2025-02-05 00:00:00.5Z",
        "2025-02-05 00:00:00.5ZZ",
        "0000-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "1677-09-21 00:12:43.145224192",
        "1677-09-21 00:12:43.145224191",
        "2262-04-11 23:47:16.854775806",
        "2262-04-11 23:47:16.854775808",
        "２025-02-05 00:00:00",
    ] {
        assert_eq!(time_of(text), text.parse().ok().map(Timestamp::nanos), "{text}");
    }
}

#[test]
fn a_name_becomes_one_quantity_however_often_it_comes() {
    let mut decoder = Decoder::default();
    decode_by(&mut decoder, Some("a"), r#"{"timestamp":0,"co2":"none","voltage":1}"#);
    for _ in 0..=MAX_QUANTITIES {
        let (batch, rejects) = decode_by(&mut decoder, Some("a"), r#"{"timestamp":0,"co2":400,"voltage":1}"#);
        assert_eq!((batch.len(), rejects), (1, vec![]));
    }
}

#[test]
fn a_missing_time_is_refused_unless_one_is_given_for_it() {
    assert_eq!(refused(r#"{"voltage":1}"#), "timestamp is missing");
    assert_eq!(refused(r#"{"timestamp":null,"voltage":1}"#), "timestamp is missing");
    let time = Some(Timestamp::from_secs(7));
    let mut decoder = Decoder::new(&Options { time, ..Options::default() }).unwrap();
    let (batch, _) = decode_by(&mut decoder, Some("a"), r#"[{"voltage":1},{"voltage":1,"timestamp":8}]"#);
    assert_eq!(batch.times(), [7_000_000_000, 8]);
}

#[test]
fn reasons_name_field_and_value() {
    let long = "x".repeat(1_000);
    let cases = [
        (r#"{"timestamp":0,"voltage":"high"}"#, r#"voltage "high" is not a number"#),
        (r#"{"timestamp":0,"voltage":true}"#, "voltage true is not a number"),
        (r#"{"timestamp":0,"voltage":{"value":1}}"#, r#"voltage {"value":1} is not a number"#),
        (r#"{"timestamp":0,"voltage":1e999}"#, "voltage 1e999 is not a finite number"),
        (r#"{"timestamp":0,"co2":-1e999}"#, "co2 -1e999 is not a finite number"),
        (r#"{"timestamp":0,"voltage":1,"device_id":7}"#, "device_id 7 is not text"),
        (r#"{"timestamp":0,"voltage":1,"device_id":""}"#, "device_id is empty"),
        (r#"{"timestamp":0,"voltage":1,"device_id":"a\nb"}"#, r#"device_id "a\nb" has a control character"#),
        (r#"{"timestamp":0,"voltage":1,"location":["a"]}"#, r#"location ["a"] is not text"#),
        (r#"{"timestamp":0,"voltage":1,"device_type":1}"#, "device_type 1 is not text"),
        (r#"{"timestamp":true,"voltage":1}"#, "timestamp true is not a time"),
        (r#"{"timestamp":1.5,"voltage":1}"#, "timestamp 1.5 is not a whole number of ns from 1678 to 2261"),
        (
            r#"{"timestamp":"2025-02-30 00:00:00","voltage":1}"#,
            r#"timestamp "2025-02-30 00:00:00" is not a time (RFC 3339, or YYYY-MM-DD HH:MM:SS of UTC)"#,
        ),
        (r#"{"timestamp":0}"#, "the reading has no value"),
        (r#"{"timestamp":0,"voltage":null}"#, "the reading has no value"),
        (
            r#"{"timestamp":0,"timeStamp":1}"#,
            r#""timeStamp" cannot name a quantity: it is a field of a reading"#,
        ),
        (
            r#"{"timestamp":0,"power factor":1}"#,
            r#""power factor" is not a name of a quantity: 1 to 64 ASCII letters, digits and _, a letter first"#,
        ),
        ("17", "a reading is an object, not 17"),
    ];
    for (payload, reason) in cases {
        assert_eq!(refused(payload), reason);
    }
    let reason = refused(&format!(r#"{{"timestamp":0,"voltage":"{long}"}}"#));
    assert_eq!(reason, format!("voltage \"{}… is not a number", &long[..63]));
}

#[test]
fn what_is_not_json_is_refused_and_the_place_named() {
    let cases = [
        ("", "not JSON: expected a value at byte 0, where it ends"),
        ("{\"voltage\":NaN}", "not JSON: expected a value at byte 11, got \"NaN}\""),
        ("{\"voltage\":1,}", "not JSON: expected a name in quotes at byte 13, got \"}\""),
        ("{\"voltage\":01}", "not JSON: expected a comma or } at byte 12, got \"1}\""),
        ("{\"a\":[1}", "not JSON: expected a comma or ] at byte 7, got \"}\""),
        ("{\"a\":{\"b\":[]]}", "not JSON: expected a comma or } at byte 12, got \"]}\""),
        ("{\"voltage\":1} x", "not JSON: expected nothing more at byte 14, got \"x\""),
        (
            "{\"a\":\"\\ud800\"}",
            "not JSON: expected a pair of surrogates before this at byte 12, got \"\\\"}\"",
        ),
        (
            "{\"a\":\"\t\"}",
            "not JSON: expected a quote, not the end or a control character at byte 6, got \"\\t\\\"}\"",
        ),
    ];
    for (payload, reason) in cases {
        assert_eq!(refused(payload), reason);
    }
}

#[test]
fn a_bad_reading_of_an_array_stops_none_of_the_others() {
    let payload = r#" [ {"timestamp":1,"voltage":1} , 5, {"timestamp":2}, [{}], {"timestamp":3,"voltage":3,"device_id":"b"} ] "#;
    let (batch, rejects) = decode(payload);
    assert_eq!(batch.times(), [1, 3]);
    assert_eq!(batch.device(1).id(), "b");
    let expected = [
        ("5", "a reading is an object, not 5"),
        (r#"{"timestamp":2}"#, "the reading has no value"),
        ("[{}]", "a reading is an object, not [{}]"),
    ];
    assert_eq!(rejects, expected.map(|(bytes, reason)| (bytes.to_owned(), reason.to_owned())));
    assert_eq!(decode("[]").1, []);
}

#[test]
fn an_array_that_is_not_json_to_its_end_is_one_reject_and_adds_no_row() {
    let good = r#"{"timestamp":1,"voltage":1}"#;
    for end in ["", ",", ",]", "] x", ",{\"voltage\":}]", ",5]]"] {
        let reason = refused(&format!("[{good},{good}{end}"));
        assert!(reason.starts_with("not JSON"), "{reason}");
    }
}

#[test]
fn nesting_is_bounded_and_overflows_no_stack() {
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        format!(r#"{{"timestamp":0,"voltage":1,"deep":{open}{close}}}"#)
    };
    accepted(&nested(126));
    assert!(refused(&nested(127)).starts_with("not JSON: expected at most 127 levels"));
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        assert!(refused(&open.repeat(100_000)).starts_with("not JSON: expected at most 127 levels"));
    }
}

/// A reading of the quantities of these numbers.
fn object(names: std::ops::Range<usize>) -> String {
    let members: Vec<_> = names.map(|i| format!(r#""q{i}":1"#)).collect();
    format!(r#"{{"timestamp":0,{}}}"#, members.join(","))
}

/// The batches that one message becomes; no reading of it is refused.
fn batches_of(decoder: &mut Decoder, payload: &str) -> Vec<Batch> {
    let mut refuse = |bytes: &[u8], reason: Error| panic!("{reason}: {}", String::from_utf8_lossy(bytes));
    let (key, payload) = (Some(&b"a"[..]), payload.as_bytes());
    let mut rest = decoder.message(key, payload, &mut refuse);
    let mut batches = vec![decoder.finish()];
    while let Some(at) = rest {
        rest = decoder.rest(key, payload, at, &mut refuse);
        batches.push(decoder.finish());
    }
    batches
}

#[test]
fn values_of_a_reading_are_bounded() {
    assert_eq!(accepted(&object(0..64)).values().len(), 64);
    assert_eq!(refused(&object(0..65)), "the reading has 65 values, more than 64");
}

#[test]
fn a_reading_of_one_quantity_too_many_begins_the_next_batch() {
    let learnt = MAX_QUANTITIES - Quantity::KNOWN.len();
    let mut readings: Vec<_> = (0..=learnt).map(|i| object(i..i + 1)).collect();
    readings.push(object(0..1));
    let batches = batches_of(&mut Decoder::default(), &format!("[{}]", readings.join(",")));
    assert_eq!(batches.iter().map(Batch::len).collect::<Vec<_>>(), [learnt, 2]);
    assert_eq!(batches[0].columns().len(), learnt);

    // A message that is one reading comes again as a whole.
    let mut decoder = Decoder::default();
    for i in 0..learnt {
        assert_eq!(
            decoder.message(Some(b"a"), object(i..i + 1).as_bytes(), &mut |_, reason| panic!("{reason}")),
            None
        );
    }
    let batches = batches_of(&mut decoder, &object(learnt..learnt + 1));
    assert_eq!(batches.iter().map(Batch::len).collect::<Vec<_>>(), [learnt, 1]);
}

#[test]
fn names_that_one_device_made_up_are_in_nobodys_way() {
    let mut decoder = Decoder::default();
    for i in 0..3 * MAX_QUANTITIES {
        // Half of them with a reading, half of them in one that is refused.
        let (batch, rejects) = decode_by(&mut decoder, Some("a"), &object(i..i + 1));
        assert_eq!((batch.len(), rejects), (1, vec![]));
        let junk = format!(r#"{{"junk{i}":1}}"#);
        assert_eq!(decode_by(&mut decoder, Some("a"), &junk).1[0].1, "timestamp is missing");
    }
    let junk: Vec<_> = (0..3 * MAX_QUANTITIES).map(|i| format!(r#"{{"more{i}":1}}"#)).collect();
    let message = format!(r#"[{},{{"timestamp":0,"co2":400}}]"#, junk.join(","));
    let (batch, rejects) = decode_by(&mut decoder, Some("a"), &message);
    assert_eq!((batch.len(), rejects.len()), (1, junk.len()));
}

#[test]
fn more_stated_quantities_than_there_is_room_for_leave_none_for_others() {
    let quantities = (0..MAX_QUANTITIES).map(|i| Quantity::named(&format!("q{i}")).unwrap()).collect();
    let mut decoder = Decoder::new(&Options { quantities, ..Options::default() }).unwrap();
    let (_, rejects) = decode_by(&mut decoder, Some("a"), r#"{"timestamp":0,"co2":400}"#);
    assert_eq!(rejects[0].1, format!("quantity co2 is one more than {MAX_QUANTITIES}"));
    assert_eq!(decode_by(&mut decoder, Some("a"), &object(0..1)).0.len(), 1);
}

#[test]
fn columns_are_bounded_whatever_comes_and_no_reading_is_lost_or_doubled() {
    let mut decoder = Decoder::new(&Options { max_bytes: 1 << 20, ..Options::default() }).unwrap();
    let mut readings: Vec<_> = (0..15).map(|i| object(i * 64..(i + 1) * 64)).collect();
    readings.extend((0..10_000).map(|i| format!(r#"{{"timestamp":{},"voltage":1}}"#, i + 1)));
    // And the other way round: many rows first.
    readings.extend((0..15).map(|i| object(i * 64..(i + 1) * 64)));
    let batches = batches_of(&mut decoder, &format!("[{}]", readings.join(",")));
    assert!(batches.iter().all(|batch| batch.bytes() <= 1 << 20 && !batch.is_empty()));
    assert!(batches.len() < 100, "{} batches", batches.len());
    let times: Vec<_> = batches.iter().flat_map(|batch| batch.times().to_vec()).collect();
    let expected: Vec<_> = [vec![0; 15], (1..=10_000).collect(), vec![0; 15]].concat();
    assert_eq!(times, expected);

    let mut tiny = Decoder::new(&Options { max_bytes: 0, ..Options::default() }).unwrap();
    let batches = batches_of(&mut tiny, &format!("[{},{}]", object(0..3), object(0..1)));
    assert_eq!(batches.iter().map(Batch::len).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn the_last_instant_there_is_is_in_no_range_and_no_time_of_a_reading() {
    let last = "2262-04-11 23:47:16.854775807";
    for time in ["9223372036854775807", &format!("{last:?}"), "\"2262-04-11T23:47:16.854775807Z\""] {
        let reason = refused(&format!(r#"{{"timestamp":{time},"voltage":1}}"#));
        assert_eq!(
            reason,
            "timestamp 2262-04-11T23:47:16.854775807Z is the last one there is, which no range has"
        );
    }
    assert_eq!(accepted(r#"{"timestamp":9223372036854775806,"voltage":1}"#).time().nanos(), i64::MAX - 1);
    assert_eq!(accepted(r#"{"timestamp":-9223372036854775808,"voltage":1}"#).time(), Timestamp::MIN);
    let reading =
        Reading::new(Device::new("a").unwrap(), Timestamp::MAX).with(Quantity::VOLTAGE, 1.0).unwrap();
    assert_eq!(Batch::from_readings(&[reading]).unwrap_err().kind(), ErrorKind::Invalid);
    let column = Column { quantity: Quantity::VOLTAGE, values: vec![1.0] };
    let batch = Batch::new(vec![Device::new("a").unwrap()], vec![0], vec![i64::MAX], vec![column]);
    assert_eq!(batch.unwrap_err().kind(), ErrorKind::Invalid);
}

#[test]
fn a_zone_by_its_name_and_a_leap_second_are_refused() {
    for time in ["2025-02-05T00:00:00[Europe/Berlin]", "2016-12-31 23:59:60", "2016-12-31T23:59:60Z"] {
        let reason = refused(&format!(r#"{{"timestamp":"{time}","voltage":1}}"#));
        assert!(reason.starts_with(&format!("timestamp {time:?} is not a time")), "{reason}");
    }
    assert_eq!(time_of("2025-02-05T00:00:00+01:00"), Some(1_738_710_000_000_000_000));
}

#[test]
fn s17_text_that_is_not_a_number_and_ids_that_nothing_can_name_are_refused_and_ids_with_slashes_are_kept() {
    assert_eq!(refused(r#"{"timestamp":0,"voltage":"nan"}"#), r#"voltage "nan" is not a number"#);
    assert_eq!(refused(r#"{"timestamp":0,"voltage":1,"device_id":""}"#), "device_id is empty");
    let step = refused(r#"{"timestamp":0,"voltage":1,"device_id":".."}"#);
    assert_eq!(step, "device_id \"..\" is a step of a path: no URL can name it");
    let reading = accepted(r#"{"timestamp":0,"voltage":1,"device_id":"hall/7"}"#);
    let batch = Batch::from_readings(&[reading]).unwrap();
    assert_eq!(decode(&encoded(&batch, 0)).0, batch);
}

#[test]
fn a_reading_is_written_in_the_seeds_order_and_names_its_device() {
    let device =
        Device::from_parts("a\"\\é/\u{1f980}", Some("High Power Device"), Some("packaging")).unwrap();
    let reading = Reading::new(device, "2025-02-05 00:00:00.000001".parse().unwrap())
        .with(Quantity::TEMPERATURE, -0.0)
        .unwrap()
        .with(Quantity::CURRENT, 1e300)
        .unwrap()
        .with(Quantity::VOLTAGE, 230.0)
        .unwrap();
    let expected = r#"{"timestamp":"2025-02-05 00:00:00.000001","device_id":"a\"\\é/🦀","voltage":230.0,"current":1e+300,"temperature":-0.0,"device_type":"High Power Device","location":"packaging"}"#;
    assert_eq!(encoded(&Batch::from_readings(&[reading]).unwrap(), 0), expected);
}

#[test]
fn whole_seconds_are_written_as_the_seed_writes_them() {
    let reading = accepted(r#"{"timestamp":"2025-02-05T01:00:00+01:00","voltage":1}"#);
    let text = encoded(&Batch::from_readings(&[reading]).unwrap(), 0);
    assert!(text.starts_with(r#"{"timestamp":"2025-02-05 00:00:00","#), "{text}");
}

#[test]
fn a_decoder_goes_on_after_each_batch() {
    let mut decoder = Decoder::default();
    for payload in
        [r#"{"timestamp":1,"co2":1}"#, r#"{"timestamp":2,"voltage":1}"#, r#"{"timestamp":3,"co2":1}"#]
    {
        let (batch, _) = decode_by(&mut decoder, Some("a"), payload);
        assert_eq!(batch.columns().len(), 1);
        assert_eq!((decoder.rows(), decoder.bytes()), (0, 0));
    }
}
