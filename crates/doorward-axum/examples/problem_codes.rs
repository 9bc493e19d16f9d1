//! Prints the reference of problem codes: `docs/reference/problems.md`.
#![expect(clippy::print_stdout, reason = "its output is the page")]

use doorward_axum::codes::Code;

fn main() {
    println!("# Problem codes\n");
    println!("Made by `cargo xtask gen` from the code; not to be edited.\n");
    println!("Every error is a problem of RFC 9457, and its `code` is one of these words. A word,");
    println!("once released, keeps its meaning; new ones may come.\n");
    println!("| code | meaning |");
    println!("|---|---|");
    for code in Code::ALL {
        println!("| `{}` | {} |", code.as_str(), code.meaning());
    }
}
