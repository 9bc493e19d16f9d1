//! Each library compiles with no features, with each of them alone, and with all.

use std::collections::{BTreeMap, BTreeSet};

use crate::libraries;
use crate::shell::{cargo, run};

/// What a feature turns on, by its name, as a manifest says it.
type Features = BTreeMap<String, Vec<String>>;

/// Compiles them one after another; warnings are faults, for what no feature uses is one.
pub(super) fn check() -> Result<(), String> {
    for package in libraries::list()? {
        for features in combinations(&package.features) {
            let features = Vec::from_iter(features).join(",");
            println!("   {} [{features}]", package.name);
            let mut command = cargo(&["clippy", "--quiet", "--lib", "--no-deps"]);
            command.args(["--package", package.name.as_str()]);
            command.args(["--no-default-features", "--features", &features]);
            command.args(["--", "-D", "warnings"]);
            run(command)?;
        }
    }
    Ok(())
}

/// The sets to be tried, without those that come to the same.
fn combinations(features: &Features) -> BTreeSet<BTreeSet<&str>> {
    let none = BTreeSet::new();
    let alone = features.keys().map(|name| turned_on(features, name));
    let all = features.keys().flat_map(|name| turned_on(features, name));
    [none, all.collect()].into_iter().chain(alone).collect()
}

/// A feature with those of the same crate that it turns on; `default` is only a name for them.
fn turned_on<'f>(features: &'f Features, name: &'f str) -> BTreeSet<&'f str> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![name];
    while let Some(name) = waiting.pop() {
        // Others are features of dependencies: `dep:name`, `name/feature`.
        if let Some(more) = features.get(name)
            && found.insert(name)
        {
            waiting.extend(more.iter().map(String::as_str));
        }
    }
    found.remove("default");
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(manifest: &[(&str, &[&str])]) -> Vec<String> {
        let features = manifest
            .iter()
            .map(|(name, on)| {
                let on = on.iter().map(|on| (*on).to_owned()).collect();
                ((*name).to_owned(), on)
            })
            .collect();
        combinations(&features)
            .into_iter()
            .map(|set| Vec::from_iter(set).join(","))
            .collect()
    }

    #[test]
    fn a_crate_without_features_is_compiled_once() {
        assert_eq!(tried(&[]), [""]);
        assert_eq!(tried(&[("default", &[])]), [""]);
    }

    #[test]
    fn none_each_and_all_are_tried() {
        let features: [(&str, &[&str]); 4] = [
            ("default", &["a"]),
            ("a", &["dep:x", "x/a"]),
            ("b", &[]),
            ("c", &[]),
        ];
        assert_eq!(tried(&features), ["", "a", "a,b,c", "b", "c"]);
    }

    #[test]
    fn what_comes_to_the_same_is_tried_once() {
        assert_eq!(tried(&[("a", &["b"]), ("b", &["a"])]), ["", "a,b"]);
        assert_eq!(tried(&[("a", &["b"]), ("b", &[])]), ["", "a,b", "b"]);
    }
}
