//! SQLite through the application's own driver: its pool, and statements in its transaction.

use std::time::Duration;

use rusqlite::types::Value as Stored;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    AssertSqlSafe, Row as _, Sqlite, SqliteConnection, SqlitePool, TypeInfo as _, ValueRef as _,
};
use tokio::time::timeout;

use super::error::{ConnectError, StoreError};
use super::statement::Statement;
use super::value::{Row, Value};
use super::{Database, DatabaseUrl, PoolOptions};

#[cfg(test)]
mod tests;

/// How long a connection of the application's pool is waited for.
const PATIENCE: Duration = Duration::from_secs(4);
/// Where the database is, and whether references hold. Both read no table: what reads one in
/// a transaction sees the data of that moment to its end, and can't write after others did.
const LIST_FILES: &str = "pragma database_list";
const FOREIGN_KEYS: &str = "pragma foreign_keys";

impl Database {
    /// Opens the file that a pool of the application is on.
    ///
    /// The engine reads and writes it through connections of its own; the pool stays the
    /// application's. Accounts are written in a [`Transaction`](crate::Transaction) of the pool
    /// where they are to come about with the application's own rows, or not at all.
    ///
    /// The file is changed to WAL, in which readers and a writer don't wait for each other. So
    /// the pool must leave `journal_mode` alone, or set it to WAL as well.
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
    /// [`ConnectError::InMemory`] where the pool is on no file, [`ConnectError::Unreachable`]
    /// where it gives no connection within four seconds, and as [`Database::open`].
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

/// The file that a connection is on, as SQLite itself says it; none in memory.
async fn find_file(connection: &mut SqliteConnection) -> Result<Option<String>, sqlx::Error> {
    for row in sqlx::query(LIST_FILES).fetch_all(connection).await? {
        if row.try_get::<String, _>("name")? == "main" {
            let file: Option<String> = row.try_get("file")?;
            return Ok(file.filter(|file| !file.is_empty()));
        }
    }
    Ok(None)
}

/// Whether what is written on this connection ends up in `file`, and is held to the schema.
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

pub(super) async fn execute(
    connection: &mut SqliteConnection,
    statement: &Statement,
    values: &[Value],
) -> Result<u64, StoreError> {
    Ok(query(statement, values)
        .execute(connection)
        .await?
        .rows_affected())
}

pub(super) async fn fetch_all(
    connection: &mut SqliteConnection,
    statement: &Statement,
    values: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let rows = query(statement, values).fetch_all(connection).await?;
    rows.iter().map(read_row).collect()
}

/// Safe to assert: a statement's text is put together from literals of this crate, and every
/// value goes by placeholder. The driver finds `$3` by its digits, wherever it stands.
fn query(statement: &Statement, values: &[Value]) -> Query<'static, Sqlite, SqliteArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.sql().to_owned()));
    values.iter().fold(query, |query, value| match value {
        Value::Integer(number) => query.bind(*number),
        Value::Text(text) => query.bind(text.clone()),
        Value::Uuid(uuid) => query.bind(*uuid),
        Value::Bytes(bytes) => query.bind(bytes.clone()),
    })
}

/// The row as the engine's own driver would have read it, so that both are read in one way.
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
