//! `cargo xtask semver REV`: what changed in the libraries' public API since a commit, and
//! whether the version says so.

use crate::libraries;
use crate::shell::{cargo, output, run as run_program};

const NOT_INSTALLED: &str = "\
cargo-semver-checks is not installed, so nothing was compared.
`cargo install cargo-semver-checks --locked` installs it, in some minutes";

/// Compares the libraries with those of a commit, by cargo-semver-checks.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let [revision] = arguments else {
        return Err("name one commit to compare with: cargo xtask semver REV".to_owned());
    };
    if output(cargo(&["semver-checks", "--version"])).is_err() {
        return Err(NOT_INSTALLED.to_owned());
    }
    let mut command = cargo(&["semver-checks", "--baseline-rev", revision]);
    for package in libraries::list()? {
        command.args(["--package", package.name.as_str()]);
    }
    run_program(command)
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn one_commit_has_to_be_named() {
        for arguments in [&[][..], &["v1".to_owned(), "v2".to_owned()]] {
            assert!(run(arguments).is_err_and(|fault| fault.starts_with("name one commit")));
        }
    }
}
