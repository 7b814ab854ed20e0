//! The anomaly section: every method with its parameters, what is refused, and the way to an event.

use iot::{Device, Quantity};
use serde_json::Value;

use crate::page::Page;
use crate::server::{BEGIN, Server, readings, seed_device, troubled};
use crate::shown::drawn;

const CARD: &str = "[data-anomalies='voltage']";
const METHOD: &str = "[data-anomalies='voltage'] [data-role='method']";
const COUNT: &str = "[data-anomalies='voltage'] [data-role='count']";
const ERROR: &str = "[data-anomalies='voltage'] [data-role='error']";
const PLOT: &str = "[data-anomalies='voltage'] [data-role='plot']";

fn choose(page: &mut Page, method: &str) {
    page.choose(METHOD, method);
}

fn parameter(name: &str) -> String {
    format!("{CARD} [data-parameter='{name}']")
}

/// Waits for an answer to what is chosen now: how many anomalies, or that it was refused.
fn counted(page: &mut Page, anomalies: u64) {
    page.until(
        &format!("{anomalies} anomalies"),
        &format!(
            "$(\"{COUNT}\")?.dataset.anomaliesCount === '{anomalies}' && $(\"{COUNT}\").innerText !== ''"
        ),
    );
}

#[test]
fn a_threshold_finds_the_events_and_each_can_be_jumped_to() {
    let server = Server::with(&troubled());
    let Some(mut page) = Page::open(&server, "?device=oven-6&zone=utc") else { return };
    drawn(&mut page, "oven-6");
    choose(&mut page, "value_based");
    page.fill(&parameter("high"), "5");
    page.fill(&parameter("low"), "2.5");
    counted(&mut page, 16);
    assert_eq!(page.attribute(COUNT, "data-events-count").unwrap(), "3");
    let events = format!("{CARD} button[data-event]");
    assert_eq!(page.eval(&format!("$$(\"{events}\").length")), 3);
    let times = page.eval(&format!("$$(\"{events}\").map((button) => Number(button.dataset.event))"));
    for (time, (first, length)) in times.as_array().unwrap().iter().zip([(300, 5), (900, 9), (1700, 2)]) {
        let begin = (BEGIN + first * 60) * 1000;
        assert_eq!(*time, begin);
        let event = format!("{CARD} button[data-event='{begin}']");
        assert!(page.text(&event).contains(&format!("{length} readings")), "{}", page.text(&event));
        page.click(&event);
        let end = begin + (length - 1) * 60_000;
        page.until("the event is seen", &format!("(({{ dataset }}) => Number(dataset.from) <= {begin} && Number(dataset.to) >= {end} && dataset.to - dataset.from < 86400000 / 4)($(\"{PLOT}\"))"));
        // The event is in the range that is seen now, and is listed still.
        page.until("its readings", &format!("$(\"{COUNT}\")?.dataset.anomaliesCount === '{length}'"));
        page.click("#reset-zoom");
        counted(&mut page, 16);
    }
    assert!(page.query().contains("anomaly.voltage="));
    page.assert_clean();
}

#[test]
fn every_method_can_be_chosen_and_answers_or_says_why_not() {
    let server = Server::with(&troubled());
    let Some(mut page) = Page::open(&server, "?device=oven-6") else { return };
    drawn(&mut page, "oven-6");
    page.until("the methods", &format!("$(\"{METHOD}\")?.options.length > 0"));
    let methods = page.eval(&format!("[...$(\"{METHOD}\").options].map((option) => option.value)"));
    let methods: Vec<String> = serde_json::from_value(methods).unwrap();
    for needed in ["value_based", "quantile", "interquartile_range", "z_score", "level_shift", "flat_line"] {
        assert!(methods.iter().any(|method| method == needed), "no {needed} in {methods:?}");
    }
    for method in &methods {
        let before = page.asked().len();
        choose(&mut page, method);
        // Its parameters are fields with a label each; those that must be stated are filled in with an example.
        let fields = page.eval(&format!(
            "$$(\"{CARD} [data-parameter]\").map((field) => [field.dataset.parameter, field.closest('label')?.innerText ?? '', !field.required || field.value !== ''])"
        ));
        for field in fields.as_array().unwrap() {
            assert!(field[1] != "" && field[2] == true, "{method}: {field}");
        }
        page.until(
            &format!("{method} answers"),
            &format!("($(\"{COUNT}\")?.innerText || $(\"{ERROR}\")?.innerText) && !document.body.classList.contains('busy')"),
        );
        let asked = page.asked().split_off(before);
        let asked = asked
            .iter()
            .any(|path| path.contains("/anomalies?") && path.contains(&format!("method={method}")));
        assert!(asked || *method == methods[0], "{method} was not asked for");
    }
    page.assert_clean_but_for_refusals();
}

#[test]
fn a_parameter_that_cannot_be_is_refused_in_words_and_mended_by_a_good_one() {
    let server = Server::with(&seed_device());
    let Some(mut page) = Page::open(&server, "?device=press-1") else { return };
    drawn(&mut page, "press-1");
    choose(&mut page, "quantile");
    page.fill(&parameter("low"), "0.12");
    page.fill(&parameter("high"), "1.67");
    let said = page.until("the reason", &format!("$(\"{ERROR}\")?.innerText"));
    assert!(said.as_str().unwrap().contains("1.67"), "{said}");
    assert_eq!(page.eval(&format!("$$(\"{CARD} button[data-event]\").length")), 0);
    page.fill(&parameter("high"), "0.67");
    page.until(
        "an answer",
        &format!("Number($(\"{COUNT}\")?.dataset.anomaliesCount) > 20 && !$(\"{ERROR}\")"),
    );
    let limits = page.eval(&format!("(({{ min, max }}) => [min, max])($(\"{}\"))", parameter("high")));
    assert_eq!(limits, Value::from(vec!["0", "1"]));
    assert!(page.text(&format!("{CARD} [data-role='bounds']")).contains('V'));
    page.assert_clean_but_for_refusals();
}

#[test]
fn what_is_odd_is_said_first_and_can_be_shown() {
    let server = Server::with(&troubled());
    let Some(mut page) = Page::open(&server, "?device=oven-6&zone=utc") else { return };
    drawn(&mut page, "oven-6");
    let state = page.attribute("#answer", "data-state").unwrap();
    assert!(state == "recovered" || state == "odd", "{state}: {}", page.text("#answer"));
    let said = page.text("#answer");
    assert!(said.contains("Voltage") && said.contains("2025-02-05"), "{said}");
    page.click("#answer button[data-jump]");
    page.until("a stretch of time", "location.search.includes('..')");
    page.assert_clean();
}

#[test]
fn an_event_that_is_jumped_to_is_still_one_and_has_the_focus() {
    let server = Server::with(&troubled());
    let Some(mut page) = Page::open(&server, "?device=oven-6&live=0") else { return };
    drawn(&mut page, "oven-6");
    for first in [300, 900, 1700] {
        let begin = (BEGIN + first * 60) * 1000;
        let event = format!("{CARD} button[data-event='{begin}']");
        let said = page.text(&event);
        page.until(
            "it has the focus",
            &format!("($(\"{event}\").focus(), document.activeElement === $(\"{event}\"))"),
        );
        page.press("Enter");
        page.until("the jump", "location.search.includes('..') && location.search.includes('learn=all')");
        drawn(&mut page, "oven-6");
        assert_eq!(page.text(&event), said, "it is what it was");
        assert_eq!(page.eval("document.activeElement.dataset.event"), begin.to_string());
        page.click("#reset-zoom");
        page.until("all", "!location.search.includes('learn')");
        drawn(&mut page, "oven-6");
    }
    page.assert_clean();
}

#[test]
fn anomalies_that_are_not_among_the_points_of_the_line_are_in_the_table_and_on_the_way_of_the_keys() {
    let device = Device::new("saw-1").unwrap();
    // Side by side, of which a line keeps the highest at most.
    let odd = |n: i64| (100..108).contains(&n);
    let server = Server::with(&readings(&device, 20_000, 1, |n| {
        vec![(Quantity::VOLTAGE, if odd(n) { 6.0 + (n % 8) as f64 / 10.0 } else { (n % 5) as f64 / 10.0 })]
    }));
    let method = "anomaly.voltage=method%3Dvalue_based%26high%3D5&tables=anomalies.voltage&zone=utc";
    let Some(mut page) = Page::open(&server, &format!("?device=saw-1&live=0&{method}")) else { return };
    drawn(&mut page, "saw-1");
    counted(&mut page, 8);
    assert!(page.number(PLOT, "data-points") < 5000.0);
    let rows = format!("$$(\"{CARD} [data-role='table'] tbody tr\")");
    assert_eq!(page.eval(&format!("{rows}.filter((row) => row.cells[2].innerText === 'anomaly').length")), 8);
    let first = page.eval(&format!("{rows}.findIndex((row) => row.cells[2].innerText === 'anomaly')"));
    page.eval(&format!("$(\"{PLOT}\").focus()"));
    page.press("Home");
    for _ in 0..first.as_i64().unwrap() {
        page.press("ArrowRight");
    }
    for second in 40..48 {
        let said = page.text("#walk");
        assert!(said.contains("an anomaly") && said.contains(&format!("00:01:{second}")), "{said}");
        page.press("ArrowRight");
    }
    page.assert_clean();
}

#[test]
fn of_very_many_events_those_furthest_out_are_listed() {
    let device = Device::new("saw-2").unwrap();
    let server = Server::with(&readings(&device, 1500, 1, |n| {
        vec![(Quantity::VOLTAGE, if n % 10 == 5 { 6.0 + n as f64 / 100.0 } else { (n % 5) as f64 / 10.0 })]
    }));
    let method = "anomaly.voltage=method%3Dvalue_based%26high%3D5";
    let Some(mut page) = Page::open(&server, &format!("?device=saw-2&live=0&{method}")) else { return };
    drawn(&mut page, "saw-2");
    counted(&mut page, 150);
    let times = page
        .eval(&format!("$$(\"{CARD} button[data-event]\").map((button) => Number(button.dataset.event))"));
    let times: Vec<i64> = serde_json::from_value(times).unwrap();
    let expected: Vec<i64> = (50..150).map(|event| (BEGIN + event * 10 + 5) * 1000).collect();
    assert_eq!(times, expected);
    page.assert_clean();
}
