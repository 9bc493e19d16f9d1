//! Soaks: `doorward-soak PATH-OF-SERVER timing [sqlite|postgres]…` shows that answers do not tell
//! which accounts there are; `doorward-soak PATH-OF-SERVER storm` mixes all kinds of load.
#![expect(clippy::print_stdout, reason = "a soak prints what it saw")]

mod accounts;
mod sink;
mod storm;
mod timing;

use std::process::ExitCode;

use doorward_benches::Outcome;

const USAGE: &str = "usage: doorward-soak PATH-OF-SERVER timing [sqlite|postgres]… | storm";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("doorward-soak: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all that was looked at holds.
fn run(words: &[&str]) -> Outcome<bool> {
    let [server, soak, rest @ ..] = words else {
        return Err(USAGE.into());
    };
    let server = std::fs::canonicalize(server)?;
    let server = server.to_string_lossy();
    match (*soak, rest) {
        ("timing", databases) => timing::run(&server, databases),
        ("storm", []) => storm::run(&server),
        _ => Err(USAGE.into()),
    }
}
