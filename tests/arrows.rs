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

fn manifest(folder: &str) -> toml::Table {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("Cargo.toml");
    std::fs::read_to_string(manifest).unwrap().parse().unwrap()
}

/// The packages of ours that the tables of this name have, also those for some targets only and under another name.
fn ours_in(manifest: &toml::Table, workspace: &toml::Table, table: &str) -> BTreeSet<String> {
    let targets =
        manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let all = targets.filter_map(toml::Value::as_table).chain([manifest]);
    let dependencies = all.filter_map(|all| all.get(table)?.as_table()).flatten();
    let package = |(name, dependency): (&String, &toml::Value)| {
        let renamed = |dependency: &toml::Value| Some(dependency.get("package")?.as_str()?.to_owned());
        let shared = dependency.get("workspace").and_then(|_| workspace.get(name));
        renamed(dependency).or_else(|| renamed(shared?)).unwrap_or_else(|| name.clone())
    };
    dependencies.map(package).filter(|name| name == "iot" || name.starts_with("iot-")).collect()
}

fn ours(folder: &str, table: &str) -> BTreeSet<String> {
    let root = manifest(".");
    ours_in(&manifest(folder), root["workspace"]["dependencies"].as_table().unwrap(), table)
}

#[test]
fn a_package_is_seen_under_another_name_and_for_one_target_only() {
    let workspace = "shared = { package = \"iot-api\" }\niot-core = {}\nserde = \"1\"".parse().unwrap();
    let manifest = r#"
        [dependencies]
        iot-core.workspace = true
        serde.workspace = true
        store = { package = "iot-store", version = "0.1" }
        [target.'cfg(unix)'.dependencies]
        iot-kafka = "0.1"
        [target.x86_64-unknown-linux-gnu.dependencies]
        shared.workspace = true
        [target.'cfg(unix)'.dev-dependencies]
        iot-testkit = "0.1"
    "#;
    let found = ours_in(&manifest.parse().unwrap(), &workspace, "dependencies");
    assert_eq!(found, ["iot-api", "iot-core", "iot-kafka", "iot-store"].map(str::to_owned).into());
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
    let root = manifest(".");
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
