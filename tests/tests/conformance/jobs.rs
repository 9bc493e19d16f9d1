//! Durable jobs: deferred requests are carried out exactly once and not before they are due;
//! jobs that can't be run wait and block no others.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward::testing::FixedClock;
use doorward::{
    Builder, Database, Entropy, MailRead, Mailer, OutgoingMail, Sending, SystemEntropy,
};
use doorward_tests::databases::TestDatabase;
use doorward_tests::engine::{START, TestEngine, address, anonymous, mail_config, operator};
use doorward_tests::{on_every_database, on_every_lasting_database};
use tokio::task::JoinSet;

use crate::within;

/// How long a deferred request waits at most.
const MAX_DELAY: Duration = Duration::from_secs(2);
/// How long a deferred request is retried.
const DEFERRED_TTL: Duration = Duration::from_secs(60 * 60);
/// How long a job waits whose payload can't be opened.
const KEY_WAIT: Duration = Duration::from_secs(5 * 60);
const PATIENCE: Duration = Duration::from_secs(20);

/// Keeps the recipients of all mails.
#[derive(Debug, Default)]
struct Recipients(Mutex<Vec<String>>);

impl Recipients {
    fn sorted(&self) -> Vec<String> {
        let mut all = self.0.lock().unwrap().clone();
        all.sort();
        all
    }
}

impl Mailer for Recipients {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a> {
        self.0.lock().unwrap().push(mail.to.clone());
        Box::pin(async { Ok(()) })
    }
}

/// Randomness whose draws of four bytes, which decide the delay of a deferred request, are set.
#[derive(Debug, Default)]
struct ChosenDelay(AtomicU8);

impl Entropy for ChosenDelay {
    fn fill(&self, bytes: &mut [u8]) {
        SystemEntropy.fill(bytes);
        if bytes.len() == 4 {
            bytes.fill(self.0.load(Ordering::SeqCst));
        }
    }
}

async fn engine_with(
    url: &str,
    clock: &Arc<FixedClock>,
    recipients: &Arc<Recipients>,
    configure: impl FnOnce(Builder) -> Builder,
) -> TestEngine {
    let database = Database::connect(url).await.unwrap();
    let mail = mail_config(recipients.clone());
    TestEngine::on(database, clock.clone(), |builder| {
        configure(builder.mail(mail))
    })
    .await
}

fn email(number: usize) -> String {
    format!("anna{number:02}@example.com")
}

/// Creates accounts that may reset their passwords, and that have no mail.
async fn create_accounts(engine: &TestEngine, count: usize) {
    for number in 0..count {
        engine.create_verified(&email(number), &["user"]).await;
    }
}

async fn request_reset(engine: &TestEngine, number: usize) {
    let email = address(&email(number));
    let requested = engine.request_password_reset(&email, &anonymous()).await;
    assert!(requested.unwrap().is_none());
}

/// Counts the jobs that a condition holds for.
async fn count_jobs(db: &TestDatabase, condition: &str) -> u64 {
    // Changes nothing.
    let sql = format!("update doorward_jobs set attempts = attempts where {condition}");
    db.execute(&sql).await
}

on_every_lasting_database! {
    async fn deferred_jobs_run_once_when_two_engines_drain_and_requests_arrive(db) {
        let (clock, recipients) = (Arc::new(FixedClock::at(START)), Arc::default());
        let here = engine_with(db.url(), &clock, &recipients, |builder| builder).await;
        let there = engine_with(db.url(), &clock, &recipients, |builder| builder).await;
        create_accounts(&here, 50).await;
        let requester = here.clone();
        let requests = tokio::spawn(async move {
            for number in 0..50 {
                request_reset(&requester, number).await;
            }
        });
        let mut workers = JoinSet::new();
        for engine in [here.clone(), there] {
            let recipients = recipients.clone();
            workers.spawn(async move {
                while recipients.0.lock().unwrap().len() < 50 {
                    engine.deliver_mail().await.unwrap();
                    tokio::task::yield_now().await;
                }
            });
        }
        requests.await.unwrap();
        workers.join_all().await;
        here.deliver_mail().await.unwrap();
        assert_eq!(recipients.sorted(), (0..50).map(email).collect::<Vec<_>>());
        assert_eq!(count_jobs(db, "true").await, 0);
    }

    async fn job_of_an_unknown_kind_waits_and_blocks_nothing(db) {
        let (clock, recipients) = (Arc::new(FixedClock::at(START)), Arc::default());
        let engine = engine_with(db.url(), &clock, &recipients, |builder| builder).await;
        create_accounts(&engine, 2).await;
        engine.sign_up("bert@example.com").await;
        request_reset(&engine, 0).await;
        let rename = "update doorward_jobs set due_at = 0, kind = 'new_' || kind";
        assert_eq!(db.execute(rename).await, 2);
        engine.sign_up("carla@example.com").await;
        request_reset(&engine, 1).await;

        let delivery = engine.deliver_mail().await.unwrap();
        assert_eq!((delivery.sent, delivery.postponed, delivery.given_up), (2, 0, 0));
        assert_eq!(recipients.sorted(), ["anna01@example.com", "carla@example.com"]);
        engine.keep_house().await.unwrap();
        assert_eq!(count_jobs(db, "attempts = 0 and dead_at is null and claim is null").await, 2);

        // The newer release.
        let rename = "update doorward_jobs set kind = substr(kind, 5)";
        assert_eq!(db.execute(rename).await, 2);
        assert_eq!(engine.deliver_mail().await.unwrap().sent, 2);
        assert_eq!(recipients.sorted().len(), 4);
    }

    async fn jobs_of_an_unknown_kind_are_deleted_after_they_expire(db) {
        let (clock, recipients) = (Arc::new(FixedClock::at(START)), Arc::default());
        let engine = engine_with(db.url(), &clock, &recipients, |builder| builder).await;
        create_accounts(&engine, 1).await;
        engine.sign_up("bert@example.com").await;
        request_reset(&engine, 0).await;
        db.execute("update doorward_jobs set kind = 'new_' || kind").await;
        clock.advance(DEFERRED_TTL);
        engine.keep_house().await.unwrap();
        assert_eq!(count_jobs(db, "queue = 'mail'").await, 1);
        assert_eq!(count_jobs(db, "queue = 'deferred'").await, 0);
        clock.advance(Duration::from_secs(32 * 24 * 60 * 60));
        assert_eq!(engine.keep_house().await.unwrap().mails, 1);
        assert_eq!(count_jobs(db, "true").await, 0);
    }

    async fn payload_under_another_secret_key_waits_and_blocks_nothing(db) {
        let (clock, recipients) = (Arc::new(FixedClock::at(START)), Arc::default());
        let other_key = |builder: Builder| builder.secret_key("another secret, just as long as the first");
        let engine = engine_with(db.url(), &clock, &recipients, |builder| builder).await;
        let other = engine_with(db.url(), &clock, &recipients, other_key).await;
        create_accounts(&engine, 2).await;
        other.sign_up("bert@example.com").await;
        request_reset(&other, 0).await;
        clock.advance(MAX_DELAY);
        engine.sign_up("carla@example.com").await;
        request_reset(&engine, 1).await;

        let delivery = engine.deliver_mail().await.unwrap();
        assert_eq!((delivery.sent, delivery.postponed, delivery.given_up), (2, 1, 0));
        assert_eq!(recipients.sorted(), ["anna01@example.com", "carla@example.com"]);
        assert_eq!(count_jobs(db, "failure like '%unknown key%' and attempts = 0").await, 2);

        clock.advance(KEY_WAIT);
        assert_eq!(other.deliver_mail().await.unwrap().sent, 2);
        assert_eq!(recipients.sorted().len(), 4);
        assert_eq!(count_jobs(db, "true").await, 0);
    }

    async fn payload_under_another_secret_key_is_given_up_when_it_expires(db) {
        let (clock, recipients) = (Arc::new(FixedClock::at(START)), Arc::default());
        let other_key = |builder: Builder| builder.secret_key("another secret, just as long as the first");
        let engine = engine_with(db.url(), &clock, &recipients, |builder| builder).await;
        let other = engine_with(db.url(), &clock, &recipients, other_key).await;
        create_accounts(&engine, 1).await;
        other.sign_up("bert@example.com").await;
        request_reset(&other, 0).await;
        // More attempts than a mail server that is down would get.
        for _ in 0..15 {
            db.execute("update doorward_jobs set due_at = 0").await;
            assert_eq!(engine.deliver_mail().await.unwrap().postponed, 1);
        }
        clock.advance(DEFERRED_TTL);
        engine.deliver_mail().await.unwrap();
        assert_eq!(count_jobs(db, "queue = 'deferred'").await, 0);
        clock.advance(Duration::from_secs(24 * 60 * 60));
        assert_eq!(engine.deliver_mail().await.unwrap().given_up, 1);
        let dead = engine.list_mail(&operator::<MailRead>(), true, 10).await.unwrap();
        assert_eq!(dead[0].failure.as_deref(), Some("expired"));
    }
}

on_every_database! {
    async fn deferred_job_is_not_run_by_the_worker_before_it_is_due(db) {
        let (clock, recipients) = (Arc::new(FixedClock::at(START)), Arc::default());
        let delay = Arc::new(ChosenDelay(AtomicU8::new(u8::MAX)));
        let entropy = delay.clone();
        let configure = |builder: Builder| builder.maintain(true).entropy(entropy);
        let engine = engine_with(db.url(), &clock, &recipients, configure).await;
        create_accounts(&engine, 4).await;
        request_reset(&engine, 0).await;
        clock.advance(MAX_DELAY - Duration::from_millis(1));
        // The second is due at once, and wakes the worker.
        delay.0.store(0, Ordering::SeqCst);
        request_reset(&engine, 1).await;
        within(PATIENCE, "the mail of the second", async || !recipients.sorted().is_empty()).await;
        assert_eq!(recipients.sorted(), [email(1)]);

        clock.advance(Duration::from_millis(1));
        request_reset(&engine, 2).await;
        within(PATIENCE, "the mail of the first", async || recipients.sorted().len() == 3).await;
        assert_eq!(recipients.sorted(), [email(0), email(1), email(2)]);
        // All that waits, due or not.
        delay.0.store(u8::MAX, Ordering::SeqCst);
        request_reset(&engine, 3).await;
        engine.deliver_mail().await.unwrap();
        within(PATIENCE, "the mail of the last", async || recipients.sorted().len() == 4).await;
    }

    async fn deferred_job_is_run_without_a_further_wake_up_when_it_is_due(db) {
        let (clock, recipients) = (Arc::new(FixedClock::at(START)), Arc::default());
        let configure = |builder: Builder| builder.maintain(true);
        let engine = engine_with(db.url(), &clock, &recipients, configure).await;
        create_accounts(&engine, 1).await;
        request_reset(&engine, 0).await;
        clock.advance(MAX_DELAY);
        within(PATIENCE, "the mail", async || recipients.sorted() == [email(0)]).await;
    }
}
