//! What tests wait for: a device, and all of it.

use crate::page::Page;

/// The button of a device in the list.
pub(crate) fn device(id: &str) -> String {
    format!("#devices button[data-device='{id}']")
}

/// Waits until a device is drawn with all that is said of it: then nothing moves any more.
pub(crate) fn drawn(page: &mut Page, id: &str) {
    let expression = format!(
        "$('#device-id')?.innerText === {id:?} && !document.body.classList.contains('busy')
            && $$(\"#plots [data-role='plot']\").some((plot) => Number(plot.dataset.points) > 0)
            && $$('#distributions, #anomalies, #statistics').every((section) => section.children.length > 0)
            && $$(\"[data-distribution] [data-role='note']\").every((note) => note.innerText !== '')"
    );
    page.until(&format!("{id} is drawn"), &expression);
}
