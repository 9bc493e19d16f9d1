//! What `doorward config` prints.

use std::fmt;

use serde::{Serialize, Serializer};

use super::error::Problem;

/// The layer that a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The environment of the process.
    Environment,
    /// The file `.env`, at this line, counted from 1.
    DotEnv {
        /// The line, counted from 1.
        line: usize,
    },
    /// The file `doorward.toml`.
    Toml,
    /// The default: no layer has the setting.
    Default,
    /// Made at random and kept in the data folder.
    Generated,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Environment => f.write_str("environment"),
            Source::DotEnv { line } => write!(f, ".env line {line}"),
            Source::Toml => f.write_str("doorward.toml"),
            Source::Default => f.write_str("default"),
            Source::Generated => f.write_str("generated"),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One setting as `doorward config` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ReportLine {
    /// The first name of the setting.
    pub(crate) name: &'static str,
    /// The value as written, eight asterisks for a secret; `None` when there is none.
    pub(crate) value: Option<String>,
    /// Where the value came from.
    pub(crate) source: Source,
    /// The name under which it was found, where that is not `name` (`APP_NAME`, `SECRET_KEY_FILE`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) written_as: Option<String>,
    /// Where a generated secret is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// What the report shows instead of a secret.
pub(super) const MASK: &str = "********";

/// Creates a problem of the setting `name`, with the name and the layer that `lines` have for it.
pub(super) fn problem(lines: &[ReportLine], name: &str, message: impl Into<String>) -> Problem {
    let line = lines.iter().find(|line| line.name == name);
    match line.filter(|line| line.source != Source::Default) {
        Some(line) => {
            let written = line.written_as.as_deref().unwrap_or(name);
            Problem::new(format!("{written} ({})", line.source), message)
        }
        None => Problem::new(name, message),
    }
}
