//! `cargo xtask bench`: the server against its ceilings, in one run.

use crate::release::{build, path_of};
use crate::shell::{program, run as run_program};

/// Builds what is measured and what measures, and prints the table.
pub(crate) fn run(parts: &[String]) -> Result<(), String> {
    build()?;
    let mut bench = program(&path_of("doorward-bench")?, &[&path_of("doorward")?]);
    bench.args(parts);
    run_program(bench)
}
