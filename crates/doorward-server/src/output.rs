//! What commands print.

use std::fmt::Display;
use std::io::Write as _;

use serde::Serialize;

use crate::failure::CommandFailure;

/// Prints a line. A reader that has gone away (`doorward users list | head`) is no failure.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints a line for the operator, beside what the command answers.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints a value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), CommandFailure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| CommandFailure::refused(error.to_string()))?;
    line(text);
    Ok(())
}
