//! What a database URL means: one reading for applications, the server and its commands.

mod mask;
mod parse;
mod postgres_query;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use zeroize::Zeroizing;

use super::DatabaseKind;
use super::error::ConnectError;

/// Which database to open, as `DATABASE_URL` says it.
///
/// | URL | database |
/// |---|---|
/// | `sqlite:app.db`, `sqlite://app.db`, `sqlite:///app.db` | the file `app.db` in the working directory |
/// | `sqlite:/srv/app.db`, `sqlite:////srv/app.db` | the file `/srv/app.db` |
/// | `sqlite::memory:`, `sqlite://` | a new database in memory |
/// | `postgresql://user:password@host:5432/name` | a PostgreSQL server; `postgres://` is the same |
///
/// Three slashes begin a relative path and four an absolute one, as in SQLAlchemy; behind two
/// slashes or the bare colon the path stands as it is. `%` has no meaning in it. Nothing but
/// `mode=rw`, `mode=rwc`, `mode=memory`, `cache`, `timeout` and `check_same_thread` may follow
/// it, and of these `mode=memory` alone has an effect.
///
/// SQLAlchemy's driver names are passed over (`postgresql+asyncpg`, `sqlite+aiosqlite`), and
/// asyncpg's words for parameters of PostgreSQL are understood (`ssl=require` is
/// `sslmode=require`). A parameter that could not be honoured is refused.
///
/// `Debug` and `Display` mask passwords, and the memory of a PostgreSQL URL is zeroed when it
/// is dropped.
///
/// ```
/// use std::path::Path;
/// use doorward::{DatabaseKind, DatabaseUrl};
///
/// let relative: DatabaseUrl = "sqlite:///app.db".parse()?;
/// assert_eq!(relative.sqlite_file(), Some(Path::new("app.db")));
/// assert_eq!(relative, "sqlite:app.db".parse()?);
///
/// let absolute: DatabaseUrl = "sqlite:////srv/app.db".parse()?;
/// assert_eq!(absolute.sqlite_file(), Some(Path::new("/srv/app.db")));
///
/// let server: DatabaseUrl = "postgresql+asyncpg://anna:hush@db.example/app".parse()?;
/// assert_eq!(server.kind(), DatabaseKind::Postgres);
/// assert_eq!(server.to_string(), "postgresql://anna:********@db.example/app");
/// # Ok::<(), doorward::InvalidDatabaseUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Place);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Place {
    SqliteFile(PathBuf),
    SqliteMemory,
    /// `postgresql://…`, with the parameters that sqlx knows.
    Postgres(Zeroizing<String>),
}

/// A text that is no [`DatabaseUrl`]; its `Display` says what was expected instead, and
/// repeats no part that may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidDatabaseUrl(String);

impl DatabaseUrl {
    /// The SQLite file at `path`, whatever characters it has.
    ///
    /// A relative path begins in the working directory. `:memory:` and the empty path are a
    /// new database in memory, as they are for SQLite.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        if matches!(path.to_str(), Some("" | ":memory:")) {
            return Self(Place::SqliteMemory);
        }
        Self(Place::SqliteFile(path))
    }

    /// Which database it is.
    pub fn kind(&self) -> DatabaseKind {
        match &self.0 {
            Place::SqliteFile(_) | Place::SqliteMemory => DatabaseKind::Sqlite,
            Place::Postgres(_) => DatabaseKind::Postgres,
        }
    }

    /// The file that it names; `None` for SQLite in memory and for PostgreSQL.
    pub fn sqlite_file(&self) -> Option<&Path> {
        match &self.0 {
            Place::SqliteFile(path) => Some(path),
            Place::SqliteMemory | Place::Postgres(_) => None,
        }
    }

    /// A URL of any kind as it may be shown: its password, and every parameter that may hold
    /// one, is `********`.
    ///
    /// It need not be well-formed: then rather too much is masked than too little.
    ///
    /// ```
    /// use doorward::DatabaseUrl;
    ///
    /// let shown = DatabaseUrl::masked("mysql://anna:hush@db.example/app");
    /// assert_eq!(shown, "mysql://anna:********@db.example/app");
    /// ```
    pub fn masked(text: &str) -> String {
        mask::mask(text)
    }

    pub(super) fn place(&self) -> &Place {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        parse::parse(text).map_err(InvalidDatabaseUrl)
    }
}

impl From<InvalidDatabaseUrl> for ConnectError {
    fn from(InvalidDatabaseUrl(expected): InvalidDatabaseUrl) -> Self {
        Self::InvalidUrl(expected)
    }
}

/// The URL in its shortest form, with its password masked: to be read, not to be parsed again.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::SqliteFile(path) => write!(f, "sqlite:{}", path.display()),
            Place::SqliteMemory => f.write_str("sqlite::memory:"),
            Place::Postgres(url) => f.write_str(&mask::mask(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}
