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

