//! Names of components, one for each meaning.
//!
//! References are found in the document as JSON: they can stand in every corner of it, and
//! there they all look alike.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

use super::{MergeError, find_free};

/// Where the components of this kind are not referred to, but named.
const SECURITY_SCHEMES: &str = "securitySchemes";

/// A component: its kind, such as `schemas`, and its name.
type Key = (String, String);

/// Gives those components of ours another name whose name means something else in the
/// application's document.
pub(super) fn distinguish(app: &OpenApi, mut ours: OpenApi) -> Result<OpenApi, MergeError> {
    let theirs = serde_json::to_value(&app.components)?;
    let mut components = serde_json::to_value(&ours.components)?;
    let differing = find_differing(&theirs, &components);
    if differing.is_empty() {
        return Ok(ours);
    }
    let names = choose_names(&differing, &theirs, &components);
    let references = names
        .iter()
        .map(|((kind, old), new)| (reference(kind, old), reference(kind, new)))
        .collect();
    let mut paths = serde_json::to_value(&ours.paths)?;
    redirect(&mut paths, &references);
    redirect(&mut components, &references);
    rename(&mut components, &names);
    rename_requirements(&mut paths, &names);
    ours.paths = serde_json::from_value(paths)?;
    ours.components = serde_json::from_value(components)?;
    Ok(ours)
}

fn all(components: &Value) -> impl Iterator<Item = (Key, &Value)> {
    let kinds = components.as_object().into_iter().flatten();
    kinds.flat_map(|(kind, named)| {
        let named = named.as_object().into_iter().flatten();
        named.map(move |(name, content)| ((kind.clone(), name.clone()), content))
    })
}

fn has(components: &Value, kind: &str, name: &str) -> bool {
    components
        .get(kind)
        .is_some_and(|of| of.get(name).is_some())
}

fn reference(kind: &str, name: &str) -> String {
    format!("#/components/{kind}/{name}")
}

/// Those of one name that are not the same, or refer to what is not the same.
fn find_differing(theirs: &Value, ours: &Value) -> BTreeSet<Key> {
    let (mut differing, mut same) = (BTreeSet::new(), Vec::new());
    for (key, content) in all(ours) {
        match theirs.get(&key.0).and_then(|of| of.get(&key.1)) {
            Some(other) if other == content => same.push((key, content)),
            Some(_) => {
                differing.insert(key);
            }
            None => {}
        }
    }
    loop {
        let references: BTreeSet<String> = differing
            .iter()
            .map(|(kind, name)| reference(kind, name))
            .collect();
        let (led_astray, still_same): (Vec<_>, Vec<_>) = same
            .into_iter()
            .partition(|(_, content)| mentions(content, &references));
        if led_astray.is_empty() {
            return differing;
        }
        differing.extend(led_astray.into_iter().map(|(key, _)| key));
        same = still_same;
    }
}

fn mentions(value: &Value, references: &BTreeSet<String>) -> bool {
    match value {
        Value::Object(members) => members.values().any(|value| mentions(value, references)),
        Value::Array(items) => items.iter().any(|value| mentions(value, references)),
        Value::String(text) => references.contains(text),
        _ => false,
    }
}

fn choose_names(differing: &BTreeSet<Key>, theirs: &Value, ours: &Value) -> BTreeMap<Key, String> {
    let mut chosen = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for key in differing {
        let (kind, name) = key;
        let new = find_free(&format!("Doorward{name}"), "", |new| {
            has(theirs, kind, new)
                || has(ours, kind, new)
                || taken.contains(&(kind, new.to_owned()))
        });
        taken.insert((kind, new.clone()));
        chosen.insert(key.clone(), new);
    }
    chosen
}

/// A string that is a reference is one wherever it stands: a discriminator has them as plain
/// members.
fn redirect(value: &mut Value, references: &BTreeMap<String, String>) {
    match value {
        Value::Object(members) => members
            .values_mut()
            .for_each(|value| redirect(value, references)),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|value| redirect(value, references)),
        Value::String(text) => {
            if let Some(new) = references.get(text) {
                text.clone_from(new);
            }
        }
        _ => {}
    }
}

fn rename(components: &mut Value, names: &BTreeMap<Key, String>) {
    for ((kind, old), new) in names {
        if let Some(Value::Object(named)) = components.get_mut(kind) {
            rename_member(named, old, new);
        }
    }
}

/// Renames security schemes in what operations require.
fn rename_requirements(paths: &mut Value, names: &BTreeMap<Key, String>) {
    let items = paths.as_object_mut().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    for (_, operation) in operations {
        let Some(Value::Array(alternatives)) = operation.get_mut("security") else {
            continue;
        };
        for alternative in alternatives.iter_mut().filter_map(Value::as_object_mut) {
            for ((kind, old), new) in names {
                if kind == SECURITY_SCHEMES {
                    rename_member(alternative, old, new);
                }
            }
        }
    }
}

fn rename_member(members: &mut Map<String, Value>, old: &str, new: &str) {
    if let Some(content) = members.remove(old) {
        members.insert(new.to_owned(), content);
    }
}
