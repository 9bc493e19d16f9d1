//! What an access token proves, and when it stops to.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward::{
    AuthenticateError, Caller, Reauthentication, RefreshError, SecretKey, Timestamp, TokenError,
    TokenPair, UserChange, UsersDelete,
};
use doorward_tests::engine::{START, TestEngine, anonymous, operator, role, roles};
use serde_json::Value;

use super::update_user::{deactivate, set};

const MINUTE: Duration = Duration::from_secs(60);

async fn refusal(engine: &TestEngine, token: &str) -> AuthenticateError {
    engine.authenticate(token).await.unwrap_err()
}

fn is_revoked(error: &AuthenticateError) -> bool {
    matches!(error, AuthenticateError::Revoked)
}

fn is_token(error: &AuthenticateError, expected: TokenError) -> bool {
    matches!(error, AuthenticateError::Token(why) if *why == expected)
}

async fn anna_s_tokens(engine: &TestEngine) -> TokenPair {
    engine.sign_up("anna@example.com").await;
    engine.log_in("anna@example.com").await.tokens
}

#[tokio::test]
async fn a_token_says_who_and_until_when() {
    let engine = TestEngine::in_memory_with(|builder| {
        builder
            .issuer("https://auth.example.com")
            .audience("reports")
            .access_token_ttl(15 * MINUTE)
    })
    .await;
    let anna = engine
        .create("anna@example.com", &["user", "moderator"])
        .await;
    let visitor = engine.log_in("anna@example.com").await;
    let payload = visitor.tokens.access_token.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();

    let now = engine.now().as_seconds();
    assert_eq!(claims["iss"], "https://auth.example.com");
    assert_eq!(claims["aud"], "reports");
    assert_eq!(claims["sub"], anna.id.to_string());
    assert_eq!(claims["sid"], visitor.who.session.id.to_string());
    assert_eq!(claims["type"], "access");
    assert_eq!(
        (claims["iat"].as_i64(), claims["nbf"].as_i64()),
        (Some(now), Some(now))
    );
    assert_eq!(claims["exp"].as_i64(), Some(now + 900));
    assert_eq!(claims["role"], "moderator");
    assert_eq!(claims["roles"], serde_json::json!(["moderator", "user"]));
    assert_eq!(visitor.tokens.expires_in, 15 * MINUTE);
    let mut names: Vec<_> = claims.as_object().unwrap().keys().collect();
    names.sort();
    let all = [
        "aud", "exp", "iat", "iss", "jti", "nbf", "role", "roles", "sid", "sub", "type",
    ];
    assert_eq!(names, all);
}

#[tokio::test]
async fn a_token_expires_whether_or_not_it_was_seen_before() {
    for seen_before in [true, false] {
        let engine = TestEngine::in_memory().await;
        let tokens = anna_s_tokens(&engine).await;
        let issued = engine.now().as_seconds() * 1_000;
        let last = Timestamp::from_millis(issued + 30 * 60_000 - 1);
        if seen_before {
            engine.set_clock(last);
            assert!(engine.authenticate(&tokens.access_token).await.is_ok());
        }
        engine.set_clock(last + Duration::from_millis(1));
        let error = refusal(&engine, &tokens.access_token).await;
        assert!(is_token(&error, TokenError::Expired), "{error:?}");
    }
}

#[tokio::test]
async fn a_token_from_the_future_is_not_valid_yet() {
    for seen_before in [true, false] {
        let engine = TestEngine::in_memory().await;
        let tokens = anna_s_tokens(&engine).await;
        if seen_before {
            assert!(engine.authenticate(&tokens.access_token).await.is_ok());
        }
        engine.set_clock(START - Duration::from_secs(1));
        let error = refusal(&engine, &tokens.access_token).await;
        assert!(is_token(&error, TokenError::NotYetValid), "{error:?}");
    }
}

#[tokio::test]
async fn a_token_of_another_installation_is_refused() {
    let engine = TestEngine::in_memory().await;
    let other_secret = TestEngine::in_memory_with(|builder| {
        builder.secret_key(SecretKey::new("another secret, long enough for HS256"))
    })
    .await;
    let other_issuer = TestEngine::in_memory_with(|builder| builder.issuer("elsewhere")).await;
    let other_audience = TestEngine::in_memory_with(|builder| builder.audience("elsewhere")).await;
    for (other, expected) in [
        (other_secret, TokenError::BadSignature),
        (other_issuer, TokenError::WrongIssuer),
        (other_audience, TokenError::WrongAudience),
    ] {
        let tokens = anna_s_tokens(&other).await;
        let error = refusal(&engine, &tokens.access_token).await;
        assert!(is_token(&error, expected), "{error:?}");
    }
    // The same secret, and yet nobody here has this session.
    let twin = TestEngine::in_memory().await;
    let tokens = anna_s_tokens(&twin).await;
    assert!(is_revoked(&refusal(&engine, &tokens.access_token).await));
}

#[tokio::test]
async fn neither_kind_of_token_passes_for_the_other() {
    let engine = TestEngine::in_memory().await;
    let tokens = anna_s_tokens(&engine).await;
    let error = refusal(&engine, &tokens.refresh_token).await;
    assert!(is_token(&error, TokenError::BadSignature), "{error:?}");
    let error = engine
        .refresh(&tokens.access_token, &anonymous())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("signature"), "{error:?}");
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let engine = TestEngine::in_memory().await;
    let tokens = anna_s_tokens(&engine).await;
    let token = &*tokens.access_token;
    let (signed, _) = token.rsplit_once('.').unwrap();
    for other in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "x".repeat(100_000),
        signed.to_owned(),
        format!("{signed}."),
        format!("{token}."),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        token.to_uppercase(),
    ] {
        let error = refusal(&engine, &other).await;
        assert!(
            matches!(error, AuthenticateError::Token(_)),
            "{other}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_logout_is_felt_at_once() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let other = engine.log_in("anna@example.com").await;
    engine
        .logout(&visitor.who, &visitor.caller())
        .await
        .unwrap();
    assert!(is_revoked(
        &refusal(&engine, &visitor.tokens.access_token).await
    ));
    assert!(engine.lets_in(&other).await);
}

#[tokio::test]
async fn a_deactivation_is_felt_at_once_and_for_good() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    deactivate(&engine, anna.id).await;
    let told = refusal(&engine, &visitor.tokens.access_token).await;
    assert!(matches!(told, AuthenticateError::Inactive));

    let activate = UserChange {
        is_active: Some(true),
        ..UserChange::default()
    };
    set(&engine, anna.id, activate).await;
    assert!(is_revoked(
        &refusal(&engine, &visitor.tokens.access_token).await
    ));
    engine.try_refresh(&visitor.tokens).await.unwrap_err();
    engine.log_in("anna@example.com").await;
}

#[tokio::test]
async fn a_deletion_is_felt_at_once() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    engine
        .delete_user(&operator::<UsersDelete>(), anna.id)
        .await
        .unwrap();
    assert!(is_revoked(
        &refusal(&engine, &visitor.tokens.access_token).await
    ));
}

#[tokio::test]
async fn new_roles_count_at_once_whatever_the_token_says() {
    let engine = TestEngine::in_memory().await;
    let visitor = engine
        .create_and_log_in("anna@example.com", &["admin"])
        .await;
    engine.create("bert@example.com", &["admin"]).await;
    assert!(visitor.caller().permit::<UsersDelete>().is_ok());

    let demote = UserChange {
        roles: Some(roles(&["guest"])),
        ..UserChange::default()
    };
    set(&engine, visitor.who.user.id, demote).await;
    let now = engine.again(&visitor).await;
    assert_eq!(now.who.user.roles, [role("guest")]);
    assert!(now.caller().permit::<UsersDelete>().is_err());
}

#[tokio::test]
async fn new_names_are_seen_at_once() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let rename = UserChange {
        full_name: Some(Some("Anna".parse().unwrap())),
        ..UserChange::default()
    };
    let id = visitor.who.user.id;
    engine
        .update_user(&visitor.caller(), id, rename, &Reauthentication::default())
        .await
        .unwrap();
    let now = engine.again(&visitor).await;
    assert_eq!(now.who.user.full_name.as_ref().unwrap().as_str(), "Anna");
}

/// An engine whose access tokens could live longer than its refresh tokens and its sessions.
async fn engine_of_short_sessions() -> TestEngine {
    TestEngine::in_memory_with(|builder| {
        builder
            .access_token_ttl(60 * MINUTE)
            .refresh_token_ttl(10 * MINUTE)
            .session_max_age(15 * MINUTE)
    })
    .await
}

#[tokio::test]
async fn an_access_token_ends_with_its_refresh_token() {
    let engine = engine_of_short_sessions().await;
    let tokens = anna_s_tokens(&engine).await;
    assert_eq!(tokens.expires_in, 10 * MINUTE);
    engine.advance(10 * MINUTE - Duration::from_secs(1));
    assert!(engine.authenticate(&tokens.access_token).await.is_ok());
    engine.advance(Duration::from_secs(1));
    let error = refusal(&engine, &tokens.access_token).await;
    assert!(is_token(&error, TokenError::Expired), "{error:?}");
}

#[tokio::test]
async fn no_token_outlives_the_absolute_end_of_its_session() {
    for seen_before in [true, false] {
        let engine = engine_of_short_sessions().await;
        let first = anna_s_tokens(&engine).await;
        engine.advance(9 * MINUTE);
        let second = engine.try_refresh(&first).await.unwrap();
        engine.advance(6 * MINUTE - Duration::from_millis(1));
        if seen_before {
            assert!(engine.authenticate(&second.access_token).await.is_ok());
        }
        engine.advance(Duration::from_millis(1));
        assert!(is_revoked(&refusal(&engine, &second.access_token).await));
        let refused = engine.try_refresh(&second).await;
        assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
    }
}

#[tokio::test]
async fn who_runs_the_software_is_nobody_s_account() {
    assert_eq!(Caller::operator().user_id(), None);
    assert_eq!(anonymous().user_id(), None);
    assert!(anonymous().permit::<UsersDelete>().is_err());
}
