//! `cargo xtask soak`: what only shows in many thousands of answers.

use crate::release::{build, path_of};
use crate::shell::{program, run as run_program};

/// Builds the server and what soaks it, and hands the rest of the command line on.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let arguments = match arguments {
        [] => &["timing".to_owned()][..],
        given => given,
    };
    build()?;
    let mut soak = program(&path_of("doorward-soak")?, &[&path_of("doorward")?]);
    soak.args(arguments);
    run_program(soak)
}
