//! Who gives up half-way keeps no half, and who has to wait does not wait for ever.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use super::*;

/// Polls a future a few times, and drops it; tells whether it was done.
async fn abandon(polls: usize, future: impl Future) -> bool {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

on_every_lasting_database! {
    async fn no_half_of_an_account_is_ever_committed(db) {
        let app = App::new(db).await;
        let (mut accounts, mut teams) = (0, 0);
        // How far a future comes in so many polls is a matter of luck, whether it is whole is not.
        for polls in 0..40 {
            let prepared = app.prepare(&format!("number{polls}@example.com")).await;
            let mut tx = app.begin().await;
            tx.found_team(&format!("Team {polls}")).await;
            let done = abandon(polls, prepared.insert(tx.for_engine())).await;
            let committed = tx.commit().await.is_ok();
            if committed {
                teams += 1;
                accounts = app.count("doorward_users").await;
            }
            assert!(committed || !done);
            assert!(app.holds_accounts(accounts).await, "after {polls} polls");
            assert_eq!(app.count("teams").await, teams, "after {polls} polls");
        }
        app.engine.sign_up(ANNA).await;
    }
}

#[test]
fn who_gives_up_half_way_can_t_commit() {
    databases::run(databases::Kind::Postgres, async |db| {
        let app = App::new(db).await;
        let prepared = app.prepare(ANNA).await;
        let mut holder = app.begin().await;
        registered(prepared.insert(holder.for_engine()).await);

        let mut tx = app.begin().await;
        tx.found_team("Reds").await;
        tokio::select! {
            outcome = prepared.insert(tx.for_engine()) => panic!("{outcome:?}"),
            () = somebody_waits(&app) => {}
        }
        holder.rollback().await;
        tx.found_team("Blues").await;
        let refused = tx.commit().await.unwrap_err();
        let refused = refused.into_database_error().unwrap();
        assert_eq!(refused.constraint(), Some("doorward_half_written"));
        assert_eq!(app.count("teams").await, 0);
        assert!(app.holds_accounts(0).await);
    });
}

async fn somebody_waits(app: &App) {
    while app.count("pg_locks where not granted").await == 0 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_lock_is_waited_for_within_limits_that_pass_with_the_account() {
    databases::run(databases::Kind::Postgres, async |db| {
        let app = App::new(db).await;
        let prepared = app.prepare(ANNA).await;
        let mut holder = app.begin().await;
        registered(prepared.insert(holder.for_engine()).await);

        let mut waiting = app.begin().await;
        waiting.found_team("Reds").await;
        waiting.execute("set local lock_timeout = '50ms'").await;
        let failure = failure(prepared.insert(waiting.for_engine()).await);
        assert!(failure.retry_after().is_some());
        assert_eq!(waiting.ask("show lock_timeout").await, "50ms");
        waiting.commit().await.unwrap();
        assert_eq!(app.count("teams").await, 1);

        holder.execute("set local statement_timeout = '1h'").await;
        let other = app.prepare(BERTA).await;
        registered(other.insert(holder.for_engine()).await);
        assert_eq!(holder.ask("show lock_timeout").await, "0");
        assert_eq!(holder.ask("show statement_timeout").await, "1h");
        holder.commit().await.unwrap();
        assert!(app.holds_accounts(2).await);
    });
}

#[test]
fn a_transaction_that_read_before_others_wrote_is_refused_and_the_next_one_is_not() {
    databases::run(databases::Kind::SqliteFile, async |db| {
        let app = App::new(db).await;
        let prepared = app.prepare(ANNA).await;
        let mut outdated = app.begin().await;
        outdated.ask("select count(*) || '' from teams").await;
        app.engine.sign_up(BERTA).await;
        let failure = failure(prepared.insert(outdated.for_engine()).await);
        assert!(failure.retry_after().is_some());
        outdated.rollback().await;

        let mut tx = app.begin().await;
        registered(prepared.insert(tx.for_engine()).await);
        tx.commit().await.unwrap();
        assert!(app.holds_accounts(2).await);
    });
}

#[test]
fn the_pool_s_last_connection_is_enough() {
    databases::run(databases::Kind::Postgres, async |db| {
        let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1);
        let pool = pool.connect(db.url()).await.unwrap();
        let database = doorward::Database::from_postgres_pool(pool.clone());
        let clock = std::sync::Arc::new(FixedClock::at(START));
        let engine = TestEngine::on(database, clock, |builder| builder).await;
        let by = operator::<UsersWrite>();
        let anna = engine.prepare_user(&by, new_user(ANNA, &["user"])).await;
        let berta = engine
            .prepare_registration(&anonymous(), registration(BERTA))
            .await;

        let mut tx = pool.begin().await.unwrap();
        anna.unwrap().insert(&mut *tx).await.unwrap();
        registered(berta.unwrap().insert(&mut *tx).await);
        tx.commit().await.unwrap();
        engine.log_in(ANNA).await;
        engine.log_in(BERTA).await;
    });
}

#[tokio::test]
async fn an_insertion_may_be_spawned() {
    fn assert_send<T: Send>(_: &T) {}
    let engine = TestEngine::in_memory().await;
    let prepared = engine
        .prepare_registration(&anonymous(), registration(ANNA))
        .await
        .unwrap();
    let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
    let mut tx = pool.begin().await.unwrap();
    let insertion = prepared.insert(&mut *tx);
    assert_send(&insertion);
    assert!(insertion.await.is_err());
}
