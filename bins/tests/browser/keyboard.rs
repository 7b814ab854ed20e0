//! The whole page by keyboard.

use std::collections::BTreeSet;

use crate::page::Page;
use crate::server::{Server, plant, seed_device};
use crate::shown::{device, drawn};

const PLOT: &str = "#plots [data-plot='voltage'] [data-role='plot']";

#[test]
fn tab_reaches_every_control_and_the_focus_can_be_seen() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "?device=press-1") else { return };
    drawn(&mut page, "press-1");
    page.until("all is drawn", "$$('[data-distribution] [data-points]').length >= 2 && $$(\"[data-anomalies] [data-role='count']\").every((count) => count.innerText)");
    let controls = page.eval(
        "(() => {
            const controls = $$('a[href], button, input, select, summary, [tabindex=\"0\"]').filter((control) => !control.disabled);
            controls.forEach((control, i) => { control.dataset.walked = i; });
            return controls.map((control) => control.outerHTML.slice(0, 160));
        })()",
    );
    let controls: Vec<String> = serde_json::from_value(controls).unwrap();
    assert!(controls.len() > 30, "{controls:?}");
    let mut reached = BTreeSet::new();
    let mut unseen = BTreeSet::new();
    page.eval("document.activeElement.blur()");
    // The fields of a date take a step for each of their parts.
    for _ in 0..controls.len() + 30 {
        page.press("Tab");
        let at = page.eval(
            "(() => {
                const control = document.activeElement;
                if (control === document.body) return null;
                const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(control);
                const { left, top, right, bottom } = control.getBoundingClientRect();
                const inside = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
                const ring = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 || boxShadow !== 'none';
                return [Number(control.dataset.walked ?? -1), inside && ring, control.outerHTML.slice(0, 160)];
            })()",
        );
        let Some(place) = at[0].as_i64() else { continue };
        if place >= 0 && !reached.insert(place) && reached.len() == controls.len() {
            break;
        }
        if at[1] != true {
            unseen.insert(at[2].to_string());
        }
    }
    let missed: Vec<_> =
        (0..).zip(&controls).filter(|(i, _)| !reached.contains(i)).map(|(_, control)| control).collect();
    assert_eq!(missed, [""; 0], "Tab does not reach them");
    assert_eq!(unseen, BTreeSet::new(), "the focus cannot be seen");
    page.assert_clean();
}

#[test]
fn arrow_keys_walk_the_points_and_the_live_region_says_where() {
    let server = Server::with(&seed_device());
    let Some(mut page) = Page::open(&server, "?device=press-1&zone=utc") else { return };
    drawn(&mut page, "press-1");
    assert_eq!(page.attribute("#walk", "aria-live").unwrap(), "polite");
    page.until(
        "the plot takes the focus",
        &format!("$(\"{PLOT}\") && ($(\"{PLOT}\").focus(), document.activeElement === $(\"{PLOT}\"))"),
    );
    let readings = seed_device();
    for (key, point) in [
        ("Home", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("PageDown", 12),
        ("ArrowLeft", 11),
        ("End", 167),
        ("PageUp", 157),
    ] {
        page.press(key);
        page.until(
            &format!("{key} says so"),
            &format!("$('#walk').innerText.includes('point {} of 168')", point + 1),
        );
        let said = page.text("#walk");
        let reading = &readings[point];
        let time = reading.time().to_string().replace('T', " ");
        assert!(said.contains("Voltage") && said.contains(" V") && said.contains(&time[..19]), "{said}");
        let number: f64 =
            said.split_whitespace().find_map(|word| word.replace(',', "").parse().ok()).unwrap();
        assert!((number - reading.value("voltage").unwrap()).abs() < 1e-3, "{said}");
    }
    // And zoom, and all again.
    let from = page.number(PLOT, "data-from");
    page.press("+");
    page.until(
        "nearer",
        &format!("Number($(\"{PLOT}\").dataset.from) > {from} && location.search.includes('..')"),
    );
    page.press("Escape");
    page.until("all again", &format!("Number($(\"{PLOT}\").dataset.from) === {from}"));
    page.assert_clean();
}

#[test]
fn a_device_and_a_range_are_chosen_by_keys_alone() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "?device=press-1&sort=id") else { return };
    drawn(&mut page, "press-1");
    let button = device("pump-2");
    page.until("it has the focus", &format!("$(\"{button}\") && ($(\"{button}\").focus(), true)"));
    page.press("Enter");
    drawn(&mut page, "pump-2");
    assert_eq!(page.eval("document.activeElement.dataset.device"), "pump-2");
    page.press("ArrowUp");
    assert_eq!(page.eval("document.activeElement.dataset.device"), "press-1");
    page.press("ArrowDown");
    assert_eq!(page.eval("document.activeElement.dataset.device"), "pump-2");
    page.eval("$(\"#ranges button[data-range='1h']\").focus()");
    page.press(" ");
    page.until("an hour", "$(\"#ranges button[data-range='1h']\").ariaPressed === 'true' && location.search.includes('range=1h')");
    assert_eq!(page.eval("document.activeElement.dataset.range"), "1h", "the focus stays where it was");
    page.assert_clean();
}

#[test]
fn the_first_tab_skips_the_list() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "?device=press-1") else { return };
    drawn(&mut page, "press-1");
    page.press("Tab");
    assert_eq!(page.eval("document.activeElement.className"), "skip");
    page.press("Enter");
    page.until("the device has the focus", "document.activeElement.id === 'device'");
    page.press("Tab");
    assert_eq!(page.eval("!!document.activeElement.closest('#content')"), true);
    page.assert_clean();
}

#[test]
fn the_focus_stays_on_the_range_when_all_is_shown_again() {
    let server = Server::with(&seed_device());
    let Some(mut page) = Page::open(&server, "?device=press-1&live=0&range=1738713600000..1738800000000")
    else {
        return;
    };
    drawn(&mut page, "press-1");
    page.eval("$('#reset-zoom').focus()");
    page.press("Enter");
    page.until("all", "!location.search.includes('..') && !$('#reset-zoom')");
    assert_eq!(page.eval("document.activeElement.dataset.range"), "all");
    page.assert_clean();
}
