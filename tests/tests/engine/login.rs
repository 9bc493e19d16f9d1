//! From a name and a password to a session.

use std::time::Duration;

use doorward::{Action, Caller, LoginError, LoginIdentifier, Origin, Reauthentication, UserChange};
use doorward_tests::engine::{PASSWORD, TestEngine, anonymous, attempt, registration};

async fn with_anna() -> TestEngine {
    let engine = TestEngine::in_memory().await;
    let anna = registration("Anna@Example.com").username("Anna_K".parse().unwrap());
    engine.register(&anonymous(), anna).await.unwrap();
    engine
}

#[tokio::test]
async fn either_name_opens_the_account_in_any_case() {
    let engine = with_anna().await;
    for name in [
        "Anna@Example.com",
        "anna@example.com",
        " ANNA@EXAMPLE.COM\t",
        "Anna_K",
        "anna_k",
        " ANNA_K ",
    ] {
        let tokens = engine.try_log_in(name, PASSWORD).await;
        assert!(tokens.is_ok(), "{name:?}: {tokens:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let engine = with_anna().await;
    for (name, text) in [
        ("anna@example.com", "another password"),
        ("anna@example.com", ""),
        ("anna_k", "another password"),
        ("bert@example.com", PASSWORD),
        ("bert", PASSWORD),
        ("", PASSWORD),
        ("neither an address nor a name", PASSWORD),
        ("a\0b", PASSWORD),
    ] {
        let refused = engine.try_log_in(name, text).await;
        assert!(
            matches!(refused, Err(LoginError::InvalidCredentials)),
            "{name}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_password_is_compared_as_it_was_typed() {
    let engine = with_anna().await;
    for text in [
        format!(" {PASSWORD}"),
        format!("{PASSWORD} "),
        PASSWORD.to_uppercase(),
        format!("{PASSWORD}\0"),
        PASSWORD[..PASSWORD.len() - 1].to_owned(),
    ] {
        let refused = engine.try_log_in("anna_k", &text).await;
        assert!(
            matches!(refused, Err(LoginError::InvalidCredentials)),
            "{text:?}"
        );
    }
}

#[tokio::test]
async fn only_the_right_password_learns_that_an_account_is_inactive() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let change = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    engine
        .update_user(
            &Caller::operator(),
            anna.id,
            change,
            &Reauthentication::default(),
        )
        .await
        .unwrap();

    let wrong = engine
        .try_log_in("anna@example.com", "something else")
        .await;
    assert!(matches!(wrong, Err(LoginError::InvalidCredentials)));
    let right = engine.try_log_in("anna@example.com", PASSWORD).await;
    assert!(matches!(right, Err(LoginError::Inactive)));
}

#[tokio::test]
async fn the_last_login_is_noted() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let first = engine.log_in("anna@example.com").await;
    assert_eq!(first.who.user.last_login_at, Some(engine.now()));

    engine.advance(Duration::from_secs(60));
    engine.log_in("anna@example.com").await;
    let seen = engine.again(&first).await.who.user;
    assert_eq!(seen.last_login_at, Some(engine.now()));
    assert_eq!(seen.updated_at, first.who.user.updated_at);
}

#[tokio::test]
async fn each_login_opens_a_session_of_its_own() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let one = engine.log_in("anna@example.com").await;
    let other = engine.log_in("anna@example.com").await;
    assert_ne!(one.who.session.id, other.who.session.id);
    assert_ne!(*one.tokens.access_token, *other.tokens.access_token);
    assert_ne!(*one.tokens.refresh_token, *other.tokens.refresh_token);
    assert_eq!(engine.list_sessions(&one.who).await.unwrap().len(), 2);
}

#[tokio::test]
async fn every_attempt_is_told_with_where_it_came_from() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let from = Origin::default()
        .with_ip("192.0.2.7".parse().unwrap())
        .with_user_agent("a browser")
        .with_request_id("request-1");
    let attempt = |name, text| {
        engine.advance(Duration::from_millis(1));
        engine.login(attempt(name, text).by(Caller::anonymous(from.clone())))
    };
    attempt("anna@example.com", PASSWORD).await.unwrap();
    attempt("anna@example.com", "something else")
        .await
        .unwrap_err();
    attempt("bert@example.com", PASSWORD).await.unwrap_err();

    let logins: Vec<_> = super::audit::all(&engine)
        .await
        .into_iter()
        .filter(|event| event.action == Action::Login.as_str())
        .collect();
    let told: Vec<_> = logins
        .iter()
        .map(|event| (&*event.outcome, event.reason.as_deref(), event.target_id))
        .collect();
    let invalid = Some("invalid_credentials");
    // The newest first; nobody knows on whom the last attempt was.
    assert_eq!(
        told,
        [
            ("failure", invalid, None),
            ("failure", invalid, Some(anna.id)),
            ("success", None, Some(anna.id)),
        ]
    );
    assert!(logins[2].session_id.is_some() && logins[1].session_id.is_none());
    for event in logins {
        assert_eq!(event.actor, "anonymous");
        assert_eq!(event.ip.as_deref(), Some("192.0.2.7"));
        assert_eq!(event.user_agent.as_deref(), Some("a browser"));
        assert_eq!(event.request_id.as_deref(), Some("request-1"));
    }
}

#[tokio::test]
async fn an_inactive_account_s_attempt_is_told() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    super::update_user::deactivate(&engine, anna.id).await;
    engine.advance(Duration::from_millis(1));
    engine
        .try_log_in("anna@example.com", PASSWORD)
        .await
        .unwrap_err();
    let newest = &super::audit::all(&engine).await[0];
    assert_eq!(newest.action, "login");
    assert_eq!(newest.reason.as_deref(), Some("inactive"));
    assert_eq!(newest.target_id, Some(anna.id));
}

#[test]
fn what_was_typed_is_an_address_a_name_or_neither() {
    assert!(matches!(
        LoginIdentifier::parse(" Anna@Example.com "),
        LoginIdentifier::Email(email) if email.canonical() == "anna@example.com"
    ));
    assert!(matches!(
        LoginIdentifier::parse(" Anna "),
        LoginIdentifier::Username(name) if name.canonical() == "anna"
    ));
    for other in ["", "a b", "anna@", "@example.com", "ab", &"x".repeat(51)] {
        let parsed = LoginIdentifier::parse(other);
        assert!(matches!(parsed, LoginIdentifier::Unknown(_)), "{parsed:?}");
    }
}

#[tokio::test]
async fn an_account_without_a_usable_hash_is_shut() {
    let engine = with_anna().await;
    for text in ["!", "", "x"] {
        let refused = engine.login(attempt("anna_k", text)).await;
        assert!(matches!(refused, Err(LoginError::InvalidCredentials)));
    }
}
