//! All kinds of load at once.

use doorward_benches::Outcome;

pub(crate) fn run(_program: &str) -> Outcome<bool> {
    Ok(true)
}
