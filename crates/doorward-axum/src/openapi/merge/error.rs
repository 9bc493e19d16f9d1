//! Why documents are not merged.

use std::{error, fmt};

/// Why two documents can't become one.
#[derive(Debug)]
#[non_exhaustive]
pub enum MergeError {
    /// Both have these, each `METHOD /path`, or two paths that are the same but for the names
    /// of their parameters.
    Overlapping(Vec<String>),
    /// A document cannot be written as JSON and read back.
    Unreadable(serde_json::Error),
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlapping(operations) => write!(
                f,
                "both the application and Doorward have {}: leave out that part of the API, \
                 or give it another prefix",
                operations.join(", ")
            ),
            Self::Unreadable(_) => f.write_str("an OpenAPI document is not readable as JSON"),
        }
    }
}

impl error::Error for MergeError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Overlapping(_) => None,
            Self::Unreadable(error) => Some(error),
        }
    }
}

impl From<serde_json::Error> for MergeError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error)
    }
}
