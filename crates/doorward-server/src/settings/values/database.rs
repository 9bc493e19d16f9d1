//! `DATABASE_URL` in the forms of SQLAlchemy and of sqlx.

use std::fmt;
use std::path::PathBuf;

use super::postgres_query;
use crate::settings::report::MASK;
use crate::settings::secret::Secret;

/// Which database to open.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DatabaseLocation {
    /// SQLite in this file.
    SqliteFile(PathBuf),
    /// SQLite in memory: everything is gone when the server stops.
    SqliteMemory,
    /// PostgreSQL under this URL, `postgresql://…`, with the parameters that sqlx knows.
    Postgres(Secret),
}

/// The file, or the URL with its password masked.
impl fmt::Display for DatabaseLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseLocation::SqliteFile(path) => path.display().fmt(f),
            DatabaseLocation::SqliteMemory => f.write_str("in memory"),
            DatabaseLocation::Postgres(url) => f.write_str(&redact(url.expose())),
        }
    }
}

// A URL may hold a password.
impl fmt::Debug for DatabaseLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseLocation::SqliteFile(path) => f.debug_tuple("SqliteFile").field(path).finish(),
            DatabaseLocation::SqliteMemory => f.write_str("SqliteMemory"),
            DatabaseLocation::Postgres(_) => f.write_str("Postgres"),
        }
    }
}

const EXPECTED: &str = "expected sqlite:///./app.db, sqlite:////absolute/path.db, sqlite:// (in memory) \
                        or postgresql://user:password@host:5432/name";
const SQLITE_DRIVERS: &[&str] = &["aiosqlite", "pysqlite"];
const POSTGRES_DRIVERS: &[&str] = &[
    "asyncpg",
    "psycopg",
    "psycopg2",
    "psycopg2cffi",
    "psycopg_async",
    "pg8000",
    "pygresql",
];

/// The database that a URL names, without the Python driver that it may name too.
pub(in crate::settings) fn database_url(text: &str) -> Result<DatabaseLocation, String> {
    let (scheme, rest) = text.trim().split_once(':').ok_or(EXPECTED)?;
    let (kind, driver) = match scheme.split_once('+') {
        Some((kind, driver)) => (kind, Some(driver)),
        None => (scheme, None),
    };
    let drivers = match kind.to_ascii_lowercase().as_str() {
        "sqlite" => SQLITE_DRIVERS,
        "postgresql" | "postgres" => POSTGRES_DRIVERS,
        _ => return Err(EXPECTED.to_owned()),
    };
    if driver.is_some_and(|driver| !drivers.contains(&driver)) {
        return Err(format!(
            "expected no +driver, or one of {}",
            drivers.join(", ")
        ));
    }
    if drivers == SQLITE_DRIVERS {
        sqlite(rest)
    } else {
        postgres(rest)
    }
}

fn sqlite(rest: &str) -> Result<DatabaseLocation, String> {
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let memory = check_sqlite_query(query)?;
    // SQLAlchemy writes a relative path after three slashes and an absolute one after four; sqlx
    // also takes a path after two, or right after the colon.
    let path = match address.strip_prefix("//") {
        Some(path) => path.strip_prefix('/').unwrap_or(path),
        None => address,
    };
    if memory || matches!(path, "" | ":memory:") {
        return Ok(DatabaseLocation::SqliteMemory);
    }
    if path.starts_with("file:") || path.contains(['\0', '#']) || path.ends_with('/') {
        return Err(EXPECTED.to_owned());
    }
    Ok(DatabaseLocation::SqliteFile(PathBuf::from(path)))
}

/// Accepts the parameters that mean nothing here; answers whether `mode=memory` is among them.
fn check_sqlite_query(query: &str) -> Result<bool, String> {
    let mut memory = false;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=').unwrap_or((parameter, "")) {
            ("mode", "memory") => memory = true,
            ("mode", "rwc" | "rw") | ("cache", _) | ("check_same_thread" | "timeout", _) => {}
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

fn postgres(rest: &str) -> Result<DatabaseLocation, String> {
    let address = rest.strip_prefix("//").ok_or(EXPECTED)?;
    let (address, query) = address.split_once('?').unwrap_or((address, ""));
    check_postgres_address(address)?;
    let query = postgres_query::translate(query)?;
    let separator = if query.is_empty() { "" } else { "?" };
    Ok(DatabaseLocation::Postgres(Secret::new(format!(
        "postgresql://{address}{separator}{query}"
    ))))
}

fn check_postgres_address(address: &str) -> Result<(), String> {
    let authority = address.split('/').next().unwrap_or_default();
    if address.contains(['#', '\\']) || address.chars().any(|c| c.is_whitespace() || c.is_control())
    {
        return Err(format!(
            "{EXPECTED}; special characters of a password are written as %23 for #, %2F for /, %3F for ?, %40 for @"
        ));
    }
    if address.contains('@') && !authority.contains('@') {
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

/// `url` with its password, and every parameter that may hold one, masked.
///
/// Masks too much rather than too little where the URL is malformed.
pub(in crate::settings) fn redact(url: &str) -> String {
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
    let query: Vec<String> = query.split('&').map(redact_parameter).collect();
    format!("{scheme}://{address}?{}", query.join("&"))
}

fn redact_parameter(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}={MASK}"),
        _ => parameter.to_owned(),
    }
}
