//! The seam: the one module that knows which database it is.
//!
//! Everything above it is written once, in SQL that both databases understand.

mod bus;
mod change;
mod embedded;
mod error;
mod migrate;
mod postgres;
mod sqlite;
mod statement;
mod tx;
mod url;
mod value;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::PgPool;

use url::Place;

pub(crate) use bus::ChangeBus;
pub(crate) use change::{Change, ChangeListener};
pub use embedded::Transaction;
pub use error::ConnectError;
pub(crate) use error::{Constraint, StoreError};
pub use migrate::{MigrateError, MigrationStatus};
pub(crate) use statement::Statement;
pub(crate) use tx::Tx;
pub use url::{DatabaseUrl, InvalidDatabaseUrl};
pub(crate) use value::{FromColumn, Row, Value};

pub(crate) type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// How many connections PostgreSQL is given, and how long they are waited for and kept.
///
/// SQLite uses `max_connections` alone, for its readers, up to two.
///
/// ```
/// let options = doorward::PoolOptions::default();
/// assert_eq!(options.max_connections, 15);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PoolOptions {
    /// The most connections that are open at once. Default: 15.
    pub max_connections: u32,
    /// How long a request waits for a connection, at most four seconds. Default: four seconds.
    pub acquire_timeout: Duration,
    /// How old a connection may grow before it is replaced. Default: one hour.
    pub max_lifetime: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            max_connections: 15,
            acquire_timeout: Duration::from_secs(4),
            max_lifetime: Duration::from_secs(3_600),
        }
    }
}

/// An open database, SQLite or PostgreSQL. Cheap to clone; all clones are one.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let database = doorward::Database::connect("sqlite::memory:").await?;
/// database.migrate().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Database {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    /// The engine's own tables on PostgreSQL, once they are known.
    place: OnceLock<embedded::Place>,
}

#[derive(Debug)]
enum Engine {
    Sqlite(sqlite::Engine),
    Postgres(postgres::Engine),
}

impl Database {
    /// Opens the database at `url` with the default [`PoolOptions`].
    ///
    /// `sqlite:app.db` and SQLAlchemy's `sqlite:///app.db` name a file, relative to the
    /// working directory; `sqlite:/srv/app.db` and `sqlite:////srv/app.db` name one by its
    /// absolute path. The file is made where it is missing, its folder is not.
    /// `sqlite::memory:` is a new database in memory, and `postgresql://…` or `postgres://…`
    /// a server. All forms are at [`DatabaseUrl`]; a `doorward` server and its commands mean
    /// the same database by them.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use doorward::Database;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let path = folder.join("app.db").display().to_string(); // absolute
    /// let database = Database::connect(&format!("sqlite:{path}")).await?;
    /// database.migrate().await?;
    ///
    /// // The path brings the fourth slash along.
    /// let the_same = Database::connect(&format!("sqlite:///{path}")).await?;
    /// assert_eq!(the_same.list_migrations().await?, database.list_migrations().await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConnectError::InvalidUrl`] where the URL is none of these, with what was expected;
    /// [`ConnectError::Unreachable`] where the file can't be opened or the server does not
    /// answer; [`ConnectError::Corrupt`] where the file is not an SQLite database.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::connect_with(url, &PoolOptions::default()).await
    }

    /// Opens the database at `url` with pool options of one's own.
    ///
    /// # Errors
    /// As [`Database::connect`].
    pub async fn connect_with(url: &str, options: &PoolOptions) -> Result<Self, ConnectError> {
        Self::open(&url.parse()?, options).await
    }

    /// Opens the database of a URL that was read before, or of a path that is no text.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use doorward::{Database, DatabaseUrl, PoolOptions};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let url = DatabaseUrl::sqlite(folder.join("50% of it?.db"));
    /// let database = Database::open(&url, &PoolOptions::default()).await?;
    /// # drop(database);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Database::connect`], but for [`ConnectError::InvalidUrl`].
    pub async fn open(url: &DatabaseUrl, options: &PoolOptions) -> Result<Self, ConnectError> {
        let location = match url.place() {
            Place::SqliteFile(path) => sqlite::Location::File(path.clone()),
            Place::SqliteMemory => sqlite::Location::Memory,
            Place::Postgres(url) => {
                let engine = postgres::Engine::connect(url, options).await?;
                return Ok(Self::new(Engine::Postgres(engine)));
            }
        };
        let readers = usize::try_from(options.max_connections)
            .unwrap_or(1)
            .clamp(1, 2);
        let engine = sqlite::Engine::open(&location, readers)?;
        Ok(Self::new(Engine::Sqlite(engine)))
    }

    /// Uses a pool that the embedding application already has.
    ///
    /// Transactions of the engine limit themselves on the server as well, to 3 seconds for a
    /// lock and 3.5 seconds for a statement; where that is to hold for single statements too,
    /// the pool's own connections must be given a `lock_timeout` and a `statement_timeout`.
    pub fn from_postgres_pool(pool: PgPool) -> Self {
        Self::new(Engine::Postgres(postgres::Engine::with_pool(pool)))
    }

    fn new(engine: Engine) -> Self {
        let inner = Inner {
            engine,
            place: OnceLock::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Runs `job` in one transaction: all of it takes effect and is durable, or nothing.
    ///
    /// The job may await nothing but its own statements.
    pub(crate) async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.write(job).await,
            Engine::Postgres(engine) => engine.write(job).await,
        }
    }

    /// Runs `job` in one transaction that may take as long as it needs: a migration.
    pub(crate) async fn write_unhurried<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        match &self.inner.engine {
            // There is no limit to a write but for the wait for the file.
            Engine::Sqlite(engine) => engine.write(job).await,
            Engine::Postgres(engine) => engine.write_unhurried(job).await,
        }
    }

    /// Runs `job`, one statement that is a transaction by itself and changes nothing that
    /// a cache holds.
    pub(crate) async fn write_single<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.write(job).await,
            // Outside a transaction PostgreSQL commits each statement: one round trip, not three.
            Engine::Postgres(engine) => engine.read(job).await,
        }
    }

    /// Runs `job`, which only reads.
    pub(crate) async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.read(job).await,
            Engine::Postgres(engine) => engine.read(job).await,
        }
    }

    /// Returns the change bus of this database.
    pub(crate) fn bus(&self) -> &Arc<ChangeBus> {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.bus(),
            Engine::Postgres(engine) => engine.bus(),
        }
    }
}

/// Which database a [`Database`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// SQLite, in a file or in memory.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Database {
    /// Which database this is.
    pub fn kind(&self) -> DatabaseKind {
        match &self.inner.engine {
            Engine::Sqlite(_) => DatabaseKind::Sqlite,
            Engine::Postgres(_) => DatabaseKind::Postgres,
        }
    }
}
