//! Reads source files into modules with `syn`.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, Meta, Token, TraitItem, Type, UseTree};

use super::{Module, Path, Reference, child_of};

/// Reads a file as the module `module`, and the files of its child modules.
pub(super) fn read_file(
    modules: &mut BTreeMap<String, Module>,
    text_of: &dyn Fn(&str) -> Option<String>,
    module: String,
    file: &str,
) {
    let text = text_of(file).unwrap_or_else(|| panic!("no file `{file}`"));
    let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    let child_folder = match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        _ => file.trim_end_matches(".rs").to_owned(),
    };
    let mut reader = Reader {
        modules,
        text_of,
        module,
        file,
        child_folder,
    };
    reader.open_module();
    reader.visit_file(&syntax);
}

struct Reader<'a> {
    modules: &'a mut BTreeMap<String, Module>,
    text_of: &'a dyn Fn(&str) -> Option<String>,
    /// The module that is being read.
    module: String,
    file: &'a str,
    /// The folder with the files of the module's children.
    child_folder: String,
}

impl Reader<'_> {
    fn open_module(&mut self) {
        let module = Module {
            file: self.file.to_owned(),
            ..Module::default()
        };
        self.modules.insert(self.module.clone(), module);
    }

    fn current(&mut self) -> &mut Module {
        self.modules.entry(self.module.clone()).or_default()
    }

    fn add_item(&mut self, name: &Ident) {
        let name = text_of_ident(name);
        self.current().items.insert(name);
    }

    fn add_reference(&mut self, path: Path, line: usize) {
        self.current().references.push(Reference { path, line });
    }

    fn read_module(&mut self, item: &syn::ItemMod) {
        let name = text_of_ident(&item.ident);
        let module = child_of(&self.module, &name);
        let folder = format!("{}/{name}", self.child_folder);
        let folder = folder.trim_start_matches('/').to_owned();
        if let Some((_, items)) = &item.content {
            let outer = std::mem::replace(&mut self.module, module);
            let outer_folder = std::mem::replace(&mut self.child_folder, folder);
            self.open_module();
            for item in items {
                self.visit_item(item);
            }
            self.module = outer;
            self.child_folder = outer_folder;
        } else {
            let file = [format!("{folder}.rs"), format!("{folder}/mod.rs")]
                .into_iter()
                .find(|file| (self.text_of)(file).is_some())
                .unwrap_or_else(|| panic!("{}: no file for `mod {name}`", self.file));
            read_file(self.modules, self.text_of, module, &file);
        }
    }

    /// Records what a `use` imports; `prefix` is the path in front of `tree`.
    fn add_import(&mut self, prefix: &[String], tree: &UseTree) {
        match tree {
            UseTree::Path(tree) => {
                let prefix = joined(prefix, &tree.ident);
                self.add_import(&prefix, &tree.tree);
            }
            UseTree::Name(tree) => {
                let path = joined(prefix, &tree.ident);
                let name = path.last().cloned().unwrap_or_default();
                self.add_named_import(name, path, &tree.ident);
            }
            UseTree::Rename(tree) => {
                let path = joined(prefix, &tree.ident);
                self.add_named_import(text_of_ident(&tree.rename), path, &tree.ident);
            }
            UseTree::Glob(tree) => {
                self.current().globs.push(prefix.to_vec());
                let line = tree.star_token.span.start().line;
                // `self` tells the module apart from a variable of the same name.
                let start = (prefix.len() == 1 && prefix[0] != "super").then(|| "self".to_owned());
                let path = start.into_iter().chain(prefix.iter().cloned()).collect();
                self.add_reference(path, line);
            }
            UseTree::Group(tree) => {
                for tree in &tree.items {
                    self.add_import(prefix, tree);
                }
            }
        }
    }

    fn add_named_import(&mut self, name: String, path: Path, ident: &Ident) {
        self.add_reference(path.clone(), ident.span().start().line);
        self.current().imports.entry(name).or_default().push(path);
    }

    /// Records the paths among the tokens of a macro; `prefix` is the path in front of them.
    fn add_tokens(&mut self, prefix: &[String], tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => {
                    // `pub(in crate::store)` is no dependency.
                    let is_visibility = group.delimiter() == Delimiter::Parenthesis
                        && at > 0
                        && matches!(&tokens[at - 1], TokenTree::Ident(word) if word == "pub");
                    if !is_visibility {
                        self.add_tokens(&[], group.stream());
                    }
                    at += 1;
                }
                TokenTree::Ident(first) => {
                    let is_start = at == 0 || starts_path(&tokens[..at], first);
                    let mut path = joined(prefix, first);
                    at += 1;
                    while let Some(TokenTree::Ident(next)) = after_colons(&tokens, at) {
                        path = joined(&path, next);
                        at += 3;
                    }
                    match after_colons(&tokens, at) {
                        Some(TokenTree::Group(group)) if is_start => {
                            self.add_tokens(&path, group.stream());
                            at += 3;
                        }
                        _ if is_start => self.add_reference(path, first.span().start().line),
                        _ => {}
                    }
                }
                _ => at += 1,
            }
        }
    }
}

/// Whether a path can start with `first`, which stands behind these tokens: it is no field, no
/// later part of a path, and no lifetime or variable of a macro. `$crate` starts a path.
fn starts_path(before: &[TokenTree], first: &Ident) -> bool {
    match before.last() {
        Some(TokenTree::Punct(mark)) => match mark.as_char() {
            '$' => first == "crate",
            '\'' => false,
            '.' => before.len() > 1 && is_punct(&before[before.len() - 2], '.'),
            ':' => before.len() < 2 || !is_punct(&before[before.len() - 2], ':'),
            _ => true,
        },
        _ => true,
    }
}

/// The token behind the `::` at `at`.
fn after_colons(tokens: &[TokenTree], at: usize) -> Option<&TokenTree> {
    let colons = tokens.get(at..at + 2)?;
    let is_path = colons.iter().all(|token| is_punct(token, ':'));
    tokens.get(at + 2).filter(|_| is_path)
}

fn is_punct(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

/// The path with one more segment; `self` at the end of a path is the path itself.
fn joined(prefix: &[String], ident: &Ident) -> Path {
    let name = text_of_ident(ident);
    let mut path = prefix.to_vec();
    if path.is_empty() || name != "self" {
        path.push(name);
    }
    path
}

fn text_of_ident(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Whether an item exists in tests alone.
fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute
                    .parse_args()
                    .is_ok_and(|condition| needs_tests(&condition))
    })
}

/// Whether a condition of `cfg` holds in tests alone.
fn needs_tests(condition: &Meta) -> bool {
    let inner = |list: &syn::MetaList| {
        list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .unwrap_or_default()
    };
    match condition {
        Meta::Path(path) => path.is_ident("test") || path.is_ident("doctest"),
        Meta::List(list) if list.path.is_ident("all") => inner(list).iter().any(needs_tests),
        Meta::List(list) if list.path.is_ident("any") => inner(list).iter().all(needs_tests),
        _ => false,
    }
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name that an item defines, other than that of a module.
fn name_of(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test_only(attributes_of(item)) {
            return;
        }
        if let Some(name) = name_of(item) {
            self.add_item(name);
        }
        match item {
            Item::Mod(item) => self.read_module(item),
            Item::Use(item) if item.leading_colon.is_none() => self.add_import(&[], &item.tree),
            Item::Use(_) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let (None, Type::Path(of)) = (&item.trait_, &*item.self_ty) {
            let reference = Reference {
                path: path_of(&of.path),
                line: item.impl_token.span.start().line,
            };
            self.current().inherent_impls.push(reference);
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            _ => &[],
        };
        if !is_test_only(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        let attributes: &[Attribute] = match item {
            TraitItem::Const(item) => &item.attrs,
            TraitItem::Fn(item) => &item.attrs,
            TraitItem::Type(item) => &item.attrs,
            TraitItem::Macro(item) => &item.attrs,
            _ => &[],
        };
        if !is_test_only(attributes) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_local(&mut self, statement: &'ast syn::Local) {
        if !is_test_only(&statement.attrs) {
            visit::visit_local(self, statement);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let (None, Some(first)) = (&path.leading_colon, path.segments.first()) {
            let line = first.ident.span().start().line;
            self.add_reference(path_of(path), line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.visit_path(&invocation.path);
        self.add_tokens(&[], invocation.tokens.clone());
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

fn path_of(path: &syn::Path) -> Path {
    path.segments
        .iter()
        .map(|segment| text_of_ident(&segment.ident))
        .collect()
}
