//! Reads database URLs in the forms of SQLAlchemy and of sqlx, and masks their passwords.
//!
//! Applications, the server and its commands all read URLs here, so a URL means the same in each.
//! Errors say what was expected. They never repeat the URL, because it may hold a secret.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use zeroize::Zeroizing;

use super::DatabaseKind;
use super::error::ConnectError;

#[cfg(test)]
mod tests;

const EXPECTED: &str = "expected sqlite:///./app.db, sqlite:////absolute/path.db, sqlite:// (in memory) \
                        or postgresql://user:password@host:5432/name";
/// The Python drivers that SQLAlchemy names behind `sqlite+`.
const SQLITE_DRIVERS: &[&str] = &["aiosqlite", "pysqlite"];
/// The Python drivers that SQLAlchemy names behind `postgresql+`.
const POSTGRES_DRIVERS: &[&str] = &[
    "asyncpg",
    "psycopg",
    "psycopg2",
    "psycopg2cffi",
    "psycopg_async",
    "pg8000",
    "pygresql",
];
/// Parameters of a PostgreSQL URL that sqlx reads itself.
const POSTGRES_PARAMETERS: &[&str] = &[
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
/// The values of `sslmode`.
const SSL_MODES: &[&str] = &[
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];
/// Replaces a password in a URL that is shown.
const MASK: &str = "********";

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
        mask(text)
    }

    pub(super) fn place(&self) -> &Place {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        parse(text).map_err(InvalidDatabaseUrl)
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
            Place::Postgres(url) => f.write_str(&mask(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// Parses a URL. The name of a Python driver behind the scheme is checked and dropped.
fn parse(text: &str) -> Result<DatabaseUrl, String> {
    let (scheme, rest) = text.trim().split_once(':').ok_or(EXPECTED)?;
    let (name, driver) = match scheme.split_once('+') {
        Some((name, driver)) => (name, Some(driver)),
        None => (scheme, None),
    };
    let kind = match name.to_ascii_lowercase().as_str() {
        "sqlite" => DatabaseKind::Sqlite,
        "postgresql" | "postgres" => DatabaseKind::Postgres,
        _ => return Err(EXPECTED.to_owned()),
    };
    if let Some(driver) = driver {
        check_driver(kind, driver)?;
    }
    match kind {
        DatabaseKind::Sqlite => parse_sqlite(rest),
        DatabaseKind::Postgres => parse_postgres(rest),
    }
}

fn check_driver(kind: DatabaseKind, driver: &str) -> Result<(), String> {
    let known = match kind {
        DatabaseKind::Sqlite => SQLITE_DRIVERS,
        DatabaseKind::Postgres => POSTGRES_DRIVERS,
    };
    if known.contains(&driver) {
        return Ok(());
    }
    Err(format!(
        "expected no +driver, or one of {}",
        known.join(", ")
    ))
}

fn parse_sqlite(rest: &str) -> Result<DatabaseUrl, String> {
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let memory = check_sqlite_query(query)?;
    // SQLAlchemy writes a relative path after three slashes and an absolute one after four; sqlx
    // also takes a path after two, or right after the colon.
    let path = match address.strip_prefix("//") {
        Some(path) => path.strip_prefix('/').unwrap_or(path),
        None => address,
    };
    if memory {
        return Ok(DatabaseUrl::sqlite(""));
    }
    if path.starts_with("file:") || path.contains(['\0', '#']) || path.ends_with('/') {
        return Err(EXPECTED.to_owned());
    }
    Ok(DatabaseUrl::sqlite(path))
}

/// Returns whether `mode=memory` is among the parameters. Rejects parameters that are not known to
/// be safe to ignore.
fn check_sqlite_query(query: &str) -> Result<bool, String> {
    let mut memory = false;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=').unwrap_or((parameter, "")) {
            ("mode", "memory") => memory = true,
            ("mode", "rwc" | "rw") | ("cache" | "check_same_thread" | "timeout", _) => {}
            _ => {
                return Err(
                    "expected no parameters behind the path of a SQLite file but mode=rwc, \
                     mode=memory, cache, timeout and check_same_thread"
                        .to_owned(),
                );
            }
        }
    }
    Ok(memory)
}

fn parse_postgres(rest: &str) -> Result<DatabaseUrl, String> {
    let address = rest.strip_prefix("//").ok_or(EXPECTED)?;
    let (address, query) = address.split_once('?').unwrap_or((address, ""));
    check_postgres_address(address)?;
    let query = translate_postgres_query(query)?;
    let separator = if query.is_empty() { "" } else { "?" };
    let url = format!("postgresql://{address}{separator}{query}");
    Ok(DatabaseUrl(Place::Postgres(Zeroizing::new(url))))
}

fn check_postgres_address(address: &str) -> Result<(), String> {
    let authority = address.split('/').next().unwrap_or_default();
    if address.contains(['#', '\\']) || address.chars().any(|c| c.is_whitespace() || c.is_control())
    {
        return Err(format!(
            "{EXPECTED}; special characters of a password are written as %23 for #, %2F for /, %3F for ?, %40 for @"
        ));
    }
    if address[authority.len()..].contains('@') {
        return Err(format!("{EXPECTED}; a / in the password is written %2F"));
    }
    let server = authority.rsplit('@').next().unwrap_or_default();
    if server.contains(',') {
        return Err("expected one host: a list of hosts is not supported".to_owned());
    }
    let after_address = server.rfind(']').map_or(0, |end| end + 1);
    match server[after_address..].split_once(':') {
        Some((_, port)) if port.parse::<u16>().is_err() => {
            Err("expected a port number from 0 to 65535 behind the host".to_owned())
        }
        _ => Ok(()),
    }
}

/// Translates the parameters that asyncpg and psycopg name differently into sqlx's names.
///
/// Rejects all others: sqlx would ignore them silently.
fn translate_postgres_query(query: &str) -> Result<String, String> {
    // An @ here means that the ? belongs to an unescaped password. The error must not repeat it.
    if query.contains('@') {
        return Err(
            "expected no @ among the parameters: a ? in the password is written %3F".to_owned(),
        );
    }
    let mut translated = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if let Some(parameter) = translate_postgres_parameter(name, value)? {
            translated.push(parameter);
        }
    }
    Ok(translated.join("&"))
}

fn translate_postgres_parameter(name: &str, value: &str) -> Result<Option<String>, String> {
    match name {
        "ssl" | "sslmode" => ssl_mode(value).map(|mode| Some(format!("sslmode={mode}"))),
        "prepared_statement_cache_size" | "statement_cache_size" | "statement-cache-capacity" => {
            let size = value
                .parse::<usize>()
                .map_err(|_| format!("expected a number behind {name}="))?;
            Ok(Some(format!("statement-cache-capacity={size}")))
        }
        // DB_POOL_TIMEOUT bounds the wait.
        "connect_timeout" | "timeout" => Ok(None),
        "async_fallback" => Ok(None),
        _ if POSTGRES_PARAMETERS.contains(&name) || name.starts_with("options[") => {
            Ok(Some(format!("{name}={value}")))
        }
        _ => Err(format!(
            "the parameter {:?} is not supported: remove it; supported are {}",
            name.chars().take(40).collect::<String>(),
            POSTGRES_PARAMETERS.join(", ")
        )),
    }
}

/// Accepts libpq's values of `sslmode` and the booleans of asyncpg's `ssl`.
fn ssl_mode(value: &str) -> Result<&str, String> {
    match value {
        "true" | "True" | "1" => Ok("require"),
        "false" | "False" | "0" => Ok("disable"),
        mode if SSL_MODES.contains(&mode) => Ok(mode),
        _ => Err(format!(
            "expected one of {} behind sslmode=",
            SSL_MODES.join(", ")
        )),
    }
}

/// Replaces the password, and the value of every parameter that may hold one.
fn mask(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.contains('@') {
            MASK.to_owned()
        } else {
            url.to_owned()
        };
    };
    let shown = match rest.rsplit_once('@') {
        Some((user, server)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:{MASK}@{server}"),
            None => rest.to_owned(),
        },
        None => rest.to_owned(),
    };
    let Some((address, query)) = shown.split_once('?') else {
        return format!("{scheme}://{shown}");
    };
    let query: Vec<String> = query.split('&').map(mask_parameter).collect();
    format!("{scheme}://{address}?{}", query.join("&"))
}

fn mask_parameter(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}={MASK}"),
        _ => parameter.to_owned(),
    }
}
