//! What would be published is the libraries, described and whole.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use crate::libraries;
use crate::shell::{cargo, output, root};

/// Folders of a crate that only its tests and the workshop need.
const LEFT_OUT: [&str; 4] = ["benches", "examples", "snapshots", "tests"];

/// Reads the manifests, and the lists of files that cargo would pack.
pub(super) fn check() -> Result<(), String> {
    let libraries = libraries::list()?;
    let mut faults = find_published_by_mistake(&libraries)?;
    for package in &libraries {
        let mut found = faults_of_manifest(package);
        found.extend(faults_of_files(package)?);
        faults.extend(
            found
                .into_iter()
                .map(|fault| format!("{}: {fault}", package.name)),
        );
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("not ready to publish:\n  {}", faults.join("\n  ")))
    }
}

fn find_published_by_mistake(libraries: &[Package]) -> Result<Vec<String>, String> {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .map_err(|error| error.to_string())?;
    let is_library = |name: &str| libraries.iter().any(|package| package.name == name);
    Ok(metadata
        .packages
        .iter()
        .filter(|package| may_be_published(package) && !is_library(&package.name))
        .map(|package| format!("{}: no library, and may be published", package.name))
        .collect())
}

fn may_be_published(package: &Package) -> bool {
    package.publish.as_ref().is_none_or(|to| !to.is_empty())
}

fn faults_of_manifest(package: &Package) -> Vec<String> {
    let builds_docs = package.metadata["docs"]["rs"]["all-features"] == true;
    let wanted = [
        (may_be_published(package), "publish = true"),
        (package.description.is_some(), "a description"),
        (package.license.is_some(), "a license"),
        (package.rust_version.is_some(), "a rust-version"),
        (package.readme.is_some(), "a readme"),
        ((1..=5).contains(&package.keywords.len()), "1 to 5 keywords"),
        (
            (1..=5).contains(&package.categories.len()),
            "1 to 5 categories",
        ),
        (builds_docs, "all-features for docs.rs"),
    ];
    let lacking = wanted.iter().filter(|(has, _)| !has);
    let without_version = package.dependencies.iter().filter(|dependency| {
        let is_needed = dependency.kind != DependencyKind::Development;
        is_needed && dependency.path.is_some() && dependency.req.comparators.is_empty()
    });
    lacking
        .map(|(_, what)| format!("lacks {what}"))
        .chain(without_version.map(|found| format!("names no version of {}", found.name)))
        .collect()
}

/// Compares what cargo would pack with what lies in the crate's folder.
fn faults_of_files(package: &Package) -> Result<Vec<String>, String> {
    let name = package.name.as_str();
    let list = output(cargo(&[
        "package",
        "--list",
        "--allow-dirty",
        "--package",
        name,
    ]))?;
    let packed: BTreeSet<&str> = list.lines().collect();
    let folder = package.manifest_path.parent().ok_or("no folder")?;
    let mut files = Vec::new();
    list_files(folder.as_std_path(), "", &mut files)?;
    let lacking = files
        .iter()
        .filter(|file| !is_left_out(file) && !packed.contains(file.as_str()))
        .map(|file| format!("{file} is not packed"));
    let superfluous = packed
        .iter()
        .filter(|file| is_left_out(file))
        .map(|file| format!("{file} is packed"));
    Ok(lacking.chain(superfluous).collect())
}

fn is_left_out(file: &str) -> bool {
    let (folders, _) = file.rsplit_once('/').unwrap_or_default();
    folders.split('/').any(|folder| LEFT_OUT.contains(&folder))
}

/// Every file below a folder, by its path from there; hidden ones are nobody's concern.
fn list_files(folder: &Path, above: &str, files: &mut Vec<String>) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{above}{name}");
        if entry.path().is_dir() {
            list_files(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(name: &str) -> Package {
        let mut libraries = libraries::list().unwrap();
        libraries.retain(|package| package.name == name);
        libraries.remove(0)
    }

    #[test]
    fn the_libraries_can_be_published_and_nothing_else() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn what_a_manifest_lacks_is_told() {
        let mut package = library("doorward-axum");
        package.publish = Some(vec![]);
        package.keywords.clear();
        for dependency in &mut package.dependencies {
            dependency.req = cargo_metadata::semver::VersionReq::STAR;
        }
        assert_eq!(
            faults_of_manifest(&package),
            [
                "lacks publish = true",
                "lacks 1 to 5 keywords",
                "names no version of doorward",
                "names no version of doorward-protocol"
            ]
        );
    }

    #[test]
    fn test_data_is_left_out_by_its_folder() {
        for file in ["tests/tokens/jws.rs", "src/mail/snapshots/a.snap"] {
            assert!(is_left_out(file), "{file}");
        }
        for file in ["src/mail/tests.rs", "src/tests_of_logs.rs", "README.md"] {
            assert!(!is_left_out(file), "{file}");
        }
    }
}
