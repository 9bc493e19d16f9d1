//! The failure that any operation can meet and no caller can mend.

use std::error::Error;
use std::time::Duration;

/// How long a caller should wait before it tries again what was unavailable.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Why an operation could not be carried out, through no fault of its caller.
///
/// Its text is for operators; none of it belongs in an answer.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    what: &'static str,
    retry_after: Option<Duration>,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl Failure {
    /// A fault of the engine or of its data, with what it is about.
    pub(crate) fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            what: "an internal fault",
            retry_after: None,
            source: source.into(),
        }
    }

    /// What is unavailable or busy, with when to try again, where that may help.
    pub(crate) fn of(
        what: &'static str,
        retry_after: Option<Duration>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            what,
            retry_after,
            source: source.into(),
        }
    }

    /// Something that the application has to ask gave no answer.
    pub(crate) fn undecided(source: Box<dyn Error + Send + Sync>) -> Self {
        Self {
            what: "a hook of the application could not decide",
            retry_after: Some(RETRY_AFTER),
            source,
        }
    }

    /// When the same call may work: the database, the hashing pool or what the application
    /// asks is out of reach or busy. `None` where trying again would not help.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}
