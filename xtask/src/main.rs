//! The workshop: what a maintainer runs, in one place and with cargo alone.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program speaks on the terminal"
)]

mod bench;
mod check;
mod r#gen;
mod libraries;
mod release;
mod semver;
mod shell;
mod soak;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

Commands:
  check [STEP...]   everything that must hold before a commit; `--list` names the steps
  bench [PART...]   measures the release build against its ceilings; takes some minutes
  soak [SOAK]       `timing` (the default): answers do not tell which accounts there are, some
                    minutes; `storm`: a minute of mixed load
  gen               writes the reference pages that are made from the code
  semver REV        compares the libraries' public API with that of a commit, where
                    cargo-semver-checks is installed
  help              this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = arguments
        .split_first()
        .map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    let outcome = match command {
        "bench" => bench::run(rest),
        "check" => check::run(rest),
        "gen" => r#gen::run(),
        "semver" => semver::run(rest),
        "soak" => soak::run(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("no command `{other}`\n\n{HELP}")),
    };
    outcome.map_or_else(
        |fault| {
            eprintln!("xtask: {fault}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}
