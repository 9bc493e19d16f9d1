//! PostgreSQL: a pool of connections, bounded waits, and commits that nobody interrupts.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::change::{Change, Listeners};
use super::error::{ConnectError, StoreError};
use super::statement::Statement;
use super::value::{Row, Value};
use super::{BoxFuture, PoolOptions, Tx};

/// How long a transaction may take, from its first statement to its commit.
const TRANSACTION_DEADLINE: Duration = Duration::from_secs(4);
/// The longest wait for a connection, so that a caller hears of an outage within five seconds.
const LONGEST_ACQUIRE: Duration = Duration::from_secs(4);
/// The pause before a server is tried again that is not up yet.
const START_PAUSE: Duration = Duration::from_millis(200);
/// What PostgreSQL answers while it starts or stops: `cannot_connect_now`.
const CANNOT_CONNECT_NOW: &str = "57P03";
/// A connection that was idle for longer is asked whether it still lives.
const PING_AFTER_IDLE: Duration = Duration::from_secs(1);
/// The channel on which replicas tell each other what changed.
pub(super) const CHANNEL: &str = "doorward_changes";

#[derive(Clone, Debug)]
pub(super) struct Engine {
    pool: PgPool,
    listeners: Arc<Listeners>,
}

impl Engine {
    /// Connects to the server at `url`.
    pub(super) async fn connect(
        url: &str,
        options: &PoolOptions,
        listeners: Arc<Listeners>,
    ) -> Result<Self, ConnectError> {
        let server = PgConnectOptions::from_str(url).map_err(unreachable)?;
        reach(&server).await?;
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout.min(LONGEST_ACQUIRE))
            .max_lifetime(options.max_lifetime)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > PING_AFTER_IDLE {
                        sqlx::Connection::ping(connection).await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(server)
            .await
            .map_err(unreachable)?;
        Ok(Self::with_pool(pool, listeners))
    }

    pub(super) fn with_pool(pool: PgPool, listeners: Arc<Listeners>) -> Self {
        Self { pool, listeners }
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Runs a transaction in a task of its own: a caller that goes away between the
    /// commit and the caches' hearing of it must not leave them stale.
    pub(super) async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let engine = self.clone();
        tokio::spawn(async move { engine.write_to_the_end(job).await })
            .await
            .map_err(|error| E::from(StoreError::internal(error)))?
    }

    async fn write_to_the_end<T, E, F>(&self, job: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
    {
        let mut connection = self.acquire().await?;
        let outcome = timeout(TRANSACTION_DEADLINE, self.transact(&mut connection, job)).await;
        match outcome {
            Ok((result, Clean::Yes)) => result,
            Ok((result, Clean::No)) => {
                drop(connection.detach());
                result
            }
            Err(_) => {
                drop(connection.detach());
                Err(StoreError::unavailable("the transaction took too long").into())
            }
        }
    }

    async fn transact<T, E, F>(
        &self,
        connection: &mut PgConnection,
        job: F,
    ) -> (Result<T, E>, Clean)
    where
        E: From<StoreError>,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
    {
        if let Err(error) = run(connection, "begin").await {
            return (Err(error.into()), Clean::No);
        }
        let mut tx = Tx::postgres(connection);
        let result = job(&mut tx).await;
        let changes = ForgetWhenDropped {
            listeners: &self.listeners,
            changes: tx.into_changes(),
        };
        match result {
            Ok(value) => match commit(connection, &changes.changes).await {
                Ok(()) => (Ok(value), Clean::Yes),
                Err(error) => (Err(error.into()), Clean::No),
            },
            Err(error) => {
                let clean = run(connection, "rollback")
                    .await
                    .map_or(Clean::No, |()| Clean::Yes);
                (Err(error), clean)
            }
        }
    }

    /// Runs a read on one connection, each statement on its own snapshot.
    pub(super) async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
    {
        let mut connection = self.acquire().await?;
        let result = {
            let mut tx = Tx::postgres(&mut connection);
            timeout(TRANSACTION_DEADLINE, job(&mut tx)).await
        };
        result.unwrap_or_else(|_| {
            drop(connection.detach());
            Err(StoreError::unavailable("the read took too long").into())
        })
    }

    /// Whatever the reason is for which there is no connection, it may pass: also a refusal
    /// of the user, while a server is moved or its rules are rewritten.
    async fn acquire(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        self.pool.acquire().await.map_err(StoreError::unavailable)
    }
}

/// Connects once beside the pool, which would tell of every obstacle that it took too long.
///
/// Where nobody listens yet, somebody may in a moment: servers are often started together.
async fn reach(server: &PgConnectOptions) -> Result<(), ConnectError> {
    let deadline = Instant::now() + LONGEST_ACQUIRE;
    loop {
        let connecting = PgConnection::connect_with(server);
        let error = match timeout_at(deadline, connecting).await {
            Ok(Ok(connection)) => return connection.close().await.map_err(unreachable),
            Ok(Err(error)) => error,
            Err(_) => return Err(unreachable("the server did not answer in four seconds")),
        };
        if !is_starting(&error) || Instant::now() + START_PAUSE >= deadline {
            return Err(unreachable(error));
        }
        sleep(START_PAUSE).await;
    }
}

/// Whether this is what a server answers that is not up yet.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.code().as_deref() == Some(CANNOT_CONNECT_NOW),
        _ => false,
    }
}

fn unreachable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ConnectError {
    ConnectError::Unreachable(error.into())
}

/// Whether a connection can go back to its pool.
enum Clean {
    Yes,
    No,
}

/// Tells the caches however the commit ends: also where it is given up half-way,
/// when nobody knows whether it took effect.
struct ForgetWhenDropped<'l> {
    listeners: &'l Listeners,
    changes: Vec<Change>,
}

impl Drop for ForgetWhenDropped<'_> {
    fn drop(&mut self) {
        self.listeners.forget(&self.changes);
    }
}

/// Commits, and tells the other replicas in the same transaction what changed.
async fn commit(connection: &mut PgConnection, changes: &[Change]) -> Result<(), StoreError> {
    if !changes.is_empty() {
        let words: Vec<_> = changes.iter().map(|change| change.encode()).collect();
        // PostgreSQL refuses a payload of 8000 bytes and more.
        for payload in words.chunks(200) {
            sqlx::query("select pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(payload.join(" "))
                .execute(&mut *connection)
                .await?;
        }
    }
    run(connection, "commit").await
}

async fn run(connection: &mut PgConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::raw_sql(sql).execute(connection).await?;
    Ok(())
}

pub(super) async fn execute(
    connection: &mut PgConnection,
    statement: &Statement,
    values: &[Value],
) -> Result<u64, StoreError> {
    Ok(query(statement, values)
        .execute(connection)
        .await?
        .rows_affected())
}

pub(super) async fn fetch_all(
    connection: &mut PgConnection,
    statement: &Statement,
    values: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let rows = query(statement, values).fetch_all(connection).await?;
    Ok(rows.into_iter().map(Row::Postgres).collect())
}

/// Safe to assert: a statement's text is put together from literals of this crate,
/// and every value goes by placeholder.
fn query(statement: &Statement, values: &[Value]) -> Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.sql().to_owned()));
    values.iter().fold(query, |query, value| match value {
        Value::Integer(number) => query.bind(*number),
        Value::Text(text) => query.bind(text.clone()),
        Value::Uuid(uuid) => query.bind(*uuid),
    })
}
