//! Every number on the page is that of the analytics crate and of pandas, of all readings.

use std::collections::BTreeMap;
use std::process::Command;

use iot::analytics::{
    Bandwidth, Bins, Correlation, Energy, Histogram, Integration, KernelDensity, Method, Summary, power,
};
use iot::{Detect as _, Detector as _, Device, Frame, Quantity, Query, Reading, Series, StoreExt as _};
use serde_json::{Value, json};

use crate::page::Page;
use crate::python::python;
use crate::server::{Server, block_on, chance, readings, seed_device};
use crate::shown::drawn;

/// The columns of the table of statistics.
type Table = BTreeMap<(String, String), f64>;

/// Far more readings than one page of the replaced system, some without a voltage or a current.
fn mill() -> Vec<Reading> {
    let device = Device::from_parts("mill-5", Some("Actuator"), Some("production")).unwrap();
    readings(&device, 6000, 600, |n| {
        let mut values = vec![(Quantity::TEMPERATURE, 20.0 + 8.0 * chance(5 * n).sqrt())];
        if n % 97 != 3 {
            values.push((Quantity::VOLTAGE, 5.0 + 7.0 * chance(5 * n + 1)));
        }
        if n % 89 != 7 {
            values.push((Quantity::CURRENT, 0.1 + 1.9 * chance(5 * n + 2) * chance(5 * n + 1)));
        }
        values
    })
}

fn stored(server: &Server, device: &str) -> Frame {
    block_on(async {
        let store = iot::open_store(server.address()).await.unwrap();
        store.read(Query::device(device)).await.unwrap().unwrap()
    })
}

/// What pandas makes of a CSV file that the page has exported.
fn of_pandas(page: &mut Page, mut script: Command) -> Value {
    let (_, csv) = page.download(|page| page.click("#export-csv"));
    let file = page.chromium.folder().join("readings.csv");
    std::fs::write(&file, csv).unwrap();
    let output = script.arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn same(what: &str, found: f64, expected: f64, relative: f64) {
    let near = (found - expected).abs() <= relative * expected.abs().max(1e-300);
    assert!(near, "{what}: {found} is not {expected}");
}

/// The table of statistics: exact values, of which the texts are the first digits.
fn statistics(page: &mut Page) -> Table {
    let cells = page.eval(
        "$$('#statistics [data-row] [data-quantity]').filter(({ dataset }) => dataset.value !== '')
            .map((cell) => [cell.closest('[data-row]').dataset.row, cell.dataset.quantity, cell.dataset.value, cell.innerText])",
    );
    let cells: Vec<[String; 4]> = serde_json::from_value(cells).unwrap();
    let cell = |[row, quantity, exact, text]: [String; 4]| {
        let exact: f64 = exact.parse().unwrap();
        let digits: String = text.chars().take_while(|c| *c != '(').filter(|c| !", ".contains(*c)).collect();
        same(&format!("{row} of {quantity} as text"), digits.replace('−', "-").parse().unwrap(), exact, 1e-5);
        ((row, quantity), exact)
    };
    cells.into_iter().map(cell).collect()
}

fn of_analytics(frame: &Frame) -> Table {
    let mut table = Table::new();
    let (voltage, current) = (frame.values("voltage").unwrap(), frame.values("current").unwrap());
    let watts = power(voltage, current).unwrap();
    let columns = frame.columns().iter().map(|column| (column.quantity.name(), &column.values[..]));
    for (name, values) in columns.chain([("power", &watts[..])]) {
        let summary = Summary::of(values);
        let moments = summary.moments();
        for (row, value) in [
            ("count", moments.count() as f64),
            ("mean", moments.mean()),
            ("std", moments.std()),
            ("min", moments.min()),
            ("max", moments.max()),
            ("median", summary.median()),
        ] {
            table.insert((row.into(), name.into()), value);
        }
    }
    let mut energy = Energy::new(Integration::Trapezoid);
    energy.extend(Series::new(frame.times(), &watts).unwrap()).unwrap();
    table.insert(("energy".into(), "power".into()), energy.kilowatt_hours());
    let correlation = Correlation::of(voltage, current).unwrap().pearson();
    table.insert(("correlation".into(), "power".into()), correlation);
    table
}

#[test]
fn s9_statistics_and_distributions_are_those_of_analytics_and_of_pandas_of_all_readings() {
    let Some(script) = python("figures.py") else { return };
    let server = Server::with(&mill());
    let Some(mut page) = Page::open(&server, "?device=mill-5&zone=utc") else { return };
    drawn(&mut page, "mill-5");
    page.until("the statistics", "!!$('#statistics [data-row=correlation]')");
    let (frame, pandas) = (stored(&server, "mill-5"), of_pandas(&mut page, script));
    let (shown, expected) = (statistics(&mut page), of_analytics(&frame));
    assert_eq!(shown.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for ((row, quantity), shown) in &shown {
        let what = format!("{row} of {quantity}");
        same(&what, *shown, expected[&(row.clone(), quantity.clone())], 1e-12);
        same(&what, *shown, pandas["statistics"][quantity][row].as_f64().unwrap(), 1e-9);
    }
    assert!(shown[&("count".into(), "voltage".into())] > 5900.0);

    for quantity in ["voltage", "current", "temperature"] {
        let card = format!("#distributions [data-distribution='{quantity}']");
        page.click(&format!("{card} [data-action='table']"));
        let rows = format!(
            "$$(\"{card} [data-role='table'] tbody tr\").map((row) => [...row.cells].map((cell) => cell.innerText))"
        );
        page.until("its bins", &format!("{rows}.length === 20"));
        let bins: Vec<[String; 3]> = serde_json::from_value(page.eval(&rows)).unwrap();
        let histogram = Histogram::of(frame.values(quantity).unwrap(), Bins::Count(20)).unwrap();
        let pandas = &pandas["distributions"][quantity];
        for (i, bin) in bins.iter().enumerate() {
            let [from, to, count] = bin.each_ref().map(|text| text.replace(',', "").parse::<f64>().unwrap());
            assert_eq!(count, histogram.counts()[i] as f64, "bin {i} of {quantity}");
            assert_eq!(json!(count), json!(pandas["counts"][i].as_f64()), "bin {i} of {quantity}");
            for (found, edge) in [(from, i), (to, i + 1)] {
                same("an edge", found, histogram.edges()[edge], 1e-5);
                same("an edge", found, pandas["edges"][edge].as_f64().unwrap(), 1e-5);
            }
        }
        // The curve has no text: it is drawn from this answer.
        let answer = page.eval(&format!(
            "await (await fetch('../api/v1/devices/mill-5/distribution?quantity={quantity}')).json()"
        ));
        let values: Vec<f64> =
            frame.values(quantity).unwrap().iter().copied().filter(|value| !value.is_nan()).collect();
        let density = KernelDensity::of(&values, Bandwidth::Scott).unwrap();
        for place in (0..200).step_by(20) {
            let at = answer["density"]["points"][place].as_f64().unwrap();
            let found = answer["density"]["densities"][place].as_f64().unwrap();
            same("a density", found, density.at(&[at])[0], 1e-3);
            same("a density", found, pandas["density"][place].as_f64().unwrap(), 1e-3);
        }
    }
    page.assert_clean();
}

/// The times that the table behind a plot calls anomalies.
fn marked(page: &mut Page, quantity: &str) -> Vec<String> {
    let card = format!("[data-anomalies='{quantity}']");
    page.click(&format!("{card} [data-action='table']"));
    let rows = format!("$$(\"{card} [data-role='table'] tbody tr\")");
    page.until("all readings", &format!("{rows}.length === 168"));
    let times = page.eval(&format!(
        "{rows}.filter((row) => row.cells[2].innerText !== '').map((row) => row.cells[0].innerText.slice(0, 19))"
    ));
    serde_json::from_value(times).unwrap()
}

#[test]
fn the_demo_of_the_replaced_system_shows_the_anomalies_of_analytics_and_of_pandas() {
    let Some(script) = python("figures.py") else { return };
    let server = Server::with(&seed_device());
    let Some(mut page) = Page::open(&server, "?device=press-1&zone=utc") else { return };
    drawn(&mut page, "press-1");
    page.click("#demo");
    let (frame, pandas) = (stored(&server, "press-1"), of_pandas(&mut page, script));
    for (quantity, method) in [
        ("current", json!({"method": "value_based", "low": 22.67, "high": 90.21})),
        ("voltage", json!({"method": "quantile", "low": 0.12, "high": 0.67})),
    ] {
        let card = format!("[data-anomalies='{quantity}']");
        let (low, high) =
            (format!("{card} [data-parameter='low']"), format!("{card} [data-parameter='high']"));
        let stands = format!(
            "$(\"{card} [data-role='method']\").value === {} && $(\"{low}\").value === '{}' && $(\"{high}\").value === '{}'",
            method["method"], method["low"], method["high"]
        );
        page.until("the fields say so", &stands);
        let series = frame.series(quantity).unwrap();
        let model = serde_json::from_value::<Method>(method).unwrap().fit(series).unwrap();
        let (bounds, verdicts) = (model.bounds(), model.detect(series));
        let times: Vec<String> = verdicts
            .anomalies()
            .map(|at| {
                iot::Timestamp::from_nanos(frame.times()[at]).to_string().replace('T', " ")[..19].to_owned()
            })
            .collect();
        assert!(times.len() > 10 && times.len() < 100);
        let count = format!("{card} [data-role='count']");
        page.until("the count", &format!("$(\"{count}\")?.dataset.anomaliesCount === '{}'", times.len()));
        assert!(page.text(&count).starts_with(&format!("{} of 168 ", times.len())), "{}", page.text(&count));
        let used = format!("{card} [data-role='bounds']");
        for (name, bound) in [("low", bounds.low), ("high", bounds.high)] {
            same(name, page.number(&used, &format!("data-{name}")), bound, 1e-12);
            same(name, pandas["demo"][quantity][name].as_f64().unwrap(), bound, 1e-12);
        }
        let shown = marked(&mut page, quantity);
        assert_eq!(shown, times);
        assert_eq!(
            shown,
            serde_json::from_value::<Vec<String>>(pandas["demo"][quantity]["times"].clone()).unwrap()
        );
    }
    page.screenshot("demo");
    page.assert_clean();
}
