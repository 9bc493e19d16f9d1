//! While a replica can't hear the others, it trusts nothing that it remembers.

use std::time::Duration;

use doorward::{Caller, Reauthentication, UserChange};
use doorward_tests::databases::{self, Kind, TestDatabase};
use doorward_tests::engine::{TestEngine, Visitor};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use super::within;

/// Runs statements as the superuser.
async fn execute(db: &TestDatabase, sql: String) {
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .unwrap();
}

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
    let user = format!("replica_{}", std::process::id());
    execute(
        db,
        format!(
            "create role {user} login password 'pw';
             grant select, insert, update, delete on all tables in schema public to {user}"
        ),
    )
    .await;
    let replica = owner.replica(&url_for(db, &user)).await;
    owner.sign_up("anna@example.com").await;
    let visitor = owner.log_in("anna@example.com").await;
    within(Duration::from_secs(5), "the link stands", async || {
        rename(&owner, &visitor, 0).await;
        sees(&replica, &visitor, 0).await && !listeners(db, &user).await.is_empty()
    })
    .await;

    execute(db, format!("alter role {user} nologin")).await;
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

    execute(db, format!("alter role {user} login")).await;
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
    execute(db, format!("drop owned by {user}; drop role {user}")).await;
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

#[test]
fn a_replica_that_hears_nothing_remembers_nothing() {
    databases::run(Kind::Postgres, without_a_link);
}

#[test]
fn a_link_that_was_cut_comes_back() {
    databases::run(Kind::Postgres, with_a_link_that_comes_back);
}
