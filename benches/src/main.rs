//! Load and ceilings: `doorward-bench PATH-OF-SERVER [PART…]` measures the server against bare
//! programs that do as little as possible, all in one run, and prints the ratios.
//!
//! It runs itself again for the ceilings: `doorward-bench hello | hash SECONDS | commit SECONDS`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod ceilings;
mod load;
mod measure;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["hello"] => ceilings::hello(),
        ["hash", seconds] => ceilings::hash(seconds),
        ["commit", seconds] => ceilings::commit(seconds),
        [server, ref parts @ ..] => std::fs::canonicalize(server)
            .map_err(Into::into)
            .and_then(|server| measure::parts(&server.to_string_lossy(), parts)),
        _ => Err("usage: doorward-bench PATH-OF-SERVER [PART…]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("doorward-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
