//! Numbers and times have the digits that they need, and no wrong ones.

use iot::{Device, Quantity, Reading, Timestamp};
use serde_json::json;

use crate::page::Page;
use crate::server::{Server, chance, readings};
use crate::shown::{drawn, told};

const VOLTAGE: &str = "#plots [data-plot='voltage'] [data-role='plot']";

/// The words that a plot of the page's canvases was asked to draw.
const OVERHEARD: &str = "(() => {
    window.overheard = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        overheard.push(text);
        fillText.call(this, text, ...rest);
    };
})()";

#[test]
fn whole_digits_of_a_number_are_never_rounded() {
    let meter = Device::new("meter-1").unwrap();
    let energy = Quantity::new("energy", "kWh").unwrap();
    let server =
        Server::with(&readings(&meter, 100, 60, |n| vec![(energy.clone(), 1_234_668.25 + n as f64)]));
    let Some(mut page) = Page::open(&server, "?device=meter-1") else { return };
    drawn(&mut page, "meter-1");
    assert_eq!(page.text("#statistics [data-row='max'] [data-quantity='energy']"), "1,234,767");
    page.assert_clean();
}

#[test]
fn the_labels_of_an_axis_and_the_bins_of_a_histogram_differ_where_their_values_do() {
    let scale = Device::new("scale-2").unwrap();
    let server =
        Server::with(&readings(&scale, 400, 60, |n| vec![(Quantity::VOLTAGE, 1e6 + chance(n) / 2.0)]));
    let Some(mut page) = Page::blank(&server) else { return };
    page.call("Page.addScriptToEvaluateOnNewDocument", &json!({"source": OVERHEARD}));
    let mut page = page.at("?device=scale-2&tables=distribution.voltage");
    drawn(&mut page, "scale-2");
    let labels = page.eval("[...new Set(overheard.filter((text) => /^1,000,000\\.\\d+$/.test(text)))]");
    assert!(labels.as_array().unwrap().len() > 2, "{labels}");
    let edges =
        page.eval("$$(\"[data-distribution='voltage'] tbody tr\").map((row) => row.cells[0].innerText)");
    let mut edges: Vec<String> = serde_json::from_value(edges).unwrap();
    let bins = edges.len();
    edges.dedup();
    assert!(bins >= 20 && edges.len() == bins, "{edges:?}");
    page.assert_clean();
}

#[test]
fn the_ends_of_a_range_in_a_sentence_differ() {
    let now = Timestamp::now().nanos() / 1_000_000_000;
    let mains = Device::new("mains-3").unwrap();
    let frequency = Quantity::new("frequency", "Hz").unwrap();
    let reading = |n: i64| {
        let hertz = if n < 590 { 50.0 + 0.004 * (chance(n) - 0.5) } else { 53.0 };
        Reading::new(mains.clone(), Timestamp::from_secs(now - 600 + n))
            .with(frequency.clone(), hertz)
            .unwrap()
    };
    let server = Server::with(&(0..600).map(reading).collect::<Vec<_>>());
    let Some(mut page) = Page::open(&server, "?device=mains-3") else { return };
    drawn(&mut page, "mains-3");
    let said = page.text("#answer");
    assert!(said.contains("Frequency") && said.contains("(49.9") && !said.contains("50 to 50"), "{said}");
    page.assert_clean();
}

/// On this day New York leaves out the hour from 2 to 3.
#[test]
fn in_utc_no_hour_is_left_out_where_the_local_clock_is_put_forward() {
    let clock = Device::new("clock-4").unwrap();
    let begin: Timestamp = "2025-03-09T00:00:00Z".parse().unwrap();
    let reading = |n: i64| {
        let time = Timestamp::from_nanos(begin.nanos() + n * 600_000_000_000);
        Reading::new(clock.clone(), time).with(Quantity::VOLTAGE, n as f64).unwrap()
    };
    let server = Server::with(&(0..72).map(reading).collect::<Vec<_>>());
    let Some(mut page) = Page::blank(&server) else { return };
    page.call("Emulation.setTimezoneOverride", &json!({"timezoneId": "America/New_York"}));
    page.call("Page.addScriptToEvaluateOnNewDocument", &json!({"source": OVERHEARD}));
    let (from, to) = (begin.nanos() / 1_000_000, begin.nanos() / 1_000_000 + 6 * 3_600_000);
    let mut page = page.at(&format!("?device=clock-4&zone=utc&range={from}..{to}"));
    drawn(&mut page, "clock-4");
    let labels = "overheard.filter((text) => /^\\d\\d:\\d\\d$/.test(text))";
    page.until("labels", &format!("{labels}.length > 0"));
    let hours: Vec<String> = serde_json::from_value(page.eval(&format!("[...new Set({labels})]"))).unwrap();
    for hour in ["02:00", "03:00", "04:00", "05:00"] {
        assert!(hours.iter().any(|label| label == hour), "no {hour} in {hours:?}");
    }
    // And each label stands where its time is.
    let over = "#plots [data-plot='voltage'] .u-over";
    let place = page.place(over, 2.5 / 6.0, 0.5);
    page.point_at(place);
    page.until(
        "the time",
        "$(\"#plots [data-plot='voltage'] .u-legend .u-value\")?.innerText.startsWith('2025-03-09 02:30')",
    );
    page.eval("(overheard.length = 0)");
    page.choose("#zone", "local");
    told(&mut page, "clock-4");
    page.until("local labels", &format!("{labels}.includes('22:00')"));
    assert!(page.number(VOLTAGE, "data-points") > 30.0);
    page.assert_clean();
}

#[test]
fn a_number_may_be_written_as_people_do() {
    let server = Server::with(&crate::server::seed_device());
    let Some(mut page) = Page::open(&server, "?device=press-1") else { return };
    drawn(&mut page, "press-1");
    let card = "[data-anomalies='voltage']";
    let (low, high) = (format!("{card} [data-parameter='low']"), format!("{card} [data-parameter='high']"));
    page.choose(&format!("{card} [data-role='method']"), "value_based");
    page.fill(&low, "0120");
    page.fill(&high, "200.");
    let bounds = format!("{card} [data-role='bounds']");
    page.until(
        "bounds",
        &format!("$(\"{bounds}\")?.dataset.low === '120' && $(\"{bounds}\").dataset.high === '200'"),
    );
    // And what is no number is said to be none, until it is one again.
    page.fill(&low, "1e");
    let error = format!("{card} [data-role='error']");
    page.until("it is said", &format!("$(\"{error}\")?.innerText.includes('low is not a number')"));
    page.fill(&low, "0120");
    page.until("an answer", &format!("!$(\"{error}\") && $(\"{bounds}\")?.innerText.includes('120')"));
    page.assert_clean();
}

#[test]
fn the_fields_of_a_method_follow_the_way_back_even_where_the_focus_is_in_them() {
    let server = Server::with(&crate::server::seed_device());
    let Some(mut page) = Page::open(&server, "?device=press-1") else { return };
    drawn(&mut page, "press-1");
    let card = "[data-anomalies='voltage']";
    let low = format!("{card} [data-parameter='low']");
    page.choose(&format!("{card} [data-role='method']"), "value_based");
    page.fill(&low, "120");
    page.fill(&low, "130");
    page.eval(&format!("$(\"{low}\").focus()"));
    page.eval("history.back()");
    page.until("the field follows", &format!("$(\"{low}\")?.value === '120'"));
    assert_eq!(page.eval("document.activeElement.dataset.parameter"), "low");
    page.assert_clean();
}
