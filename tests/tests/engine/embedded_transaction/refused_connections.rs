//! Where an account would end up elsewhere, or without what the schema promises, nothing is
//! written at all.

use doorward::{ConnectError, Database, Transaction};
use doorward_tests::databases::{Kind, TestDatabase, run};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{Connection as _, SqliteConnection};

use super::*;

/// Tries to register on a connection; it must be a fault of whoever wrote the application.
async fn assert_refused(app: &App, transaction: impl Into<Transaction<'_>>) {
    let prepared = app.prepare(ANNA).await;
    let failure = failure(prepared.insert(transaction).await);
    assert!(failure.retry_after().is_none(), "{failure:?}");
    assert!(app.holds_accounts(0).await);
}

fn at(file: std::path::PathBuf) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file)
}

#[test]
fn the_other_kind_of_database_is_refused() {
    run(Kind::Postgres, async |postgres| {
        let sqlite = TestDatabase::create(Kind::SqliteFile).unwrap();
        let (one, other) = (App::new(postgres).await, App::new(&sqlite).await);
        for (app, elsewhere) in [(&one, &other), (&other, &one)] {
            let mut tx = elsewhere.begin().await;
            assert_refused(app, tx.for_engine()).await;
            tx.commit().await.unwrap();
            assert!(elsewhere.holds_accounts(0).await);
        }
    });
}

on_every_lasting_database! {
    async fn a_connection_without_a_transaction_is_refused(db) {
        let app = App::new(db).await;
        match &app.pool {
            Pool::Sqlite(pool) => assert_refused(&app, &mut *pool.acquire().await.unwrap()).await,
            Pool::Postgres(pool) => assert_refused(&app, &mut *pool.acquire().await.unwrap()).await,
        }
    }
}

on_every_lasting_database! {
    async fn another_database_is_refused(db) {
        let app = App::new(db).await;
        let elsewhere = TestDatabase::create(db.kind()).unwrap();
        let elsewhere = App::new(&elsewhere).await;
        let mut tx = elsewhere.begin().await;
        assert_refused(&app, tx.for_engine()).await;
        tx.commit().await.unwrap();
        assert!(elsewhere.holds_accounts(0).await);
    }
}

/// A tenant's schema beside another's, each with tables of the same names.
#[test]
fn other_tables_of_the_same_names_are_refused() {
    run(Kind::Postgres, async |db| {
        let app = App::new(db).await;
        let Pool::Postgres(pool) = &app.pool else {
            panic!("no PostgreSQL");
        };
        let mut tx = pool.begin().await.unwrap();
        let copy = "create schema tenant; \
             create table tenant.doorward_users (like doorward_users including all); \
             set local search_path to tenant, public";
        sqlx::raw_sql(copy).execute(&mut *tx).await.unwrap();
        assert_refused(&app, &mut *tx).await;

        let own_first = "set local search_path to public, tenant";
        sqlx::raw_sql(own_first).execute(&mut *tx).await.unwrap();
        let prepared = app.prepare(ANNA).await;
        registered(prepared.insert(&mut *tx).await);
    });
}

#[test]
fn the_same_file_by_another_name_is_not() {
    run(Kind::SqliteFile, async |db| {
        let app = App::new(db).await;
        let link = db.file().unwrap().with_file_name("link.db");
        std::os::unix::fs::symlink(db.file().unwrap(), &link).unwrap();
        let pool = SqlitePool::connect_with(at(link)).await.unwrap();
        let prepared = app.prepare(ANNA).await;
        let mut tx = pool.begin().await.unwrap();
        registered(prepared.insert(&mut *tx).await);
        tx.commit().await.unwrap();
        assert!(app.holds_accounts(1).await);

        let by_link = Database::from_sqlite_pool(&pool).await.unwrap();
        let engine = TestEngine::with_mail_on(by_link, |builder| builder).await;
        engine.log_in(ANNA).await;
    });
}

#[test]
fn a_connection_without_foreign_keys_is_refused() {
    run(Kind::SqliteFile, async |db| {
        let app = App::new(db).await;
        let lax = at(db.file().unwrap()).foreign_keys(false);
        let mut lax = SqliteConnection::connect_with(&lax).await.unwrap();
        let mut tx = lax.begin().await.unwrap();
        assert_refused(&app, &mut *tx).await;
    });
}

#[tokio::test]
async fn a_database_in_memory_has_one_owner() {
    let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
    let refused = Database::from_sqlite_pool(&pool).await;
    assert!(matches!(refused, Err(ConnectError::InMemory)));

    let engine = TestEngine::in_memory().await;
    let prepared = engine
        .prepare_registration(&anonymous(), registration(ANNA))
        .await
        .unwrap();
    let mut tx = pool.begin().await.unwrap();
    let failure = failure(prepared.insert(&mut *tx).await);
    assert!(failure.retry_after().is_none());
}

#[test]
fn a_pool_without_a_file_is_told_as_unreachable() {
    run(Kind::SqliteFile, async |db| {
        let pool = SqlitePool::connect_lazy_with(at(db.file().unwrap()));
        let refused = Database::from_sqlite_pool(&pool).await;
        assert!(matches!(refused, Err(ConnectError::Unreachable(_))));
        assert!(!db.file().unwrap().exists());
    });
}
