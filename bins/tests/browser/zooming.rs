//! Zoom and pan ask again, and show finer points.

use crate::hand::{CTRL, SHIFT};
use crate::page::Page;
use crate::server::{BEGIN, Server, seed_device, wave};
use crate::shown::drawn;

const SECONDS: i64 = 50_000;
const VOLTAGE: &str = "#plots [data-plot='voltage'] [data-role='plot']";
const CURRENT: &str = "#plots [data-plot='current'] [data-role='plot']";
/// Where uPlot takes the mouse.
const OVER: &str = "#plots [data-plot='voltage'] .u-over";

/// The time that a plot shows, ms, and in how many points.
fn shown(page: &mut Page, plot: &str) -> (f64, f64, f64) {
    (page.number(plot, "data-from"), page.number(plot, "data-to"), page.number(plot, "data-points"))
}

/// Waits until the voltage is drawn over another time than before, and nothing is under way.
fn moved(page: &mut Page, what: &str, (from, to, _): (f64, f64, f64)) -> (f64, f64, f64) {
    let other = format!(
        "(({{ dataset }}) => Number(dataset.from) !== {from} || Number(dataset.to) !== {to})($(\"{VOLTAGE}\")) \
         && !document.body.classList.contains('busy')"
    );
    page.until(what, &other);
    // A wheel that goes on turning is one zoom for the server: wait until two looks see the same.
    let mut before = shown(page, VOLTAGE);
    loop {
        page.wait(std::time::Duration::from_millis(300));
        let now = shown(page, VOLTAGE);
        if now == before {
            return now;
        }
        before = now;
    }
}

fn length((from, to, _): (f64, f64, f64)) -> f64 {
    to - from
}

#[test]
fn a_drag_zooms_to_finer_points_on_all_plots_and_a_double_click_goes_back() {
    let server = Server::with(&wave("drive-4", SECONDS));
    let Some(mut page) = Page::open(&server, "?device=drive-4") else { return };
    drawn(&mut page, "drive-4");
    let all = shown(&mut page, VOLTAGE);
    assert!((length(all) / 1e3 - SECONDS as f64).abs() < 60.0, "{all:?}");
    let asked = page.asked().len();

    let (from, to) = (page.place(OVER, 0.4, 0.5), page.place(OVER, 0.5, 0.5));
    page.drag(from, to);
    let zoomed = moved(&mut page, "the zoom", all);
    let start = BEGIN as f64 * 1e3 + 0.4 * length(all);
    assert!((length(zoomed) / length(all) - 0.1).abs() < 0.01, "{zoomed:?}");
    assert!((zoomed.0 - start).abs() < 0.02 * length(all), "{zoomed:?}");
    assert!(length(zoomed) / zoomed.2 < 0.5 * length(all) / all.2, "no finer points: {zoomed:?} of {all:?}");
    let again = page.asked().split_off(asked);
    assert!(again.iter().any(|path| path.contains("/series?") && path.contains("from=")), "{again:?}");
    assert_eq!((zoomed.0, zoomed.1), {
        let (from, to, _) = shown(&mut page, CURRENT);
        (from, to)
    });
    assert!(page.query().contains(".."));

    // The points are the readings themselves once they fit.
    let (from, to) = (page.place(OVER, 0.45, 0.5), page.place(OVER, 0.46, 0.5));
    page.drag(from, to);
    let finest = moved(&mut page, "the second zoom", zoomed);
    assert!((finest.2 - length(finest) / 1e3).abs() <= 2.0, "{finest:?}");

    let middle = page.place(OVER, 0.5, 0.5);
    page.click_at(middle, 2);
    let back = moved(&mut page, "all again", finest);
    assert_eq!((back.0, back.1), (all.0, all.1));
    assert!(!page.query().contains(".."));
    page.assert_clean();
}

#[test]
fn the_wheel_zooms_around_the_mouse_and_shift_pans() {
    let server = Server::with(&wave("drive-4", SECONDS));
    let Some(mut page) = Page::open(&server, "?device=drive-4") else { return };
    drawn(&mut page, "drive-4");
    let all = shown(&mut page, VOLTAGE);
    let right = page.place(OVER, 0.75, 0.5);
    page.point_at(right);
    page.wheel(right, 0.0, -240.0, CTRL);
    let nearer = moved(&mut page, "the wheel's zoom", all);
    assert!(length(nearer) < 0.95 * length(all));
    let place = |shown: (f64, f64, f64), part: f64| shown.0 + part * length(shown);
    assert!((place(nearer, 0.75) - place(all, 0.75)).abs() < 0.02 * length(all), "{nearer:?} of {all:?}");

    let (from, to) = (page.place(OVER, 0.7, 0.5), page.place(OVER, 0.5, 0.5));
    page.drag_with(from, to, SHIFT);
    let panned = moved(&mut page, "the pan", nearer);
    assert!((length(panned) / length(nearer) - 1.0).abs() < 0.01, "{panned:?} of {nearer:?}");
    assert!(panned.0 > nearer.0);

    page.wheel(right, 0.0, 240.0, CTRL);
    let wider = moved(&mut page, "the wheel's zoom out", panned);
    assert!(length(wider) > length(panned));
    page.click("#reset-zoom");
    let back = moved(&mut page, "all again", wider);
    assert_eq!((back.0, back.1), (all.0, all.1));
    page.assert_clean();
}

#[test]
fn two_fingers_zoom_on_a_phone_and_one_pans() {
    let server = Server::with(&wave("drive-4", SECONDS));
    let Some(mut page) = Page::blank(&server) else { return };
    page.size(390, 844, true);
    let mut page = page.at("?device=drive-4");
    drawn(&mut page, "drive-4");
    let all = shown(&mut page, VOLTAGE);
    let middle = page.place(OVER, 0.5, 0.5);
    page.pinch(middle, 2.5);
    let nearer = moved(&mut page, "the fingers' zoom", all);
    assert!(length(nearer) < 0.8 * length(all), "{nearer:?} of {all:?}");
    page.swipe((middle.0 + 60.0, middle.1), (middle.0 - 60.0, middle.1));
    let later = moved(&mut page, "the finger's pan", nearer);
    assert!(later.0 > nearer.0, "{later:?} of {nearer:?}");
    assert!((length(later) / length(nearer) - 1.0).abs() < 0.01, "{later:?} of {nearer:?}");
    page.assert_clean();
}

#[test]
fn the_cursor_is_at_one_time_on_all_plots() {
    let server = Server::with(&seed_device());
    let Some(mut page) = Page::open(&server, "?device=press-1&zone=utc") else { return };
    drawn(&mut page, "press-1");
    let place = page.place("#plots [data-plot='voltage'] .u-over", 0.5, 0.5);
    page.point_at(place);
    let legends =
        "$$('#plots [data-plot]').map((card) => card.querySelector('.u-legend .u-value')?.innerText)";
    page.until(
        "one time",
        &format!(
            "((times) => times.length === 3 && times.every((time) => time?.startsWith('2025-02-08')))({legends})"
        ),
    );
    let times = page.eval(legends);
    assert!(times[0] == times[1] && times[1] == times[2], "{times}");
    page.assert_clean();
}

/// A plot with the focus, and what it shows where all is shown.
fn focused(page: &mut Page) -> (f64, f64, f64) {
    drawn(page, "drive-4");
    let all = shown(page, VOLTAGE);
    page.eval(&format!("$(\"{VOLTAGE}\").focus()"));
    all
}

#[test]
fn all_is_shown_again_whatever_was_done_to_the_view() {
    let server = Server::with(&wave("drive-4", 5000));
    let Some(mut page) = Page::open(&server, "?device=drive-4&live=0") else { return };
    let all = focused(&mut page);
    let steps = page.eval("history.length");
    let again = format!(
        "(({{ dataset }}) => Number(dataset.from) === {} && Number(dataset.to) === {})($(\"{VOLTAGE}\"))",
        all.0, all.1
    );
    // There is nothing beyond all.
    for _ in 0..5 {
        page.press("-");
    }
    page.until("all after zooming out", &again);
    page.press("0");
    assert_eq!(page.eval("history.length"), steps, "nothing was changed that could be undone");
    // What undoes a zoom does so before the zoom is asked for, too.
    let key = |key: &str| {
        format!(
            "$(\"{VOLTAGE}\").dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}))"
        )
    };
    for undo in [key("Escape"), key("0"), "$(\"[data-range='all']\").click()".to_owned()] {
        assert_eq!(page.eval(&format!("({}, {undo}, {again})", key("+"))), true, "{undo}");
        page.wait(std::time::Duration::from_millis(400));
        assert_eq!(page.eval(&again), true, "{undo} is not undone");
    }
    for zoom in ["+", "="] {
        page.press(zoom);
        page.until("nearer", &format!("location.search.includes('..') && !{again}"));
        page.press("0");
        page.until("all again", &again);
    }
    assert!(!page.query().contains(".."));
    page.assert_clean();
}

#[test]
fn a_trackpad_zooms_by_as_much_as_it_is_moved() {
    let server = Server::with(&wave("drive-4", 5000));
    let Some(mut page) = Page::open(&server, "?device=drive-4&live=0") else { return };
    let all = focused(&mut page);
    // A slow pinch comes as a wheel with Ctrl that turns by a pixel, many times.
    let factor = |page: &mut Page, times: u32, delta: f64| {
        page.eval(&format!(
            "(() => {{
                const over = $(\"{OVER}\");
                const {{ left, top, width }} = over.getBoundingClientRect();
                for (let i = 0; i < {times}; i++) over.dispatchEvent(new WheelEvent('wheel', {{ deltaY: {delta}, ctrlKey: true, clientX: left + width / 2, clientY: top + 20, bubbles: true, cancelable: true }}));
            }})()"
        ));
        length(all) / length(shown(page, VOLTAGE))
    };
    let pinched = factor(&mut page, 30, -1.0);
    assert!(pinched > 1.1 && pinched < 2.0, "{pinched}");
    let notch = factor(&mut page, 1, -120.0) / pinched;
    assert!((notch - 1.25).abs() < 0.01, "{notch}");
    page.assert_clean();
}
