//! What can be taken along: CSV and PNG.

use iot::{Device, Quantity};

use crate::page::Page;
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
