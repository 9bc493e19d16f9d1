//! A transaction, or a read: the one place where a statement meets a connection.

use rusqlite::Connection as SqliteConnection;
use sqlx::PgConnection;

use super::change::Change;
#[cfg(feature = "sqlx-sqlite")]
use super::embedded::sqlx_sqlite;
use super::error::StoreError;
use super::statement::Statement;
use super::value::{Row, Value};
use super::{DatabaseKind, postgres, sqlite};

/// Where statements run: inside one transaction for writes, on one connection for reads.
///
/// On the engine's own SQLite connections every statement runs to its end at once, so that the
/// futures of this type are ready when they are first polled.
#[derive(Debug)]
pub(crate) struct Tx<'c> {
    connection: Connection<'c>,
    changes: Vec<Change>,
    sees_the_past: bool,
}

#[derive(Debug)]
enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
    /// An application's own connection.
    #[cfg(feature = "sqlx-sqlite")]
    SqlxSqlite(&'c mut sqlx::SqliteConnection),
}

impl<'c> Tx<'c> {
    pub(super) fn sqlite(connection: &'c mut SqliteConnection) -> Self {
        Self {
            connection: Connection::Sqlite(connection),
            changes: Vec::new(),
            sees_the_past: false,
        }
    }

    pub(super) fn postgres(connection: &'c mut PgConnection) -> Self {
        Self {
            connection: Connection::Postgres(connection),
            changes: Vec::new(),
            sees_the_past: false,
        }
    }

    #[cfg(feature = "sqlx-sqlite")]
    pub(super) fn sqlx_sqlite(connection: &'c mut sqlx::SqliteConnection) -> Self {
        Self {
            connection: Connection::SqlxSqlite(connection),
            changes: Vec::new(),
            sees_the_past: false,
        }
    }

    /// Which database the connection leads to.
    pub(super) fn kind(&self) -> DatabaseKind {
        match &self.connection {
            Connection::Sqlite(_) => DatabaseKind::Sqlite,
            Connection::Postgres(_) => DatabaseKind::Postgres,
            #[cfg(feature = "sqlx-sqlite")]
            Connection::SqlxSqlite(_) => DatabaseKind::Sqlite,
        }
    }

    /// Whether it may be told of what others have changed long since: an application's own
    /// transaction on PostgreSQL, unless it is `read committed`.
    pub(crate) fn sees_the_past(&self) -> bool {
        self.sees_the_past
    }

    pub(super) fn set_sees_the_past(&mut self, sees_the_past: bool) {
        self.sees_the_past = sees_the_past;
    }

    /// Records a change. The listeners of the change bus learn of it before the caller of the
    /// transaction gets its result.
    pub(crate) fn changed(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Returns the changes that were recorded so far, and removes them.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Runs a statement and tells how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<u64, StoreError> {
        check(statement, values)?;
        match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::execute(connection, statement, values),
            Connection::Postgres(connection) => {
                postgres::execute(connection, statement, values).await
            }
            #[cfg(feature = "sqlx-sqlite")]
            Connection::SqlxSqlite(connection) => {
                sqlx_sqlite::execute(connection, statement, values).await
            }
        }
    }

    /// Runs a statement and answers its rows.
    pub(crate) async fn fetch_all(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        check(statement, values)?;
        match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::fetch_all(connection, statement, values),
            Connection::Postgres(connection) => {
                postgres::fetch_all(connection, statement, values).await
            }
            #[cfg(feature = "sqlx-sqlite")]
            Connection::SqlxSqlite(connection) => {
                sqlx_sqlite::fetch_all(connection, statement, values).await
            }
        }
    }

    /// Runs a statement that answers at most one row.
    pub(crate) async fn fetch_optional(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        let mut rows = self.fetch_all(statement, values).await?;
        Ok(rows.pop())
    }

    /// Runs a statement that answers exactly one row.
    pub(crate) async fn fetch_one(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<Row, StoreError> {
        self.fetch_optional(statement, values)
            .await?
            .ok_or_else(|| StoreError::internal(format!("{} answered no row", statement.name())))
    }

    /// Runs one or more statements in one text, without values: a migration, a savepoint.
    pub(super) async fn execute_script(&mut self, script: &'static str) -> Result<(), StoreError> {
        match &mut self.connection {
            Connection::Sqlite(connection) => Ok(connection.execute_batch(script)?),
            Connection::Postgres(connection) => {
                sqlx::raw_sql(script).execute(&mut **connection).await?;
                Ok(())
            }
            #[cfg(feature = "sqlx-sqlite")]
            Connection::SqlxSqlite(connection) => {
                sqlx::raw_sql(script).execute(&mut **connection).await?;
                Ok(())
            }
        }
    }
}

/// SQLite binds a missing value as NULL and says nothing, so the count is checked here.
pub(super) fn check(statement: &Statement, values: &[Value]) -> Result<(), StoreError> {
    tracing::trace!(target: "doorward::sql", statement = statement.name());
    if statement.binds() == values.len() {
        return Ok(());
    }
    Err(StoreError::internal(format!(
        "{} binds {} values, {} were given",
        statement.name(),
        statement.binds(),
        values.len()
    )))
}
