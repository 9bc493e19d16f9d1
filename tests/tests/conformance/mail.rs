//! Engines that share one outbox: each mail goes out once, also where one of them dies.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward::testing::FixedClock;
use doorward::{Database, Mailer, OutgoingMail, SendError};
use doorward_tests::engine::{START, TestEngine, address, anonymous, mail_config};
use doorward_tests::{on_every_database, on_every_lasting_database};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

/// How long a mail belongs to whoever claimed it.
const LEASE: Duration = Duration::from_secs(2 * 60);

/// Counts how often each mail is sent; holds them up while there is no leave to send.
#[derive(Debug)]
struct Counter {
    sent: Mutex<HashMap<Uuid, usize>>,
    begun: Semaphore,
    leave: Semaphore,
}

impl Counter {
    fn new(leave: usize) -> Arc<Self> {
        Arc::new(Self {
            sent: Mutex::default(),
            begun: Semaphore::new(0),
            leave: Semaphore::new(leave),
        })
    }

    /// One that holds nothing up.
    fn free() -> Arc<Self> {
        Self::new(Semaphore::MAX_PERMITS / 2)
    }

    fn counts(&self) -> Vec<usize> {
        self.sent.lock().unwrap().values().copied().collect()
    }

    async fn wait_until_begun(&self, times: u32) {
        self.begun.acquire_many(times).await.unwrap().forget();
    }
}

impl Mailer for Counter {
    fn send<'a>(
        &'a self,
        mail: &'a OutgoingMail,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>> {
        Box::pin(async move {
            self.begun.add_permits(1);
            let leave = self.leave.acquire().await.unwrap();
            leave.forget();
            *self.sent.lock().unwrap().entry(mail.id).or_default() += 1;
            Ok(())
        })
    }
}

/// An engine that sends by `mailer`, on connections of its own.
async fn engine_on(url: &str, clock: &Arc<FixedClock>, mailer: Arc<Counter>) -> TestEngine {
    let database = Database::connect(url).await.unwrap();
    let mail = mail_config(mailer);
    TestEngine::on(database, clock.clone(), |builder| builder.mail(mail)).await
}

/// Makes accounts, each of which is mailed a link.
async fn sign_up(engine: &TestEngine, numbers: std::ops::Range<usize>) {
    for number in numbers {
        engine.sign_up(&format!("anna{number}@example.com")).await;
    }
}

on_every_lasting_database! {
    async fn of_several_engines_each_mail_is_sent_by_one(db) {
        let (clock, counter) = (Arc::new(FixedClock::at(START)), Counter::free());
        let mut engines = Vec::new();
        for _ in 0..3 {
            engines.push(engine_on(db.url(), &clock, counter.clone()).await);
        }
        for round in 0..3 {
            sign_up(&engines[0], round * 20..round * 20 + 20).await;
            let mut deliveries = JoinSet::new();
            for engine in &engines {
                let engine = engine.clone();
                deliveries.spawn(async move { engine.deliver_mail().await.unwrap().sent });
            }
            let sent: usize = deliveries.join_all().await.into_iter().sum();
            assert_eq!(sent, 20);
        }
        assert_eq!(counter.counts(), vec![1; 60]);
    }

    async fn what_was_put_off_is_carried_out_by_one(db) {
        let (clock, counter) = (Arc::new(FixedClock::at(START)), Counter::free());
        let here = engine_on(db.url(), &clock, counter.clone()).await;
        let there = engine_on(db.url(), &clock, counter.clone()).await;
        sign_up(&here, 0..10).await;
        here.deliver_mail().await.unwrap();
        for number in 0..10 {
            let email = address(&format!("anna{number}@example.com"));
            here.request_password_reset(&email, &anonymous()).await.unwrap();
        }
        let mut deliveries = JoinSet::new();
        for engine in [here.clone(), there] {
            deliveries.spawn(async move { engine.deliver_mail().await.unwrap() });
        }
        deliveries.join_all().await;
        // One of them may have looked before the other had written.
        here.deliver_mail().await.unwrap();
        assert_eq!(counter.counts(), vec![1; 20]);
    }

    async fn what_a_dead_engine_had_claimed_is_sent_after_the_lease_by_another(db) {
        let clock = Arc::new(FixedClock::at(START));
        let (stuck, counter) = (Counter::new(0), Counter::free());
        let dies = engine_on(db.url(), &clock, stuck.clone()).await;
        let lives = engine_on(db.url(), &clock, counter.clone()).await;
        sign_up(&dies, 0..2).await;
        {
            let delivery = pin!(dies.deliver_mail());
            tokio::select! {
                _ = delivery => panic!("nothing could be sent"),
                () = stuck.wait_until_begun(2) => {}
            }
            // Here it dies, between the claim and the end of the sending.
        }
        drop(dies);
        assert!(stuck.counts().is_empty());
        assert_eq!(lives.deliver_mail().await.unwrap().sent, 0);
        clock.advance(LEASE - Duration::from_secs(1));
        assert_eq!(lives.deliver_mail().await.unwrap().sent, 0);
        clock.advance(Duration::from_secs(1));
        assert_eq!(lives.deliver_mail().await.unwrap().sent, 2);
        assert_eq!(counter.counts(), vec![1; 2]);
        assert_eq!(lives.deliver_mail().await.unwrap().sent, 0);
    }

    async fn who_comes_back_after_the_lease_does_not_undo_what_the_other_did(db) {
        let clock = Arc::new(FixedClock::at(START));
        let (slow, counter) = (Counter::new(0), Counter::free());
        let sleeps = engine_on(db.url(), &clock, slow.clone()).await;
        let works = engine_on(db.url(), &clock, counter.clone()).await;
        sign_up(&sleeps, 0..1).await;
        let sleeper = sleeps.clone();
        let delivery = tokio::spawn(async move { sleeper.deliver_mail().await.unwrap() });
        slow.wait_until_begun(1).await;
        clock.advance(LEASE);
        assert_eq!(works.deliver_mail().await.unwrap().sent, 1);
        slow.leave.add_permits(1);
        delivery.await.unwrap();
        // Twice at the most, with one Message-ID, and then never again.
        assert_eq!(slow.sent.lock().unwrap().keys().next(), counter.sent.lock().unwrap().keys().next());
        clock.advance(LEASE);
        assert_eq!(works.deliver_mail().await.unwrap().sent, 0);
    }
}

on_every_database! {
    async fn a_mail_that_was_sent_is_not_sent_again(db) {
        let (clock, counter) = (Arc::new(FixedClock::at(START)), Counter::free());
        let engine = engine_on(db.url(), &clock, counter.clone()).await;
        sign_up(&engine, 0..1).await;
        let delivery = engine.deliver_mail().await.unwrap();
        assert_eq!((delivery.sent, delivery.postponed, delivery.given_up), (1, 0, 0));
        clock.advance(2 * LEASE);
        assert_eq!(engine.deliver_mail().await.unwrap().sent, 0);
        assert_eq!(counter.counts(), [1]);
    }
}
