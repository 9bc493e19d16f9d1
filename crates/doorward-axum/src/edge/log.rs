//! The log: one entry for each request, written when its answer is ready.
//!
//! The target is `doorward::http`. Queries, headers and bodies are never logged.

use std::{
    error::Error,
    fmt::{self, Write as _},
    time::Duration,
};

use http::{Method, StatusCode};
use tracing::{debug, error, warn};

use crate::problem::InternalCause;

const TARGET: &str = "doorward::http";

/// The longest path in bytes that is logged whole. Longer ones are cut, so that a flood of them
/// does not fill the disk.
const MAX_PATH: usize = 512;

/// The log entry of one answered request.
pub(super) struct LogEntry<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) request_id: &'a str,
    pub(super) status: StatusCode,
    pub(super) elapsed: Duration,
    pub(super) is_slow: bool,
    pub(super) cause: Option<&'a InternalCause>,
}

impl LogEntry<'_> {
    /// Writes the entry.
    ///
    /// The level is `error` for a failure of the server, `warn` for a rejected request (503
    /// without a cause) and for a slow one, and `debug` for all others.
    pub(super) fn write(&self) {
        let status = self.status;
        // A macro, so that the fields are only computed at levels that are enabled.
        macro_rules! event {
            ($level:ident, $message:literal $(, $cause:expr)?) => {
                $level!(
                    target: TARGET,
                    method = self.method.as_str(),
                    path = %Escaped(Cut(self.path)),
                    status = status.as_u16(),
                    ms = self.elapsed.as_millis() as u64,
                    request_id = self.request_id,
                    $(cause = %Escaped(Chain($cause)),)?
                    $message
                )
            };
        }
        if self.is_slow {
            event!(warn, "slow request");
        }
        match self.cause {
            Some(cause) if status.is_server_error() => {
                event!(error, "request failed", cause.0.as_ref());
            }
            _ if status == StatusCode::SERVICE_UNAVAILABLE => event!(warn, "request turned away"),
            _ if status.is_server_error() => event!(error, "request failed"),
            _ if self.is_slow => {}
            _ => event!(debug, "request"),
        }
    }
}

/// Writes control characters as escapes, so that a client cannot forge log lines.
struct Escaped<T>(T);

impl<T: fmt::Display> fmt::Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(char::is_control) {
            match part.chars().next_back().filter(|last| last.is_control()) {
                Some(last) => {
                    self.0.write_str(&part[..part.len() - last.len_utf8()])?;
                    write!(self.0, "{}", last.escape_default())?;
                }
                None => self.0.write_str(part)?,
            }
        }
        Ok(())
    }
}

struct Cut<'a>(&'a str);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.floor_char_boundary(MAX_PATH);
        f.write_str(&self.0[..end])?;
        if end < self.0.len() {
            f.write_str("…")?;
        }
        Ok(())
    }
}

/// An error and all that caused it: `a: b: c`.
struct Chain<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{error::Error, fmt};

    use super::{Chain, Cut, Escaped};

    #[derive(Debug)]
    struct Outer(std::io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cannot write")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(
            Escaped("a\nb\u{1b}[31mé\u{85}").to_string(),
            "a\\nb\\u{1b}[31mé\\u{85}"
        );
    }

    #[test]
    fn a_chain_names_every_cause() {
        let error = Outer(std::io::Error::other("disk\nfull"));
        assert_eq!(
            Escaped(Chain(&error)).to_string(),
            "cannot write: disk\\nfull"
        );
    }

    #[test]
    fn a_long_path_is_cut_between_characters() {
        let path = format!("{}é", "a".repeat(511));
        assert_eq!(Cut(&path).to_string(), format!("{}…", "a".repeat(511)));
        assert_eq!(Cut("/users").to_string(), "/users");
    }
}
