//! The release build: what is measured, and what measures.

use std::path::PathBuf;

use cargo_metadata::MetadataCommand;

use crate::shell::{cargo, root, run as run_program};

/// Builds the server, and the programs of `benches`.
pub(crate) fn build() -> Result<(), String> {
    run_program(cargo(&[
        "build",
        "--release",
        "--package",
        "doorward-server",
        "--package",
        "doorward-benches",
    ]))
}

/// Builds the server alone, with the features that its users get.
pub(crate) fn build_server() -> Result<(), String> {
    run_program(cargo(&[
        "build",
        "--release",
        "--package",
        "doorward-server",
    ]))
}

/// Where a program of that build is.
pub(crate) fn path_of(name: &str) -> Result<String, String> {
    let path = target()?.join("release").join(name);
    Ok(path.to_string_lossy().into_owned())
}

fn target() -> Result<PathBuf, String> {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .map_err(|error| error.to_string())?;
    Ok(metadata.target_directory.into())
}
