//! Writes in a transaction of the embedding application.
//!
//! An application that already uses sqlx may want an account and rows of its own in one
//! transaction. It passes the connection of its sqlx transaction; the engine writes through that
//! connection, and the application commits.
//!
//! The engine's own SQLite connections use rusqlite, which cannot join a transaction that sqlx has
//! begun. So `sqlx_sqlite` runs the same statements through sqlx's SQLite driver. PostgreSQL
//! needs no second driver, because the engine uses sqlx there anyway.
//!
//! The engine writes in a savepoint, and rolls back to it after an error. That code does not run
//! if the caller drops the future early. For this case the engine first inserts a row into
//! `doorward_unfinished` that refers to a row that does not exist. The foreign key is deferred, so
//! the database checks it at the commit. The last statement of the write deletes the row. Without
//! that statement the database rejects the commit, so an incomplete write is never kept.

#[cfg(feature = "sqlx-sqlite")]
pub(super) mod sqlx_sqlite;
#[cfg(test)]
mod tests;

use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;
use uuid::Uuid;

use super::error::StoreError;
use super::statement::Statement;
use super::tx::Tx;
use super::{BoxFuture, Database, DatabaseKind, Engine};

/// How long a write may take, so that the caller learns of an outage within five seconds.
const PATIENCE: Duration = Duration::from_secs(4);

const BEGIN: &str = "savepoint doorward";
const KEEP: &str = "release savepoint doorward";
const UNDO: &str = "rollback to savepoint doorward; release savepoint doorward";
/// Identifies the engine's tables on PostgreSQL. Another connection may be on another database, or
/// find other tables through its `search_path`.
const PLACE: Statement = Statement::new(
    "transaction.place",
    "select current_database()::text || '.' || to_regclass('doorward_users')::oid::text",
);
/// Prevents the commit, because nothing has the id that the row awaits.
const MARK: Statement = Statement::new(
    "transaction.mark",
    "insert into doorward_unfinished (id, awaits) values ($1, $2)",
);
const UNMARK: Statement = Statement::new(
    "transaction.unmark",
    "delete from doorward_unfinished where id = $1",
);
/// Sets the timeouts of the engine's own transactions, unless those of this transaction are
/// shorter. Returns the previous timeouts, in milliseconds (0 is none), and the isolation level.
const LIMIT_POSTGRES: Statement = Statement::new(
    "transaction.limit",
    "select setting, current_setting('transaction_isolation'), \
     set_config(name, least(nullif(setting, '0')::bigint, \
     case name when 'lock_timeout' then 3000 else 3500 end)::text, true) \
     from pg_settings where name in ('lock_timeout', 'statement_timeout') order by name",
);
const UNLIMIT_POSTGRES: Statement = Statement::new(
    "transaction.unlimit",
    "select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)",
);

/// A transaction of the embedding application in which the engine writes as well, so that the
/// rows of both are committed together or not at all.
///
/// Create it from `&mut *tx`, where `tx` is a `sqlx::Transaction` of sqlx 0.9: on PostgreSQL, and
/// with the feature `sqlx-sqlite` on SQLite. It must be on the engine's own database: the engine
/// rejects the other kind of database, another SQLite file, another PostgreSQL database, and a
/// `search_path` that leads to other tables.
///
/// The engine commits nothing. A rejected write leaves the transaction as it was before. If the
/// future of a write is dropped early, or the database fails, the transaction can't be committed
/// any more: an incomplete account is never kept.
///
/// On SQLite only one transaction at a time writes. Every other write of the engine (a login, a
/// second registration without this transaction) waits for the commit, for at most four seconds:
/// call it before or after the transaction. A transaction that reads before it writes should
/// begin with `begin_with("BEGIN IMMEDIATE")`. Otherwise SQLite rejects its writes if another
/// connection wrote meanwhile.
///
/// ```no_run
/// # #[cfg(feature = "sqlx-sqlite")]
/// # async fn example(
/// #     auth: doorward::Doorward,
/// #     caller: doorward::Caller,
/// #     registration: doorward::Registration,
/// #     pool: sqlx::SqlitePool,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// // All that takes time happens before the transaction.
/// let prepared = auth.prepare_registration(&caller, registration).await?;
///
/// let mut tx = pool.begin().await?;
/// sqlx::query("insert into teams (name) values ('Reds')").execute(&mut *tx).await?;
/// prepared.insert(&mut *tx).await?;
/// tx.commit().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Transaction<'c> {
    connection: Connection<'c>,
    has_begun: bool,
}

/// A connection of the application.
#[derive(Debug)]
enum Connection<'c> {
    Postgres(&'c mut PgConnection),
    #[cfg(feature = "sqlx-sqlite")]
    Sqlite(&'c mut sqlx::SqliteConnection),
}

impl<'c> From<&'c mut PgConnection> for Transaction<'c> {
    fn from(connection: &'c mut PgConnection) -> Self {
        Self {
            has_begun: connection.is_in_transaction(),
            connection: Connection::Postgres(connection),
        }
    }
}

impl Database {
    /// Runs `job` in the application's transaction: all of its writes become part of it, or none.
    ///
    /// A failed job is rolled back only if the caller awaits this future to its end. Otherwise the
    /// mark stays, and the transaction can't be committed. sqlx's own savepoints can't be used: a
    /// savepoint that is dropped while it begins rolls the whole transaction back, without an
    /// error.
    ///
    /// `mark` is an id that nothing else in the database has. The job must await only its own
    /// statements: the transaction may hold locks that the engine's other connections wait for.
    pub(crate) async fn write_within<T, E, F>(
        &self,
        transaction: Transaction<'_>,
        mark: Uuid,
        job: F,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
    {
        let write = self.write_in_savepoint(transaction, mark, job);
        let written = timeout(PATIENCE, write).await;
        written.unwrap_or_else(|_| Err(StoreError::unavailable("the write took too long").into()))
    }

    async fn write_in_savepoint<T, E, F>(
        &self,
        transaction: Transaction<'_>,
        mark: Uuid,
        job: F,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
    {
        if !transaction.has_begun {
            return Err(StoreError::internal("no transaction was begun through sqlx").into());
        }
        let mut tx = self.check_same_database(transaction.connection).await?;
        tx.execute_script(BEGIN).await?;
        match self.write_marked(&mut tx, mark, job).await {
            Ok(value) => {
                tx.execute_script(KEEP).await?;
                Ok(value)
            }
            Err(error) => {
                // If this fails, the mark makes the commit fail too.
                drop(tx.execute_script(UNDO).await);
                Err(error)
            }
        }
    }

    /// Runs `job` between a mark and its removal.
    async fn write_marked<T, E, F>(&self, tx: &mut Tx<'_>, mark: Uuid, job: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
    {
        let limits = limit(tx).await?;
        tx.execute(&MARK, &[mark.into(), Uuid::nil().into()])
            .await?;
        let value = job(&mut *tx).await?;
        // The application commits, so that this server learns of the changes as others do.
        self.bus().prepare(tx).await?;
        if let Some(limits) = limits {
            tx.fetch_all(&UNLIMIT_POSTGRES, &limits.map(Into::into))
                .await?;
        }
        tx.execute(&UNMARK, &[mark.into()]).await?;
        Ok(value)
    }

    /// Creates a [`Tx`] on the connection. Rejects a connection to another database than the
    /// engine's.
    async fn check_same_database<'c>(
        &self,
        connection: Connection<'c>,
    ) -> Result<Tx<'c>, StoreError> {
        match (&self.inner.engine, connection) {
            (Engine::Postgres(_), Connection::Postgres(connection)) => {
                let mut tx = Tx::postgres(connection);
                self.check_place(&mut tx).await?;
                Ok(tx)
            }
            #[cfg(feature = "sqlx-sqlite")]
            (Engine::Sqlite(engine), Connection::Sqlite(connection)) => {
                sqlx_sqlite::check_connection(connection, engine.file()).await?;
                Ok(Tx::sqlx_sqlite(connection))
            }
            _ => Err(StoreError::internal(
                "the transaction is on another kind of database than the engine",
            )),
        }
    }

    async fn check_place(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        match self.inner.place.get() {
            Some(own) if find_place(tx).await?.as_ref() != Some(own) => Err(StoreError::internal(
                "the transaction is in another database than the engine, or finds other tables",
            )),
            _ => Ok(()),
        }
    }

    /// Finds the engine's tables on PostgreSQL, to compare them with those that a transaction
    /// finds. It must run before the transaction, which may hold the only connection.
    pub(crate) async fn learn_place(&self) -> Result<(), StoreError> {
        if self.kind() != DatabaseKind::Postgres || self.inner.place.get().is_some() {
            return Ok(());
        }
        let place = self
            .read(|tx| Box::pin(async move { find_place(tx).await }))
            .await?;
        if let Some(place) = place {
            // A concurrent call may have set the same value.
            let _ = self.inner.place.set(place);
        }
        Ok(())
    }
}

/// The database and the table that a connection finds. It is only compared.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place(String);

async fn find_place(tx: &mut Tx<'_>) -> Result<Option<Place>, StoreError> {
    let row = tx.fetch_one(&PLACE, &[]).await?;
    Ok(row.at::<Option<String>>(0)?.map(Place))
}

/// Sets timeouts on PostgreSQL and returns the previous ones, for locks and for statements. A
/// rollback to the savepoint restores them too.
async fn limit(tx: &mut Tx<'_>) -> Result<Option<[String; 2]>, StoreError> {
    if tx.kind() != DatabaseKind::Postgres {
        return Ok(None);
    }
    let rows = tx.fetch_all(&LIMIT_POSTGRES, &[]).await?;
    match &rows[..] {
        [locks, statements] => {
            let isolation: String = locks.at(1)?;
            tx.set_sees_the_past(matches!(&*isolation, "repeatable read" | "serializable"));
            Ok(Some([locks.at(0)?, statements.at(0)?]))
        }
        _ => Err(StoreError::internal("PostgreSQL told of no limits")),
    }
}
