//! Races for what is good once, and for what may be tried so often.

use std::sync::Arc;

use doorward::testing::FixedClock;
use doorward::{
    AuditFilter, AuditRead, ConfirmResetError, ConfirmVerificationError, Database, LockoutPolicy,
    LoginError, PageRequest,
};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, address, anonymous, operator, password, token_in,
};
use doorward_tests::{on_every_database, on_every_lasting_database};

use super::races::{MANY, at_once};

const ANNA: &str = "anna@example.com";

/// An engine with Anna, and the mails that it sends, of which the first is out.
async fn start(url: &str) -> TestEngine {
    let database = Database::connect(url).await.unwrap();
    let engine = TestEngine::with_mail_on(database, |builder| builder).await;
    engine.sign_up(ANNA).await;
    engine.mails().await;
    engine
}

/// How many events of this action there are with this outcome.
async fn events(engine: &TestEngine, action: &str, outcome: &str) -> usize {
    let page = PageRequest::new(0, 100);
    let events = engine
        .list_audit_events(&operator::<AuditRead>(), AuditFilter::default(), page)
        .await
        .unwrap();
    let is_it =
        |event: &&doorward::AuditEvent| (&*event.action, &*event.outcome) == (action, outcome);
    events.items.iter().filter(is_it).count()
}

async fn guess(engine: &TestEngine, name: &str, number: usize) -> Result<(), LoginError> {
    let guess = format!("the guess number {number}");
    engine.try_log_in(name, &guess).await.map(drop)
}

fn wrong(answers: &[Result<(), LoginError>]) -> usize {
    let is_wrong = |answer: &&Result<(), _>| matches!(answer, Err(LoginError::InvalidCredentials));
    answers.iter().filter(is_wrong).count()
}

fn locked(answers: &[Result<(), LoginError>]) -> usize {
    let is_locked = |answer: &&Result<(), _>| matches!(answer, Err(LoginError::Locked { .. }));
    answers.iter().filter(is_locked).count()
}

on_every_database! {
    async fn fifty_resets_by_one_token_have_one_effect(db) {
        let engine = start(db.url()).await;
        engine.request_password_reset(&address(ANNA), &anonymous()).await.unwrap();
        let token = token_in(&engine.mail("Reset your password").await);
        let new = |number: usize| format!("new password, the {number}th");
        let answers = at_once(MANY, |number| {
            let (engine, token) = (engine.clone(), token.clone());
            let new = password(&new(number));
            async move { engine.confirm_password_reset(&token, new, &anonymous()).await }
        })
        .await;
        let refused = |answer: &&Result<(), _>| matches!(answer, Err(ConfirmResetError::InvalidToken));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(answers.iter().filter(refused).count(), MANY - 1);
        assert_eq!(events(&engine, "password_reset", "success").await, 1);
        assert_eq!(engine.mails().await.len(), 1, "one notice");
        assert!(engine.try_log_in(ANNA, PASSWORD).await.is_err());
        let mut opened = 0;
        for number in 0..MANY {
            opened += usize::from(engine.try_log_in(ANNA, &new(number)).await.is_ok());
            // Who tries so often is made to wait.
            engine.advance(std::time::Duration::from_secs(24 * 60 * 60));
        }
        assert_eq!(opened, 1);
    }

    async fn fifty_verifications_by_one_token_have_one_effect(db) {
        let engine = start(db.url()).await;
        let anna = engine.log_in(ANNA).await;
        engine.request_email_verification(&anna.who, &anna.caller()).await.unwrap();
        let token = token_in(&engine.mail("Confirm your email").await);
        let answers = at_once(MANY, |_| {
            let (engine, token) = (engine.clone(), token.clone());
            async move { engine.confirm_email_verification(&token, &anonymous()).await }
        })
        .await;
        let refused = |answer: &&Result<(), _>| matches!(answer, Err(ConfirmVerificationError::InvalidToken));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(answers.iter().filter(refused).count(), MANY - 1);
        assert_eq!(events(&engine, "email.verified", "success").await, 1);
        assert!(engine.again(&anna).await.who.user.is_verified());
    }

    async fn of_many_requests_the_last_token_alone_is_good(db) {
        let engine = start(db.url()).await;
        at_once(8, |_| {
            let engine = engine.clone();
            async move {
                engine.request_password_reset(&address(ANNA), &anonymous()).await.unwrap();
            }
        })
        .await;
        let tokens: Vec<_> = engine.mails().await.iter().map(token_in).collect();
        assert_eq!(tokens.len(), 8);
        let answers = at_once(8, |number| {
            let (engine, token) = (engine.clone(), tokens[number].clone());
            async move { engine.confirm_password_reset(&token, password("a new long password"), &anonymous()).await }
        })
        .await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    }

    async fn of_fifty_wrong_passwords_at_once_as_many_are_looked_at_as_one_after_the_other(db) {
        let engine = start(db.url()).await;
        for name in [ANNA, "nobody@example.com"] {
            let failed = events(&engine, "login", "failure").await;
            let answers = at_once(MANY, |number| {
                let engine = engine.clone();
                async move { guess(&engine, name, number).await }
            })
            .await;
            assert_eq!((wrong(&answers), locked(&answers)), (5, MANY - 5), "{name}");
            assert_eq!(events(&engine, "login", "failure").await, failed + 5, "{name}");
            // Five are counted: after the sixth the wait is two seconds.
            let Err(LoginError::Locked { retry_after }) = guess(&engine, name, 0).await else {
                panic!("{name} is not locked");
            };
            assert_eq!(retry_after.as_secs(), 1);
            engine.advance(retry_after);
            let answers = at_once(MANY, |number| {
                let engine = engine.clone();
                async move { guess(&engine, name, number).await }
            })
            .await;
            assert_eq!((wrong(&answers), locked(&answers)), (1, MANY - 1), "{name}");
            let Err(LoginError::Locked { retry_after }) = guess(&engine, name, 0).await else {
                panic!("{name} is not locked");
            };
            assert_eq!(retry_after.as_secs(), 2);
        }
    }

    async fn fifty_right_passwords_at_once_all_open_a_session(db) {
        let engine = start(db.url()).await;
        for number in 0..4 {
            guess(&engine, ANNA, number).await.unwrap_err();
        }
        let answers = at_once(MANY, |_| {
            let engine = engine.clone();
            async move { engine.try_log_in(ANNA, PASSWORD).await.map(drop) }
        })
        .await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
}

on_every_lasting_database! {
    async fn failures_at_two_engines_are_counted_together(db) {
        let clock = Arc::new(FixedClock::at(START));
        let mut engines = Vec::new();
        for _ in 0..2 {
            let database = Database::connect(db.url()).await.unwrap();
            engines.push(TestEngine::on(database, clock.clone(), |builder| builder).await);
        }
        engines[0].sign_up(ANNA).await;
        let answers = at_once(MANY, |number| {
            let engine = engines[number % 2].clone();
            async move { guess(&engine, ANNA, number).await }
        })
        .await;
        let looked_at = wrong(&answers);
        // Each lets in what one would; what was done is counted, wherever it was done.
        assert!((5..=10).contains(&looked_at), "{looked_at}");
        assert_eq!(locked(&answers), MANY - looked_at);
        assert_eq!(events(&engines[0], "login", "failure").await, looked_at);
        let failures = u32::try_from(looked_at).unwrap();
        for engine in &engines {
            let Err(LoginError::Locked { retry_after }) = guess(engine, ANNA, 0).await else {
                panic!("it is not locked");
            };
            assert_eq!(retry_after, LockoutPolicy::default().wait_after(failures));
        }
    }
}
