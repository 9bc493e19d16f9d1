//! Running other programs at the root of the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds the workspace.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// `cargo` with these arguments, at the root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    program("cargo", arguments)
}

/// A program of the search path with these arguments, at the root.
pub(crate) fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a program to its end, its output going to the terminal.
///
/// # Errors
///
/// When it cannot be started or does not succeed.
pub(crate) fn run(mut command: Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", text_of(&command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}`: {status}", text_of(&command)))
    }
}

/// Runs a program to its end and returns what it wrote.
///
/// # Errors
///
/// When it cannot be started, does not succeed or writes something else than
/// text; with what it wrote as an error.
pub(crate) fn output(mut command: Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{}: {error}", text_of(&command)))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("`{}`: {}", text_of(&command), said.trim()))
    }
}

/// The command as a person would type it.
fn text_of(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
