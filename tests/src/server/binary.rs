//! Which program is tested.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Names a program to test instead of the development build. A relative path starts at the root
/// of the workspace.
const BINARY: &str = "DOORWARD_BIN";

/// Returns the program of `DOORWARD_BIN`, or else the development build, which the first call
/// brings up to date.
///
/// # Panics
/// When the build fails.
#[must_use]
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    PATH.get_or_init(|| match variable(BINARY) {
        Some(path) => std::fs::canonicalize(root.join(&path))
            .unwrap_or_else(|error| panic!("{BINARY} is {path}: {error}")),
        None => build(),
    })
}

fn build() -> PathBuf {
    let cargo = variable("CARGO").unwrap_or_else(|| env!("CARGO").to_owned());
    let built = Command::new(cargo)
        .args(["build", "-p", "doorward-server", "--bin", "doorward"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .unwrap_or_else(|error| panic!("cargo could not be started: {error}"));
    assert!(built.status.success(), "the server could not be built");
    String::from_utf8_lossy(&built.stdout)
        .lines()
        .find_map(executable)
        .unwrap_or_else(|| panic!("cargo names no program"))
}

/// The program that a line of cargo's messages names.
fn executable(line: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(PathBuf::from(message.get("executable")?.as_str()?))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment says what is tested"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
