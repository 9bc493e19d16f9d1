//! The operations of two documents side by side.

use std::collections::BTreeSet;

use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};

use super::find_free;

/// All operations at a path, with their methods.
pub(super) fn of_item(item: &PathItem) -> impl Iterator<Item = (&str, &Operation)> {
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
