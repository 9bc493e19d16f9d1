//! The failure that any operation can meet and no caller can mend.

use std::error::Error;
use std::time::Duration;

use crate::authn::password::HasherBusy;
use crate::store::db::StoreError;

/// How long a caller should wait before it tries again what was unavailable.
const RETRY_AFTER: Duration = Duration::from_secs(2);

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

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let retry_after = matches!(error, StoreError::Unavailable(_)).then_some(RETRY_AFTER);
        Self {
            what: "the database did not answer as it should",
            retry_after,
            source: Box::new(error),
        }
    }
}

impl From<HasherBusy> for Failure {
    fn from(busy: HasherBusy) -> Self {
        let retry_after = Some(busy.retry_after);
        Self {
            what: "too many passwords wait to be hashed",
            retry_after,
            source: Box::new(busy),
        }
    }
}

/// Lets `?` turn what the store and the hashing pool say into an operation's `Internal`.
macro_rules! fails_internally {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$crate::store::db::StoreError> for $error {
            fn from(error: $crate::store::db::StoreError) -> Self {
                Self::Internal(error.into())
            }
        }

        impl From<$crate::authn::password::HasherBusy> for $error {
            fn from(busy: $crate::authn::password::HasherBusy) -> Self {
                Self::Internal(busy.into())
            }
        }

        impl From<$crate::Failure> for $error {
            fn from(failure: $crate::Failure) -> Self {
                Self::Internal(failure)
            }
        }
    )+};
}

pub(crate) use fails_internally;
