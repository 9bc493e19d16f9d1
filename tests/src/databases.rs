//! A fresh database for each test, of each kind that Doorward supports.
#![expect(
    clippy::panic,
    reason = "a harness that cannot do its work fails the test"
)]

mod own_server;
mod postgres;

use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use sqlx::Connection as _;
use tempfile::TempDir;

/// How long tasks that a test left behind may take to end.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// The databases that Doorward runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SQLite in a file of its own folder.
    SqliteFile,
    /// SQLite in memory; each connection pool that opens it has its own.
    SqliteMemory,
    /// A database of its own on a PostgreSQL server.
    Postgres,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SqliteFile => "SQLite file",
            Self::SqliteMemory => "SQLite memory",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// An empty database that lasts as long as this value.
#[derive(Debug)]
pub struct TestDatabase {
    kind: Kind,
    url: String,
    folder: Option<TempDir>,
    _on_server: Option<postgres::Created>,
}

impl TestDatabase {
    /// Makes an empty database, or returns `None` for PostgreSQL where there
    /// is none (and says so once on the terminal).
    ///
    /// # Panics
    ///
    /// When the database cannot be made, or PostgreSQL is required by
    /// `DOORWARD_REQUIRE_POSTGRES` and absent.
    #[must_use]
    pub fn create(kind: Kind) -> Option<Self> {
        announce();
        match kind {
            Kind::SqliteFile => Some(Self::sqlite_file()),
            Kind::SqliteMemory => Some(Self {
                kind,
                url: "sqlite::memory:".to_owned(),
                folder: None,
                _on_server: None,
            }),
            Kind::Postgres => postgres::create().map(|created| Self {
                kind,
                url: created.url().to_owned(),
                folder: None,
                _on_server: Some(created),
            }),
        }
    }

    fn sqlite_file() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-sqlite-")
            .tempdir()
            .unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        Self {
            kind: Kind::SqliteFile,
            url: format!("sqlite:{}", folder.path().join("test.db").display()),
            folder: Some(folder),
            _on_server: None,
        }
    }

    /// Which database this is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it is: `sqlite:/folder/test.db` (the file does not exist yet),
    /// `sqlite::memory:` or `postgres://user:password@host:port/name`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The database file, for SQLite on disk.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        self.folder
            .as_ref()
            .map(|folder| folder.path().join("test.db"))
    }

    /// Runs SQL past the engine, on a connection of its own: on SQLite in memory, in another
    /// database. Returns how many rows the last statement changed.
    ///
    /// # Panics
    ///
    /// When a statement fails.
    pub async fn execute(&self, sql: &str) -> u64 {
        let changed = match self.kind {
            Kind::Postgres => execute_on_postgres(&self.url, sql)
                .await
                .map_err(|error| error.to_string()),
            _ => execute_on_sqlite(self.file(), sql).map_err(|error| error.to_string()),
        };
        changed.unwrap_or_else(|error| panic!("{error}, for {sql}"))
    }
}

async fn execute_on_postgres(url: &str, sql: &str) -> Result<u64, sqlx::Error> {
    let mut connection = sqlx::PgConnection::connect(url).await?;
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
    Ok(done.execute(&mut connection).await?.rows_affected())
}

fn execute_on_sqlite(file: Option<PathBuf>, sql: &str) -> rusqlite::Result<u64> {
    let connection = match file {
        Some(file) => rusqlite::Connection::open(file)?,
        None => rusqlite::Connection::open_in_memory()?,
    };
    connection.busy_timeout(Duration::from_secs(20))?;
    connection.execute_batch(sql)?;
    Ok(connection.changes())
}

/// Whether this machine can start a PostgreSQL server of its own.
#[must_use]
pub fn has_server_programs() -> bool {
    own_server::find_programs().is_some()
}

/// Whether tests fail where there is no PostgreSQL, instead of being skipped.
#[must_use]
pub fn is_postgres_required() -> bool {
    postgres::is_required()
}

/// Runs a test on a fresh database, on a multi-threaded runtime of its own.
///
/// The runtime ends before the database is removed.
///
/// # Panics
///
/// When the test does, or the database or the runtime cannot be made.
pub fn run(kind: Kind, test: impl AsyncFnOnce(&TestDatabase)) {
    let Some(database) = TestDatabase::create(kind) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap_or_else(|error| panic!("no runtime: {error}"));
    runtime.block_on(test(&database));
    runtime.shutdown_timeout(SHUTDOWN);
}

/// Says once a process which databases its tests run on.
fn announce() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| say(&format!("tests run on SQLite {}", postgres::outlook())));
}

/// Writes a line to the terminal, past the capture of test output: what was
/// skipped must be seen although the tests pass.
fn say(line: &str) {
    let suite = std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .unwrap_or_default();
    // The name of a test program ends in a dash and a hash.
    let suite = suite.rsplit_once('-').map_or(&*suite, |(name, _)| name);
    let _ = writeln!(std::io::stderr(), "{suite}: {line}");
}
