//! How it looks, and whether everyone can use it.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;

use crate::page::Page;
use crate::server::{Server, plant, troubled};
use crate::shown::drawn;

/// axe-core, which `axe/README.md` describes.
fn axe() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/axe/axe.min.js.gz");
    let mut script = String::new();
    GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut script).unwrap();
    script
}

/// What axe-core holds for a serious or critical fault, one line each.
fn serious_faults(page: &mut Page) -> Vec<String> {
    page.call("Runtime.evaluate", &serde_json::json!({"expression": axe()}));
    let found = page.eval(
        "(await axe.run(document, { resultTypes: ['violations'] })).violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .flatMap(({ id, help, nodes }) => nodes.map(({ html, any }) => `${id}: ${help}: ${html} ${any.map(({ message }) => message)}`))",
    );
    found.as_array().unwrap().iter().map(|fault| fault.as_str().unwrap().to_owned()).collect()
}

#[test]
fn axe_finds_nothing_serious_in_light_and_dark_and_on_a_phone() {
    let mut readings = plant();
    readings.extend(troubled());
    let server = Server::with(&readings);
    let Some(mut page) = Page::open(&server, "?device=oven-6&zone=utc") else { return };
    drawn(&mut page, "oven-6");
    page.click("#plots [data-plot='voltage'] [data-action='table']");
    page.until(
        "all is drawn",
        "$$('[data-distribution] [data-points]').length === 3
            && $$(\"[data-anomalies] [data-role='count']\").every((count) => count.innerText) && !!$('#statistics table')",
    );
    let mut faults = Vec::new();
    for (scheme, device, (width, height)) in [
        ("light", "", (1280, 900)),
        ("dark", "", (1280, 900)),
        ("light", " phone", (390, 844)),
        ("dark", " phone", (390, 844)),
    ] {
        page.size(width, height, !device.is_empty());
        page.prefer(scheme);
        page.eval("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
        page.screenshot(&format!("{scheme}{device}"));
        assert_eq!(
            page.eval("document.documentElement.scrollWidth <= innerWidth"),
            true,
            "{scheme}{device} is too wide"
        );
        page.assert_clean();
        faults
            .extend(serious_faults(&mut page).into_iter().map(|fault| format!("{scheme}{device}: {fault}")));
    }
    assert_eq!(faults, [""; 0]);
}

#[test]
fn where_the_system_forces_its_colours_plots_keep_theirs_and_what_is_chosen_is_marked() {
    let server = Server::with(&plant());
    let Some(mut page) = Page::open(&server, "?device=press-1&live=0") else { return };
    page.call(
        "Emulation.setEmulatedMedia",
        &serde_json::json!({"features": [{"name": "forced-colors", "value": "active"}]}),
    );
    drawn(&mut page, "press-1");
    let colours = page.eval(
        "import('/dashboard/colours.js').then(({ colour }) => ['--card', '--ink', '--q0', '--q1', '--anomaly', '--bound'].map(colour))",
    );
    let mut colours: Vec<String> = serde_json::from_value(colours).unwrap();
    colours.sort_unstable();
    colours.dedup();
    assert_eq!(colours.len(), 6, "{colours:?}");
    for chosen in ["#devices [aria-current='true']", "#ranges [aria-pressed='true']"] {
        assert_eq!(
            page.eval(&format!("getComputedStyle($(\"{chosen}\")).outlineStyle")),
            "solid",
            "{chosen}"
        );
    }
    page.screenshot("forced colours");
    page.assert_clean();
}

#[test]
fn every_button_is_large_enough_to_be_hit_and_on_paper_there_is_none() {
    let server = Server::with(&troubled());
    let Some(mut page) = Page::open(&server, "?device=oven-6&live=0") else { return };
    drawn(&mut page, "oven-6");
    let small = page.eval(
        "$$('button').filter((button) => button.getBoundingClientRect().height < 24).map((button) => button.outerHTML.slice(0, 100))",
    );
    assert_eq!(small, serde_json::json!([]));
    page.call("Emulation.setEmulatedMedia", &serde_json::json!({"media": "print"}));
    page.screenshot("print");
    assert_eq!(page.eval("$$('nav, #ranges button, .tools button, #live').length"), 0);
    page.assert_clean();
}
