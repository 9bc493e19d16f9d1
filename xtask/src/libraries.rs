//! The crates that others embed, as cargo knows them.

use cargo_metadata::{MetadataCommand, Package, Target};

use crate::shell::root;

/// The libraries below `crates/`, each after those that it needs.
pub(crate) fn list() -> Result<Vec<Package>, String> {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .map_err(|error| error.to_string())?;
    let crates = root().join("crates");
    let mut waiting = metadata.packages;
    waiting.retain(|package| {
        let is_library = package.targets.iter().any(Target::is_lib);
        is_library && package.manifest_path.starts_with(&crates)
    });
    in_order(waiting)
}

/// Puts those first that need none of the others.
fn in_order(mut waiting: Vec<Package>) -> Result<Vec<Package>, String> {
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let next = waiting.iter().position(|package| {
            let mut needed = package.dependencies.iter();
            !needed.any(|dependency| {
                dependency.name != package.name.as_str()
                    && waiting.iter().any(|other| other.name == dependency.name)
            })
        });
        let next = next.ok_or("the libraries need one another")?;
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_are_those_to_be_published_in_order() {
        let libraries = list().unwrap();
        let names: Vec<&str> = libraries
            .iter()
            .map(|package| package.name.as_str())
            .collect();
        assert_eq!(names, ["doorward-protocol", "doorward", "doorward-axum"]);
    }
}
