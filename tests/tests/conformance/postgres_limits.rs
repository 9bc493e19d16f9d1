//! Whatever holds PostgreSQL up, every caller is answered in time, the server is left with no
//! more backends than the pool has connections, and only a migration may take as long as it
//! needs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward::testing::FixedClock;
use doorward::{Caller, Database, PoolOptions, Reauthentication, UpdateUserError, UserChange};
use doorward_tests::databases::{self, Kind, TestDatabase};
use doorward_tests::engine::{START, TestEngine};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::within;

/// How many connections the pools of these tests have.
const POOL: u32 = 4;
/// The link, and the two connections of the test itself.
const BESIDE_THE_POOL: i64 = 3;
/// Within which every caller is answered, whatever the database does.
const PROMISED: Duration = Duration::from_secs(5);

async fn connect(db: &TestDatabase) -> PgConnection {
    PgConnection::connect(db.url()).await.unwrap()
}

async fn execute(connection: &mut PgConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

async fn count_backends(observer: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity \
         where datname = current_database() and backend_type = 'client backend'",
    )
    .fetch_one(observer)
    .await
    .unwrap()
}

fn rename() -> UserChange {
    UserChange {
        full_name: Some(Some("Anna".parse().unwrap())),
        ..UserChange::default()
    }
}

/// Somebody keeps a row locked, for longer than anybody waits for it.
async fn with_a_locked_row(db: &TestDatabase, database: Database) {
    let clock = Arc::new(FixedClock::at(START));
    let engine = TestEngine::on(database, clock, |builder| builder).await;
    let anna = engine.sign_up("anna@example.com").await.id;
    let (mut holder, mut observer) = (connect(db).await, connect(db).await);
    execute(
        &mut holder,
        "begin; select 1 from doorward_users for update",
    )
    .await;

    let mut most = 0;
    for _ in 0..2 {
        let mut writes = JoinSet::new();
        for _ in 0..30 {
            let engine = engine.clone();
            writes.spawn(async move {
                let (caller, none) = (Caller::operator(), Reauthentication::default());
                let started = Instant::now();
                let written = engine.update_user(&caller, anna, rename(), &none).await;
                (started.elapsed(), written)
            });
        }
        while !writes.is_empty() {
            most = most.max(count_backends(&mut observer).await);
            let Ok(Some(written)) = timeout(Duration::from_millis(50), writes.join_next()).await
            else {
                continue;
            };
            let (took, written) = written.unwrap();
            assert!(took < PROMISED, "{took:?}");
            match written {
                Err(UpdateUserError::Internal(failure)) => {
                    assert!(failure.retry_after().is_some(), "{failure:?}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(
        most <= i64::from(POOL) + BESIDE_THE_POOL,
        "{most} backends at once"
    );

    execute(&mut holder, "rollback").await;
    within(PROMISED, "it writes again", async || {
        let (caller, none) = (Caller::operator(), Reauthentication::default());
        let written = engine.update_user(&caller, anna, rename(), &none).await;
        written.is_ok()
    })
    .await;
}

async fn of_our_own_pool(db: &TestDatabase) {
    let mut options = PoolOptions::default();
    options.max_connections = POOL;
    let database = Database::connect_with(db.url(), &options).await.unwrap();
    with_a_locked_row(db, database).await;
}

async fn of_an_embedders_pool(db: &TestDatabase) {
    let pool = PgPoolOptions::new()
        .max_connections(POOL)
        .connect(db.url())
        .await
        .unwrap();
    with_a_locked_row(db, Database::from_postgres_pool(pool)).await;
}

/// Another replica migrates for longer than any other transaction may take.
async fn a_long_migration(db: &TestDatabase) {
    let mut holder = connect(db).await;
    execute(
        &mut holder,
        "begin; select pg_advisory_xact_lock(4919131752)",
    )
    .await;
    let database = Database::connect(db.url()).await.unwrap();
    let mut migrating = tokio::spawn(async move { database.migrate().await });
    let early = timeout(PROMISED, &mut migrating).await;
    assert!(early.is_err(), "{early:?}");
    execute(&mut holder, "rollback").await;
    migrating.await.unwrap().unwrap();
}

#[test]
fn a_locked_row_does_not_fill_the_server() {
    databases::run(Kind::Postgres, of_our_own_pool);
}

#[test]
fn a_locked_row_does_not_fill_the_server_through_an_embedders_pool() {
    databases::run(Kind::Postgres, of_an_embedders_pool);
}

#[test]
fn a_migration_takes_as_long_as_it_needs() {
    databases::run(Kind::Postgres, a_long_migration);
}
