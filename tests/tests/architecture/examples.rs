//! Examples are what an application looks like: small, on the libraries alone.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cargo_metadata::{DependencyKind, Package};

use crate::assert_none;
use crate::dependencies::WORKSPACE;
use crate::source::{list_sources, root};

/// The longest `main.rs`, in lines, tests not counted.
const LONGEST: usize = 150;
/// The same of the least that an application needs.
const LONGEST_MINIMAL: usize = 40;
/// What an application names of ours.
const LIBRARIES: [&str; 2] = ["doorward", "doorward-axum"];

fn packages_below_examples() -> impl Iterator<Item = &'static Package> {
    let examples = root().join("examples");
    let packages = WORKSPACE.packages.iter();
    packages.filter(move |package| package.manifest_path.starts_with(&examples))
}

/// The folders below `examples/`, of which each is one.
fn folders() -> Vec<PathBuf> {
    let entries = root().join("examples").read_dir().unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders
}

#[test]
fn each_is_a_package_of_the_workspace_with_a_readme() {
    let known: BTreeSet<&str> = packages_below_examples()
        .map(|package| package.name.as_str())
        .collect();
    assert!(!known.is_empty());
    let offenders: Vec<String> = folders()
        .into_iter()
        .flat_map(|folder| {
            let name = folder.file_name().unwrap().to_string_lossy();
            let package = format!("example-{}", name.replace('_', "-"));
            let has_package = known.contains(package.as_str());
            let has_readme = folder.join("README.md").is_file();
            [
                (!has_package).then(|| format!("{name}: no package {package} in the workspace")),
                (!has_readme).then(|| format!("{name}: no README.md")),
            ]
        })
        .flatten()
        .collect();
    assert_none("an example is a package, and says how to start", &offenders);
}

#[test]
fn they_use_the_libraries_and_nothing_else_of_ours() {
    let offenders: Vec<_> = packages_below_examples()
        .flat_map(|package| package.dependencies.iter().map(move |used| (package, used)))
        .filter(|(_, used)| used.kind == DependencyKind::Normal)
        .filter(|(_, used)| used.path.is_some() && !LIBRARIES.contains(&used.name.as_str()))
        .map(|(package, used)| format!("{} depends on {}", package.name, used.name))
        .collect();
    assert_none("examples embed the libraries", &offenders);
}

#[test]
fn they_are_small() {
    let offenders: Vec<_> = list_sources("examples")
        .filter(|file| file.path.ends_with("/src/main.rs"))
        .filter(|file| file.count_lines() > longest(&file.path))
        .map(|file| format!("{}: {} lines", file.path, file.count_lines()))
        .collect();
    assert_none("an example is read in one go", &offenders);
}

fn longest(path: &str) -> usize {
    if path.starts_with("examples/embed_minimal/") {
        LONGEST_MINIMAL
    } else {
        LONGEST
    }
}
