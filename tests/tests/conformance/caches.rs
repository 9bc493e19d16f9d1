//! Caches that are filled and emptied at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use doorward::testing::FixedClock;
use doorward::{Caller, Database, Reauthentication, UserChange};
use doorward_tests::engine::{START, TestEngine, Visitor};
use doorward_tests::on_every_database;

/// The number that the account has for a name.
async fn read(engine: &TestEngine, visitor: &Visitor) -> u64 {
    let name = engine.again(visitor).await.who.user.full_name.clone();
    name.map_or(0, |name| name.as_str().parse().unwrap())
}

async fn rename(engine: &TestEngine, visitor: &Visitor, number: u64) {
    let change = UserChange {
        full_name: Some(Some(number.to_string().parse().unwrap())),
        ..UserChange::default()
    };
    let (caller, none) = (Caller::operator(), Reauthentication::default());
    let id = visitor.who.user.id;
    engine
        .update_user(&caller, id, change, &none)
        .await
        .unwrap();
}

on_every_database! {
    /// Once a write is answered, nobody reads anything older, although others keep filling
    /// the caches all the while.
    async fn what_was_acknowledged_is_never_unread_again(db) {
        let database = Database::connect(db.url()).await.unwrap();
        let clock = Arc::new(FixedClock::at(START));
        let first = TestEngine::on(database.clone(), clock.clone(), |builder| builder).await;
        let second = TestEngine::on(database, clock, |builder| builder).await;
        first.sign_up("anna@example.com").await;
        let visitor = first.log_in("anna@example.com").await;
        let acknowledged = Arc::new(AtomicU64::new(0));
        let over = Arc::new(AtomicBool::new(false));

        let readers = [&first, &second, &second].map(|engine| {
            let (engine, visitor) = (engine.clone(), visitor.clone());
            let (acknowledged, over) = (Arc::clone(&acknowledged), Arc::clone(&over));
            tokio::spawn(async move {
                while !over.load(Ordering::SeqCst) {
                    let at_least = acknowledged.load(Ordering::SeqCst);
                    let seen = read(&engine, &visitor).await;
                    assert!(seen >= at_least, "{seen} was read after {at_least}");
                    tokio::task::yield_now().await;
                }
            })
        });
        for number in 1..=300 {
            rename(&first, &visitor, number).await;
            acknowledged.store(number, Ordering::SeqCst);
            // A look of our own as well: nobody is nearer to the answer.
            assert_eq!(read(&second, &visitor).await, number);
        }
        over.store(true, Ordering::SeqCst);
        for reader in readers {
            reader.await.unwrap();
        }
    }
}
