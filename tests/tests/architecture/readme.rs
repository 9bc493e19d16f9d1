//! "Embed it" in the readme is the example `embed_minimal`, which the workspace compiles and
//! tests: what a newcomer copies from there works.

use std::collections::BTreeSet;

use cargo_metadata::semver::{Version, VersionReq};
use cargo_metadata::{Dependency, DependencyKind, Package};

use crate::assert_none;
use crate::dependencies::WORKSPACE;
use crate::source::root;

/// Where the newcomer has a checkout, seen from the new app.
const CHECKOUT: &str = "../doorward/";

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The section that a newcomer follows.
fn section() -> String {
    let readme = read("README.md");
    let (_, rest) = readme.split_once("\n## Embed it\n").unwrap();
    rest.split_once("\n## ").unwrap().0.to_owned()
}

/// The section's blocks in this language.
fn blocks(language: &str) -> Vec<String> {
    let (section, fence) = (section(), format!("```{language}\n"));
    let blocks = section.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split_once("```").unwrap().0.to_owned())
        .collect()
}

fn example() -> &'static Package {
    let mut packages = WORKSPACE.packages.iter();
    packages
        .find(|package| package.name == "example-embed-minimal")
        .unwrap()
}

#[test]
fn what_is_copied_is_what_the_workspace_compiles() {
    let [app, end_of_app, tests]: [String; 3] = blocks("rust").try_into().unwrap();
    let main = read("examples/embed_minimal/src/main.rs");
    assert_eq!(format!("{app}\n{end_of_app}"), main);
    assert_eq!(tests, read("examples/embed_minimal/src/tests.rs"));
}

/// A line that has cargo add a dependency.
#[derive(Default)]
struct Addition {
    kind: DependencyKind,
    name: String,
    version: Option<VersionReq>,
    path: Option<String>,
    features: BTreeSet<String>,
}

impl Addition {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("cargo add ")?.split(' ');
        let mut addition = Self::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap().to_owned();
            match word {
                "--dev" => addition.kind = DependencyKind::Development,
                "--path" => addition.path = Some(value()),
                "--features" => addition.features = value().split(',').map(str::to_owned).collect(),
                _ => {
                    let (name, version) = word.split_once('@').unzip();
                    addition.name = name.unwrap_or(word).to_owned();
                    addition.version = version.map(|version| version.parse().unwrap());
                }
            }
        }
        Some(addition)
    }

    /// What is wrong with it, held against what the example has.
    fn fault(&self) -> Option<&'static str> {
        let Some(ours) = example().dependencies.iter().find(|ours| self.names(ours)) else {
            return Some("the example has it not");
        };
        if !self
            .features
            .iter()
            .all(|name| ours.features.contains(name))
        {
            return Some("the example has not all of its features");
        }
        match (&self.path, &self.version, &ours.path) {
            (Some(path), None, Some(ours)) => {
                let path = path.strip_prefix(CHECKOUT).map(|path| root().join(path));
                let is_ours = path.is_some_and(|path| path == ours.as_std_path());
                (!is_ours).then_some("it is not in that folder")
            }
            (None, Some(version), None) => {
                (!version.matches(&lowest(&ours.req))).then_some("the example has another version")
            }
            _ => Some("it has a folder if it is ours, else a version"),
        }
    }

    fn names(&self, dependency: &Dependency) -> bool {
        (self.kind, &self.name) == (dependency.kind, &dependency.name)
    }
}

/// The lowest version that this allows, as the workspace writes it: `0.8.9`.
fn lowest(required: &VersionReq) -> Version {
    let text = required.to_string();
    let mut numbers = text.trim_start_matches('^').split('.');
    let mut next = || numbers.next().map_or(0, |number| number.parse().unwrap());
    Version::new(next(), next(), next())
}

#[test]
fn what_is_added_is_what_the_example_depends_on() {
    let commands = blocks("sh").concat();
    let additions: Vec<Addition> = commands.lines().filter_map(Addition::parse).collect();
    let faulty = additions
        .iter()
        .filter_map(|addition| Some(format!("{}: {}", addition.name, addition.fault()?)));
    let missing = example()
        .dependencies
        .iter()
        .filter(|ours| !additions.iter().any(|addition| addition.names(ours)))
        .map(|ours| format!("{} is not added", ours.name));
    assert_none(
        "the commands of \"Embed it\" add what examples/embed_minimal depends on",
        &faulty.chain(missing).collect::<Vec<_>>(),
    );
}

#[test]
fn its_links_lead_somewhere() {
    let readme = read("README.md");
    let targets = readme
        .split("](")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap());
    let offenders: Vec<String> = targets
        .filter(|target| !target.contains("://"))
        .filter(|target| !root().join(target.split('#').next().unwrap()).exists())
        .map(str::to_owned)
        .collect();
    assert_none("a link of the readme leads nowhere", &offenders);
}
