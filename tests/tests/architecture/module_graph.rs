//! The modules of a crate and what each of them refers to.
//!
//! A reference counts as a dependency on the module that defines the item, also when the path
//! goes through re-exports. Names that a macro generates are unknown here, so a path to one of
//! them counts as a dependency on the last module in that path.

mod cycles;
mod read;
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use cycles::Digraph;

use crate::source::root;

/// The modules of one crate. A module is named by its path, such as `store::db`; the crate's
/// root is the empty string.
#[derive(Debug, Default)]
pub(crate) struct ModuleGraph {
    modules: BTreeMap<String, Module>,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Default)]
struct Module {
    file: String,
    /// The names of the items that the module defines, its child modules excluded.
    items: BTreeSet<String>,
    /// What `use` makes of a name. A name can stand for more than one item, because types,
    /// values and macros have namespaces of their own.
    imports: BTreeMap<String, Vec<Path>>,
    globs: Vec<Path>,
    references: Vec<Reference>,
    inherent_impls: Vec<Reference>,
}

/// A path as it is written, without its generic arguments.
type Path = Vec<String>;

#[derive(Debug)]
struct Reference {
    path: Path,
    line: usize,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Module(String),
    Item { module: String, name: String },
}

/// A reference of one module to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dependency {
    /// The module that refers.
    pub(crate) from: String,
    /// The module that defines what is referred to.
    pub(crate) to: String,
    pub(crate) file: String,
    pub(crate) line: usize,
    /// What is referred to, as an absolute path.
    pub(crate) path: String,
}

/// An `impl` of a type's own methods.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InherentImpl {
    pub(crate) module: String,
    pub(crate) file: String,
    /// The name of the type, where its definition has it.
    pub(crate) type_name: String,
    /// The module that defines the type.
    pub(crate) type_module: String,
}

impl ModuleGraph {
    /// Reads the sources of a crate from the folder with its `lib.rs` or `main.rs`.
    pub(crate) fn of_crate(source_folder: &str) -> Self {
        let folder = root().join(source_folder);
        let start = ["lib.rs", "main.rs"]
            .into_iter()
            .find(|name| folder.join(name).is_file())
            .unwrap();
        Self::read(source_folder, start, &|path| {
            std::fs::read_to_string(folder.join(path)).ok()
        })
    }

    /// Reads a crate whose root is the file `start`; `text_of` returns the text of a file in
    /// `folder`.
    fn read(folder: &str, start: &str, text_of: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut graph = Self::default();
        read::read_file(&mut graph.modules, text_of, String::new(), start);
        for module in graph.modules.values_mut() {
            module.file = format!("{folder}/{}", module.file);
        }
        graph.dependencies = graph.find_dependencies();
        graph
    }

    /// The paths of all modules, the root included.
    pub(crate) fn modules(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().map(String::as_str)
    }

    /// All references between two modules, sorted and without duplicates.
    pub(crate) fn dependencies(&self) -> &[Dependency] {
        &self.dependencies
    }

    fn find_dependencies(&self) -> Vec<Dependency> {
        let found: BTreeSet<_> = self
            .modules
            .iter()
            .flat_map(|(from, module)| {
                module.references.iter().flat_map(move |reference| {
                    self.resolve(from, &reference.path)
                        .into_iter()
                        // A single name that is also a module's is a variable or a function.
                        .filter(|target| {
                            matches!(target, Target::Item { .. })
                                || reference.path.len() > 1
                                || reference.path[0] == "super"
                        })
                        .map(move |target| Dependency {
                            from: from.clone(),
                            path: target.absolute_path(),
                            to: target.into_module(),
                            file: module.file.clone(),
                            line: reference.line,
                        })
                })
            })
            .filter(|dependency| dependency.from != dependency.to)
            .collect();
        found.into_iter().collect()
    }

    /// All `impl Type` without a trait for types of this crate.
    pub(crate) fn inherent_impls(&self) -> Vec<InherentImpl> {
        let mut found = Vec::new();
        for (path, module) in &self.modules {
            for reference in &module.inherent_impls {
                for target in self.resolve(path, &reference.path) {
                    if let Target::Item { module: of, name } = target {
                        found.push(InherentImpl {
                            module: path.clone(),
                            file: module.file.clone(),
                            type_name: name,
                            type_module: of,
                        });
                    }
                }
            }
        }
        found
    }

    /// What a path leads to that stands in the module `from`; nothing for paths into other
    /// crates.
    fn resolve(&self, from: &str, path: &[String]) -> Vec<Target> {
        self.follow(from, path, &mut Vec::new())
    }

    /// `seen` holds the names that are being looked up, because imports can refer to each other.
    fn follow(&self, from: &str, path: &[String], seen: &mut Vec<(String, String)>) -> Vec<Target> {
        let Some((first, mut rest)) = path.split_first() else {
            return Vec::new();
        };
        let mut targets = match first.as_str() {
            "crate" => vec![Target::Module(String::new())],
            "self" => vec![Target::Module(from.to_owned())],
            "super" => {
                let mut module = parent_of(from);
                while let Some(("super", after)) = rest.split_first().map(|(f, r)| (f.as_str(), r))
                {
                    module = parent_of(module);
                    rest = after;
                }
                vec![Target::Module(module.to_owned())]
            }
            name => self.look_up(from, name, seen),
        };
        for name in rest {
            targets = targets
                .into_iter()
                .flat_map(|target| match target {
                    Target::Module(module) => {
                        let found = self.look_up(&module, name, seen);
                        if found.is_empty() {
                            let name = name.clone();
                            vec![Target::Item { module, name }]
                        } else {
                            found
                        }
                    }
                    // What follows an item is a variant or an associated item.
                    item @ Target::Item { .. } => vec![item],
                })
                .collect();
        }
        targets
    }

    /// What a name stands for in a module.
    fn look_up(&self, module: &str, name: &str, seen: &mut Vec<(String, String)>) -> Vec<Target> {
        let key = (module.to_owned(), name.to_owned());
        let Some(contents) = self.modules.get(module).filter(|_| !seen.contains(&key)) else {
            return Vec::new();
        };
        seen.push(key);
        let mut found = Vec::new();
        let child = child_of(module, name);
        if self.modules.contains_key(&child) {
            found.push(Target::Module(child));
        }
        if contents.items.contains(name) {
            found.push(Target::Item {
                module: module.to_owned(),
                name: name.to_owned(),
            });
        }
        for path in contents.imports.get(name).into_iter().flatten() {
            found.extend(self.follow(module, path, seen));
        }
        if found.is_empty() {
            for path in &contents.globs {
                for target in self.follow(module, path, seen) {
                    if let Target::Module(of) = target {
                        found.extend(self.look_up(&of, name, seen));
                    }
                }
            }
        }
        seen.pop();
        found
    }
}

impl Target {
    fn absolute_path(&self) -> String {
        match self {
            Self::Module(module) => absolute(module),
            Self::Item { module, name } => format!("{}::{name}", absolute(module)),
        }
    }

    fn into_module(self) -> String {
        match self {
            Self::Module(module) | Self::Item { module, .. } => module,
        }
    }
}

/// The module as a path that starts with `crate`.
pub(crate) fn absolute(module: &str) -> String {
    if module.is_empty() {
        "crate".to_owned()
    } else {
        format!("crate::{module}")
    }
}

fn child_of(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}

fn parent_of(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}
