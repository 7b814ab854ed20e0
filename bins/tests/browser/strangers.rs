//! Ids and names come from strangers.

use iot::{Device, Quantity};

use crate::page::Page;
use crate::server::{Server, readings};

#[test]
fn an_id_that_is_markup_is_shown_as_text_and_runs_nothing() {
    let id = "<img src=x onerror=alert(1)>";
    let device =
        Device::from_parts(id, Some("<script>alert(2)</script>"), Some("\"'><svg onload=alert(3)>")).unwrap();
    let unit = Quantity::new("co2", "<b>ppm</b>").unwrap();
    let server = Server::with(&readings(&device, 100, 60, |n| vec![(unit.clone(), 400.0 + n as f64)]));
    let Some(mut page) = Page::open(&server, "") else { return };
    page.until("its plot", "$$('.uplot canvas').length >= 1");
    assert!(page.text("h1").contains(id));
    assert!(page.text("#devices").contains("<script>alert(2)</script>"));
    assert_eq!(page.eval("document.querySelectorAll('main img, main b, nav svg, nav script').length"), 0);
    let answers = page.events("Network.responseReceived");
    let document = answers.iter().find(|answer| answer["type"] == "Document").unwrap();
    let policy = document["response"]["headers"]["content-security-policy"].as_str().unwrap();
    for part in ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part) && !policy.contains("unsafe"), "no {part} in {policy}");
    }
    page.assert_clean();
}

#[test]
fn any_id_can_be_chosen_linked_to_and_asked_for() {
    let ids = ["Gerät 7/α", "50 % & more?#x", "a+b=c;d,e", "温度計"];
    let mut all = Vec::new();
    for id in ids {
        all.extend(readings(&Device::new(id).unwrap(), 50, 60, |n| vec![(Quantity::VOLTAGE, n as f64)]));
    }
    let server = Server::with(&all);
    let Some(mut page) = Page::open(&server, "?sort=id&live=0") else { return };
    for id in ids {
        page.until("the list", "$$('#devices button').length === 4");
        page.eval(&format!(
            "$$('#devices button').find((button) => button.dataset.device === {id:?}).click()"
        ));
        crate::shown::drawn(&mut page, id);
        page.reload();
        crate::shown::drawn(&mut page, id);
    }
    page.assert_clean();
}
