//! The schema: made once, whoever comes first, and never by an older release.

use std::sync::Arc;
use std::time::Duration;

use doorward::testing::{self, FixedClock};
use doorward::{BuildError, ConnectError, Database, DatabaseKind, LoginError, MigrateError};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{PASSWORD, START, TestEngine, attempt};
use doorward_tests::{on_every_database, on_every_lasting_database};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::task::JoinSet;

use crate::within;

/// Counts the rows of a table.
pub(crate) async fn count(db: &TestDatabase, table: &str) -> i64 {
    let sql = format!("select count(*) from {table}");
    if db.kind() == Kind::Postgres {
        let mut connection = PgConnection::connect(db.url()).await.unwrap();
        let count = sqlx::query_scalar(AssertSqlSafe(sql));
        count.fetch_one(&mut connection).await.unwrap()
    } else {
        let connection = rusqlite::Connection::open(db.file().unwrap()).unwrap();
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    }
}

on_every_database! {
    async fn an_empty_database_is_brought_up_to_date_once(db) {
        let database = Database::connect(db.url()).await.unwrap();
        let expected = match db.kind() {
            Kind::Postgres => DatabaseKind::Postgres,
            _ => DatabaseKind::Sqlite,
        };
        assert_eq!(database.kind(), expected);
        let before = database.list_migrations().await.unwrap();
        assert!(!before.is_empty() && before.iter().all(|one| one.applied_at.is_none()));

        database.migrate().await.unwrap();
        let after = database.list_migrations().await.unwrap();
        assert!(after.iter().all(|one| one.applied_at.is_some()));
        database.migrate().await.unwrap();
        assert_eq!(database.list_migrations().await.unwrap(), after);
        let versions: Vec<_> = after.iter().map(|one| one.version).collect();
        let counted: Vec<_> = (1..).take(versions.len()).collect();
        assert_eq!(versions, counted);

        let unknown = database.migrate_to(9998).await;
        assert!(matches!(unknown, Err(MigrateError::UnknownVersion(9998))));
        database.migrate_to(1).await.unwrap();
    }

    async fn an_engine_that_may_not_migrate_does_not(db) {
        let database = Database::connect(db.url()).await.unwrap();
        let engine = testing::builder(database.clone()).migrate(false).build().await.unwrap();
        engine.check_health().await.unwrap_err();
        let status = database.list_migrations().await.unwrap();
        assert!(status.iter().all(|one| one.applied_at.is_none()));
        database.migrate().await.unwrap();
        engine.check_health().await.unwrap();
        // The data keys are created a moment later.
        within(Duration::from_secs(10), "a login", async || {
            let refused = engine.login(attempt("anna@example.com", PASSWORD)).await;
            matches!(refused, Err(LoginError::InvalidCredentials))
        })
        .await;
    }
}

on_every_lasting_database! {
    async fn many_that_start_at_once_all_start(db) {
        let mut starts = JoinSet::new();
        for _ in 0..8 {
            let url = db.url().to_owned();
            starts.spawn(async move { TestEngine::at(&url).await });
        }
        let engines = starts.join_all().await;
        engines[0].sign_up("anna@example.com").await;
        for engine in &engines {
            engine.log_in("anna@example.com").await;
        }
    }

    async fn the_data_outlives_the_engine(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let visitor = engine.log_in("anna@example.com").await;
        drop(engine);
        let again = TestEngine::at(db.url()).await;
        assert!(again.lets_in(&visitor).await);
        again.try_refresh(&visitor.tokens).await.unwrap();
    }

    async fn a_database_from_the_future_is_refused(db) {
        TestEngine::at(db.url()).await.sign_up("anna@example.com").await;
        db.execute("insert into doorward_migrations (version, name, applied_at) values (9999, 'later', 0)").await;
        let database = Database::connect(db.url()).await.unwrap();
        // Also by an engine that would change nothing of the schema.
        for migrates in [true, false] {
            let builder = testing::builder(database.clone()).migrate(migrates);
            assert!(matches!(
                builder.build().await,
                Err(BuildError::Migrate(MigrateError::FromTheFuture { found: 9999, .. }))
            ));
        }
        let refused = database.list_migrations().await;
        assert!(matches!(refused, Err(MigrateError::FromTheFuture { .. })));
    }

    async fn a_schema_from_before_the_first_release_is_refused(db) {
        TestEngine::at(db.url()).await.sign_up("anna@example.com").await;
        db.execute("update doorward_migrations set name = 'accounts' where version = 1").await;
        let database = Database::connect(db.url()).await.unwrap();
        for migrates in [true, false] {
            let built = testing::builder(database.clone()).migrate(migrates).build().await;
            let Err(BuildError::Migrate(error @ MigrateError::Unreleased { .. })) = built else {
                panic!("{built:?}");
            };
            let text = error.to_string();
            assert!(text.contains("`accounts`") && text.contains("delete this one"), "{text}");
        }
        let refused = database.list_migrations().await;
        assert!(matches!(refused, Err(MigrateError::Unreleased { version: 1, .. })));
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

async fn connect(path: &std::path::Path) -> Result<Database, ConnectError> {
    Database::connect(&format!("sqlite:{}", path.display())).await
}

#[tokio::test]
async fn a_file_that_is_no_database_is_corrupt() {
    let folder = folder();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "not a database at all, ".repeat(500)).unwrap();
    let refused = connect(&file).await;
    assert!(
        matches!(refused, Err(ConnectError::Corrupt(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_cut_off_database_is_corrupt_and_not_an_empty_one() {
    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let file = database.file().unwrap();
    TestEngine::at(database.url())
        .await
        .sign_up("anna@example.com")
        .await;
    // The header stays, the rest is noise.
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .execute_batch("pragma wal_checkpoint(truncate); pragma journal_mode = delete")
        .unwrap();
    drop(connection);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100..].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    let clock = Arc::new(FixedClock::at(START));
    match connect(&file).await {
        Err(ConnectError::Corrupt(_)) => {}
        Err(other) => panic!("{other:?}"),
        Ok(database) => {
            let built = testing::builder(database).clock(clock).build().await;
            assert!(matches!(
                built,
                Err(BuildError::Migrate(MigrateError::Store(_)))
            ));
        }
    }
}

#[tokio::test]
async fn what_can_t_be_opened_is_unreachable() {
    let folder = folder();
    for path in [
        folder.path().join("missing/folder/test.db"),
        folder.path().to_owned(),
    ] {
        let refused = connect(&path).await;
        assert!(
            matches!(refused, Err(ConnectError::Unreachable(_))),
            "{path:?}: {refused:?}"
        );
    }
    let nobody = "postgres://nobody:secret-word@127.0.0.1:1/none";
    let refused = Database::connect(nobody).await.unwrap_err();
    assert!(matches!(refused, ConnectError::Unreachable(_)));
    assert!(!format!("{refused:?} {refused}").contains("secret-word"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_can_t_be_written_is_unreachable() {
    // Nobody writes here, not even root.
    let refused = connect(std::path::Path::new("/proc/doorward-test.db")).await;
    assert!(
        matches!(refused, Err(ConnectError::Unreachable(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_is_no_url_of_a_database_is_refused() {
    for url in [
        "",
        "mysql://host/db",
        "test.db",
        "sqlite://test.db?mode=ro",
        "postgresql+mydriver://host/db",
        "postgres://host/db?channel_binding=require",
        "http://host",
    ] {
        let refused = Database::connect(url).await;
        assert!(matches!(refused, Err(ConnectError::InvalidUrl(_))), "{url}");
    }
}
