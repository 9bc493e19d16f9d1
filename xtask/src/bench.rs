//! `cargo xtask bench`: the server against its ceilings, in one run.

use std::path::PathBuf;

use cargo_metadata::MetadataCommand;

use crate::shell::{cargo, program, root, run as run_program};

/// Builds what is measured and what measures, and prints the table.
pub(crate) fn run(parts: &[String]) -> Result<(), String> {
    run_program(cargo(&[
        "build",
        "--release",
        "--package",
        "doorward-server",
        "--package",
        "doorward-benches",
    ]))?;
    let built = target()?.join("release");
    let text = |name: &str| built.join(name).to_string_lossy().into_owned();
    let mut bench = program(&text("doorward-bench"), &[&text("doorward")]);
    bench.args(parts);
    run_program(bench)
}

fn target() -> Result<PathBuf, String> {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .map_err(|error| error.to_string())?;
    Ok(metadata.target_directory.into())
}
