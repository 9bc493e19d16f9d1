//! Operations that both documents have.

use std::collections::BTreeMap;

use utoipa::openapi::Paths;

use super::MergeError;
use super::operations::of_item;

/// # Errors
/// Those that both have.
pub(super) fn check(app: &Paths, ours: &Paths) -> Result<(), MergeError> {
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

/// The path without the names of its parameters: with others it is the same path
/// (OpenAPI 3.1 §4.8.8.1).
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
