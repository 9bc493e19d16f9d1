use super::*;

/// A crate of files in memory; the first is its root.
fn graph(files: &[(&str, &str)]) -> ModuleGraph {
    ModuleGraph::read("src", files[0].0, &|path| {
        let file = files.iter().find(|(name, _)| *name == path)?;
        Some(file.1.to_owned())
    })
}

/// The dependencies as `from -> path`, without those that lead from the root.
fn dependencies(files: &[(&str, &str)]) -> Vec<String> {
    let found: BTreeSet<_> = graph(files)
        .dependencies()
        .iter()
        .filter(|dependency| !dependency.from.is_empty())
        .map(|dependency| format!("{} -> {}", dependency.from, dependency.path))
        .collect();
    found.into_iter().collect()
}

#[test]
fn modules_are_found_in_files_folders_and_inline() {
    let found = graph(&[
        ("lib.rs", "mod a; pub mod b; mod c { mod inner; }"),
        ("a.rs", "mod deep;"),
        ("a/deep.rs", ""),
        ("b/mod.rs", "mod r#gen;"),
        ("b/gen.rs", "#[cfg(feature = \"x\")] mod optional {}"),
        ("c/inner.rs", ""),
    ]);
    let names: Vec<_> = found.modules().collect();
    let expected = [
        "",
        "a",
        "a::deep",
        "b",
        "b::gen",
        "b::gen::optional",
        "c",
        "c::inner",
    ];
    assert_eq!(names, expected);
    assert_eq!(found.modules["c"].file, "src/lib.rs");
    assert_eq!(found.modules["c::inner"].file, "src/c/inner.rs");
}

#[test]
fn imports_and_inline_paths_are_dependencies() {
    let found = dependencies(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        (
            "a.rs",
            "use std::fmt;
             use crate::{b::{self, One as Uno}, c::Two};
             use super::d as alias;
             fn f(x: Vec<crate::d::Three>) -> fmt::Result { alias::four(b::FIVE); Uno::new() }",
        ),
        (
            "b.rs",
            "pub struct One; mod child { use super::super::c::Two; }",
        ),
        ("c.rs", "fn f() { let d = 1; g(d); super::d::five(); }"),
        ("d.rs", "fn f() { match x { crate::c::Two::A => {} } }"),
    ]);
    let expected = [
        "a -> crate::b",
        "a -> crate::b::FIVE",
        "a -> crate::b::One",
        "a -> crate::c::Two",
        "a -> crate::d",
        "a -> crate::d::Three",
        "a -> crate::d::four",
        "b::child -> crate::c::Two",
        "c -> crate::d::five",
        "d -> crate::c::Two",
    ];
    assert_eq!(found, expected);
}

#[test]
fn relative_paths_lead_to_child_modules() {
    let found = dependencies(&[(
        "lib.rs",
        "mod a { mod child { pub fn go() {} } fn f() { child::go(); } }",
    )]);
    assert_eq!(found, ["a -> crate::a::child::go"]);
}

#[test]
fn reexports_lead_to_the_definition() {
    let found = dependencies(&[
        (
            "lib.rs",
            "mod a; mod user; pub use a::{Alias, deep::*}; pub use a::deep::Deep as Other;",
        ),
        (
            "a.rs",
            "pub(crate) mod deep; pub(crate) use deep::{Deep as Alias, Uuid, id};",
        ),
        (
            "a/deep.rs",
            "pub use uuid::Uuid;
             pub struct Deep; pub enum Kind { A }
             macro_rules! id { ($name:ident) => { struct $name; } }
             pub(crate) use id;
             id!(Generated);",
        ),
        (
            "user.rs",
            "use crate::{Alias, Other};
             fn f(a: crate::Kind) { crate::a::Alias::new(); crate::a::deep::Generated::new(); }
             crate::a::id!(X);
             type Id = crate::a::Uuid;",
        ),
    ]);
    let expected = [
        // What another crate defines counts as the last module's in the chain.
        "a -> crate::a::deep::Deep",
        "a -> crate::a::deep::Uuid",
        "a -> crate::a::deep::id",
        "user -> crate::a::deep::Deep",
        "user -> crate::a::deep::Generated",
        "user -> crate::a::deep::Kind",
        "user -> crate::a::deep::Uuid",
        "user -> crate::a::deep::id",
    ];
    assert_eq!(found, expected);
}

#[test]
fn imports_that_refer_to_each_other_end() {
    let found = dependencies(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub use crate::b::X; pub use crate::b::*;"),
        ("b.rs", "pub use crate::a::X; pub use crate::a::*;"),
    ]);
    let expected = [
        "a -> crate::b",
        "a -> crate::b::X",
        "b -> crate::a",
        "b -> crate::a::X",
    ];
    assert_eq!(found, expected);
}

#[test]
fn names_of_glob_imports_lead_to_the_definition() {
    let found = dependencies(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        (
            "a.rs",
            "use crate::b::*; fn f(x: One) { vec![Two::new()]; }",
        ),
        ("b.rs", "pub struct One; pub use crate::c::Two;"),
        ("c.rs", "pub struct Two; mod child { use super::*; }"),
    ]);
    let expected = [
        "a -> crate::b",
        "a -> crate::b::One",
        "a -> crate::c::Two",
        "b -> crate::c::Two",
        "c::child -> crate::c",
    ];
    assert_eq!(found, expected);
}

#[test]
fn dependencies_do_not_hide_in_macros() {
    let found = dependencies(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        (
            "a.rs",
            "use crate::b;
             macro_rules! fails {
                 ($error:ty) => {
                     use $crate::c::{One, deep::Two};
                     impl From<$crate::d::Three> for $error { fn f() { $error::b::no(); } }
                     pub(in crate::nowhere) struct S { b: u8 }
                 };
             }
             fn f() { assert!(x.b, \"{}\", crate::d::four(..b::FIVE, ::b::no(), std::b::no())); }",
        ),
        ("b.rs", ""),
        ("c.rs", "pub mod deep {}"),
        ("d.rs", ""),
    ]);
    let expected = [
        "a -> crate::b",
        "a -> crate::b::FIVE",
        "a -> crate::c::One",
        "a -> crate::c::deep::Two",
        "a -> crate::d::Three",
        "a -> crate::d::four",
    ];
    assert_eq!(found, expected);
}

#[test]
fn tests_and_visibilities_are_no_dependencies() {
    let found = dependencies(&[
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "#[cfg(test)] mod tests;
             #[cfg(test)] mod inline { use crate::b::One; }
             #[cfg(all(test, feature = \"x\"))] use crate::b::Two;
             #[cfg(doctest)] struct Readme(crate::b::Three);
             pub(in crate::b) struct Four;
             impl Four { #[cfg(test)] fn f() { crate::b::five(); } }
             #[cfg(any(test, feature = \"testing\"))] fn g() { crate::b::six(); }
             #[cfg(not(test))] fn h() { crate::b::seven(); }",
        ),
        ("b.rs", ""),
    ]);
    assert_eq!(found, ["a -> crate::b::seven", "a -> crate::b::six"]);
}

#[test]
fn dependencies_have_files_and_lines() {
    let graph = graph(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "\nuse crate::{\n    b::One,\n};"),
        ("b.rs", "pub struct One;"),
    ]);
    let [found] = graph.dependencies() else {
        panic!("{:?}", graph.dependencies());
    };
    assert_eq!((found.file.as_str(), found.line), ("src/a.rs", 3));
    assert_eq!((found.from.as_str(), found.to.as_str()), ("a", "b"));
}

#[test]
fn inherent_impls_are_found_where_the_type_is_defined() {
    let found = graph(&[
        ("lib.rs", "mod engine; mod ops; pub use engine::Engine;"),
        ("engine.rs", "pub struct Engine; impl Clone for Engine {}"),
        ("ops.rs", "use crate::Engine as E; impl<'a> E { fn f() {} }"),
    ])
    .inherent_impls();
    let expected = InherentImpl {
        module: "ops".to_owned(),
        file: "src/ops.rs".to_owned(),
        type_name: "Engine".to_owned(),
        type_module: "engine".to_owned(),
    };
    assert_eq!(found, [expected]);
}

#[test]
fn cycles_are_found_with_their_shortest_way() {
    let mut graph = Digraph::default();
    for (from, to) in [
        ("a", "b"),
        ("b", "c"),
        ("c", "a"),
        ("c", "d"),
        ("d", "d"),
        ("b", "a"),
    ] {
        graph.add(from, to);
    }
    let cyclic = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "a")];
    assert_eq!(graph.cyclic_edges(), cyclic);
    assert_eq!(graph.shortest_path("b", "a"), Some(vec!["b", "a"]));
    assert_eq!(graph.shortest_path("c", "b"), Some(vec!["c", "a", "b"]));
    assert_eq!(graph.shortest_path("d", "a"), None);
}
