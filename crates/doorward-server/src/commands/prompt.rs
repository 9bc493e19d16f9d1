//! Passwords and assurances, from whoever sits at the terminal, or from standard input.

use std::io::{IsTerminal as _, Read as _, Write as _};

use doorward::Password;
use zeroize::Zeroizing;

use crate::failure::CommandFailure;

/// The most that is read as a password from standard input, in bytes.
const LONGEST_INPUT: u64 = 64 * 1024;

/// Reads a new password: twice and without echo at a terminal, else all of standard input
/// less the line break at its end. Never from an argument, where everybody could see it.
pub(super) fn new_password() -> Result<Password, CommandFailure> {
    if std::io::stdin().is_terminal() {
        let first = ask("Password: ")?;
        let second = ask("Password again: ")?;
        if first != second {
            return Err(CommandFailure::usage("the two passwords differ"));
        }
        return Ok(Password::new(first.to_string()));
    }
    let mut text = Zeroizing::new(String::new());
    std::io::stdin()
        .take(LONGEST_INPUT)
        .read_to_string(&mut text)
        .map_err(|error| {
            CommandFailure::usage(format!(
                "the password can't be read from standard input: {error}"
            ))
        })?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return Err(CommandFailure::usage("standard input holds no password"));
    }
    Ok(Password::new(password.to_owned()))
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, CommandFailure> {
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .map_err(|error| CommandFailure::usage(format!("the password can't be read: {error}")))
}

/// Asks whether it is really meant; who can't be asked has to say `--yes`.
pub(super) fn confirm(question: &str) -> Result<(), CommandFailure> {
    if !std::io::stdin().is_terminal() {
        return Err(CommandFailure::usage("nobody can be asked here: say --yes"));
    }
    let _ = write!(std::io::stderr(), "{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| CommandFailure::usage(format!("the answer can't be read: {error}")))?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(CommandFailure::refused("nothing was done"))
    }
}
