//! PostgreSQL: a pool of connections, bounded waits, and commits that nobody interrupts.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::bus::ChangeBus;
use super::error::{ConnectError, StoreError};
use super::statement::Statement;
use super::value::{Row, Value};
use super::{BoxFuture, PoolOptions, Tx};

/// How long a call may take, from its wait for a connection to its commit, so that a caller
/// hears of an outage within five seconds.
const DEADLINE: Duration = Duration::from_secs(4);
/// How long migrations may take: they rewrite large tables, and wait for other replicas.
const MIGRATION_DEADLINE: Duration = Duration::from_secs(3_600);
/// When the server itself ends what waits or runs for too long. Below [`DEADLINE`]: what we
/// no longer wait for must not go on there. A lock is waited for less long still, so that
/// its error tells what it was.
const SERVER_LIMITS: [(&str, &str); 3] = [
    ("lock_timeout", "3s"),
    ("statement_timeout", "3500ms"),
    ("idle_in_transaction_session_timeout", "10s"),
];
/// The same limits where the connections are not ours to configure.
const BEGIN_LIMITED: &str = "begin; \
    set local lock_timeout = '3s'; \
    set local statement_timeout = '3500ms'; \
    set local idle_in_transaction_session_timeout = '10s'";
const BEGIN_UNLIMITED: &str = "begin; \
    set local lock_timeout = 0; \
    set local statement_timeout = 0; \
    set local idle_in_transaction_session_timeout = 0";
/// How long a connection that was given up is kept, for the server to end what it does there.
const LAST_WAIT: Duration = DEADLINE;
/// The pause before a server is tried again that is not up yet.
const START_PAUSE: Duration = Duration::from_millis(200);
/// What PostgreSQL answers while it starts or stops: `cannot_connect_now`.
const CANNOT_CONNECT_NOW: &str = "57P03";
/// A connection that was idle for longer is asked whether it still lives.
const PING_AFTER_IDLE: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub(super) struct Engine {
    pool: PgPool,
    /// How a transaction begins, unless it is a migration's.
    begin: &'static str,
    bus: Arc<ChangeBus>,
}

impl Engine {
    /// Connects to the server at `url`.
    pub(super) async fn connect(url: &str, options: &PoolOptions) -> Result<Self, ConnectError> {
        let server = PgConnectOptions::from_str(url)
            .map_err(unreachable)?
            .options(SERVER_LIMITS);
        reach(&server).await?;
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout.min(DEADLINE))
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
        Ok(Self::new(pool, "begin"))
    }

    /// Uses a pool of somebody else, whose connections have no limits of ours.
    pub(super) fn with_pool(pool: PgPool) -> Self {
        Self::new(pool, BEGIN_LIMITED)
    }

    fn new(pool: PgPool, begin: &'static str) -> Self {
        let bus = Arc::new(ChangeBus::postgres(pool.clone()));
        Self { pool, begin, bus }
    }

    pub(super) fn bus(&self) -> &Arc<ChangeBus> {
        &self.bus
    }

    /// Runs a transaction in a task of its own, so that a client that disconnects does not
    /// interrupt its commit.
    pub(super) async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.write_in_a_task(self.begin, DEADLINE, job).await
    }

    /// Runs the migrations' transaction, which may take its time, here and on the server.
    pub(super) async fn write_unhurried<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.write_in_a_task(BEGIN_UNLIMITED, MIGRATION_DEADLINE, job)
            .await
    }

    async fn write_in_a_task<T, E, F>(
        &self,
        begin: &'static str,
        limit: Duration,
        job: F,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let engine = self.clone();
        let deadline = Instant::now() + limit;
        tokio::spawn(async move { engine.write_until(deadline, begin, job).await })
            .await
            .map_err(|error| E::from(StoreError::internal(error)))?
    }

    async fn write_until<T, E, F>(
        &self,
        deadline: Instant,
        begin: &'static str,
        job: F,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
    {
        let mut connection = self.acquire(deadline).await?;
        let transaction = self.transact(&mut connection, begin, job);
        match timeout_at(deadline, transaction).await {
            Ok((result, Clean::Yes)) => result,
            Ok((result, Clean::No)) => {
                drop(connection.detach());
                result
            }
            Err(_) => {
                give_up(connection, "rollback");
                Err(StoreError::unavailable("the transaction took too long").into())
            }
        }
    }

    async fn transact<T, E, F>(
        &self,
        connection: &mut PgConnection,
        begin: &'static str,
        job: F,
    ) -> (Result<T, E>, Clean)
    where
        E: From<StoreError>,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
    {
        if let Err(error) = run(connection, begin).await {
            return (Err(error.into()), Clean::No);
        }
        let mut tx = Tx::postgres(connection);
        match job(&mut tx).await {
            Ok(value) => match self.commit(&mut tx).await {
                Ok(()) => (Ok(value), Clean::Yes),
                Err(error) => (Err(error.into()), Clean::No),
            },
            Err(error) => {
                let clean = tx
                    .execute_script("rollback")
                    .await
                    .map_or(Clean::No, |()| Clean::Yes);
                (Err(error), clean)
            }
        }
    }

    async fn commit(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let changes = self.bus.prepare(tx).await?;
        let _settled = self.bus.settle_on_drop(changes);
        tx.execute_script("commit").await
    }

    /// Runs a read on one connection, each statement on its own snapshot.
    pub(super) async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
    {
        let deadline = Instant::now() + DEADLINE;
        let mut connection = self.acquire(deadline).await?;
        let result = {
            let mut tx = Tx::postgres(&mut connection);
            timeout_at(deadline, job(&mut tx)).await
        };
        result.unwrap_or_else(|_| {
            give_up(connection, "select 1");
            Err(StoreError::unavailable("the read took too long").into())
        })
    }

    /// Whatever the reason is for which there is no connection, it may pass: also a refusal
    /// of the user, while a server is moved or its rules are rewritten.
    async fn acquire(&self, deadline: Instant) -> Result<PoolConnection<Postgres>, StoreError> {
        timeout_at(deadline, self.pool.acquire())
            .await
            .map_err(StoreError::unavailable)?
            .map_err(StoreError::unavailable)
    }
}

/// Keeps a connection from its pool until the server has ended what it still does there: with
/// another one opened in its place, the server would have more and more to do.
///
/// `probe` is what is said on it next; where not even that is answered, the connection is dead.
fn give_up(mut connection: PoolConnection<Postgres>, probe: &'static str) {
    tokio::spawn(async move {
        let answered = timeout(LAST_WAIT, run(&mut connection, probe)).await;
        if !matches!(answered, Ok(Ok(()))) {
            drop(connection.detach());
        }
    });
}

/// Connects once beside the pool, which would tell of every obstacle that it took too long.
///
/// Where nobody listens yet, somebody may in a moment: servers are often started together.
async fn reach(server: &PgConnectOptions) -> Result<(), ConnectError> {
    let deadline = Instant::now() + DEADLINE;
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
        Value::Bytes(bytes) => query.bind(bytes.clone()),
    })
}
