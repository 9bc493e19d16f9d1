//! The layers of the engine, and cycles between modules.
//!
//! Each module of `crates/doorward/src` belongs to the layer of the first segment of its path.
//! A layer imports only from itself and from lower layers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::module_graph::{Dependency, Digraph, ModuleGraph, absolute};
use crate::offence::{Offence, assert_no_offence};

/// The layers of the engine, the lowest first.
const LAYERS: [&[&str]; 5] = [
    &["domain"],
    &[
        "cache",
        "captcha",
        "http_client",
        "instrumentation",
        "keys",
        "limits",
        "lockout",
        "mail",
        "password",
        "signal",
        "store",
    ],
    &["engine"],
    &["ops"],
    &["api", "builder", "jobs", "testing", "workers"],
];

/// Layers that are one folder. Their subjects are the modules in that folder.
const FOLDERS: [&str; 3] = ["domain", "engine", "ops"];

static ENGINE: LazyLock<ModuleGraph> = LazyLock::new(|| graph_of("doorward"));

fn graph_of(name: &str) -> ModuleGraph {
    ModuleGraph::of_crate(&format!("crates/{name}/src"))
}

/// The index of the layer that a module belongs to. The crate's root is in the highest.
fn layer_of(module: &str) -> Option<usize> {
    let first = first_segment(module);
    if first.is_empty() {
        return Some(LAYERS.len() - 1);
    }
    LAYERS.iter().position(|names| names.contains(&first))
}

fn first_segment(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

/// The subject of a module of the engine. The crate's root and the parents of the folders have
/// none.
fn subject_of(module: &str) -> Option<&str> {
    let first = first_segment(module);
    if first.is_empty() || FOLDERS.contains(&module) {
        return None;
    }
    if !FOLDERS.contains(&first) {
        return Some(first);
    }
    let second = first_segment(&module[first.len() + 2..]);
    Some(&module[..first.len() + 2 + second.len()])
}

/// A dependency with the place where it stands.
fn place_of(dependency: &Dependency) -> String {
    let Dependency { file, line, .. } = dependency;
    format!("{file}:{line} -> {}", dependency.path)
}

/// Fails when so little was found that the tests would prove nothing.
#[track_caller]
fn assert_read(graph: &ModuleGraph, modules: usize, dependencies: usize) {
    let found = graph.modules().count();
    assert!(found >= modules, "only {found} modules were found");
    let found = graph.dependencies().len();
    assert!(
        found >= dependencies,
        "only {found} dependencies were found"
    );
}

fn modules_without_a_layer() -> Vec<Offence> {
    ENGINE
        .modules()
        .filter(|module| !module.contains("::") && layer_of(module).is_none())
        .map(|module| Offence::new(absolute(module)))
        .collect()
}

fn upward_imports() -> Vec<Offence> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for dependency in ENGINE.dependencies() {
        let Some(layer) = layer_of(&dependency.from) else {
            continue;
        };
        let is_top = layer == LAYERS.len() - 1;
        if !is_top && layer_of(&dependency.to).is_none_or(|of| of > layer) {
            found
                .entry(format!(
                    "{} -> {}",
                    dependency.file,
                    absolute(&dependency.to)
                ))
                .or_default()
                .push(place_of(dependency));
        }
    }
    found
        .into_iter()
        .map(|(line, places)| Offence::new(line).with_details(places))
        .collect()
}

fn cycles_of_subjects() -> Vec<Offence> {
    cycles(ENGINE.dependencies(), |dependency| {
        Some((subject_of(&dependency.from)?, subject_of(&dependency.to)?))
    })
}

fn hidden_methods() -> Vec<Offence> {
    ENGINE
        .inherent_impls()
        .into_iter()
        .filter(|found| match found.type_name.as_str() {
            "Doorward" => !["engine", "api"].contains(&first_segment(&found.module)),
            "Engine" if first_segment(&found.type_module) == "engine" => {
                first_segment(&found.module) != "engine"
            }
            _ => false,
        })
        .map(|found| Offence::new(format!("{} of {}", found.file, found.type_name)))
        .collect()
}

/// The modules with a common parent that a dependency leads from and to. There are none between
/// a module and its descendants.
fn siblings(dependency: &Dependency) -> Option<(&str, &str)> {
    let (from, to) = (&dependency.from, &dependency.to);
    let common = from
        .split("::")
        .zip(to.split("::"))
        .take_while(|(one, other)| one == other)
        .count();
    Some((ancestor(from, common)?, ancestor(to, common)?))
}

/// The ancestor of a module below `depth` segments, or the module itself.
fn ancestor(module: &str, depth: usize) -> Option<&str> {
    if module.is_empty() || module.split("::").count() <= depth {
        return None;
    }
    let end = module.match_indices("::").nth(depth).map(|(at, _)| at);
    Some(&module[..end.unwrap_or(module.len())])
}

/// The edges that are part of a cycle; `edge_of` names the nodes that a dependency joins.
fn cycles<'a>(
    dependencies: &'a [Dependency],
    edge_of: impl Fn(&'a Dependency) -> Option<(&'a str, &'a str)>,
) -> Vec<Offence> {
    let mut graph = Digraph::default();
    let mut places: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for dependency in dependencies {
        if let Some((from, to)) = edge_of(dependency) {
            graph.add(from, to);
            let places = places.entry((from, to)).or_default();
            places.push(place_of(dependency));
        }
    }
    graph
        .cyclic_edges()
        .into_iter()
        .map(|(from, to)| {
            let mut details = places[&(from, to)].clone();
            let back = graph.shortest_path(to, from).unwrap_or_default();
            details.push(format!("and back: {}", back.join(" -> ")));
            for step in back.windows(2) {
                details.push(places[&(step[0], step[1])][0].clone());
            }
            let line = format!("{} -> {}", absolute(from), absolute(to));
            Offence::new(line).with_details(details)
        })
        .collect()
}

#[test]
fn every_module_of_the_engine_is_in_a_layer() {
    assert_no_offence(
        "a top-level module of the engine belongs to one of the layers",
        &modules_without_a_layer(),
    );
    let names: Vec<_> = LAYERS.concat();
    for name in &names {
        let count = names.iter().filter(|other| *other == name).count();
        assert_eq!(count, 1, "{name} is in more than one layer");
    }
}

#[test]
fn the_engine_imports_from_lower_layers_only() {
    assert_read(&ENGINE, 100, 1_000);
    assert_no_offence(
        "a layer of the engine imports only from itself and from lower layers",
        &upward_imports(),
    );
}

#[test]
fn subjects_of_the_engine_form_no_cycle() {
    assert_read(&ENGINE, 100, 1_000);
    assert_no_offence(
        "subjects of the engine form no cycle",
        &cycles_of_subjects(),
    );
}

#[test]
fn no_dependency_hides_in_a_method_of_the_engine() {
    let impls = ENGINE.inherent_impls();
    assert!(impls.iter().any(|found| found.type_name == "Doorward"));
    assert_no_offence(
        "`impl Doorward` stands in engine/ and api.rs, `impl Engine` in engine/; operations are \
         functions that each caller imports",
        &hidden_methods(),
    );
}

#[test]
fn modules_of_the_protocol_form_no_cycle() {
    assert_acyclic("doorward-protocol", 5, 5);
}

#[test]
fn modules_of_the_http_layer_form_no_cycle() {
    assert_acyclic("doorward-axum", 80, 400);
}

#[test]
fn modules_of_the_server_form_no_cycle() {
    assert_acyclic("doorward-server", 30, 100);
}

#[track_caller]
fn assert_acyclic(name: &str, modules: usize, dependencies: usize) {
    let graph = graph_of(name);
    assert_read(&graph, modules, dependencies);
    assert_no_offence(
        "sibling modules form no cycle",
        &cycles(graph.dependencies(), siblings),
    );
}

#[test]
fn siblings_are_below_the_last_common_module() {
    let siblings = |from: &str, to: &str| {
        let dependency = Dependency {
            from: from.to_owned(),
            to: to.to_owned(),
            file: String::new(),
            line: 1,
            path: String::new(),
        };
        siblings(&dependency).map(|(one, other)| (one.to_owned(), other.to_owned()))
    };
    let pair = |one: &str, other: &str| Some((one.to_owned(), other.to_owned()));
    assert_eq!(siblings("a::b::c", "a::d::e"), pair("a::b", "a::d"));
    assert_eq!(siblings("a", "b::c"), pair("a", "b"));
    assert_eq!(siblings("a::b", "a"), None);
    assert_eq!(siblings("a", "a::b"), None);
    assert_eq!(siblings("", "a"), None);
    assert_eq!(siblings("a::b", ""), None);
}

#[test]
fn subjects_are_modules_or_modules_in_a_folder() {
    assert_eq!(subject_of("store::db"), Some("store"));
    assert_eq!(subject_of("ops::account::create"), Some("ops::account"));
    assert_eq!(subject_of("ops"), None);
    assert_eq!(subject_of(""), None);
}
