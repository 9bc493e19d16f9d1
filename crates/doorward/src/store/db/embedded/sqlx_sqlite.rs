//! The second SQLite driver: an application's own sqlx connections.
//!
//! Statements and rows must mean the same here as with rusqlite. So rows are read into the same
//! type, and errors are classified by the same function.

use std::time::Duration;

use rusqlite::types::Value as Stored;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    AssertSqlSafe, Connection as _, Row as _, Sqlite, SqliteConnection, SqlitePool, TypeInfo as _,
    ValueRef as _,
};
use tokio::time::timeout;

use super::{Connection, Transaction};
use crate::store::db::error::{ConnectError, StoreError};
use crate::store::db::statement::Statement;
use crate::store::db::value::{Row, Value};
use crate::store::db::{Database, DatabaseUrl, PoolOptions};

#[cfg(test)]
mod tests;

/// How long to wait for a connection of the application's pool.
const PATIENCE: Duration = Duration::from_secs(4);
// These must not read a table. The first read of a table fixes the transaction's snapshot, and
// SQLite rejects a write on a snapshot that is older than the last commit.
const LIST_FILES: &str = "pragma database_list";
const FOREIGN_KEYS: &str = "pragma foreign_keys";

impl<'c> From<&'c mut SqliteConnection> for Transaction<'c> {
    fn from(connection: &'c mut SqliteConnection) -> Self {
        Self {
            has_begun: connection.is_in_transaction(),
            connection: Connection::Sqlite(connection),
        }
    }
}

impl Database {
    /// Opens the file that the application's pool is on.
    ///
    /// The engine reads and writes the file through connections of its own. To write accounts
    /// and the application's rows together, use a [`Transaction`](crate::Transaction) of the pool.
    ///
    /// The engine sets the file's `journal_mode` to WAL, in which readers and a writer don't wait
    /// for each other. So the pool must not set `journal_mode`, or must set it to WAL too.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use doorward::Database;
    /// use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let options = SqliteConnectOptions::new()
    ///     .filename(folder.join("app.db"))
    ///     .create_if_missing(true);
    /// let pool = SqlitePool::connect_with(options).await?;
    /// let database = Database::from_sqlite_pool(&pool).await?;
    /// database.migrate().await?;
    ///
    /// sqlx::query("select count(*) from doorward_users").execute(&pool).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConnectError::InMemory`] if the pool's database is in memory,
    /// [`ConnectError::Unreachable`] if the pool provides no connection within four seconds, and
    /// the errors of [`Database::open`].
    pub async fn from_sqlite_pool(pool: &SqlitePool) -> Result<Self, ConnectError> {
        let file = timeout(PATIENCE, find_file_of(pool))
            .await
            .map_err(|_| ConnectError::Unreachable("the pool gave no connection".into()))?
            .map_err(|error| ConnectError::Unreachable(Box::new(error)))?
            .ok_or(ConnectError::InMemory)?;
        Self::open(&DatabaseUrl::sqlite(file), &PoolOptions::default()).await
    }
}

async fn find_file_of(pool: &SqlitePool) -> Result<Option<String>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    find_file(&mut connection).await
}

/// Returns the path of the connection's file, as SQLite reports it; `None` in memory.
async fn find_file(connection: &mut SqliteConnection) -> Result<Option<String>, sqlx::Error> {
    for row in sqlx::query(LIST_FILES).fetch_all(connection).await? {
        if row.try_get::<String, _>("name")? == "main" {
            let file: Option<String> = row.try_get("file")?;
            return Ok(file.filter(|file| !file.is_empty()));
        }
    }
    Ok(None)
}

/// Rejects a connection to another file than `file`, and one that does not enforce foreign keys.
pub(super) async fn check_connection(
    connection: &mut SqliteConnection,
    file: Option<&str>,
) -> Result<(), StoreError> {
    let own = find_file(connection).await?;
    if own.is_none() || own.as_deref() != file {
        return Err(StoreError::internal(
            "the transaction is on another SQLite file than the engine",
        ));
    }
    let holds: i64 = sqlx::query_scalar(FOREIGN_KEYS)
        .fetch_one(connection)
        .await?;
    if holds == 0 {
        return Err(StoreError::internal(
            "foreign keys are off on the transaction's connection",
        ));
    }
    Ok(())
}

pub(in crate::store::db) async fn execute(
    connection: &mut SqliteConnection,
    statement: &Statement,
    values: &[Value],
) -> Result<u64, StoreError> {
    Ok(query(statement, values)
        .execute(connection)
        .await?
        .rows_affected())
}

pub(in crate::store::db) async fn fetch_all(
    connection: &mut SqliteConnection,
    statement: &Statement,
    values: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let rows = query(statement, values).fetch_all(connection).await?;
    rows.iter().map(read_row).collect()
}

/// Binds the values. sqlx numbers `$3` by its digits, wherever it stands.
///
/// The SQL is safe to assert: it consists of literals of this crate, and values are placeholders.
fn query(statement: &Statement, values: &[Value]) -> Query<'static, Sqlite, SqliteArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.sql().to_owned()));
    values.iter().fold(query, |query, value| match value {
        Value::Integer(number) => query.bind(*number),
        Value::Text(text) => query.bind(text.clone()),
        Value::Uuid(uuid) => query.bind(*uuid),
        Value::Bytes(bytes) => query.bind(bytes.clone()),
    })
}

/// Converts a row to the type that rusqlite's rows have.
fn read_row(row: &SqliteRow) -> Result<Row, StoreError> {
    (0..row.len())
        .map(|position| read_value(row, position))
        .collect::<Result<_, _>>()
        .map(Row::Sqlite)
        .map_err(StoreError::from)
}

fn read_value(row: &SqliteRow, position: usize) -> Result<Stored, sqlx::Error> {
    let value = row.try_get_raw(position)?;
    if value.is_null() {
        return Ok(Stored::Null);
    }
    match value.type_info().name() {
        "INTEGER" => row.try_get(position).map(Stored::Integer),
        "REAL" => row.try_get(position).map(Stored::Real),
        "TEXT" => row.try_get(position).map(Stored::Text),
        _ => row.try_get(position).map(Stored::Blob),
    }
}
