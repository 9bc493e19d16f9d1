//! Operation ids, one for each operation: the health checks stand at two places.

use utoipa::openapi::OpenApi;

/// Marks the operations below the prefix that stand at the root too.
pub(super) fn distinguish(document: &mut OpenApi, prefix: &str) {
    let at_root: Vec<String> = document
        .paths
        .paths
        .keys()
        .filter(|path| !path.starts_with(prefix))
        .map(|path| format!("{prefix}{path}"))
        .collect();
    for path in at_root {
        let item = document.paths.paths.get_mut(&path);
        for operation in item.into_iter().flat_map(super::operations) {
            if let Some(id) = &mut operation.operation_id {
                *id = format!("api_{id}");
            }
        }
    }
}
