//! A server on an SQLite file that another process has locked.

use std::time::Duration;

use doorward::{Caller, Reauthentication, UserChange};
use doorward_tests::databases::{self, Kind, TestDatabase};
use doorward_tests::engine::TestEngine;

use super::within;

/// A replica's writer waits for the lock, and must learn of a session that was ended before.
async fn behind_a_lock(db: &TestDatabase) {
    let here = TestEngine::at(db.url()).await;
    let there = here.replica(db.url()).await;
    let user = here.sign_up("anna@example.com").await.id;
    let lock = rusqlite::Connection::open(db.file().unwrap()).unwrap();
    // The replica may look just before its writer begins to wait. It will not each time.
    for round in 0..3 {
        let visitor = here.log_in("anna@example.com").await;
        let second = Duration::from_secs(1);
        within(second, "the replica caches the session", async || {
            there.lets_in(&visitor).await
        })
        .await;
        here.logout(&visitor.who, &visitor.caller()).await.unwrap();

        lock.execute_batch("begin immediate").unwrap();
        let waiting = there.clone();
        let write = tokio::spawn(async move {
            let change = UserChange {
                full_name: Some(Some(format!("Anna {round}").parse().unwrap())),
                ..UserChange::default()
            };
            let (caller, none) = (Caller::operator(), Reauthentication::default());
            waiting.update_user(&caller, user, change, &none).await
        });
        within(second, "the replica rejects the session", async || {
            !there.lets_in(&visitor).await
        })
        .await;
        assert!(!write.is_finished(), "the lock is still held");
        lock.execute_batch("rollback").unwrap();
        write.await.unwrap().unwrap();
    }
}

#[test]
fn replica_that_waits_for_the_file_lock_learns_of_a_revocation_within_a_second() {
    databases::run(Kind::SqliteFile, behind_a_lock);
}
