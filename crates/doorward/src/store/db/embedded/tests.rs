//! What becomes of an application's transaction, whatever becomes of the engine's part in it.
#![cfg(feature = "sqlx-sqlite")]

use std::future::pending;
use std::sync::Arc;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tokio::sync::Notify;

use super::*;
use crate::store::db::{DatabaseUrl, PoolOptions};

const INSERT: Statement = Statement::new(
    "test.insert",
    "insert into doorward_roles (name, rank, description, created_at, updated_at) \
     values ('half', 1, '', 0, 0)",
);
const MARKED: Uuid = Uuid::from_u128(1);

/// An application with a table on the engine's file.
struct Bench {
    _folder: tempfile::TempDir,
    database: Database,
    app: SqliteConnection,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.db");
        let url = DatabaseUrl::sqlite(&file);
        let database = Database::open(&url, &PoolOptions::default()).await.unwrap();
        database.migrate().await.unwrap();
        let app = SqliteConnectOptions::new().filename(&file);
        let mut app = app.connect().await.unwrap();
        execute(&mut app, "create table things (thing text)").await;
        Self {
            _folder: folder,
            database,
            app,
        }
    }

    /// How many rows there are: of the application, of the engine, and marks.
    async fn count(&mut self) -> (i64, i64, i64) {
        let sql = "select (select count(*) from things), \
                   (select count(*) from doorward_roles where name = 'half'), \
                   (select count(*) from doorward_unfinished)";
        sqlx::query_as(sql).fetch_one(&mut self.app).await.unwrap()
    }
}

async fn execute(connection: &mut SqliteConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

async fn add_thing(connection: &mut SqliteConnection) {
    execute(connection, "insert into things values ('thing')").await;
}

#[tokio::test]
async fn who_gives_up_half_way_can_t_commit() {
    let mut bench = Bench::new().await;
    let mut tx = bench.app.begin().await.unwrap();
    add_thing(&mut tx).await;
    let half = Arc::new(Notify::new());
    let reached = Arc::clone(&half);
    let write = bench
        .database
        .write_within(Transaction::from(&mut *tx), MARKED, move |tx| {
            Box::pin(async move {
                tx.execute(&INSERT, &[]).await?;
                reached.notify_one();
                pending::<Result<(), StoreError>>().await
            })
        });
    tokio::select! {
        result = write => panic!("{result:?}"),
        () = half.notified() => {}
    }
    add_thing(&mut tx).await;
    let refused = tx.commit().await.unwrap_err();
    assert!(
        refused
            .into_database_error()
            .unwrap()
            .is_foreign_key_violation()
    );
    assert_eq!(bench.count().await, (0, 0, 0));
}

#[tokio::test]
async fn what_is_refused_is_undone_alone() {
    let mut bench = Bench::new().await;
    let mut tx = bench.app.begin().await.unwrap();
    add_thing(&mut tx).await;
    for _ in 0..2 {
        let refused: Result<(), _> = bench
            .database
            .write_within(Transaction::from(&mut *tx), MARKED, |tx| {
                Box::pin(async move {
                    tx.execute(&INSERT, &[]).await?;
                    Err(StoreError::internal("refused"))
                })
            })
            .await;
        assert!(refused.is_err());
    }
    add_thing(&mut tx).await;
    tx.commit().await.unwrap();
    assert_eq!(bench.count().await, (2, 0, 0));
}

#[tokio::test]
async fn a_whole_part_is_committed_with_the_rest() {
    let mut bench = Bench::new().await;
    let mut tx = bench.app.begin().await.unwrap();
    add_thing(&mut tx).await;
    bench
        .database
        .write_within(Transaction::from(&mut *tx), MARKED, |tx| {
            Box::pin(async move { tx.execute(&INSERT, &[]).await })
        })
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bench.count().await, (1, 1, 0));
}
