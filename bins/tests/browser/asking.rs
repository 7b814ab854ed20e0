//! What is asked, in which order it is answered, and that nothing is drawn under a name it does not belong to.

use iot::{Device, Quantity};

use crate::page::{PATIENCE, Page};
use crate::process::eventually;
use crate::relay::Relay;
use crate::server::{BEGIN, Server, plant, readings, troubled};
use crate::shown::{device, drawn};

const VOLTAGE: &str = "#plots [data-plot='voltage'] [data-role='plot']";
const COUNT: &str = "[data-anomalies='voltage'] [data-role='count']";
const BOUNDS: &str = "[data-anomalies='voltage'] [data-role='bounds']";
const METHOD: &str = "[data-anomalies='voltage'] [data-role='method']";

/// What can be read in a part of the page: nothing that is hidden in any way.
fn legible(page: &mut Page, element: &str) -> String {
    page.eval(&format!(
        "$$({element:?}).filter((one) => one.checkVisibility({{ checkVisibilityCSS: true }})).map((one) => one.innerText).join(' ').trim()"
    ))
    .as_str()
    .unwrap()
    .to_owned()
}

#[test]
fn the_numbers_of_one_device_never_stand_under_the_name_of_another() {
    let relay = Relay::before(Server::with(&plant()));
    let Some(page) = Page::of(relay.address()) else { return };
    let mut page = page.at("?device=press-1&live=0");
    drawn(&mut page, "press-1");
    assert!(legible(&mut page, "#statistics").contains("168"));
    assert!(!legible(&mut page, "#answer").is_empty());
    relay.hold("/pump-2/condition");
    relay.hold("/pump-2/statistics");
    page.click(&device("pump-2"));
    relay.until_held("/pump-2/condition");
    assert_eq!(legible(&mut page, "h1"), "pump-2");
    assert_eq!(legible(&mut page, "#statistics"), "");
    assert_eq!(legible(&mut page, "#answer"), "");
    assert_eq!(legible(&mut page, "[data-anomalies] [data-role='count']"), "");
    relay.let_go();
    drawn(&mut page, "pump-2");
    assert!(legible(&mut page, "#statistics").contains("300"));
    page.assert_clean();
}

#[test]
fn the_plots_of_one_device_never_stand_under_the_name_of_another() {
    let relay = Relay::before(Server::with(&plant()));
    let Some(page) = Page::of(relay.address()) else { return };
    let mut page = page.at("?device=press-1&live=0");
    drawn(&mut page, "press-1");
    relay.hold("/pump-2/series");
    page.click(&device("pump-2"));
    relay.until_held("/pump-2/series");
    assert_eq!(legible(&mut page, "h1"), "pump-2");
    assert_eq!(
        page.eval("$$('[data-points]').filter(({ dataset }) => Number(dataset.points) > 0).length"),
        0
    );
    relay.let_go();
    drawn(&mut page, "pump-2");
    page.assert_clean();
}

#[test]
fn the_numbers_of_one_range_never_stand_under_another() {
    let relay = Relay::before(Server::with(&plant()));
    let Some(page) = Page::of(relay.address()) else { return };
    let mut page = page.at("?device=press-1&live=0");
    drawn(&mut page, "press-1");
    relay.hold("/statistics");
    page.click("#ranges button[data-range='24h']");
    relay.until_held("/statistics");
    for numbers in ["#statistics table", COUNT, "[data-distribution] [data-role='note']"] {
        assert_eq!(legible(&mut page, numbers), "", "{numbers}");
    }
    relay.let_go();
    drawn(&mut page, "press-1");
    assert!(legible(&mut page, "#statistics").contains("24"));
    // Nor does a section that was hidden meanwhile.
    page.click("#statistics-toggle");
    page.click("#ranges button[data-range='6h']");
    drawn(&mut page, "press-1");
    relay.hold("/statistics");
    page.click("#statistics-toggle");
    relay.until_held("/statistics");
    assert_eq!(legible(&mut page, "#statistics table"), "");
    relay.let_go();
    drawn(&mut page, "press-1");
    page.until("six", "$(\"[data-row='count'] [data-quantity='voltage']\")?.dataset.value === '6'");
    page.assert_clean();
}

#[test]
fn a_section_without_an_answer_says_so_and_the_others_go_on() {
    let relay = Relay::before(Server::with(&plant()));
    let Some(page) = Page::of(relay.address()) else { return };
    let mut page = page.at("?device=press-1");
    drawn(&mut page, "press-1");
    relay.fail("/statistics", 503);
    relay.fail("/distribution?*quantity=current", 503);
    page.click("#ranges button[data-range='24h']");
    page.until("it is said", "$('#statistics').innerText.includes('made up')");
    page.until(
        "the findings",
        "$(\"[data-anomalies='voltage']\")?.innerText.includes('24 readings are too few')",
    );
    for (quantity, said) in [("voltage", "24 values"), ("current", "made up")] {
        let note = format!("[data-distribution='{quantity}'] [data-role='note']");
        page.until(said, &format!("$(\"{note}\")?.innerText.includes('{said}')"));
    }
    assert!(legible(&mut page, "#plots [data-plot='voltage'] [data-role='note']").contains("24 readings"));
    assert_eq!(legible(&mut page, "#status"), "", "the rest of the page has its answers");
    // What failed is asked for again by itself.
    relay.let_go();
    page.until("24", "$(\"[data-row='count'] [data-quantity='voltage']\")?.dataset.value === '24'");
    page.assert_clean_but_for(&["503"]);
}

#[test]
fn the_answer_to_an_older_choice_of_method_is_not_drawn_over_a_newer_one() {
    let relay = Relay::before(Server::with(&troubled()));
    let Some(page) = Page::of(relay.address()) else { return };
    let mut page = page.at("?device=oven-6&live=0");
    drawn(&mut page, "oven-6");
    relay.hold("method=z_score");
    page.choose(METHOD, "z_score");
    relay.until_held("method=z_score");
    let asked = relay.heads("/anomalies?").len();
    page.choose(METHOD, "interquartile_range");
    drawn(&mut page, "oven-6");
    page.until("bounds", &format!("$(\"{BOUNDS}\")?.dataset.of === 'value'"));
    let before = legible(&mut page, BOUNDS);
    relay.let_go();
    page.wait(std::time::Duration::from_millis(500));
    assert_eq!(legible(&mut page, BOUNDS), before);
    assert_eq!(relay.heads("/anomalies?").len(), asked + 1, "the other quantities are as they were");
    page.assert_clean();
}

#[test]
fn a_device_that_sends_fast_leaves_the_rest_its_answers() {
    let device = Device::new("spinner").unwrap();
    let batch = |begin: i64, count: i64| {
        let mut all = readings(&device, begin + count, 1, |n| vec![(Quantity::VOLTAGE, (n % 7) as f64)]);
        all.split_off(begin as usize)
    };
    let relay = Relay::before(Server::with(&batch(0, 100)));
    let Some(page) = Page::of(relay.address()) else { return };
    relay.hold("/spinner/statistics");
    let mut page = page.at("?device=spinner&hide=anomalies,distributions");
    relay.until_held("/spinner/statistics");
    // More than the plots take without being drawn anew.
    let asked = relay.heads("/series?").len();
    for round in 0..8 {
        relay.server.post(&batch(100 + round * 500, 500));
    }
    eventually("the plots are drawn anew", PATIENCE, || {
        (relay.heads("/series?").len() > asked).then_some(())
    });
    page.until(
        "all points",
        &format!("$(\"{VOLTAGE}\")?.closest('article').innerText.includes('4,100 readings')"),
    );
    let asked = page.events("Network.requestWillBeSent").into_iter();
    let asked = asked.filter(|event| event["request"]["url"].to_string().contains("/spinner/statistics"));
    let ended = page.events("Network.loadingFailed");
    let given_up = asked.filter(|event| ended.iter().any(|end| end["requestId"] == event["requestId"]));
    assert_eq!(given_up.count(), 0, "the question about the statistics stands");
    relay.let_go();
    page.until("the statistics", "!!$('#statistics table')");
    page.assert_clean();
}

#[test]
fn a_server_that_hangs_is_said_to_and_ages_go_on() {
    let relay = Relay::before(Server::with(&plant()));
    let Some(page) = Page::of(relay.address()) else { return };
    let mut page = page.at("?device=press-1");
    drawn(&mut page, "press-1");
    relay.hold("/api/v1/devices?");
    relay.until_held("/api/v1/devices?");
    page.until("it is said", "/does not answer/.test($('#status')?.innerText)");
    relay.let_go();
    page.until("it is over", "!$('#status')?.innerText");
    page.assert_clean();
}

#[test]
fn a_stream_that_breaks_goes_on_where_it_was() {
    let relay = Relay::before(Server::with(&plant()));
    let Some(page) = Page::of(relay.address()) else { return };
    let mut page = page.at("?device=press-1");
    drawn(&mut page, "press-1");
    let press = Device::new("press-1").unwrap();
    let more = readings(&press, 170, 3600, |_| vec![(Quantity::VOLTAGE, 200.0)]);
    relay.server.post(&more[168..169]);
    let end = (BEGIN + 168 * 3600) * 1000;
    page.until("it is drawn", &format!("Number($(\"{VOLTAGE}\")?.dataset.to) >= {end}"));
    let streams = relay.heads("/stream?").len();
    relay.cut("/stream?");
    let again = eventually("the stream again", PATIENCE, || relay.heads("/stream?").into_iter().nth(streams));
    let id = format!("last-event-id: {end}000000");
    assert!(again.to_ascii_lowercase().contains(&id), "no {id} in {again}");
    relay.server.post(&more[169..]);
    page.until("the next", &format!("Number($(\"{VOLTAGE}\")?.dataset.to) >= {}", end + 3_600_000));
    page.assert_clean_but_for(&["ERR_"]);
}

#[test]
fn a_fault_of_the_page_is_not_laid_at_the_door_of_the_server() {
    let relay = Relay::before(Server::with(&plant()));
    let Some(page) = Page::of(relay.address()) else { return };
    let mut page = page.at("?device=press-1&live=0");
    drawn(&mut page, "press-1");
    page.eval(
        "(() => {
            const { replaceChildren } = Element.prototype;
            Element.prototype.replaceChildren = function (...children) {
                if (this.id === 'statistics' && children[0]?.tagName === 'TABLE') throw new Error('made up');
                replaceChildren.apply(this, children);
            };
        })()",
    );
    page.click("#ranges button[data-range='24h']");
    page.until("it is said", "/page has a fault: made up/.test($('#statistics')?.innerText)");
    assert!(!page.text("#content").contains("cannot be reached"));
    assert!(!page.events("Runtime.exceptionThrown").is_empty(), "the console shows it too");
}
