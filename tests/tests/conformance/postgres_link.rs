//! While a replica can't hear the others, it trusts nothing that it remembers.

use std::time::Duration;

use doorward::{Caller, Reauthentication, UserChange};
use doorward_tests::databases::{self, Kind, TestDatabase};
use doorward_tests::engine::{TestEngine, Visitor};
use sqlx::{Connection as _, PgConnection, Row as _};

use tokio::task::JoinSet;

use super::within;

/// Ends the connections of this user on which somebody listens; tells how many there were.
async fn cut_links(db: &TestDatabase, user: &str) -> usize {
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    let rows = sqlx::query(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity \
         where datname = current_database() and usename = $1 \
         and (query ilike 'listen%' or query = 'select 1')",
    )
    .bind(user)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    rows.iter().filter(|row| row.get(0)).count()
}

async fn create_role(db: &TestDatabase, user: &str) {
    db.execute(&format!(
        "create role {user} login password 'pw';
         grant select, insert, update, delete on all tables in schema public to {user}"
    ))
    .await;
}

async fn drop_role(db: &TestDatabase, user: &str) {
    db.execute(&format!("drop owned by {user}; drop role {user}"))
        .await;
}

/// The database's address for another user.
fn url_for(db: &TestDatabase, user: &str) -> String {
    let at = db.url().rfind('@').unwrap();
    format!("postgres://{user}:pw{}", &db.url()[at..])
}

async fn rename(engine: &TestEngine, visitor: &Visitor, number: u32) {
    let change = UserChange {
        full_name: Some(Some(format!("Anna {number}").parse().unwrap())),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    engine
        .update_user(&Caller::operator(), visitor.who.user.id, change, &none)
        .await
        .unwrap();
}

async fn sees(engine: &TestEngine, visitor: &Visitor, number: u32) -> bool {
    let seen = engine.again(visitor).await.who.user;
    let name = seen.full_name.as_ref().map(|name| name.as_str().to_owned());
    name == Some(format!("Anna {number}"))
}

/// A user of its own is shut out, so that the link does not come back by itself.
async fn without_a_link(db: &TestDatabase) {
    let owner = TestEngine::at(db.url()).await;
    let user = format!("deaf_{}", std::process::id());
    create_role(db, &user).await;
    let replica = owner.replica(&url_for(db, &user)).await;
    owner.sign_up("anna@example.com").await;
    let visitor = owner.log_in("anna@example.com").await;
    within(Duration::from_secs(5), "the link stands", async || {
        rename(&owner, &visitor, 0).await;
        sees(&replica, &visitor, 0).await && !listeners(db, &user).await.is_empty()
    })
    .await;

    // Connections to go on with once nobody is let in any more.
    let mut calls = JoinSet::new();
    for _ in 0..12 {
        let replica = replica.clone();
        calls.spawn(async move { replica.check_health().await.unwrap() });
    }
    calls.join_all().await;
    db.execute(&format!("alter role {user} nologin")).await;
    assert_eq!(cut_links(db, &user).await, 1);
    rename(&owner, &visitor, 1).await;
    within(
        Duration::from_secs(1),
        "the first change after the cut",
        async || sees(&replica, &visitor, 1).await,
    )
    .await;
    // From here on the replica knows that it hears nothing.
    for number in 2..20 {
        rename(&owner, &visitor, number).await;
        assert!(
            sees(&replica, &visitor, number).await,
            "change {number}, at once"
        );
    }
    owner.logout(&visitor.who, &visitor.caller()).await.unwrap();
    assert!(!replica.lets_in(&visitor).await);

    db.execute(&format!("alter role {user} login")).await;
    let visitor = owner.log_in("anna@example.com").await;
    within(Duration::from_secs(5), "the link is back", async || {
        !listeners(db, &user).await.is_empty()
    })
    .await;
    rename(&owner, &visitor, 99).await;
    within(Duration::from_secs(1), "what is heard again", async || {
        sees(&replica, &visitor, 99).await
    })
    .await;
    drop(replica);
    drop_role(db, &user).await;
}

async fn listeners(db: &TestDatabase, user: &str) -> Vec<i32> {
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    let rows = sqlx::query(
        "select pid from pg_stat_activity where datname = current_database() \
         and usename = $1 and (query ilike 'listen%' or query = 'select 1')",
    )
    .bind(user)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// The link comes back by itself; what was missed in between is not remembered wrongly.
async fn with_a_link_that_comes_back(db: &TestDatabase) {
    let owner = TestEngine::at(db.url()).await;
    let replica = owner.replica(db.url()).await;
    owner.sign_up("anna@example.com").await;
    let visitor = owner.log_in("anna@example.com").await;
    for number in 0..5 {
        assert!(replica.lets_in(&visitor).await);
        cut_links(db, "postgres").await;
        rename(&owner, &visitor, number).await;
        within(Duration::from_secs(1), "a change after a cut", async || {
            sees(&replica, &visitor, number).await
        })
        .await;
    }
    assert!(owner.lets_in(&visitor).await && replica.lets_in(&visitor).await);
}

/// Whatever the reason is for which there is no connection, it may pass.
async fn shut_out(db: &TestDatabase) {
    let owner = TestEngine::at(db.url()).await;
    let user = format!("shut_out_{}", std::process::id());
    create_role(db, &user).await;
    let replica = owner.replica(&url_for(db, &user)).await;
    db.execute(&format!(
        "alter role {user} nologin;
             select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '{user}'"
    ))
    .await;
    within(
        Duration::from_secs(5),
        "every dead connection is noticed",
        async || {
            let failure = replica.check_health().await.unwrap_err();
            assert!(failure.retry_after().is_some(), "{failure:?}");
            format!("{failure:?}").contains("28000")
        },
    )
    .await;

    db.execute(&format!("alter role {user} login")).await;
    replica.check_health().await.unwrap();
    drop(replica);
    drop_role(db, &user).await;
}

/// As when the server is started anew: every connection is dead at once.
async fn cut_off(db: &TestDatabase) {
    let engine = TestEngine::at(db.url()).await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    for number in 0..3 {
        let mut calls = JoinSet::new();
        for _ in 0..10 {
            let engine = engine.clone();
            calls.spawn(async move { engine.check_health().await });
        }
        calls.join_all().await;
        let all = "select pg_terminate_backend(pid, 5000) from pg_stat_activity \
                   where datname = current_database() and pid <> pg_backend_pid()";
        db.execute(all).await;
        within(
            Duration::from_secs(5),
            "the engine is well again",
            async || match engine.check_health().await {
                Ok(()) => true,
                Err(failure) => {
                    assert!(failure.retry_after().is_some(), "{failure:?}");
                    false
                }
            },
        )
        .await;
        within(Duration::from_secs(5), "it writes again", async || {
            let visitor = visitor.clone();
            let change = UserChange {
                full_name: Some(Some(format!("Anna {number}").parse().unwrap())),
                ..UserChange::default()
            };
            let (caller, none) = (Caller::operator(), Reauthentication::default());
            let id = visitor.who.user.id;
            engine.update_user(&caller, id, change, &none).await.is_ok()
        })
        .await;
        assert!(sees(&engine, &visitor, number).await);
    }
}

#[test]
fn a_replica_that_is_shut_out_is_told_to_try_again() {
    databases::run(Kind::Postgres, shut_out);
}

#[test]
fn an_engine_whose_connections_were_cut_is_well_again() {
    databases::run(Kind::Postgres, cut_off);
}

#[test]
fn a_replica_that_hears_nothing_remembers_nothing() {
    databases::run(Kind::Postgres, without_a_link);
}

#[test]
fn a_link_that_was_cut_comes_back() {
    databases::run(Kind::Postgres, with_a_link_that_comes_back);
}
