//! ASVS 6.3.8: nobody can tell which accounts exist.

use std::num::NonZeroUsize;

use doorward::{Failure, HasherConfig, LoginError};
use doorward_tests::engine::{PASSWORD, TestEngine, attempt};
use tokio::task::JoinSet;

/// How many of fifty logins at once find the hashing pool full, which holds two.
async fn refused_as_busy(name: &'static str) -> usize {
    let engine = TestEngine::in_memory_with(|builder| {
        builder.hasher(HasherConfig {
            threads: NonZeroUsize::MIN,
            queue_per_thread: 1,
            ..HasherConfig::default()
        })
    })
    .await;
    engine.sign_up("anna@example.com").await;
    let mut logins = JoinSet::new();
    for _ in 0..50 {
        let engine = engine.clone();
        logins.spawn(async move { engine.login(attempt(name, "something else")).await });
    }
    let busy = |failure: &Failure| failure.retry_after().is_some();
    let answers = logins.join_all().await;
    assert!(answers.iter().all(|answer| match answer {
        Err(LoginError::InvalidCredentials) => true,
        Err(LoginError::Internal(failure)) => busy(failure),
        _ => false,
    }));
    let refused = |answer: &&Result<_, _>| matches!(answer, Err(LoginError::Internal(_)));
    answers.iter().filter(refused).count()
}

/// A hash takes a place in the pool. Were an unknown account refused without one, the pool
/// would never be full of them.
#[tokio::test]
async fn v6_3_8_an_unknown_account_costs_a_hash() {
    for name in [
        "anna@example.com",
        "nobody@example.com",
        "nobody",
        "neither of them",
    ] {
        assert!(refused_as_busy(name).await > 0, "{name}");
    }
}

#[tokio::test]
async fn v6_3_8_a_refused_login_says_nothing_about_the_account() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let bert = engine.sign_up("bert@example.com").await;
    let shut = doorward::UserChange {
        is_active: Some(false),
        ..doorward::UserChange::default()
    };
    let none = doorward::Reauthentication::default();
    engine
        .update_user(&doorward::Caller::operator(), bert.id, shut, &none)
        .await
        .unwrap();
    let mut answers = Vec::new();
    for name in [
        "anna@example.com",
        "bert@example.com",
        "nobody@example.com",
        "nobody",
        "?",
    ] {
        let refused = engine.try_log_in(name, "something else").await.unwrap_err();
        answers.push(format!("{refused:?} {refused}"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(
        engine
            .try_log_in("anna@example.com", PASSWORD)
            .await
            .is_ok(),
        "{}",
        anna.id
    );
}
