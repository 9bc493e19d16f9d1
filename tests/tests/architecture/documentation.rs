//! What an embedder calls, implements or takes as an argument is shown in use. That the
//! examples compile is for the documentation tests to find out.

use std::fs::read_to_string;

use crate::assert_none;
use crate::source::{find_word, list_sources, root};

const PROTOCOL: &str = "crates/doorward-protocol/src";
const ENGINE: &str = "crates/doorward/src";
const AXUM: &str = "crates/doorward-axum/src";

/// A public item, with what is written right above it.
#[derive(Debug)]
struct Item {
    path: String,
    line: usize,
    /// The type whose `impl` it stands in; empty outside of any.
    owner: String,
    /// `fn`, `trait`, `struct` and the like.
    kind: String,
    name: String,
    /// The code in its documentation.
    example: String,
}

impl Item {
    /// Whether its example names it.
    fn is_named(&self) -> bool {
        find_word(&self.example, &self.name).is_some()
    }

    /// Whether its example implements it.
    fn is_implemented(&self) -> bool {
        self.example.contains(&format!("impl {} for ", self.name))
    }
}

#[test]
fn every_function_of_the_engine_is_shown() {
    assert_shown(44, &functions_of(ENGINE, &["Doorward"]), Item::is_named);
}

#[test]
fn every_function_that_reads_or_refuses_a_request_is_shown() {
    let types = ["Fields", "FieldFault", "Fault", "CurrentUser"];
    assert_shown(20, &functions_of(AXUM, &types), Item::is_named);
}

#[test]
fn every_function_of_keys_and_claims_is_shown() {
    let types = ["HmacKey", "AccessClaims", "RefreshClaims"];
    assert_shown(6, &functions_of(PROTOCOL, &types), Item::is_named);
}

#[test]
fn every_trait_is_shown_implemented() {
    let traits: Vec<_> = [PROTOCOL, ENGINE, AXUM]
        .into_iter()
        .flat_map(items_of)
        .filter(|item| item.kind == "trait")
        .collect();
    assert_shown(12, &traits, Item::is_implemented);
}

#[test]
fn everything_that_routes_are_made_of_is_shown() {
    let at_root = exported_names(&read_to_string(root().join(AXUM).join("lib.rs")).unwrap());
    let (exported, others): (Vec<_>, Vec<_>) = items_of(AXUM)
        .into_iter()
        .filter(|item| item.owner.is_empty())
        .partition(|item| at_root.contains(&item.name));
    assert_shown(at_root.len(), &exported, Item::is_named);

    let readers = format!("{AXUM}/fields/extract.rs");
    let guards = format!("{AXUM}/guard/mod.rs");
    let others: Vec<_> = others
        .into_iter()
        .filter(|item| item.path == readers || item.path == guards && item.kind == "fn")
        .collect();
    assert_shown(11, &others, Item::is_named);
}

/// The public functions of these types.
fn functions_of(folder: &str, types: &[&str]) -> Vec<Item> {
    let mut items = items_of(folder);
    items.retain(|item| item.kind == "fn" && types.contains(&item.owner.as_str()));
    items
}

/// Fails where one of them is not shown; also where there are fewer than `least`, for then it
/// is this test that does not find them.
#[track_caller]
fn assert_shown(least: usize, items: &[Item], is_shown: impl Fn(&Item) -> bool) {
    assert!(items.len() >= least, "only {} items", items.len());
    let offenders: Vec<_> = items
        .iter()
        .filter(|item| !is_shown(item))
        .map(|item| format!("{}:{}: {} {}", item.path, item.line, item.kind, item.name))
        .collect();
    assert_none("the documentation has no example of it", &offenders);
}

fn items_of(folder: &str) -> Vec<Item> {
    list_sources(folder)
        .iter()
        .filter(|file| !file.is_test())
        .flat_map(|file| {
            list_items(
                &file.path,
                &read_to_string(root().join(&file.path)).unwrap(),
            )
        })
        .collect()
}

/// The public items of a source that `rustfmt` has laid out: they stand at the margin, or one
/// step from it in an `impl`.
fn list_items(path: &str, text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let (mut owner, mut example, mut is_code) = ("", String::new(), false);
    for (at, line) in text.lines().enumerate() {
        let code = line.trim_start();
        let is_at_margin = code.len() == line.len();
        if let Some(doc) = code.strip_prefix("///") {
            let is_fence = doc.trim_start().starts_with("```");
            is_code ^= is_fence;
            if is_code && !is_fence {
                example.push_str(doc);
                example.push('\n');
            }
            continue;
        }
        if is_at_margin {
            owner = owner_of(code).unwrap_or(owner);
        }
        let is_member = line.strip_prefix("    ").is_some_and(|rest| rest == code);
        let owner = if is_at_margin { "" } else { owner };
        if let Some((kind, name)) = public(code).filter(|_| is_at_margin || is_member) {
            items.push(Item {
                path: path.to_owned(),
                line: at + 1,
                owner: owner.to_owned(),
                kind: kind.to_owned(),
                name: name.to_owned(),
                example: std::mem::take(&mut example),
            });
        } else if !code.starts_with('#') && code.ends_with(['{', '}', ';']) || code.is_empty() {
            // What was documented is something else.
            example.clear();
        }
    }
    items
}

/// The type that a line at the margin begins to implement; empty where it ends a block.
fn owner_of(line: &str) -> Option<&str> {
    if line == "}" {
        return Some("");
    }
    let rest = line.strip_prefix("impl")?.strip_suffix(" {")?;
    let rest = match rest.strip_prefix('<') {
        Some(_) => rest.split_once("> ")?.1,
        None => rest.trim_start(),
    };
    (!rest.contains(" for ")).then(|| rest.split('<').next().unwrap_or(rest))
}

/// Of a line that declares something public, what and by which name.
fn public(line: &str) -> Option<(&str, &str)> {
    const KINDS: [&str; 5] = ["fn", "trait", "struct", "enum", "type"];
    let mut words = line.strip_prefix("pub ")?.split(' ');
    let kind = words.find(|word| !["async", "const", "unsafe"].contains(word))?;
    let name = words.next()?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
    KINDS
        .contains(&kind)
        .then(|| (kind, &name[..end.unwrap_or(name.len())]))
}

/// The names that a file exports by `pub use`.
fn exported_names(text: &str) -> Vec<String> {
    text.split("\npub use ")
        .skip(1)
        .filter_map(|rest| rest.split_once(';'))
        .flat_map(|(names, _)| names.split(['{', '}', ',']))
        .map(|name| name.rsplit("::").next().unwrap().trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn examples_are_those_right_above_the_item() {
    let text = "\
/// A door.
///
/// ```
/// let door = Door::new();
/// ```
#[derive(
    Debug,
)]
pub struct Door {
    pub width: u32,
}

impl<'a> Open<'a> for Door {
    /// ```
    /// open
    /// ```
    fn open(&self) {}
}

impl<T: Into<u32>> Hinge<T> {
    /// Not in the words alone: oil()
    /// ```no_run
    /// hinge.turn();
    /// ```
    #[must_use]
    pub async fn turn(&self) {}
    pub const fn oil(&self) {
        pub fn inner() {}
    }
    pub(crate) fn squeak(&self) {}
}

pub const fn width() -> u32 {
    1
}
";
    let items = list_items("a.rs", text);
    let found: Vec<_> = items
        .iter()
        .map(|item| (&*item.owner, &*item.kind, &*item.name, &*item.example))
        .collect();
    assert_eq!(
        found,
        [
            ("", "struct", "Door", " let door = Door::new();\n"),
            ("Hinge", "fn", "turn", " hinge.turn();\n"),
            ("Hinge", "fn", "oil", ""),
            ("", "fn", "width", ""),
        ]
    );
    assert_eq!(items[0].line, 9);
}

#[test]
fn exported_names_are_found_in_groups_and_alone() {
    let text = "mod a;\n\npub use a::One;\npub use a::{\n    Two, b::Three,\n};\nuse a::Four;\n";
    assert_eq!(exported_names(text), ["One", "Two", "Three"]);
}
