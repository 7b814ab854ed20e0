//! Who may import whom: the arrows of ARCHITECTURE.md, read from the manifests.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::collections::BTreeSet;
use std::path::Path;

/// Each package with the packages of ours it may depend on, tests and benches not counted.
const ARROWS: [(&str, &[&str]); 8] = [
    ("iot-core", &[]),
    ("iot-testkit", &["iot-core"]),
    ("iot-kafka", &["iot-core"]),
    ("iot-store", &["iot-core"]),
    ("iot-analytics", &["iot-core"]),
    ("iot-api", &["iot-core", "iot-analytics"]),
    (".", &["iot-core", "iot-kafka", "iot-store", "iot-analytics", "iot-api"]),
    ("bins", &["iot"]),
];

fn ours(folder: &str, table: &str) -> BTreeSet<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("Cargo.toml");
    let manifest: toml::Table = std::fs::read_to_string(manifest).unwrap().parse().unwrap();
    let names = manifest.get(table).and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys);
    names.filter(|name| *name == "iot" || name.starts_with("iot-")).cloned().collect()
}

#[test]
fn siblings_never_meet() {
    for (folder, allowed) in ARROWS {
        let mut found = ours(folder, "dependencies");
        found.extend(ours(folder, "build-dependencies"));
        let allowed: BTreeSet<String> = allowed.iter().map(ToString::to_string).collect();
        let forbidden: Vec<_> = found.difference(&allowed).collect();
        assert!(forbidden.is_empty(), "{folder} may not depend on {forbidden:?}");
    }
}

#[test]
fn every_package_has_its_arrows_checked() {
    let root: toml::Table = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let members: BTreeSet<&str> =
        root["workspace"]["members"].as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
    assert_eq!(members, ARROWS.iter().map(|(folder, _)| *folder).collect());
}

#[test]
fn the_testkit_is_for_tests_only() {
    for (folder, _) in ARROWS {
        assert!(!ours(folder, "dependencies").contains("iot-testkit"), "{folder} ships the testkit");
    }
}
