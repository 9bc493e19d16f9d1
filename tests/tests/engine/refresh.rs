//! One live refresh token in a family, rotated at each use.

use std::time::Duration;

use doorward::{Action, RefreshError, TokenError, TokenPair, UserChange, UsersDelete};
use doorward_tests::engine::{TestEngine, Visitor, anonymous, operator, role, roles};

use super::update_user::{deactivate, set};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn start() -> (TestEngine, Visitor) {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    (engine, visitor)
}

fn is_revoked(result: &Result<TokenPair, RefreshError>) -> bool {
    matches!(result, Err(RefreshError::Revoked))
}

fn is_reused(result: &Result<TokenPair, RefreshError>) -> bool {
    matches!(result, Err(RefreshError::Reused))
}

#[tokio::test]
async fn a_refresh_brings_a_new_pair_of_the_same_session() {
    let (engine, visitor) = start().await;
    engine.advance(SECOND);
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    assert_ne!(*second.access_token, *visitor.tokens.access_token);
    assert_ne!(*second.refresh_token, *visitor.tokens.refresh_token);
    let second = engine.visitor(second).await;
    assert_eq!(second.who.session.id, visitor.who.session.id);
    assert_eq!(
        second.who.session.authenticated_at, visitor.who.session.authenticated_at,
        "no password was shown"
    );
    let sessions = engine.list_sessions(&second.who).await.unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0].last_used_at, engine.now());
    assert_eq!(sessions[0].expires_at, engine.now() + 7 * DAY);
}

#[tokio::test]
async fn a_lost_answer_is_given_again_the_very_same() {
    let (engine, visitor) = start().await;
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    for wait in [0, 1, 8, 1] {
        engine.advance(wait * SECOND);
        let again = engine.try_refresh(&visitor.tokens).await.unwrap();
        assert_eq!(*again.refresh_token, *second.refresh_token);
        assert!(engine.authenticate(&again.access_token).await.is_ok());
    }
    let third = engine.try_refresh(&second).await.unwrap();
    assert_ne!(*third.refresh_token, *second.refresh_token);
}

#[tokio::test]
async fn a_retry_after_the_time_for_retries_ends_the_session() {
    let (engine, visitor) = start().await;
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    engine.advance(10 * SECOND + Duration::from_millis(1));
    assert!(is_reused(&engine.try_refresh(&visitor.tokens).await));
    assert!(is_revoked(&engine.try_refresh(&second).await));
    assert!(is_revoked(&engine.try_refresh(&visitor.tokens).await));
    assert!(engine.authenticate(&second.access_token).await.is_err());
    assert!(!engine.lets_in(&visitor).await);
}

#[tokio::test]
async fn a_retry_after_the_successor_was_used_ends_the_session() {
    let (engine, visitor) = start().await;
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    let third = engine.try_refresh(&second).await.unwrap();
    assert!(is_reused(&engine.try_refresh(&visitor.tokens).await));
    assert!(is_revoked(&engine.try_refresh(&third).await));
}

#[tokio::test]
async fn setting_the_clock_back_does_not_stretch_the_time_for_retries() {
    let (engine, visitor) = start().await;
    engine.advance(60 * SECOND);
    engine.try_refresh(&visitor.tokens).await.unwrap();
    engine.set_clock(engine.now() - 11 * SECOND);
    assert!(is_reused(&engine.try_refresh(&visitor.tokens).await));
}

#[tokio::test]
async fn the_time_for_retries_is_the_builder_s() {
    let engine = TestEngine::in_memory_with(|builder| builder.refresh_retry(60 * SECOND)).await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    engine.advance(60 * SECOND);
    let again = engine.try_refresh(&visitor.tokens).await.unwrap();
    assert_eq!(*again.refresh_token, *second.refresh_token);
    engine.advance(SECOND);
    assert!(is_reused(&engine.try_refresh(&visitor.tokens).await));
}

#[tokio::test]
async fn reuse_is_told_and_ends_this_session_alone() {
    let (engine, visitor) = start().await;
    let other = engine.log_in("anna@example.com").await;
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    engine.try_refresh(&second).await.unwrap();
    engine.advance(SECOND);
    engine.try_refresh(&visitor.tokens).await.unwrap_err();

    assert!(engine.lets_in(&other).await);
    let told: Vec<_> = super::audit::all(&engine)
        .await
        .into_iter()
        .filter(|event| event.action == Action::RefreshTokenReused.as_str())
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].outcome, "failure");
    assert_eq!(told[0].target_id, Some(visitor.who.user.id));
    assert_eq!(told[0].session_id, Some(visitor.who.session.id));
}

#[tokio::test]
async fn an_unused_session_expires_and_a_used_one_lives_on() {
    let (engine, visitor) = start().await;
    engine.advance(7 * DAY - SECOND);
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    engine.advance(7 * DAY - SECOND);
    let third = engine.try_refresh(&second).await.unwrap();
    engine.advance(7 * DAY);
    let late = engine.try_refresh(&third).await;
    assert!(matches!(
        late,
        Err(RefreshError::Token(TokenError::Expired))
    ));
}

#[tokio::test]
async fn the_end_of_the_session_is_the_end_of_its_tokens() {
    let (engine, visitor) = start().await;
    engine
        .logout(&visitor.who, &visitor.caller())
        .await
        .unwrap();
    assert!(is_revoked(&engine.try_refresh(&visitor.tokens).await));

    let visitor = engine.log_in("anna@example.com").await;
    deactivate(&engine, visitor.who.user.id).await;
    assert!(is_revoked(&engine.try_refresh(&visitor.tokens).await));

    let other = engine
        .create_and_log_in("bert@example.com", &["user"])
        .await;
    let id = other.who.user.id;
    engine
        .delete_user(&operator::<UsersDelete>(), id)
        .await
        .unwrap();
    assert!(is_revoked(&engine.try_refresh(&other.tokens).await));
}

#[tokio::test]
async fn a_refreshed_token_names_the_present_roles() {
    let (engine, visitor) = start().await;
    let promote = UserChange {
        roles: Some(roles(&["moderator"])),
        ..UserChange::default()
    };
    set(&engine, visitor.who.user.id, promote).await;
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    let second = engine.visitor(second).await;
    assert_eq!(second.who.user.roles, [role("moderator")]);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let (engine, visitor) = start().await;
    for text in ["", "x", "a.b.c", &visitor.tokens.access_token] {
        let refused = engine.refresh(text, &anonymous()).await;
        assert!(matches!(refused, Err(RefreshError::Token(_))), "{text}");
    }
    assert!(engine.lets_in(&visitor).await, "and harms nobody");
}
