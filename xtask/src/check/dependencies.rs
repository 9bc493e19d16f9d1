//! Licences, bans and sources of all that is built, by `deny.toml`; with
//! cargo-deny where it is installed.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{CargoOpt, MetadataCommand, Package};

use super::policy::Policy;
use crate::shell::{cargo, output, root, run};

/// Checks the packages ourselves, then lets cargo-deny do so where it can.
pub(super) fn check() -> Result<(), String> {
    check_packages()?;
    if output(cargo(&["deny", "--version"])).is_err() {
        println!("   advisories skipped: cargo-deny is not installed");
        return Ok(());
    }
    let deny = ["deny", "--log-level", "error", "check"];
    run(cargo(
        &[&deny[..], &["licenses", "bans", "sources"]].concat(),
    ))?;
    if let Err(fault) = output(cargo(&["deny", "fetch", "db"])) {
        println!("   advisories skipped: their database cannot be had");
        println!("   {}", fault.lines().last().unwrap_or_default());
        return Ok(());
    }
    run(cargo(&[&deny[..], &["advisories"]].concat()))
}

fn check_packages() -> Result<(), String> {
    let text = std::fs::read_to_string(root().join("deny.toml"))
        .map_err(|error| format!("deny.toml: {error}"))?;
    let policy = Policy::parse(&text)?;
    let built = list_built()?;
    let faults: Vec<String> = built
        .iter()
        .flat_map(|package| faults_of(&policy, package))
        .collect();
    if !faults.is_empty() {
        return Err(format!("not by deny.toml:\n  {}", faults.join("\n  ")));
    }
    println!("   {} packages, all by deny.toml", built.len());
    for (name, versions) in duplicates(&built) {
        println!("   more than one {name}: {}", versions.join(", "));
    }
    Ok(())
}

fn faults_of(policy: &Policy, package: &Package) -> Vec<String> {
    [
        policy.check_license(package.license.as_deref()),
        policy.check_name(&package.name),
        policy.check_source(package.source.as_ref()),
    ]
    .into_iter()
    .filter_map(Result::err)
    .map(|fault| format!("{} {} {fault}", package.name, package.version))
    .collect()
}

/// All packages that are built with all features on any system.
///
/// The lock file and `cargo metadata` also name optional packages that no
/// feature turns on (`ring`, for one); `cargo tree` does not.
fn list_built() -> Result<Vec<Package>, String> {
    let tree = output(cargo(&[
        "tree",
        "--workspace",
        "--all-features",
        "--target=all",
        "--edges=normal,build,dev",
        "--prefix=none",
        "--format={p}",
    ]))?;
    let names: BTreeSet<(&str, &str)> = tree.lines().filter_map(name_and_version).collect();
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .features(CargoOpt::AllFeatures)
        .exec()
        .map_err(|error| error.to_string())?;
    let built: Vec<Package> = metadata
        .packages
        .into_iter()
        .filter(|package| {
            names.contains(&(package.name.as_str(), package.version.to_string().as_str()))
        })
        .collect();
    if built.len() == names.len() {
        Ok(built)
    } else {
        Err("`cargo tree` and `cargo metadata` disagree about the packages".to_owned())
    }
}

/// Of `serde v1.0.0`, `serde_derive v1.0.0 (proc-macro)`, `xtask v0.1.0 (/path) (*)`.
fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once(" v")?;
    Some((name, rest.split(' ').next()?))
}

fn duplicates(packages: &[Package]) -> BTreeMap<&str, Vec<String>> {
    let mut versions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for package in packages {
        versions
            .entry(package.name.as_str())
            .or_default()
            .push(package.version.to_string());
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_cargo_tree_are_read() {
        for line in [
            "serde v1.0.0",
            "serde v1.0.0 (proc-macro)",
            "serde v1.0.0 (/a folder/serde) (*)",
        ] {
            assert_eq!(name_and_version(line), Some(("serde", "1.0.0")));
        }
        assert_eq!(name_and_version(""), None);
    }
}
