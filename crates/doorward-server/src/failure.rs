//! How a command ends when it does not succeed: what to say, and the exit code.

use std::error::Error;
use std::fmt::Write as _;
use std::process::ExitCode;

use doorward::{BuildError, ConnectError, Failure, FindUserError, MigrateError};

use crate::settings::{Problem, SettingsErrors};

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) struct CommandFailure {
    pub(crate) message: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Refused = 1,
    Usage = 2,
    Settings = 3,
    Database = 4,
    NotFound = 5,
}

impl CommandFailure {
    /// It was refused, or failed in a way that has no code of its own.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: Kind::Refused,
        }
    }

    /// What was typed can't be meant.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: Kind::Usage,
        }
    }

    /// The settings can't be used.
    pub(crate) fn settings(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: Kind::Settings,
        }
    }

    /// The database can't be used.
    pub(crate) fn database(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: Kind::Database,
        }
    }

    /// What it is about is not there.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: Kind::NotFound,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

impl From<SettingsErrors> for CommandFailure {
    fn from(errors: SettingsErrors) -> Self {
        Self::settings(errors.to_string())
    }
}

impl From<Problem> for CommandFailure {
    fn from(problem: Problem) -> Self {
        Self::settings(problem.to_string())
    }
}

impl From<ConnectError> for CommandFailure {
    fn from(error: ConnectError) -> Self {
        Self::database(with_causes(&error))
    }
}

impl From<MigrateError> for CommandFailure {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::UnknownVersion(_) => Self::usage(error.to_string()),
            _ => Self::database(with_causes(&error)),
        }
    }
}

impl From<BuildError> for CommandFailure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Migrate(error) => error.into(),
            BuildError::SecretMissing | BuildError::SecretTooShort => {
                Self::settings(format!("SECRET_KEY: {error}"))
            }
            _ => Self::refused(with_causes(&error)),
        }
    }
}

impl From<Failure> for CommandFailure {
    fn from(failure: Failure) -> Self {
        Self::database(with_causes(&failure))
    }
}

impl From<FindUserError> for CommandFailure {
    fn from(error: FindUserError) -> Self {
        match error {
            FindUserError::NotFound => Self::not_found("there is no such account"),
            FindUserError::Denied => Self::refused(error.to_string()),
            FindUserError::Internal(failure) => failure.into(),
        }
    }
}

/// An error with all that caused it, on one line: the command line has no log to look into.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        // Some errors tell their cause themselves.
        if !text.ends_with(&reason) {
            // To write to a string can't fail.
            let _ = write!(text, ": {reason}");
        }
        cause = error.source();
    }
    text
}
