//! Keys: what a change of the secret keeps, with and without the previous one.

use std::time::Duration;

use doorward::testing::SECRET;
use doorward::{Caller, Database, LoginError, Origin, TokenPair};
use doorward_tests::databases::TestDatabase;
use doorward_tests::engine::{PASSWORD, TestEngine, attempt, subjects};
use doorward_tests::on_every_lasting_database;
use tokio::task::JoinSet;

use crate::migrations::count;

const ANNA: &str = "anna@example.com";
const NEW_SECRET: &str = "another secret, long enough for HS256 too";
const HOME: &str = "192.0.2.1";
const ELSEWHERE: &str = "198.51.100.7";
/// How long a mail whose key is unknown waits before it is looked at again.
const KEY_WAIT: Duration = Duration::from_secs(5 * 60);

/// Starts an engine with this secret and these previous ones.
async fn start(db: &TestDatabase, secret: &str, previous: &[&str]) -> TestEngine {
    let database = Database::connect(db.url()).await.unwrap();
    TestEngine::with_mail_on(database, |builder| {
        builder
            .secret_key(secret)
            .previous_secret_keys(previous.iter().copied())
    })
    .await
}

/// Starts an engine whose clock shows what that of `before` does.
async fn restart(
    before: TestEngine,
    db: &TestDatabase,
    secret: &str,
    previous: &[&str],
) -> TestEngine {
    let now = before.now();
    drop(before);
    let engine = start(db, secret, previous).await;
    engine.set_clock(now);
    engine
}

async fn try_log_in(engine: &TestEngine, ip: &str, text: &str) -> Result<TokenPair, LoginError> {
    engine.advance(Duration::from_millis(1));
    let origin = Origin::default()
        .with_ip(ip.parse().unwrap())
        .with_user_agent("Firefox on the device of Anna");
    let attempt = attempt(ANNA, text).by(Caller::anonymous(origin));
    let doorward::LoginOutcome::LoggedIn(tokens) = engine.login(attempt).await?;
    Ok(tokens)
}

async fn log_in(engine: &TestEngine, ip: &str) -> TokenPair {
    try_log_in(engine, ip, PASSWORD).await.unwrap()
}

/// Fails logins from a foreign network until they are locked there.
async fn lock_from_elsewhere(engine: &TestEngine) {
    for _ in 0..100 {
        match try_log_in(engine, ELSEWHERE, "not the password").await {
            Err(LoginError::InvalidCredentials) => {}
            Err(LoginError::Locked { retry_after }) if retry_after < Duration::from_secs(60) => {
                engine.advance(retry_after);
            }
            other => return assert!(matches!(other, Err(LoginError::Locked { .. })), "{other:?}"),
        }
    }
    panic!("the logins are not locked");
}

on_every_lasting_database! {
    async fn changed_secret_with_the_previous_one_loses_nothing(db) {
        let old = start(db, SECRET, &[]).await;
        old.sign_up(ANNA).await;
        let tokens = log_in(&old, HOME).await;

        let both = restart(old, db, NEW_SECRET, &[SECRET]).await;
        both.authenticate(&tokens.access_token).await.unwrap();
        // A token of the current secret is verified, too, and the cache knows both.
        both.authenticate(&tokens.access_token).await.unwrap();
        let refreshed = both.try_refresh(&tokens).await.unwrap();
        both.authenticate(&refreshed.access_token).await.unwrap();
        // The mail that waited is the only one: the device and the network are known.
        log_in(&both, HOME).await;
        assert_eq!(subjects(&both.mails().await).len(), 1);
        log_in(&both, ELSEWHERE).await;
        both.mail("New login").await;
        // A previous secret signs nothing.
        let old = start(db, "a third secret, which opens nothing", &[SECRET]).await;
        let refused = old.authenticate(&refreshed.access_token).await;
        assert!(refused.is_err());
    }

    async fn data_keys_are_sealed_again_under_the_new_secret(db) {
        let old = start(db, SECRET, &[]).await;
        old.sign_up(ANNA).await;
        let tokens = log_in(&old, HOME).await;
        let both = restart(old, db, NEW_SECRET, &[SECRET]).await;
        let new = restart(both, db, NEW_SECRET, &[]).await;
        assert_eq!(count(db, "doorward_keys").await, 2);
        // Only the tokens of the old secret have ended.
        assert!(new.authenticate(&tokens.access_token).await.is_err());
        log_in(&new, HOME).await;
        assert_eq!(subjects(&new.mails().await).len(), 1);
        log_in(&new, ELSEWHERE).await;
        new.mail("New login").await;
    }

    async fn changed_secret_without_the_previous_one_raises_no_alarm_and_drops_no_mail(db) {
        let old = start(db, SECRET, &[]).await;
        old.sign_up(ANNA).await;
        let tokens = log_in(&old, HOME).await;

        let new = restart(old, db, NEW_SECRET, &[]).await;
        assert!(new.authenticate(&tokens.access_token).await.is_err());
        assert!(new.try_refresh(&tokens).await.is_err());
        // Every origin looks new, so the first login is recorded without a notice.
        log_in(&new, HOME).await;
        assert_eq!(subjects(&new.mails().await), [""; 0]);
        log_in(&new, ELSEWHERE).await;
        new.mail("New login").await;
        for _ in 0..20 {
            new.advance(KEY_WAIT);
            assert_eq!(subjects(&new.mails().await), [""; 0]);
        }
        let counted = new.count_mail().await.unwrap();
        assert_eq!((counted.waiting, counted.dead), (1, 0));

        // The old secret opens what waited, and its keys are in use again.
        let old = restart(new, db, SECRET, &[]).await;
        old.advance(KEY_WAIT);
        assert_eq!(subjects(&old.mails().await).len(), 1);
        log_in(&old, HOME).await;
        assert_eq!(subjects(&old.mails().await), [""; 0]);
        log_in(&old, "203.0.113.9").await;
        old.mail("New login").await;
        assert_eq!(count(db, "doorward_keys").await, 4);
        // With both secrets, all keys open.
        let both = restart(old, db, NEW_SECRET, &[SECRET]).await;
        let new = restart(both, db, NEW_SECRET, &[]).await;
        assert_eq!(count(db, "doorward_keys").await, 4);
        log_in(&new, HOME).await;
        assert_eq!(subjects(&new.mails().await), [""; 0]);
    }

    async fn mail_whose_key_stays_unknown_expires(db) {
        let old = start(db, SECRET, &[]).await;
        old.sign_up(ANNA).await;
        let new = restart(old, db, NEW_SECRET, &[]).await;
        assert_eq!(subjects(&new.mails().await), [""; 0]);
        new.advance(Duration::from_secs(25 * 60 * 60));
        assert_eq!(subjects(&new.mails().await), [""; 0]);
        let counted = new.count_mail().await.unwrap();
        assert_eq!((counted.waiting, counted.dead), (0, 1));
    }

    async fn changed_secret_keeps_locks_and_keeps_strangers_from_locking_the_owner_out(db) {
        let old = start(db, SECRET, &[]).await;
        old.sign_up(ANNA).await;
        log_in(&old, HOME).await;
        lock_from_elsewhere(&old).await;

        let both = restart(old, db, NEW_SECRET, &[SECRET]).await;
        let refused = try_log_in(&both, ELSEWHERE, PASSWORD).await;
        assert!(matches!(refused, Err(LoginError::Locked { .. })), "{refused:?}");
        log_in(&both, HOME).await;
    }

    async fn engines_that_start_at_once_agree_on_the_data_keys(db) {
        let mut starts = JoinSet::new();
        for _ in 0..6 {
            let url = db.url().to_owned();
            starts.spawn(async move {
                let database = Database::connect(&url).await.unwrap();
                TestEngine::with_mail_on(database, |builder| builder).await
            });
        }
        let engines = starts.join_all().await;
        assert_eq!(count(db, "doorward_keys").await, 2);
        engines[0].sign_up(ANNA).await;
        for engine in &engines {
            engine.set_clock(engines[0].now());
            log_in(engine, HOME).await;
        }
        // Each engine finds the origin that the first one recorded, and any can send the mail.
        assert_eq!(subjects(&engines[5].mails().await).len(), 1);
    }

    async fn engine_without_a_secret_leaves_the_data_keys_alone(db) {
        let database = Database::connect(db.url()).await.unwrap();
        let builder = doorward::testing::builder(database).without_secret_key();
        let engine = builder.build().await.unwrap();
        assert_eq!(count(db, "doorward_keys").await, 0);
        let refused = engine.login(attempt(ANNA, PASSWORD)).await;
        assert!(matches!(refused, Err(LoginError::Internal(_))), "{refused:?}");
        let with_secret = start(db, SECRET, &[]).await;
        with_secret.sign_up(ANNA).await;
        assert_eq!(count(db, "doorward_keys").await, 2);
    }
}
