//! What can go wrong between the engine and its database.

use std::error::Error;

use crate::domain::failure::{Failure, RETRY_AFTER};

/// Constraints of the schema that a write can run into, whatever the database calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Constraint {
    /// Another account has this e-mail address.
    UserEmail,
    /// Another account has this username.
    UserUsername,
    /// There is a role of this name.
    RoleName,
    /// The row refers to one that is not there, or is referred to.
    Reference,
}

/// Names of one unique constraint: ours, PostgreSQL's, and the columns that SQLite tells.
const UNIQUE: &[(Constraint, &str, &str)] = &[
    (
        Constraint::UserEmail,
        "doorward_users_email",
        "doorward_users.email_canonical",
    ),
    (
        Constraint::UserUsername,
        "doorward_users_username",
        "doorward_users.username_canonical",
    ),
    (
        Constraint::RoleName,
        "doorward_roles_name",
        "doorward_roles.name",
    ),
];

impl Constraint {
    fn named(name: &str) -> Option<Self> {
        UNIQUE
            .iter()
            .find(|(_, constraint, _)| *constraint == name)
            .map(|(which, ..)| *which)
    }

    fn over_columns(message: &str) -> Option<Self> {
        UNIQUE
            .iter()
            .find(|(.., columns)| message.ends_with(columns))
            .map(|(which, ..)| *which)
    }
}

/// A statement or a commit that the database did not carry out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The write broke a constraint, and changed nothing.
    #[error("the {0:?} constraint was broken")]
    Constraint(Constraint),
    /// The database is out of reach, full, or too busy: the same call may work later.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A fault of ours or a damaged database.
    #[error("the database refused a statement")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    pub(crate) fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    pub(crate) fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}

/// What fails inside a transaction that is not the database undoes it all the same.
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let retry_after = matches!(error, StoreError::Unavailable(_)).then_some(RETRY_AFTER);
        Self::of(
            "the database did not answer as it should",
            retry_after,
            error,
        )
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        if failure.retry_after().is_some() {
            Self::unavailable(failure)
        } else {
            Self::internal(failure)
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return Self::internal(error);
        };
        match Meaning::of_sqlite(failure.extended_code, message.as_deref()) {
            Meaning::Broken(constraint) => Self::Constraint(constraint),
            Meaning::Passing => Self::unavailable(error),
            Meaning::Other => Self::internal(error),
        }
    }
}

/// What a database's error comes to.
enum Meaning {
    Broken(Constraint),
    Passing,
    Other,
}

impl Meaning {
    /// By SQLite's extended code and its message, whichever driver heard of them.
    fn of_sqlite(code: i32, message: Option<&str>) -> Self {
        use rusqlite::ErrorCode as Code;
        use rusqlite::ffi::{self, SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_TRIGGER};

        match ffi::Error::new(code).code {
            Code::ConstraintViolation => {
                let reference = matches!(
                    code,
                    SQLITE_CONSTRAINT_FOREIGNKEY | SQLITE_CONSTRAINT_TRIGGER
                );
                let constraint = if reference {
                    Some(Constraint::Reference)
                } else {
                    message.and_then(Constraint::over_columns)
                };
                constraint.map_or(Self::Other, Self::Broken)
            }
            Code::DatabaseBusy
            | Code::DatabaseLocked
            | Code::OperationInterrupted
            | Code::DiskFull
            | Code::SystemIoFailure
            | Code::CannotOpen
            | Code::ReadOnly
            | Code::OutOfMemory => Self::Passing,
            _ => Self::Other,
        }
    }

    fn of_postgres(failure: &dyn sqlx::error::DatabaseError) -> Self {
        use sqlx::error::ErrorKind;

        let code = failure.code().unwrap_or_default();
        let constraint = match failure.kind() {
            ErrorKind::ForeignKeyViolation => Some(Constraint::Reference),
            ErrorKind::UniqueViolation => failure.constraint().and_then(Constraint::named),
            _ => None,
        };
        let passes = || {
            PASSING.iter().any(|class| code.starts_with(class)) || PASSING_CODES.contains(&&*code)
        };
        match constraint {
            Some(constraint) => Self::Broken(constraint),
            None if passes() => Self::Passing,
            None => Self::Other,
        }
    }

    fn of_sqlx(failure: &dyn sqlx::error::DatabaseError) -> Self {
        #[cfg(feature = "sqlx-sqlite")]
        if let Some(failure) = failure.try_downcast_ref::<sqlx::sqlite::SqliteError>() {
            use sqlx::error::DatabaseError as _;
            let code = failure.code().and_then(|code| code.parse().ok());
            return Self::of_sqlite(code.unwrap_or_default(), Some(failure.message()));
        }
        Self::of_postgres(failure)
    }
}

/// Classes of PostgreSQL's error codes after which the same call may work later:
/// connection failures, rolled-back races, exhausted resources, operator intervention,
/// system errors.
const PASSING: &[&str] = &["08", "40", "53", "57", "58"];
/// Single codes of other classes of which the same is true: `read_only_sql_transaction` (a
/// standby, during a fail-over), `idle_in_transaction_session_timeout`, `lock_not_available`.
const PASSING_CODES: &[&str] = &["25006", "25P03", "55P03"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(failure) => match Meaning::of_sqlx(&**failure) {
                Meaning::Broken(constraint) => Self::Constraint(constraint),
                Meaning::Passing => Self::unavailable(error),
                Meaning::Other => Self::internal(error),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::unavailable(error),
            _ => Self::internal(error),
        }
    }
}

/// A database that can't be used at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL names no database that the engine knows.
    #[error("not a database URL of Doorward: {0}")]
    InvalidUrl(String),
    /// The file can't be opened or made, or the server can't be reached.
    #[error("cannot open the database")]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
    /// The file is not an SQLite database, or is damaged.
    #[error("the file is not an SQLite database, or it is damaged")]
    Corrupt(#[source] Box<dyn Error + Send + Sync>),
    /// The pool is on a database in memory, which no other connection can see.
    #[error("the pool is on a database in memory, which no connection but its own can see")]
    InMemory,
}
