//! Recovery: a new password by way of the account's address.

use std::time::Duration;

use doorward::{ConfirmResetError, LoginError, Reauthentication, UserChange, UsersWrite};
use doorward_tests::engine::{
    PASSWORD, TestEngine, address, anonymous, new_user, operator, password, proof, subjects,
    token_in,
};

const NEW: &str = "purple kettle sings at noon";
const ANNA: &str = "anna@example.com";
const RESET: &str = "Reset your password";

/// An engine with an account of a verified address, and nothing in its outbox.
async fn with_anna() -> TestEngine {
    let engine = TestEngine::with_mail().await;
    let anna = new_user(ANNA, &["user"]).verified(true);
    engine
        .create_user(&operator::<UsersWrite>(), anna)
        .await
        .unwrap();
    assert_eq!(subjects(&engine.mails().await), [""; 0]);
    engine
}

async fn request(engine: &TestEngine, email: &str) {
    let told = engine
        .request_password_reset(&address(email), &anonymous())
        .await
        .unwrap();
    assert!(told.is_none());
}

async fn confirm(engine: &TestEngine, token: &str, new: &str) -> Result<(), ConfirmResetError> {
    engine
        .confirm_password_reset(token, password(new), &anonymous())
        .await
}

fn is_invalid(outcome: &Result<(), ConfirmResetError>) -> bool {
    matches!(outcome, Err(ConfirmResetError::InvalidToken))
}

#[tokio::test]
async fn the_mailed_token_sets_a_new_password_once_and_ends_all_sessions() {
    let engine = with_anna().await;
    let visitor = engine.log_in(ANNA).await;
    request(&engine, "Anna@Example.com").await;
    let mail = engine.mail(RESET).await;
    assert_eq!(mail.to, ANNA);
    let token = token_in(&mail);

    confirm(&engine, &token, NEW).await.unwrap();
    assert!(!engine.lets_in(&visitor).await);
    assert!(matches!(
        engine.try_log_in(ANNA, PASSWORD).await,
        Err(LoginError::InvalidCredentials)
    ));
    engine.log_in_with(ANNA, NEW).await;
    assert!(is_invalid(&confirm(&engine, &token, NEW).await));
    let notices = engine.mails().await;
    assert!(
        notices[0].subject.contains("password"),
        "{:?}",
        subjects(&notices)
    );
}

#[tokio::test]
async fn a_newer_token_takes_the_place_of_an_older_one() {
    let engine = with_anna().await;
    request(&engine, ANNA).await;
    let older = token_in(&engine.mail(RESET).await);
    request(&engine, ANNA).await;
    let newer = token_in(&engine.mail(RESET).await);
    assert_ne!(older, newer);
    assert!(is_invalid(&confirm(&engine, &older, NEW).await));
    confirm(&engine, &newer, NEW).await.unwrap();
}

#[tokio::test]
async fn a_token_lives_for_as_long_as_the_builder_was_told() {
    let engine =
        TestEngine::with_mail_and(|builder| builder.password_reset_ttl(Duration::from_secs(60)))
            .await;
    engine.sign_up(ANNA).await;
    engine.mails().await;
    request(&engine, ANNA).await;
    let token = token_in(&engine.mail(RESET).await);
    engine.advance(Duration::from_secs(60));
    assert!(is_invalid(&confirm(&engine, &token, NEW).await));
    engine.log_in(ANNA).await;
}

#[tokio::test]
async fn a_token_dies_with_a_change_of_the_password_or_of_the_address() {
    let engine = with_anna().await;
    let visitor = engine.log_in(ANNA).await;
    request(&engine, ANNA).await;
    let token = token_in(&engine.mail(RESET).await);
    engine
        .change_password(
            &visitor.who,
            &visitor.caller(),
            password(PASSWORD),
            password(NEW),
        )
        .await
        .unwrap();
    assert!(is_invalid(&confirm(&engine, &token, NEW).await));
    engine.mails().await;

    request(&engine, ANNA).await;
    let token = token_in(&engine.mail(RESET).await);
    let change = UserChange {
        email: Some(Some(address("anna@example.org"))),
        ..UserChange::default()
    };
    let nothing = Reauthentication::default();
    engine
        .update_user(
            &doorward::Caller::operator(),
            visitor.who.user.id,
            change,
            &nothing,
        )
        .await
        .unwrap();
    assert!(is_invalid(&confirm(&engine, &token, NEW).await));
}

#[tokio::test]
async fn a_refused_password_leaves_the_token_as_good_as_it_was() {
    let engine = with_anna().await;
    request(&engine, ANNA).await;
    let token = token_in(&engine.mail(RESET).await);
    let refused = confirm(&engine, &token, "password").await;
    assert!(matches!(
        refused,
        Err(ConfirmResetError::PasswordRejected(_))
    ));
    confirm(&engine, &token, NEW).await.unwrap();
}

#[tokio::test]
async fn nobody_is_mailed_who_is_unknown_or_deactivated() {
    let engine = with_anna().await;
    let bert = engine.create("bert@example.com", &["user"]).await;
    engine.mails().await;
    let off = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    engine
        .update_user(&doorward::Caller::operator(), bert.id, off, &proof())
        .await
        .unwrap();
    request(&engine, "bert@example.com").await;
    request(&engine, "nobody@example.com").await;
    assert_eq!(subjects(&engine.mails().await), [""; 0]);
}

#[tokio::test]
async fn what_is_no_reset_token_is_refused() {
    let engine = TestEngine::with_mail().await;
    engine.sign_up(ANNA).await;
    let verification = token_in(&engine.mail("Confirm").await);
    let swapped = verification.replace("dw_verify_", "dw_reset_");
    for text in [
        "",
        "dw_reset_",
        "x",
        &verification,
        &swapped,
        &"a".repeat(10_000),
    ] {
        assert!(is_invalid(&confirm(&engine, text, NEW).await), "{text}");
    }
}

#[tokio::test]
async fn who_resets_the_password_has_shown_that_the_address_is_theirs() {
    let engine = TestEngine::with_mail().await;
    let anna = engine.sign_up(ANNA).await;
    assert!(!anna.is_verified());
    engine.mails().await;
    request(&engine, ANNA).await;
    let token = token_in(&engine.mail(RESET).await);
    confirm(&engine, &token, NEW).await.unwrap();
    let visitor = engine.log_in_with(ANNA, NEW).await;
    assert!(visitor.who.user.is_verified());
}

#[tokio::test]
async fn a_developer_without_mail_is_told_the_token() {
    let engine = TestEngine::in_memory_with(|builder| builder.reveal_tokens(true)).await;
    engine.sign_up(ANNA).await;
    let token = engine
        .request_password_reset(&address(ANNA), &anonymous())
        .await
        .unwrap()
        .unwrap();
    confirm(&engine, token.as_str(), NEW).await.unwrap();
    engine.log_in_with(ANNA, NEW).await;
    let unknown = engine
        .request_password_reset(&address("nobody@example.com"), &anonymous())
        .await
        .unwrap();
    assert!(unknown.is_none());
}
