//! ASVS 7: sessions end when they must.

use std::collections::HashSet;
use std::time::Duration;

use doorward::{Caller, Reauthentication, RefreshError, UpdateUserError, UserChange, UsersDelete};
use doorward_tests::engine::{PASSWORD, TestEngine, Visitor, address, operator, password, proof};

async fn start() -> (TestEngine, Visitor, Visitor) {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let one = engine.log_in("anna@example.com").await;
    let other = engine.log_in("anna@example.com").await;
    (engine, one, other)
}

async fn is_dead(engine: &TestEngine, visitor: &Visitor) -> bool {
    !engine.lets_in(visitor).await && engine.try_refresh(&visitor.tokens).await.is_err()
}

#[tokio::test]
async fn v7_2_4_each_login_brings_new_tokens() {
    let (engine, _, _) = start().await;
    let mut seen = HashSet::new();
    for _ in 0..20 {
        let tokens = engine.log_in("anna@example.com").await.tokens;
        assert!(seen.insert(tokens.access_token.to_string()));
        assert!(seen.insert(tokens.refresh_token.to_string()));
    }
}

#[tokio::test]
async fn v7_3_1_an_unused_session_ends() {
    let (engine, one, _) = start().await;
    engine.advance(Duration::from_secs(7 * 24 * 60 * 60));
    assert!(is_dead(&engine, &one).await);
}

#[tokio::test]
async fn v7_4_1_nothing_goes_on_after_a_logout() {
    let (engine, one, other) = start().await;
    engine.logout(&one.who, &one.caller()).await.unwrap();
    assert!(is_dead(&engine, &one).await);
    assert!(engine.lets_in(&other).await);
}

#[tokio::test]
async fn v7_4_2_every_session_ends_with_the_account() {
    let (engine, one, other) = start().await;
    let shut = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    let id = one.who.user.id;
    engine
        .update_user(&Caller::operator(), id, shut, &none)
        .await
        .unwrap();
    assert!(is_dead(&engine, &one).await && is_dead(&engine, &other).await);

    let (engine, one, other) = start().await;
    let id = one.who.user.id;
    engine
        .delete_user(&operator::<UsersDelete>(), id)
        .await
        .unwrap();
    assert!(is_dead(&engine, &one).await && is_dead(&engine, &other).await);
}

#[tokio::test]
async fn v7_4_3_a_changed_password_ends_the_other_sessions() {
    let (engine, one, other) = start().await;
    let new = password("an entirely new password");
    engine
        .change_password(&one.who, &one.caller(), password(PASSWORD), new)
        .await
        .unwrap();
    assert!(engine.lets_in(&one).await);
    assert!(is_dead(&engine, &other).await);
}

#[tokio::test]
async fn v7_5_1_a_new_address_needs_the_password_or_a_recent_login() {
    let (engine, one, _) = start().await;
    engine.advance(Duration::from_secs(6 * 60));
    let id = one.who.user.id;
    let change = || UserChange {
        email: Some(Some(address("new@example.com"))),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    let refused = engine.update_user(&one.caller(), id, change(), &none).await;
    assert!(matches!(
        refused,
        Err(UpdateUserError::ReauthenticationRequired)
    ));
    engine
        .update_user(&one.caller(), id, change(), &proof())
        .await
        .unwrap();
}

#[tokio::test]
async fn v7_5_2_users_see_their_sessions_and_end_any_of_them() {
    let (engine, one, other) = start().await;
    let listed = engine.list_sessions(&one.who).await.unwrap();
    assert_eq!(listed.len(), 2);
    let target = listed.iter().find(|session| !session.is_current).unwrap();
    engine
        .end_session(&one.who, &one.caller(), target.id)
        .await
        .unwrap();
    assert!(is_dead(&engine, &other).await);
    engine
        .end_all_sessions(&one.who, &one.caller(), false)
        .await
        .unwrap();
    assert!(is_dead(&engine, &one).await);
}

#[tokio::test]
async fn a_stolen_refresh_token_is_of_use_to_nobody_once_both_have_used_it() {
    let (engine, one, _) = start().await;
    // The thief is first, the owner comes a minute later.
    let thief = engine.try_refresh(&one.tokens).await.unwrap();
    engine.advance(Duration::from_secs(60));
    let owner = engine.try_refresh(&one.tokens).await;
    assert!(matches!(owner, Err(RefreshError::Reused)));
    assert!(engine.try_refresh(&thief).await.is_err());
    assert!(engine.authenticate(&thief.access_token).await.is_err());
}

#[tokio::test]
async fn there_is_one_live_refresh_token_in_a_family() {
    let (engine, one, _) = start().await;
    let mut tokens = vec![one.tokens];
    for _ in 0..5 {
        let next = engine.try_refresh(tokens.last().unwrap()).await.unwrap();
        tokens.push(next);
        engine.advance(Duration::from_secs(60));
    }
    let newest = tokens.pop().unwrap();
    engine.try_refresh(&newest).await.unwrap();
    for old in tokens {
        assert!(engine.try_refresh(&old).await.is_err());
    }
}
