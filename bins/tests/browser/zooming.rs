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
