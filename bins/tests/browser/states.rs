//! What the page shows where there is nothing, too little, or an error.

use iot::{Device, Quantity, Reading, Timestamp};
use serde_json::json;

use crate::page::Page;
use crate::relay::Relay;
use crate::server::{BEGIN, Server, readings, seed_device};
use crate::shown::{drawn, told};

/// What is said in place of a device.
fn message(page: &mut Page, words: &str) -> String {
    page.until(
        words,
        &format!("$('#message')?.innerText.toLowerCase().includes({:?})", words.to_lowercase()),
    );
    assert_eq!(page.eval("!!$('#content')"), false);
    page.text("#message")
}

#[test]
fn s10_without_a_device_the_page_says_so_and_the_first_one_appears_by_itself() {
    let server = Server::with(&[]);
    let Some(mut page) = Page::open(&server, "") else { return };
    message(&mut page, "no device yet");
    page.screenshot("no device");
    page.assert_clean();
    server.post(&seed_device());
    drawn(&mut page, "press-1");
    page.assert_clean();
}

#[test]
fn s10_an_unknown_device_and_an_empty_range_are_said() {
    let server = Server::with(&seed_device());
    let Some(page) = Page::blank(&server) else { return };
    let mut page = page.at("?device=nobody");
    assert!(message(&mut page, "no such device").contains("nobody"));
    let (from, to) = ((BEGIN - 86400) * 1000, (BEGIN - 3600) * 1000);
    let mut page = page.at(&format!("?device=press-1&range={from}..{to}"));
    page.until("it is said", "/no readings in this range/i.test($('#content')?.innerText ?? '')");
    told(&mut page, "press-1");
    page.click("#reset-zoom");
    drawn(&mut page, "press-1");
    page.assert_clean();
}

#[test]
fn while_the_server_is_asked_the_page_says_that_it_loads() {
    let server = Server::with(&seed_device());
    let Some(mut page) = Page::blank(&server) else { return };
    page.call("Fetch.enable", &json!({"patterns": [{"urlPattern": "*/api/v1/devices*"}]}));
    let mut page = page.at("?device=press-1");
    message(&mut page, "loading");
    let held = page.events("Fetch.requestPaused");
    page.call("Fetch.disable", &json!({}));
    assert!(!held.is_empty());
    drawn(&mut page, "press-1");
    page.assert_clean();
}

#[test]
fn a_device_that_is_silent_is_said_to_be() {
    let server = Server::with(&seed_device());
    let Some(mut page) = Page::open(&server, "?device=press-1") else { return };
    drawn(&mut page, "press-1");
    let said = page.text("#stale");
    assert!(said.contains("ilent") && said.contains("1 h"), "{said}");
    assert!(page.text("#devices [data-device='press-1'] .badge").contains("silent"));
    page.assert_clean();
}

#[test]
fn s10_a_server_that_is_away_is_said_and_what_is_shown_stays() {
    let server = Server::with(&seed_device());
    let Some(mut page) = Page::open(&server, "?device=press-1") else { return };
    drawn(&mut page, "press-1");
    server.kill();
    page.until(
        "it is said",
        "/cannot be reached|no answer|away/i.test(`${$('#status')?.innerText} ${$('#stale')?.innerText}`)",
    );
    assert_eq!(page.eval("!!$('#plots [data-plot=voltage] canvas')"), true);
    let thrown = page.events("Runtime.exceptionThrown");
    assert!(thrown.is_empty(), "{thrown:?}");
}

#[test]
fn s12_and_s18_one_reading_a_constant_and_missing_quantities_are_shown() {
    let device = |id: &str| Device::new(id).unwrap();
    let mut all = vec![
        Reading::new(device("single"), Timestamp::from_secs(BEGIN)).with(Quantity::VOLTAGE, 5.0).unwrap(),
    ];
    all.extend(readings(&device("constant"), 100, 60, |_| {
        vec![(Quantity::VOLTAGE, 5.0), (Quantity::CURRENT, 0.0)]
    }));
    all.extend(readings(&device("sparse"), 100, 60, |n| {
        if n % 2 == 0 { vec![(Quantity::VOLTAGE, n as f64)] } else { vec![(Quantity::HUMIDITY, n as f64)] }
    }));
    let server = Server::with(&all);
    let Some(mut page) = Page::blank(&server) else { return };
    for (id, density) in [("single", "no density"), ("constant", "no density"), ("sparse", "50 values")] {
        page = page.at(&format!("?device={id}"));
        drawn(&mut page, id);
        page.until("the statistics", "!!$(\"#statistics [data-row='mean'] [data-quantity='voltage']\")");
        let note = "[data-distribution='voltage'] [data-role='note']";
        page.until("the distribution", &format!("!!$(\"{note}\")?.innerText"));
        assert!(page.text(note).contains(density), "{id}: {}", page.text(note));
        page.until("the findings", "!!$(\"[data-anomalies='voltage'] [data-role='count']\")?.innerText || !!$(\"[data-anomalies='voltage'] [data-role='error']\")");
        assert!(!page.text("#content").contains("NaN"), "{id}");
    }
    assert_eq!(page.events("Runtime.exceptionThrown"), [serde_json::Value::Null; 0]);
}

/// Values in every second bin only: half a bin beside its place, a bar would stand where none belongs.
#[test]
fn s12_each_bar_of_a_histogram_stands_between_the_edges_of_its_bin() {
    let comb = readings(&Device::new("comb").unwrap(), 2000, 60, |n| {
        // Bins of width 1 from 0 to 20; the last one has the upper end.
        let value = match n {
            0 => 0.0,
            1 => 20.0,
            _ => ((n % 10) * 2) as f64 + 0.5,
        };
        vec![(Quantity::VOLTAGE, value)]
    });
    let server = Server::with(&comb);
    let Some(mut page) = Page::open(&server, "?device=comb") else { return };
    let card = "[data-distribution='voltage']";
    page.until("the histogram", &format!("Number($(\"{card} [data-role='plot']\")?.dataset.points) === 20"));
    // A quarter into each bin and three quarters, just above the axis: is there a bar?
    let seen = page.eval(&format!(
        "(() => {{
            const canvas = $(\"{card} canvas\");
            const [over, box] = [$(\"{card} .u-over\"), canvas].map((element) => element.getBoundingClientRect());
            const scale = canvas.width / box.width;
            const row = canvas.getContext('2d').getImageData(0, Math.round((over.bottom - box.top) * scale) - 6, canvas.width, 1).data;
            const at = (share) => {{
                const x = Math.round((over.left - box.left + over.width * share) * scale);
                return row.slice(4 * x, 4 * x + 4).join();
            }};
            const bar = at(0.5 / 20);
            return Array.from({{ length: 20 }}, (_, bin) => [at((bin + 0.25) / 20) === bar, at((bin + 0.75) / 20) === bar]);
        }})()"
    ));
    let expected: Vec<[bool; 2]> = (0..20).map(|bin| [bin % 2 == 0; 2]).collect();
    // The one reading at the upper end is a bar too low to be seen so far up.
    assert_eq!(seen, serde_json::json!(expected));
    page.assert_clean();
}

#[test]
fn a_server_that_asks_for_a_token_is_shown_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "open-sesame-0123456789\n").unwrap();
    let server = Server::with_options(&seed_device(), &["--read-token-file", file.to_str().unwrap()]);
    let Some(mut page) = Page::open(&server, "") else { return };
    page.until("it asks", "!!$('#token-form')");
    page.fill("#token", "wrong-0123456789-wrong");
    page.click("#token-show");
    page.until("it is said", "$('#token-form')?.innerText.includes('does not accept this token')");
    page.fill("#token", "open-sesame-0123456789");
    page.click("#token-show");
    drawn(&mut page, "press-1");
    assert!(!page.query().contains("sesame"));
    assert_eq!(page.events("Runtime.exceptionThrown"), [serde_json::Value::Null; 0]);
}

#[test]
fn a_server_that_comes_back_is_asked_for_all_again() {
    let relay = Relay::before(Server::with(&seed_device()));
    let Some(page) = Page::of(relay.address()) else { return };
    relay.fail("/api/v1/", 503);
    let mut page = page.at("?device=press-1");
    message(&mut page, "no data");
    relay.let_go();
    drawn(&mut page, "press-1");
    relay.fail("/api/v1/", 503);
    page.until("it is said", "$('#status')?.innerText.includes('made up')");
    page.click("#ranges button[data-range='24h']");
    page.until("it has no plots", "$('#plots-note')?.innerText.includes('made up')");
    relay.let_go();
    page.until("all is over", "!$('#status')?.innerText && !$('#plots-note')?.innerText");
    drawn(&mut page, "press-1");
    page.until("a day", "$(\"[data-row='count'] [data-quantity='voltage']\")?.dataset.value === '24'");
    // Without plots it does not know that 24 readings are too few for the usual method.
    page.assert_clean_but_for(&["503", "422"]);
}
