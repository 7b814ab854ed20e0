//! What is shown is chosen by the controls and kept in the address.

use serde_json::json;

use crate::page::{PATIENCE, Page};
use crate::process::eventually;
use crate::server::{BEGIN, Server, plant};
use crate::shown::{device, drawn};

const HOUR_MS: f64 = 3.6e6;
const VOLTAGE: &str = "#plots [data-plot='voltage'] [data-role='plot']";

fn listed(page: &mut Page) -> Vec<String> {
    let ids = page.eval("$$('#devices button').map((button) => button.dataset.device)");
    ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_click_on_a_device_shows_it_with_all_of_its_quantities() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "?device=press-1") else { return };
    drawn(&mut page, "press-1");
    for (id, quantities, facts) in [
        (
            "pump-2",
            json!(["current", "power", "temperature", "voltage"]),
            ["Sensor", "warehouse", "300 readings"],
        ),
        ("fan-3", json!(["rotation"]), ["Actuator", "production", "400 readings"]),
        (
            "press-1",
            json!(["current", "power", "voltage"]),
            ["High Power Device", "packaging", "168 readings"],
        ),
    ] {
        page.click(&device(id));
        drawn(&mut page, id);
        let drawn = "$$('#plots [data-plot]').map((card) => card.dataset.plot).toSorted()";
        page.until(
            &format!("the plots of {id}"),
            &format!("JSON.stringify({drawn}) === {:?}", quantities.to_string()),
        );
        assert_eq!(page.attribute(&device(id), "aria-current").unwrap(), "true");
        assert_eq!(page.eval("$$('#devices [aria-current=true]').length"), 1);
        assert!(page.eval("document.title").as_str().unwrap().contains(id));
        assert!(page.query().contains(&format!("device={id}")));
        let said = page.text("#device-facts");
        assert!(facts.iter().all(|fact| said.contains(fact)), "{said}");
    }
    page.assert_clean();
}

#[test]
fn a_device_that_is_clicked_early_stays() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::blank(&server) else { return };
    // The page waits for these before it chooses a device by itself.
    page.call("Fetch.enable", &json!({"patterns": [{"urlPattern": "*/api/v1/conditions*"}]}));
    let mut page = page.at("?sort=id");
    page.click(&device("pump-2"));
    page.call("Fetch.disable", &json!({}));
    drawn(&mut page, "pump-2");
    let asked = page.asked().iter().filter(|path| path.contains("/v1/devices?")).count();
    eventually("the page goes on", PATIENCE, || {
        (page.asked().iter().filter(|path| path.contains("/v1/devices?")).count() > asked).then_some(())
    });
    drawn(&mut page, "pump-2");
    page.assert_clean();
}

#[test]
fn a_press_that_takes_long_is_a_click_too() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "?device=press-1&sort=id") else { return };
    drawn(&mut page, "press-1");
    page.press_on(&device("pump-2"), |page| {
        // Meanwhile the list is drawn again.
        let asked = |page: &Page| page.asked().iter().filter(|path| path.contains("/v1/devices?")).count();
        let before = asked(page);
        eventually("the devices again", PATIENCE, || (asked(page) > before + 1).then_some(()));
    });
    drawn(&mut page, "pump-2");
    page.assert_clean();
}

#[test]
fn the_search_finds_by_id_type_and_place() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "") else { return };
    page.until("the list", "$$('#devices button').length === 3");
    for (words, found) in [
        ("pump", &["pump-2"][..]),
        ("ACTUATOR", &["fan-3"]),
        ("packaging power", &["press-1"]),
        ("warehouse fan", &[]),
        ("", &["fan-3", "press-1", "pump-2"]),
    ] {
        page.fill("#search", words);
        page.until(words, &format!("$$('#devices button').length === {}", found.len()));
        let mut ids = listed(&mut page);
        ids.sort_unstable();
        assert_eq!(ids, found);
        assert_eq!(page.eval("!!$('#devices-note')?.innerText"), found.is_empty(), "{words}");
    }
    page.assert_clean();
}

#[test]
fn the_list_is_in_the_order_that_is_chosen() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "?sort=id") else { return };
    page.until("the list", "$$('#devices button').length === 3");
    assert_eq!(listed(&mut page), ["fan-3", "press-1", "pump-2"]);
    page.choose("#sort", "seen");
    page.until("the latest first", "$$('#devices button').at(-1).dataset.device === 'pump-2'");
    assert_eq!(listed(&mut page), ["fan-3", "press-1", "pump-2"]);
    page.assert_clean();
}

#[test]
fn each_range_ends_at_the_newest_reading_and_is_as_long_as_it_says() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "?device=press-1&range=all") else { return };
    drawn(&mut page, "press-1");
    let end = (BEGIN + 167 * 3600) as f64 * 1e3;
    for (range, hours) in
        [("6h", 6.0), ("24h", 24.0), ("7d", 168.0), ("1h", 1.0), ("30d", 720.0), ("15m", 0.25), ("all", 1e9)]
    {
        let button = format!("#ranges button[data-range='{range}']");
        page.click(&button);
        let points = f64::min(f64::ceil(hours), 168.0);
        page.until(range, &format!("$(\"{button}\").ariaPressed === 'true' && Number($(\"{VOLTAGE}\")?.dataset.points) === {points}"));
        let (from, to) = (page.number(VOLTAGE, "data-from"), page.number(VOLTAGE, "data-to"));
        assert!(
            end - from < hours * HOUR_MS && (end..=end + HOUR_MS).contains(&to),
            "{range}: {from} to {to}"
        );
        assert_eq!(page.query().contains(&format!("range={range}")), range != "all");
    }
    page.assert_clean();
}

#[test]
fn a_range_by_hand_is_in_the_chosen_zone() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::blank(&server) else { return };
    page.call("Emulation.setTimezoneOverride", &json!({"timezoneId": "America/New_York"}));
    let mut page = page.at("?device=press-1");
    drawn(&mut page, "press-1");
    for (zone, from, to, hours_behind) in [
        ("utc", "2025-02-06T00:00:00", "2025-02-07T12:00:00", 0),
        ("local", "2025-02-06T00:00:00", "2025-02-07T12:00:00", 5),
    ] {
        page.choose("#zone", zone);
        page.pick("#from", from);
        page.pick("#to", to);
        page.click("#apply");
        let start = (BEGIN + 86400 + hours_behind * 3600) * 1000;
        let end = start + 36 * 3600 * 1000;
        page.until(zone, &format!("location.search.includes('range={start}..{end}')"));
        page.until("36 hours", &format!("Number($(\"{VOLTAGE}\")?.dataset.points) === 36"));
        assert!(page.text("#range-note").contains("2025-02-06 00:00"), "{}", page.text("#range-note"));
    }
    page.click("#reset-zoom");
    page.until("all again", &format!("Number($(\"{VOLTAGE}\")?.dataset.points) === 168"));
    page.assert_clean();
}

#[test]
fn sections_are_shown_and_hidden() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "?device=press-1") else { return };
    drawn(&mut page, "press-1");
    for (section, inside) in [
        ("statistics", "#statistics table"),
        ("distributions", "#distributions [data-distribution]"),
        ("anomalies", "#anomalies [data-anomalies]"),
    ] {
        let toggle = format!("#{section}-toggle");
        page.until(section, &format!("!!$({inside:?})"));
        assert_eq!(
            (page.attribute(&toggle, "aria-expanded").unwrap(), page.text(&toggle)),
            ("true".into(), "Hide".into())
        );
        page.click(&toggle);
        page.until("it is hidden", &format!("!$({inside:?})"));
        assert_eq!(
            (page.attribute(&toggle, "aria-expanded").unwrap(), page.text(&toggle)),
            ("false".into(), "Show".into())
        );
        assert!(page.query().contains(section));
        page.click(&toggle);
        page.until("it is shown", &format!("!!$({inside:?})"));
        assert!(!page.query().contains(section));
    }
    page.assert_clean();
}

/// What the page says and how its controls stand.
fn content(page: &mut Page) -> serde_json::Value {
    page.eval(
        "({
            query: location.search,
            text: $('#content').innerText,
            list: $$('#devices button').map((button) => button.innerText),
            controls: $$('input, select').map((control) => control.type === 'checkbox' ? control.checked : control.value),
            plots: $$('[data-points]').map(({ dataset }) => ({ ...dataset })),
            pressed: $$('[aria-pressed=true], [aria-expanded=true], [aria-current=true]').map((element) => element.innerText),
        })",
    )
}

#[test]
fn the_address_holds_all_that_is_shown() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "") else { return };
    drawn(&mut page, "fan-3");
    page.click(&device("press-1"));
    drawn(&mut page, "press-1");
    page.click("#ranges button[data-range='24h']");
    page.choose("#zone", "utc");
    page.choose("#sort", "id");
    page.fill("#search", "pa");
    page.click("#live");
    page.click("#distributions-toggle");
    page.click("#demo");
    page.click("#plots [data-plot='voltage'] [data-action='table']");
    page.until("the table", "$$(\"[data-plot='voltage'] [data-role='table'] tr\").length > 20");
    page.until(
        "the findings",
        "$$(\"[data-anomalies] [data-role='count']\").every((count) => count.dataset.anomaliesCount)",
    );
    page.until("the range", &format!("Number($(\"{VOLTAGE}\")?.dataset.points) === 24"));
    // It is settled when it says the same twice.
    let mut settled = || {
        let mut before = content(&mut page);
        loop {
            let now = {
                page.wait(std::time::Duration::from_millis(200));
                content(&mut page)
            };
            if now == before {
                return now;
            }
            before = now;
        }
    };
    let before = settled();
    assert_eq!(before["list"].as_array().unwrap().len(), 1);
    page.reload();
    drawn(&mut page, "press-1");
    let same = |page: &mut Page| {
        for _ in 0..400 {
            let now = content(page);
            if now == before {
                return;
            }
            page.wait(std::time::Duration::from_millis(50));
        }
        assert_eq!(content(page), before);
    };
    same(&mut page);
    // So does the way back.
    page.click("#ranges button[data-range='6h']");
    page.until("six hours", &format!("Number($(\"{VOLTAGE}\")?.dataset.points) === 6"));
    page.eval("history.back()");
    same(&mut page);
    page.assert_clean();
}

#[test]
fn no_row_moves_away_from_under_a_pressed_button() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "?device=press-1&sort=seen") else { return };
    drawn(&mut page, "press-1");
    page.until("the latest first", "$$('#devices button').at(-1).dataset.device === 'pump-2'");
    page.press_on(&device("pump-2"), |page| {
        let pump = iot::Device::new("pump-2").unwrap();
        let reading = iot::Reading::new(pump, iot::Timestamp::from_secs(BEGIN + 400 * 86400));
        server.post(&[reading.with(iot::Quantity::VOLTAGE, 3.0).unwrap()]);
        let asked = |page: &Page| page.asked().iter().filter(|path| path.contains("/v1/devices?")).count();
        let before = asked(page);
        eventually("the devices again", PATIENCE, || (asked(page) > before + 1).then_some(()));
    });
    drawn(&mut page, "pump-2");
    page.until("it is first now", "$$('#devices button')[0].dataset.device === 'pump-2'");
    page.assert_clean();
}
