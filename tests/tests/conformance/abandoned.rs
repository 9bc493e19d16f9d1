//! A caller that goes away in the middle of a write leaves neither a stale cache nor a
//! connection that nobody can use.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use doorward::testing::{self, FixedClock};
use doorward::{Caller, Database, PoolOptions, Reauthentication, UserChange};
use doorward_tests::engine::{PASSWORD, START, TestEngine, Visitor};
use doorward_tests::on_every_database;
use tokio::task::JoinSet;

use super::within;

fn rename(number: usize) -> UserChange {
    UserChange {
        full_name: Some(Some(format!("Anna {number}").parse().unwrap())),
        ..UserChange::default()
    }
}

/// Polls a future a few times, and drops it whether or not it was done.
async fn abandon(polls: usize, future: impl Future) {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 || future.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// An uncached look at the account.
async fn stored_name(db: &Database, visitor: &Visitor) -> Option<String> {
    let mut sizes = doorward::CacheSizes::default();
    (sizes.tokens, sizes.sessions, sizes.users) = (0, 0, 0);
    let clock = std::sync::Arc::new(FixedClock::at(START));
    let plain = testing::builder(db.clone())
        .clock(clock)
        .cache_sizes(sizes)
        .build()
        .await
        .unwrap();
    let found = plain
        .find_user(&Caller::operator(), visitor.who.user.id)
        .await;
    found.unwrap().full_name.map(|name| name.to_string())
}

on_every_database! {
    async fn what_was_written_after_all_is_seen(db) {
        let database = Database::connect(db.url()).await.unwrap();
        let clock = std::sync::Arc::new(FixedClock::at(START));
        let engine = TestEngine::on(database.clone(), clock, |builder| builder).await;
        engine.sign_up("anna@example.com").await;
        let visitor = engine.log_in("anna@example.com").await;
        let none = Reauthentication::default();
        let caller = Caller::operator();
        for number in 0..60 {
            // Fills the cache, so that there is something to be stale.
            assert!(engine.lets_in(&visitor).await);
            let id = visitor.who.user.id;
            abandon(number % 12, engine.update_user(&caller, id, rename(number), &none)).await;
            // Whether it was written or not, the cache says the same, once it has settled.
            within(Duration::from_secs(1), "the cache agrees with the database", async || {
                let stored = stored_name(&database, &visitor).await;
                let cached = engine.again(&visitor).await.who.user.full_name.clone();
                stored == cached.map(|name| name.to_string())
            })
            .await;
        }
    }

    async fn abandoned_calls_leave_every_connection_usable(db) {
        let mut options = PoolOptions::default();
        options.max_connections = 3;
        let database = Database::connect_with(db.url(), &options).await.unwrap();
        let clock = std::sync::Arc::new(FixedClock::at(START));
        let engine = TestEngine::on(database, clock, |builder| builder).await;
        engine.sign_up("anna@example.com").await;
        let visitor = engine.log_in("anna@example.com").await;
        let mut abandoned = JoinSet::new();
        for number in 0..200 {
            let (engine, visitor) = (engine.clone(), visitor.clone());
            abandoned.spawn(async move {
                let none = Reauthentication::default();
                let polls = number % 9;
                match number % 4 {
                    0 => {
                        let caller = Caller::operator();
                        let id = visitor.who.user.id;
                        abandon(polls, engine.update_user(&caller, id, rename(number), &none)).await;
                    }
                    1 => abandon(polls, engine.try_refresh(&visitor.tokens)).await,
                    2 => abandon(polls, engine.try_log_in("anna@example.com", PASSWORD)).await,
                    _ => abandon(polls, engine.list_sessions(&visitor.who)).await,
                }
            });
        }
        abandoned.join_all().await;
        // As many at once as there are connections, several times over: none is lost.
        let mut calls = JoinSet::new();
        for _ in 0..30 {
            let engine = engine.clone();
            calls.spawn(async move {
                engine.check_health().await.unwrap();
                engine.try_log_in("anna@example.com", PASSWORD).await.unwrap();
            });
        }
        calls.join_all().await;
    }
}
