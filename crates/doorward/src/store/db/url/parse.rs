//! Database URLs in the forms of SQLAlchemy and of sqlx.
//!
//! A refusal says what was expected. It never repeats the text, which may be secret.

use zeroize::Zeroizing;

use super::{DatabaseUrl, Place, postgres_query};
use crate::store::db::DatabaseKind;

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
pub(super) fn parse(text: &str) -> Result<DatabaseUrl, String> {
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
        DatabaseKind::Sqlite => sqlite(rest),
        DatabaseKind::Postgres => postgres(rest),
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

fn sqlite(rest: &str) -> Result<DatabaseUrl, String> {
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

/// Accepts the parameters that mean nothing here; answers whether `mode=memory` is among them.
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

fn postgres(rest: &str) -> Result<DatabaseUrl, String> {
    let address = rest.strip_prefix("//").ok_or(EXPECTED)?;
    let (address, query) = address.split_once('?').unwrap_or((address, ""));
    check_postgres_address(address)?;
    let query = postgres_query::translate(query)?;
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
