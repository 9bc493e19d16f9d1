//! An application with a pool and a table of its own.

use std::time::Duration;

use doorward::{Builder, Database, PreparedRegistration, Transaction};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{TestEngine, anonymous, registration};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Sqlite, SqlitePool};

#[derive(Clone, Debug)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[derive(Clone, Debug)]
pub(super) struct App {
    pub(super) pool: Pool,
    pub(super) engine: TestEngine,
}

/// A transaction of the application.
pub(super) enum AppTransaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// Runs an expression with the pool or the transaction of either database.
macro_rules! on_either {
    ($type:ident, $value:expr, |$inner:ident| $body:expr) => {
        match $value {
            $type::Sqlite($inner) => $body,
            $type::Postgres($inner) => $body,
        }
    };
}

impl Pool {
    pub(super) async fn on(db: &TestDatabase) -> Self {
        if db.kind() == Kind::Postgres {
            return Self::Postgres(PgPool::connect(db.url()).await.unwrap());
        }
        let options = SqliteConnectOptions::new()
            .filename(db.file().unwrap())
            .create_if_missing(true);
        // Twenty writers behind each other may need longer than usual on a busy machine.
        let options = options.busy_timeout(Duration::from_secs(20));
        let pool = SqlitePoolOptions::new().max_connections(25);
        Self::Sqlite(pool.connect_with(options).await.unwrap())
    }

    pub(super) async fn execute(&self, sql: &'static str) {
        on_either!(Self, self, |pool| {
            sqlx::raw_sql(sql).execute(pool).await.unwrap();
        });
    }

    pub(super) async fn database(&self) -> Database {
        match self {
            Self::Sqlite(pool) => Database::from_sqlite_pool(pool).await.unwrap(),
            Self::Postgres(pool) => Database::from_postgres_pool(pool.clone()),
        }
    }
}

impl App {
    pub(super) async fn new(db: &TestDatabase) -> Self {
        Self::with(db, |builder| builder).await
    }

    pub(super) async fn with(
        db: &TestDatabase,
        configure: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let pool = Pool::on(db).await;
        pool.execute("create table teams (name text primary key)")
            .await;
        let engine = TestEngine::with_mail_on(pool.database().await, configure).await;
        Self { pool, engine }
    }

    pub(super) async fn begin(&self) -> AppTransaction {
        match &self.pool {
            Pool::Sqlite(pool) => AppTransaction::Sqlite(pool.begin().await.unwrap()),
            Pool::Postgres(pool) => AppTransaction::Postgres(pool.begin().await.unwrap()),
        }
    }

    pub(super) async fn prepare(&self, email: &str) -> PreparedRegistration {
        self.engine
            .prepare_registration(&anonymous(), registration(email))
            .await
            .unwrap()
    }

    /// How many rows there are that were committed.
    pub(super) async fn count(&self, table: &str) -> i64 {
        let sql = AssertSqlSafe(format!("select count(*) from {table}"));
        on_either!(Pool, &self.pool, |pool| sqlx::query_scalar(sql)
            .fetch_one(pool)
            .await
            .unwrap())
    }

    /// Whether there are this many whole accounts, and nothing of any other.
    pub(super) async fn holds_accounts(&self, expected: i64) -> bool {
        let mut held = true;
        for table in [
            "doorward_users",
            "doorward_passwords",
            "doorward_user_roles",
            "doorward_jobs",
            "doorward_one_time_tokens",
            "doorward_audit_events where action = 'user.registered'",
        ] {
            held &= self.count(table).await == expected;
        }
        assert_eq!(self.count("doorward_unfinished").await, 0);
        held
    }
}

impl AppTransaction {
    pub(super) fn for_engine(&mut self) -> Transaction<'_> {
        on_either!(Self, self, |tx| Transaction::from(&mut **tx))
    }

    pub(super) async fn found_team(&mut self, name: &str) {
        let insert = "insert into teams (name) values ($1)";
        on_either!(Self, self, |tx| {
            let insert = sqlx::query(insert).bind(name.to_owned());
            insert.execute(&mut **tx).await.unwrap();
        });
    }

    /// A text that the database answers with.
    pub(super) async fn ask(&mut self, sql: &'static str) -> String {
        on_either!(Self, self, |tx| sqlx::query_scalar(sql)
            .fetch_one(&mut **tx)
            .await
            .unwrap())
    }

    pub(super) async fn execute(&mut self, sql: &'static str) {
        on_either!(Self, self, |tx| {
            sqlx::raw_sql(sql).execute(&mut **tx).await.unwrap();
        });
    }

    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        on_either!(Self, self, |tx| tx.commit().await)
    }

    pub(super) async fn rollback(self) {
        on_either!(Self, self, |tx| tx.rollback().await.unwrap());
    }
}
