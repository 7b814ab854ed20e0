//! What tests wait for: a device, and all of it.

use crate::page::Page;

/// The button of a device in the list.
pub(crate) fn device(id: &str) -> String {
    format!("#devices button[data-device='{id}']")
}

/// Waits until all has been said of a device: then nothing moves any more.
pub(crate) fn told(page: &mut Page, id: &str) {
    let expression = format!(
        "$('#device-id')?.innerText === {id:?} && !document.body.classList.contains('busy')
            && $$('#distributions, #anomalies, #statistics').every((section) => section.children.length > 0)
            && $$('[aria-busy=true]').length === 0"
    );
    page.until(&format!("all is said of {id}"), &expression);
}

/// The same for a device with readings in the range.
pub(crate) fn drawn(page: &mut Page, id: &str) {
    let points = "$$(\"#plots [data-role='plot']\").some((plot) => Number(plot.dataset.points) > 0)";
    page.until(&format!("{id} is drawn"), &format!("$('#device-id')?.innerText === {id:?} && {points}"));
    told(page, id);
}
