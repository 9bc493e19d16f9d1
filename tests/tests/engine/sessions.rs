//! One's own sessions: seen, and ended.

use std::time::Duration;

use doorward::{Caller, EndSessionError, LoginOutcome, Origin};
use doorward_tests::engine::{PASSWORD, TestEngine, attempt};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn they_are_listed_the_newest_first_with_where_they_came_from() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    engine.sign_up("bert@example.com").await;
    engine.log_in("bert@example.com").await;
    let first = engine.log_in("anna@example.com").await;
    engine.advance(Duration::from_secs(1));
    let origin = Origin::default()
        .with_ip("::ffff:192.0.2.7".parse().unwrap())
        .with_user_agent("a phone");
    let LoginOutcome::LoggedIn(tokens) = engine
        .login(attempt("anna@example.com", PASSWORD).by(Caller::anonymous(origin)))
        .await
        .unwrap();
    let second = engine.visitor(tokens).await;

    let seen = engine.list_sessions(&first.who).await.unwrap();
    let ids: Vec<_> = seen.iter().map(|session| session.id).collect();
    assert_eq!(ids, [second.who.session.id, first.who.session.id]);
    assert_eq!(seen[0].ip.as_deref(), Some("192.0.2.7"));
    assert_eq!(seen[0].user_agent.as_deref(), Some("a phone"));
    assert_eq!((seen[0].is_current, seen[1].is_current), (false, true));
    assert_eq!(seen[0].created_at, engine.now());
    assert_eq!(seen[0].expires_at, engine.now() + 7 * DAY);
    assert_eq!((&seen[1].ip, &seen[1].user_agent), (&None, &None));
}

#[tokio::test]
async fn one_of_one_s_own_is_ended_once() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let one = engine.log_in("anna@example.com").await;
    let other = engine.log_in("anna@example.com").await;
    let caller = one.caller();
    let end = || engine.end_session(&one.who, &caller, other.who.session.id);
    end().await.unwrap();
    assert!(!engine.lets_in(&other).await);
    assert!(engine.lets_in(&one).await);
    assert!(matches!(end().await, Err(EndSessionError::NotFound)));
    assert_eq!(engine.list_sessions(&one.who).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_ends_a_stranger_s() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let anna = engine.log_in("anna@example.com").await;
    let admin = engine
        .create_and_log_in("admin@example.com", &["admin"])
        .await;
    let refused = engine
        .end_session(&admin.who, &admin.caller(), anna.who.session.id)
        .await;
    assert!(matches!(refused, Err(EndSessionError::NotFound)));
    assert!(engine.lets_in(&anna).await);
}

#[tokio::test]
async fn all_are_ended_or_all_but_this_one() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    engine.sign_up("bert@example.com").await;
    let bert = engine.log_in("bert@example.com").await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(engine.log_in("anna@example.com").await);
    }
    let this = sessions.pop().unwrap();

    engine
        .end_all_sessions(&this.who, &this.caller(), true)
        .await
        .unwrap();
    for session in &sessions {
        assert!(!engine.lets_in(session).await);
    }
    assert!(engine.lets_in(&this).await);

    engine
        .end_all_sessions(&this.who, &this.caller(), false)
        .await
        .unwrap();
    assert!(!engine.lets_in(&this).await);
    assert!(engine.lets_in(&bert).await);
}

#[tokio::test]
async fn expired_ones_are_neither_listed_nor_kept() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let old = engine.log_in("anna@example.com").await;
    engine.advance(3 * DAY);
    let revoked = engine.log_in("anna@example.com").await;
    engine
        .logout(&revoked.who, &revoked.caller())
        .await
        .unwrap();
    assert_eq!(engine.keep_house().await.unwrap().sessions, 0);

    // An ended session goes a day later, and an expired one with its day.
    engine.advance(DAY);
    assert_eq!(engine.keep_house().await.unwrap().sessions, 0);
    engine.advance(Duration::from_millis(1));
    assert_eq!(engine.keep_house().await.unwrap().sessions, 1);
    assert!(!engine.lets_in(&revoked).await);

    engine.advance(3 * DAY);
    let new = engine.log_in("anna@example.com").await;
    assert_eq!(engine.list_sessions(&new.who).await.unwrap().len(), 1);
    assert_eq!(engine.keep_house().await.unwrap().sessions, 0);
    engine.advance(2 * DAY);
    assert_eq!(engine.keep_house().await.unwrap().sessions, 1);
    assert!(!engine.lets_in(&old).await);
    engine.try_refresh(&new.tokens).await.unwrap();
}

#[tokio::test]
async fn the_ends_are_told() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let one = engine.log_in("anna@example.com").await;
    let other = engine.log_in("anna@example.com").await;
    engine.advance(Duration::from_millis(1));
    engine
        .end_session(&one.who, &one.caller(), other.who.session.id)
        .await
        .unwrap();
    engine.advance(Duration::from_millis(1));
    engine
        .end_all_sessions(&one.who, &one.caller(), true)
        .await
        .unwrap();
    engine.advance(Duration::from_millis(1));
    engine.logout(&one.who, &one.caller()).await.unwrap();
    engine.logout(&one.who, &one.caller()).await.unwrap();

    let told: Vec<_> = super::audit::all(&engine)
        .await
        .into_iter()
        .take_while(|event| event.action != "login")
        .map(|event| (event.action, event.session_id, event.actor_id))
        .collect();
    let anna = Some(one.who.user.id);
    let (one, other) = (Some(one.who.session.id), Some(other.who.session.id));
    assert_eq!(
        told,
        [
            ("logout".to_owned(), one, anna),
            ("session.revoked".to_owned(), one, anna),
            ("session.revoked".to_owned(), other, anna),
        ],
        "a second logout is none"
    );
}

#[tokio::test]
async fn a_login_beyond_the_limit_ends_the_oldest_session() {
    let engine = TestEngine::in_memory_with(|builder| builder.sessions_per_account(3)).await;
    engine.sign_up("anna@example.com").await;
    engine.sign_up("emil@example.com").await;
    let emil = engine.log_in("emil@example.com").await;
    let mut visitors = Vec::new();
    for _ in 0..5 {
        engine.advance(Duration::from_millis(1));
        visitors.push(engine.log_in("anna@example.com").await);
    }
    for (position, visitor) in visitors.iter().enumerate() {
        let is_live = position >= 2;
        assert_eq!(engine.lets_in(visitor).await, is_live, "{position}");
        assert_eq!(engine.try_refresh(&visitor.tokens).await.is_ok(), is_live);
    }
    assert!(engine.lets_in(&emil).await);
    let listed = engine.list_sessions(&visitors[4].who).await.unwrap();
    assert_eq!(listed.len(), 3);
}

#[tokio::test]
async fn a_listed_session_expires_at_its_absolute_end_at_the_latest() {
    let engine = TestEngine::in_memory_with(|builder| builder.session_max_age(10 * DAY)).await;
    engine.sign_up("anna@example.com").await;
    let anna = engine.log_in("anna@example.com").await;
    let end = engine.now() + 10 * DAY;
    let expiry = async || engine.list_sessions(&anna.who).await.unwrap()[0].expires_at;
    assert_eq!(expiry().await, engine.now() + 7 * DAY);
    engine.advance(6 * DAY);
    engine.try_refresh(&anna.tokens).await.unwrap();
    assert_eq!(expiry().await, end);
}

#[tokio::test]
async fn the_kept_session_is_live_at_once_when_all_others_end() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let kept = engine.log_in("anna@example.com").await;
    let other = engine.log_in("anna@example.com").await;
    for _ in 0..3 {
        engine
            .end_all_sessions(&kept.who, &kept.caller(), true)
            .await
            .unwrap();
        assert!(engine.lets_in(&kept).await && !engine.lets_in(&other).await);
    }
    let again = engine.try_refresh(&kept.tokens).await.unwrap();
    engine.authenticate(&again.access_token).await.unwrap();
    let ended = engine
        .end_session(&kept.who, &kept.caller(), other.who.session.id)
        .await;
    assert!(matches!(ended, Err(EndSessionError::NotFound)), "{ended:?}");
}
