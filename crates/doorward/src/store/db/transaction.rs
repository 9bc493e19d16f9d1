//! Somebody else's transaction: the engine writes in it, and its owner commits.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;
use uuid::Uuid;

use super::error::StoreError;
use super::statement::Statement;
use super::tx::Tx;
use super::{BoxFuture, Database, DatabaseKind};

#[cfg(test)]
mod tests;

/// How long the engine is busy in somebody's transaction, so that a caller hears of an outage
/// within five seconds.
const PATIENCE: Duration = Duration::from_secs(4);

const BEGIN: &str = "savepoint doorward";
const KEEP: &str = "release savepoint doorward";
const UNDO: &str = "rollback to savepoint doorward; release savepoint doorward";
/// Which table the engine's words mean on PostgreSQL, where neither a connection's name nor its
/// `search_path` need be those of another.
const PLACE: Statement = Statement::new(
    "transaction.place",
    "select current_database()::text || '.' || to_regclass('doorward_users')::oid::text",
);
/// What is marked as unfinished can't be committed.
const MARK: Statement = Statement::new(
    "transaction.mark",
    "insert into doorward_unfinished (id, awaits) values ($1, $2)",
);
const UNMARK: Statement = Statement::new(
    "transaction.unmark",
    "delete from doorward_unfinished where id = $1",
);
/// The limits of the engine's own transactions, where those of this one are not closer still.
/// What it had is answered, in milliseconds; 0 is none. And whether each of its statements sees
/// what was committed before it, or what was before the first of them.
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

/// A transaction of the embedding application in which the engine writes as well, so that
/// rows of both come about together or not at all.
///
/// It is made from `&mut *tx`, where `tx` is a `sqlx::Transaction` of sqlx 0.9: on PostgreSQL,
/// and with the feature `sqlx-sqlite` on SQLite. It must be on the database that the engine is
/// on: the other kind of database is refused, and so are another SQLite file, another database of
/// PostgreSQL, and a `search_path` that leads to other tables.
///
/// The engine commits nothing. What it refuses leaves the transaction as it was before. Where
/// its future is dropped half-way, or the database fails it, the transaction can't be committed
/// any more: no half of an account is ever kept.
///
/// On SQLite one transaction at a time writes. Whatever else the engine is to write (a login, a
/// second registration without this transaction) waits for the commit, four seconds at most: it
/// belongs before the transaction or behind it. A transaction that reads before it writes should
/// begin with `begin_with("BEGIN IMMEDIATE")`, or SQLite refuses its writes where somebody else
/// wrote meanwhile.
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
    tx: Tx<'c>,
    has_begun: bool,
}

impl<'c> From<&'c mut PgConnection> for Transaction<'c> {
    fn from(connection: &'c mut PgConnection) -> Self {
        Self {
            has_begun: connection.is_in_transaction(),
            tx: Tx::postgres(connection),
        }
    }
}

#[cfg(feature = "sqlx-sqlite")]
impl<'c> From<&'c mut sqlx::SqliteConnection> for Transaction<'c> {
    fn from(connection: &'c mut sqlx::SqliteConnection) -> Self {
        Self {
            has_begun: connection.is_in_transaction(),
            tx: Tx::sqlx_sqlite(connection),
        }
    }
}

impl Database {
    /// Runs `job` in somebody else's transaction: all of it becomes part of it, or nothing.
    ///
    /// What is undone is only undone where this is awaited to its end. Where it is not, the mark
    /// stays, and the transaction can't be committed. sqlx's own savepoints are no help: one that
    /// is given up while it begins takes the whole transaction with it, unsaid.
    ///
    /// `mark` is an id that nothing else in the database has. The job may await nothing but its
    /// own statements: the transaction may hold what the engine's other connections wait for.
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
        let Transaction { mut tx, has_begun } = transaction;
        if !has_begun {
            return Err(StoreError::internal("no transaction was begun through sqlx").into());
        }
        self.check_same_database(&mut tx).await?;
        tx.execute_script(BEGIN).await?;
        match write_marked(&mut tx, mark, job).await {
            Ok(value) => {
                tx.execute_script(KEEP).await?;
                Ok(value)
            }
            Err(error) => {
                // Where this fails, so does the commit.
                drop(tx.execute_script(UNDO).await);
                Err(error)
            }
        }
    }

    async fn check_same_database(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if tx.kind() != self.kind() {
            return Err(StoreError::internal(
                "the transaction is on another kind of database than the engine",
            ));
        }
        #[cfg(feature = "sqlx-sqlite")]
        if let super::Engine::Sqlite(engine) = &self.inner.engine {
            tx.check_sqlite(engine.file()).await?;
        }
        match self.inner.place.get() {
            Some(own) if find_place(tx).await?.as_ref() != Some(own) => Err(StoreError::internal(
                "the transaction is in another database than the engine, or finds other tables",
            )),
            _ => Ok(()),
        }
    }

    /// Finds out where the engine's tables are, to be compared with where those of a
    /// transaction are: before it, as it may hold the only connection.
    pub(crate) async fn learn_place(&self) -> Result<(), StoreError> {
        if self.kind() != DatabaseKind::Postgres || self.inner.place.get().is_some() {
            return Ok(());
        }
        let place = self
            .read(|tx| Box::pin(async move { find_place(tx).await }))
            .await?;
        if let Some(place) = place {
            // Somebody else may have learnt the same.
            let _ = self.inner.place.set(place);
        }
        Ok(())
    }
}

/// Where the engine's tables are, in words that are only compared.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place(String);

async fn find_place(tx: &mut Tx<'_>) -> Result<Option<Place>, StoreError> {
    let row = tx.fetch_one(&PLACE, &[]).await?;
    Ok(row.at::<Option<String>>(0)?.map(Place))
}

/// Runs `job` between a mark and its removal.
async fn write_marked<T, E, F>(tx: &mut Tx<'_>, mark: Uuid, job: F) -> Result<T, E>
where
    E: From<StoreError>,
    F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
{
    let limits = limit(tx).await?;
    tx.execute(&MARK, &[mark.into(), Uuid::nil().into()])
        .await?;
    let value = job(&mut *tx).await?;
    tx.tell_changes().await?;
    if let Some(limits) = limits {
        tx.fetch_all(&UNLIMIT_POSTGRES, &limits.map(Into::into))
            .await?;
    }
    tx.execute(&UNMARK, &[mark.into()]).await?;
    Ok(value)
}

/// Lets PostgreSQL end what waits for too long; answers the limits for locks and for statements
/// that there were. Undone with the savepoint as well.
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
