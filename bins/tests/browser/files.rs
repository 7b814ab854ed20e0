//! What can be taken along: CSV and PNG.

use iot::{Device, Quantity};

use crate::page::Page;
use crate::relay::Relay;
use crate::server::{BEGIN, Server, readings};
use crate::shown::drawn;

#[test]
fn the_csv_has_every_reading_of_the_range_to_the_last_bit() {
    let device = Device::from_parts("=1+1", Some("Sensor"), Some("+ware,\"house\"")).unwrap();
    let sent = readings(&device, 5000, 1, |n| {
        vec![(Quantity::VOLTAGE, 5.0 / 3.0 + n as f64 * 1e-9), (Quantity::CURRENT, -(n as f64) / 7.0)]
    });
    let server = Server::with(&sent);
    let Some(mut page) = Page::open(&server, "") else { return };
    drawn(&mut page, "=1+1");
    let (name, content) = page.download(|page| page.click("#export-csv"));
    assert!(name.ends_with(".csv") && !name.contains(['/', '"', ' ']), "{name}");
    let text = String::from_utf8(content).unwrap();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let place = |column: &str| {
        head.iter().position(|name| *name == column).unwrap_or_else(|| panic!("no {column} in {head:?}"))
    };
    let (time, voltage, current) = (place("timestamp"), place("voltage (V)"), place("current (A)"));
    let rows: Vec<&str> = lines.collect();
    assert_eq!(rows.len(), 5000);
    for (row, reading) in rows.iter().zip(&sent) {
        let cells: Vec<&str> = row.split(',').collect();
        // The place has a comma: what comes after it is counted from the end.
        let cell = |at: usize| if at == 0 { cells[0] } else { cells[cells.len() + at - head.len()] };
        assert_eq!(cell(time).parse::<iot::Timestamp>().unwrap(), reading.time());
        for (at, name) in [(voltage, "voltage"), (current, "current")] {
            assert_eq!(
                cell(at).parse::<f64>().unwrap().to_bits(),
                reading.value(name).unwrap().to_bits(),
                "{row}"
            );
        }
        // Spreadsheets take a cell that begins like this for a formula.
        assert!(!cells.iter().any(|cell| cell.trim_matches('"').starts_with(['=', '+', '@'])), "{row}");
    }
    page.assert_clean();
}

#[test]
fn the_csv_of_a_zoom_has_the_readings_of_the_zoom() {
    let device = Device::new("tap-9").unwrap();
    let server = Server::with(&readings(&device, 5000, 1, |n| vec![(Quantity::VOLTAGE, n as f64)]));
    let (from, to) = ((BEGIN + 1000) * 1000, (BEGIN + 1100) * 1000);
    let Some(mut page) = Page::open(&server, &format!("?device=tap-9&range={from}..{to}")) else { return };
    drawn(&mut page, "tap-9");
    let (_, content) = page.download(|page| page.click("#export-csv"));
    let text = String::from_utf8(content).unwrap();
    assert_eq!(text.lines().count(), 101);
    assert!(text.contains("1000") && text.contains("1099") && !text.contains(",1100"));
    page.assert_clean();
}

#[test]
fn a_plot_is_saved_as_a_picture() {
    let device = Device::new("tap/9 <b>").unwrap();
    let server = Server::with(&readings(&device, 500, 1, |n| vec![(Quantity::VOLTAGE, n as f64)]));
    let Some(mut page) = Page::open(&server, "") else { return };
    drawn(&mut page, "tap/9 <b>");
    for card in
        ["#plots [data-plot='voltage']", "[data-distribution='voltage']", "[data-anomalies='voltage']"]
    {
        page.until(card, &format!("Number($(\"{card} [data-role='plot']\")?.dataset.points) > 0"));
        let (name, content) = page.download(|page| page.click(&format!("{card} [data-action='png']")));
        assert!(name.ends_with(".png") && !name.contains('/'), "{name}");
        assert_eq!(content[..8], *b"\x89PNG\r\n\x1a\n");
        let side = |at: usize| u32::from_be_bytes(content[at..at + 4].try_into().unwrap());
        assert!(side(16) > 200 && side(20) > 150, "{} by {}", side(16), side(20));
        assert!(content.len() > 2000, "a picture of nothing");
    }
    page.assert_clean();
}

#[test]
fn a_picture_says_of_what_and_when_it_is_and_there_is_none_of_nothing() {
    let device = Device::new("tap-9").unwrap();
    let relay =
        Relay::before(Server::with(&readings(&device, 500, 1, |n| vec![(Quantity::VOLTAGE, n as f64)])));
    let Some(page) = Page::of(relay.address()) else { return };
    relay.hold("/distribution?");
    let mut page = page.at("?device=tap-9&zone=utc&live=0");
    relay.until_held("/distribution?");
    let png = "[data-distribution='voltage'] [data-action='png']";
    assert_eq!(page.eval(&format!("$(\"{png}\").disabled")), true);
    relay.let_go();
    drawn(&mut page, "tap-9");
    page.eval(
        "(() => {
            window.written = [];
            const { fillText } = CanvasRenderingContext2D.prototype;
            CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
                written.push(text);
                fillText.call(this, text, ...rest);
            };
        })()",
    );
    for (card, title) in [
        ("[data-plot='voltage']", "Voltage (V)"),
        ("[data-distribution='voltage']", "Distribution of Voltage (V)"),
    ] {
        page.eval("written.length = 0");
        page.download(|page| page.click(&format!("{card} [data-action='png']")));
        assert_eq!(
            page.eval("written"),
            serde_json::json!([title, "tap-9", "2025-02-05 00:00:00 UTC to 2025-02-05 00:08:19 UTC"])
        );
    }
    page.assert_clean();
}

#[test]
fn a_csv_that_a_token_is_needed_for_comes_or_it_is_said_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "open-sesame-0123456789\n").unwrap();
    let device = Device::new("tap-9").unwrap();
    let readings = readings(&device, 50, 1, |n| vec![(Quantity::VOLTAGE, n as f64)]);
    let server = Server::with_options(&readings, &["--read-token-file", file.to_str().unwrap()]);
    let relay = Relay::before(server);
    let Some(page) = Page::of(relay.address()) else { return };
    let mut page = page.at("?live=0");
    page.until("it asks", "!!$('#token-form')");
    page.fill("#token", "open-sesame-0123456789");
    page.click("#token-show");
    drawn(&mut page, "tap-9");
    let (_, content) = page.download(|page| page.click("#export-csv"));
    assert_eq!(String::from_utf8(content).unwrap().lines().count(), 51);
    relay.fail("/readings?", 200);
    page.click("#export-csv");
    page.until("it is said", "$('#status')?.innerText.includes('cannot be reached')");
    page.assert_clean_but_for(&["401", "ERR_"]);
}
