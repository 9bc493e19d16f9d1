//! Opens and configures connections, and runs statements on them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::store::db::error::{ConnectError, StoreError};
use crate::store::db::statement::Statement;
use crate::store::db::value::{Row, Value};

/// How long a write waits for another process that has locked the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(4);
/// How many compiled statements each connection keeps.
const STATEMENT_CACHE: usize = 96;

/// Where the data is.
#[derive(Clone, Debug)]
pub(in crate::store::db) enum Location {
    File(PathBuf),
    Memory,
}

pub(super) fn connect(location: &Location) -> Result<Connection, ConnectError> {
    match location {
        Location::File(path) => open_file(path),
        Location::Memory => Connection::open_in_memory(),
    }
    .and_then(configure)
    .map_err(refused)
}

fn open_file(path: &Path) -> rusqlite::Result<Connection> {
    make_private(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

/// Creates a missing file with permissions for its owner only, because it will hold password
/// hashes. SQLite gives the log the same permissions. Errors are ignored: SQLite reports them when
/// it opens the file.
#[cfg(unix)]
fn make_private(path: &Path) {
    use rustix::fs::{Mode, OFlags, open};

    let new = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    drop(open(path, new, Mode::RUSR | Mode::WUSR));
}

/// On other systems the permissions of the folder apply.
#[cfg(not(unix))]
fn make_private(_path: &Path) {}

/// Configures a connection.
///
/// `synchronous` is FULL, because with NORMAL a power loss undoes acknowledged commits.
/// `secure_delete` is on, because otherwise the bytes of a deleted row stay in the file.
fn configure(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.execute_batch(
        "pragma journal_mode = wal;
         pragma synchronous = full;
         pragma foreign_keys = on;
         pragma secure_delete = on;
         pragma trusted_schema = off;
         pragma journal_size_limit = 67108864;
         pragma temp_store = memory;",
    )?;
    Ok(connection)
}

pub(super) fn refused(error: rusqlite::Error) -> ConnectError {
    use rusqlite::ErrorCode as Code;

    let code = error.sqlite_error_code();
    // The text, and not the error, because the error's source repeats the text.
    let reason = error.to_string().into();
    match code {
        Some(Code::NotADatabase | Code::DatabaseCorrupt) => ConnectError::Corrupt(reason),
        _ => ConnectError::Unreachable(reason),
    }
}

pub(super) fn execute_plain(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

pub(in crate::store::db) fn execute(
    connection: &Connection,
    statement: &Statement,
    values: &[Value],
) -> Result<u64, StoreError> {
    let mut prepared = connection.prepare_cached(statement.sql())?;
    bind(&mut prepared, values)?;
    let changed = prepared.raw_execute()?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

pub(in crate::store::db) fn fetch_all(
    connection: &Connection,
    statement: &Statement,
    values: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let mut prepared = connection.prepare_cached(statement.sql())?;
    let columns = prepared.column_count();
    bind(&mut prepared, values)?;
    let mut found = Vec::new();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        let values = (0..columns)
            .map(|column| row.get(column))
            .collect::<Result<_, _>>()?;
        found.push(Row::Sqlite(values));
    }
    Ok(found)
}

/// Binds the values by name: SQLite numbers `$3` by its first position in the text, not by its
/// digits.
fn bind(prepared: &mut rusqlite::CachedStatement<'_>, values: &[Value]) -> Result<(), StoreError> {
    for position in 1..=prepared.parameter_count() {
        let value = prepared
            .parameter_name(position)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|number| number.parse::<usize>().ok())
            .and_then(|number| values.get(number.checked_sub(1)?))
            .ok_or_else(|| StoreError::internal("a placeholder that is not a number"))?;
        match value {
            Value::Integer(number) => prepared.raw_bind_parameter(position, number)?,
            Value::Text(text) => prepared.raw_bind_parameter(position, text)?,
            Value::Uuid(uuid) => prepared.raw_bind_parameter(position, uuid)?,
            Value::Bytes(bytes) => prepared.raw_bind_parameter(position, bytes)?,
        }
    }
    Ok(())
}
