//! Live mode: what is posted appears by itself, and what a person has chosen stays.

use std::time::Duration;

use iot::{Device, Quantity, Reading, Timestamp};
use serde_json::json;

use crate::page::{PATIENCE, Page};
use crate::process::eventually;
use crate::server::Server;
use crate::shown::drawn;

const VOLTAGE: &str = "#plots [data-plot='voltage'] [data-role='plot']";
const OVER: &str = "#plots [data-plot='voltage'] .u-over";
const READINGS: i64 = 600;
/// Long enough for a page that goes on asking to have asked.
const QUIET: Duration = Duration::from_secs(4);

/// What else is true of a page that has nothing under way: so many requests were made, and each has its end.
const SETTLED: Duration = Duration::from_millis(500);

fn pump(time: i64, voltage: f64) -> Reading {
    Reading::new(Device::new("pump-7").unwrap(), Timestamp::from_secs(time))
        .with(Quantity::VOLTAGE, voltage)
        .unwrap()
        .with(Quantity::CURRENT, 0.2)
        .unwrap()
}

/// A device that has sent every second until now; answers the time of its last reading too.
fn sending() -> (Server, i64) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let readings: Vec<_> =
        (0..READINGS).map(|n| pump(now - READINGS + 1 + n, 8.0 + (n % 7) as f64 * 0.1)).collect();
    (Server::with(&readings), now)
}

/// Waits until the page speaks of so many readings.
fn heard(page: &mut Page, readings: i64) {
    page.until(
        &format!("{readings} readings"),
        &format!("$('#device-facts')?.innerText.includes('{readings} readings')"),
    );
}

#[test]
fn what_is_posted_appears_without_a_reload() {
    let (server, now) = sending();
    let Some(mut page) = Page::open(&server, "?device=pump-7&hide=anomalies,distributions") else { return };
    drawn(&mut page, "pump-7");
    page.eval("window.same = true");
    page.until("all are there", &format!("Number($(\"{VOLTAGE}\").dataset.points) >= {READINGS}"));
    for more in 1..=3 {
        server.post(&[pump(now + more, 4242.0 + more as f64)]);
        let end = (now + more) * 1000;
        page.until("it is in the plot", &format!("Number($(\"{VOLTAGE}\").dataset.to) >= {end} && Number($(\"{VOLTAGE}\").dataset.points) >= {}", READINGS + more));
    }
    heard(&mut page, READINGS + 3);
    page.until(
        "the statistics follow",
        "$(\"[data-row='max'] [data-quantity='voltage']\").dataset.value === '4245'",
    );
    assert_eq!(page.eval("window.same"), true);
    page.assert_clean();
}

#[test]
fn a_reading_that_comes_before_the_stream_is_open_is_not_missed() {
    let (server, now) = sending();
    let Some(mut page) = Page::blank(&server) else { return };
    page.call("Fetch.enable", &json!({"patterns": [{"urlPattern": r"*/stream\?*"}]}));
    let mut page = page.at("?device=pump-7");
    let held =
        eventually("the page asks for the stream", PATIENCE, || page.events("Fetch.requestPaused").pop());
    server.post(&[pump(now + 1, 4242.0)]);
    page.call("Fetch.continueRequest", &json!({"requestId": held["requestId"]}));
    page.call("Fetch.disable", &json!({}));
    server.post(&[pump(now + 2, 8.0)]);
    let points = READINGS + 2;
    page.until("both are drawn", &format!("Number($(\"{VOLTAGE}\")?.dataset.points) >= {points}"));
    page.assert_clean();
}

#[test]
fn a_new_device_appears_in_the_list_by_itself() {
    let (server, now) = sending();
    let Some(mut page) = Page::open(&server, "?device=pump-7") else { return };
    drawn(&mut page, "pump-7");
    let fan = Reading::new(Device::new("fan-8").unwrap(), Timestamp::from_secs(now))
        .with(Quantity::ROTATION, 900.0)
        .unwrap();
    server.post(&[fan]);
    page.until("the new device", "!!$(\"#devices [data-device='fan-8']\")");
    page.assert_clean();
}

#[test]
fn the_page_answers_first_which_device_is_odd_since_when_and_by_how_much() {
    let (server, now) = sending();
    let odd = Device::new("z-fan").unwrap();
    let reading = |n: i64| {
        let watts = if n < 580 { 40.0 + (n % 5) as f64 } else { 95.0 };
        // One a minute: it does not count as silent before ten of them are missing.
        Reading::new(odd.clone(), Timestamp::from_secs(now - (READINGS - 1 - n) * 60))
            .with(Quantity::POWER, watts)
            .unwrap()
    };
    server.post(&(0..READINGS).map(reading).collect::<Vec<_>>());
    let Some(mut page) = Page::open(&server, "?zone=utc") else { return };
    drawn(&mut page, "z-fan");
    page.until(
        "it is first, with a badge",
        "$$('#devices button')[0].dataset.device === 'z-fan' && /odd/.test($('#devices .badge')?.innerText)",
    );
    assert_eq!(page.attribute("#answer", "data-state").unwrap(), "odd");
    let (said, since) =
        (page.text("#answer"), Timestamp::from_secs(now - (READINGS - 1 - 580) * 60).to_string());
    for part in ["Power", " W", "above", "since", &since[11..19]] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    page.click("#answer button[data-jump]");
    page.until("it is shown", "location.search.includes('..')");
    page.assert_clean();
}

#[test]
fn live_mode_keeps_the_zoom() {
    let (server, now) = sending();
    let Some(mut page) = Page::open(&server, "?device=pump-7") else { return };
    drawn(&mut page, "pump-7");
    let (from, to) = (page.place(OVER, 0.3, 0.5), page.place(OVER, 0.6, 0.5));
    page.drag(from, to);
    page.until("the zoom", "location.search.includes('..') && !document.body.classList.contains('busy')");
    let shown =
        |page: &mut Page| (page.query(), page.number(VOLTAGE, "data-from"), page.number(VOLTAGE, "data-to"));
    let before = shown(&mut page);
    server.post(&[pump(now + 1, 9.0), pump(now + 2, 9.0)]);
    heard(&mut page, READINGS + 2);
    assert_eq!(shown(&mut page), before);
    page.click("#reset-zoom");
    let end = (now + 2) * 1000;
    page.until("the newest again", &format!("Number($(\"{VOLTAGE}\").dataset.to) >= {end}"));
    page.assert_clean();
}

/// What the page asks of the server while nothing is to be asked.
fn asked_meanwhile(page: &mut Page) -> Vec<String> {
    // What was under way may end.
    let mut before = (usize::MAX, 0);
    eventually("nothing is under way", PATIENCE, || {
        page.wait(SETTLED);
        let now = (page.asked().len(), page.pending());
        let settled = now == before && now.1 == 0;
        before = now;
        settled.then_some(())
    });
    page.wait(QUIET);
    page.asked().split_off(before.0)
}

#[test]
fn without_live_mode_nothing_is_asked_until_it_is_on_again() {
    let (server, now) = sending();
    let Some(mut page) = Page::open(&server, "?device=pump-7") else { return };
    drawn(&mut page, "pump-7");
    page.click("#live");
    assert!(page.query().contains("live=0"));
    assert_eq!(page.eval("$('#live').checked"), false);
    server.post(&[pump(now + 1, 9.0)]);
    assert_eq!(asked_meanwhile(&mut page), [""; 0]);
    page.click("#live");
    heard(&mut page, READINGS + 1);
    page.assert_clean();
}

#[test]
fn a_page_that_nobody_sees_asks_nothing_and_catches_up_when_it_is_seen() {
    let (server, now) = sending();
    let Some(mut page) = Page::open(&server, "?device=pump-7") else { return };
    drawn(&mut page, "pump-7");
    // Another tab comes to the front.
    page.call("Emulation.setFocusEmulationEnabled", &json!({"enabled": false}));
    let other = page.chromium.call(None, "Target.createTarget", &json!({"url": "about:blank"}));
    page.chromium.call(None, "Target.activateTarget", &other);
    page.until("it is hidden", "document.hidden");
    server.post(&[pump(now + 1, 9.0)]);
    assert_eq!(asked_meanwhile(&mut page), [""; 0]);
    page.call("Page.bringToFront", &json!({}));
    page.until("it is seen", "!document.hidden");
    heard(&mut page, READINGS + 1);
    page.until("it is in the plot", &format!("Number($(\"{VOLTAGE}\").dataset.to) >= {}", (now + 1) * 1000));
    page.assert_clean();
}

/// JavaScript in bytes, DOM nodes and listeners, once all that is not needed is collected.
fn kept(page: &mut Page) -> [f64; 3] {
    for _ in 0..3 {
        page.call("HeapProfiler.collectGarbage", &json!({}));
    }
    let counters = page.call("Memory.getDOMCounters", &json!({}));
    let heap = page.call("Runtime.getHeapUsage", &json!({}));
    [&heap["usedSize"], &counters["nodes"], &counters["jsEventListeners"]]
        .map(|number| number.as_f64().unwrap())
}

/// `benches/dashboard --live 60` looks at an hour of it.
#[test]
fn live_mode_keeps_nothing_of_what_it_no_longer_shows() {
    let (server, now) = sending();
    // With a length of its own, the range lets go of a reading for each that comes.
    let Some(mut page) = Page::open(&server, "?device=pump-7&range=15m&hide=distributions,anomalies") else {
        return;
    };
    drawn(&mut page, "pump-7");
    let mut follow = |seconds: std::ops::RangeInclusive<i64>| {
        for second in seconds {
            server.post(&[pump(now + second, 8.0 + (second % 7) as f64 * 0.1)]);
            page.until(
                "it is drawn",
                &format!("Number($(\"{VOLTAGE}\")?.dataset.to) >= {}", (now + second) * 1000),
            );
        }
        kept(&mut page)
    };
    let warm = follow(1..=20);
    let [bytes, nodes, listeners] = follow(21..=80);
    assert!(bytes < warm[0] + 500e3, "{bytes} bytes after {} ", warm[0]);
    assert!(nodes < warm[1] + 50.0, "{nodes} nodes after {}", warm[1]);
    assert!(listeners < warm[2] + 10.0, "{listeners} listeners after {}", warm[2]);
    page.assert_clean();
}

#[test]
fn a_chosen_range_that_ends_in_the_future_is_followed() {
    let (server, now) = sending();
    let (from, to) = ((now - READINGS) * 1000, (now + 3600) * 1000);
    let Some(mut page) = Page::open(&server, &format!("?device=pump-7&range={from}..{to}")) else { return };
    drawn(&mut page, "pump-7");
    server.post(&[pump(now + 1, 9.0)]);
    let points = READINGS + 1;
    page.until("it is drawn", &format!("Number($(\"{VOLTAGE}\")?.dataset.points) >= {points}"));
    assert_eq!(
        (page.number(VOLTAGE, "data-from"), page.number(VOLTAGE, "data-to")),
        (from as f64, to as f64)
    );
    page.assert_clean();
}

#[test]
fn a_reading_that_comes_late_is_drawn_in_its_place() {
    let (server, now) = sending();
    let Some(mut page) = Page::open(&server, "?device=pump-7&hide=anomalies,distributions") else { return };
    drawn(&mut page, "pump-7");
    let late = now - 2 * READINGS;
    server.post(&[pump(late, 7.0)]);
    page.until(
        "it is drawn",
        &format!(
            "$(\"[data-plot='voltage'] [data-role='note']\")?.innerText === '{} readings'",
            READINGS + 1
        ),
    );
    page.until("the plot has it", &format!("Number($(\"{VOLTAGE}\").dataset.points) === {}", READINGS + 1));
    page.assert_clean();
}

#[test]
fn ages_and_silence_go_by_the_clock_without_a_word_of_the_server() {
    // One a minute: it does not count as silent before ten of them are missing.
    let now = Timestamp::now().nanos() / 1_000_000_000;
    let server = Server::with(&(0..60).map(|n| pump(now - (59 - n) * 60, 8.0)).collect::<Vec<_>>());
    let Some(mut page) = Page::open(&server, "?device=pump-7&live=0") else { return };
    drawn(&mut page, "pump-7");
    page.until("it sends", "!!$('#devices .dot.fresh')");
    page.eval("(() => { const { now } = Date; Date.now = () => now() + 1250e3; })()");
    page.until(
        "it is silent",
        "!!$('#devices .dot.stale') && /^2\\d min ago/.test($('#devices .ago').innerText)",
    );
    page.until("that is said", "$('#stale')?.innerText.includes('Live is off')");
    assert!(page.text("#device-facts").contains(" min ago"));
    assert!(!page.text("#stale").contains(" ago"), "it would be read out again and again");
    page.assert_clean();
}
