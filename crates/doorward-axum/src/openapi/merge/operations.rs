//! The operations of two documents: overlaps, ids and security requirements.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, Paths};

use super::{MergeError, find_free};

/// Checks that no operation is in both documents.
///
/// # Errors
/// [`MergeError::Overlapping`] with the operations that both have.
pub(super) fn check_overlap(app: &Paths, ours: &Paths) -> Result<(), MergeError> {
    let paths_of_app: BTreeMap<String, &String> =
        app.paths.keys().map(|path| (shape(path), path)).collect();
    let mut overlapping = Vec::new();
    for (path, item) in &ours.paths {
        let Some(path_of_app) = paths_of_app.get(&shape(path)) else {
            continue;
        };
        if *path_of_app != path {
            overlapping.push(format!("{path_of_app} and {path}"));
            continue;
        }
        let methods_of_app: Vec<&str> = app
            .paths
            .get(path)
            .into_iter()
            .flat_map(of_item)
            .map(|(method, _)| method)
            .collect();
        overlapping.extend(
            of_item(item)
                .filter(|(method, _)| methods_of_app.contains(method))
                .map(|(method, _)| format!("{method} {path}")),
        );
    }
    if overlapping.is_empty() {
        Ok(())
    } else {
        Err(MergeError::Overlapping(overlapping))
    }
}

/// Returns the path without the names of its parameters. Paths that differ in these names alone
/// are the same (OpenAPI 3.1 §4.8.8.1).
fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut rest = path;
    while let Some((before, parameter)) = rest.split_once('{') {
        shape.push_str(before);
        shape.push_str("{}");
        rest = parameter.split_once('}').map_or("", |(_, after)| after);
    }
    shape + rest
}

/// All operations at a path, with their methods.
fn of_item(item: &PathItem) -> impl Iterator<Item = (&str, &Operation)> {
    let fixed = [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("DELETE", &item.delete),
        ("OPTIONS", &item.options),
        ("HEAD", &item.head),
        ("PATCH", &item.patch),
        ("TRACE", &item.trace),
        ("QUERY", &item.query),
    ];
    let others = item.additional_operations.iter();
    fixed
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
        .chain(others.map(|(method, operation)| (method.as_str(), operation)))
}

/// Gives operations of ours another id where the application has that one.
pub(super) fn distinguish(app: &OpenApi, ours: &mut OpenApi) {
    let mut taken = ids(app);
    let own = ids(ours);
    for operation in all_mut(ours) {
        if let Some(id) = &mut operation.operation_id
            && taken.contains(id)
        {
            let is_taken = |name: &str| taken.contains(name) || own.contains(name);
            *id = find_free(&format!("doorward_{id}"), "_", is_taken);
            taken.insert(id.clone());
        }
    }
}

fn ids(document: &OpenApi) -> BTreeSet<String> {
    let webhooks = document.webhooks.iter().flat_map(|hooks| &hooks.paths);
    let items = document.paths.paths.iter().chain(webhooks);
    items
        .flat_map(|(_, item)| of_item(item))
        .filter_map(|(_, operation)| operation.operation_id.clone())
        .collect()
}

/// Writes what holds for all operations of ours into each, where the application's document
/// would have something else hold for them.
pub(super) fn keep_security(app: &OpenApi, ours: &mut OpenApi) {
    let general = ours.security.take().unwrap_or_default();
    if app.security.is_none() && general.is_empty() {
        return;
    }
    for operation in all_mut(ours) {
        operation.security.get_or_insert_with(|| general.clone());
    }
}

fn all_mut(document: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    let items = document.paths.paths.iter_mut();
    items.flat_map(|(_, item)| {
        let fixed = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.options,
            &mut item.head,
            &mut item.patch,
            &mut item.trace,
            &mut item.query,
        ];
        let others = item.additional_operations.values_mut();
        fixed.into_iter().flatten().chain(others)
    })
}
