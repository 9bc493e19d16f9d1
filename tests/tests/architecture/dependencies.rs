//! Who may depend on whom, and that each dependency is accounted for.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::assert_none;
use crate::source::root;

pub(crate) static WORKSPACE: LazyLock<Metadata> = LazyLock::new(|| {
    MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap()
});

/// Crates below `crates/` and the crates of ours that each may use.
const DIRECTIONS: [(&str, &[&str]); 5] = [
    ("doorward-protocol", &[]),
    ("doorward", &["doorward-protocol"]),
    ("doorward-axum", &["doorward", "doorward-protocol"]),
    (
        "doorward-server",
        &["doorward", "doorward-axum", "doorward-protocol"],
    ),
    ("doorward-resource-server", &["doorward-protocol"]),
];

const ASYNC: &[&str] = &["async-trait", "futures", "futures-util", "tokio"];
const CLOCK: &[&str] = &["chrono", "jiff", "time"];
const DATABASE: &[&str] = &["rusqlite", "sqlx", "redis"];
const HTTP_CLIENT: &[&str] = &["reqwest"];
const HTTP: &[&str] = &[
    "axum",
    "axum-extra",
    "hyper",
    "hyper-util",
    "tower",
    "tower-http",
    "utoipa",
];
const PROCESS: &[&str] = &[
    "clap",
    "config",
    "dotenvy",
    "rpassword",
    "tracing-subscriber",
];
const RANDOMNESS: &[&str] = &["fastrand", "getrandom", "rand"];

fn packages_below_crates() -> impl Iterator<Item = &'static Package> {
    let crates = root().join("crates");
    WORKSPACE
        .packages
        .iter()
        .filter(move |package| package.manifest_path.starts_with(&crates))
}

/// What a package needs to run; its tests may need more.
fn names_of_dependencies(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.as_str())
}

#[track_caller]
fn assert_holds_none_of(package: &str, forbidden: &[&[&str]]) {
    let package = WORKSPACE
        .packages
        .iter()
        .find(|candidate| candidate.name == package)
        .unwrap();
    let offenders: Vec<_> = names_of_dependencies(package)
        .filter(|name| forbidden.iter().any(|names| names.contains(name)))
        .map(|name| format!("{} depends on {name}", package.name))
        .collect();
    assert_none(
        "a crate depends on what it is there to keep out",
        &offenders,
    );
}

#[test]
fn our_crates_depend_in_one_direction() {
    let mut offenders = Vec::new();
    for package in packages_below_crates() {
        let Some((_, allowed)) = DIRECTIONS.iter().find(|(name, _)| package.name == *name) else {
            offenders.push(format!("{} has no place in the order", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            // A crate may name itself, to test with its own features.
            let own_tests = dependency.kind == DependencyKind::Development
                && (name == package.name.as_str() || name == "doorward-tests");
            if name.starts_with("doorward") && !own_tests && !allowed.contains(&name) {
                offenders.push(format!("{} depends on {name}", package.name));
            }
        }
    }
    assert_none(
        "doorward-protocol <- doorward <- doorward-axum <- doorward-server",
        &offenders,
    );
}

#[test]
fn the_protocol_is_pure() {
    assert_holds_none_of(
        "doorward-protocol",
        &[
            ASYNC,
            CLOCK,
            DATABASE,
            HTTP,
            HTTP_CLIENT,
            PROCESS,
            RANDOMNESS,
        ],
    );
}

#[test]
fn the_library_knows_neither_http_nor_the_process() {
    assert_holds_none_of("doorward", &[HTTP, PROCESS]);
}

/// Who embeds the library need not take what asks other services.
#[test]
fn the_library_asks_others_only_where_it_was_told_to() {
    let needed: Vec<_> = packages_below_crates()
        .filter(|package| package.name == "doorward")
        .flat_map(|package| &package.dependencies)
        .filter(|dependency| !dependency.optional)
        .map(|dependency| dependency.name.clone())
        .filter(|name| HTTP_CLIENT.contains(&name.as_str()))
        .collect();
    assert_none("HTTP clients are optional in doorward", &needed);
}

#[test]
fn the_http_layer_knows_neither_databases_nor_the_process() {
    assert_holds_none_of("doorward-axum", &[DATABASE, HTTP_CLIENT, PROCESS]);
}

#[test]
fn the_server_knows_no_database() {
    assert_holds_none_of("doorward-server", &[DATABASE]);
}

#[test]
fn each_direct_dependency_is_accounted_for() {
    let path = root().join("docs/conventions/dependencies.md");
    let page = std::fs::read_to_string(path).unwrap();
    let named: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let used: BTreeSet<&str> = WORKSPACE
        .packages
        .iter()
        .flat_map(|package| &package.dependencies)
        .filter(|dependency| dependency.path.is_none())
        .map(|dependency| dependency.name.as_str())
        .collect();
    let missing: Vec<_> = used
        .difference(&named)
        .map(|name| format!("{name} is missing"))
        .collect();
    let stale: Vec<_> = named
        .difference(&used)
        .map(|name| format!("{name} is used no more"))
        .collect();
    assert_none(
        "docs/conventions/dependencies.md names each dependency with its reason",
        &[missing, stale].concat(),
    );
}
