//! Verification of an account's address, and of one that it is to have.

use doorward::{
    ConfirmVerificationError, IdentityRejected, RateLimits, RequestVerificationError,
    UpdateUserError, UserChange, UsersCount, VerificationRequest,
};
use doorward_tests::engine::{TestEngine, Visitor, address, anonymous, proof, subjects, token_in};

const ANNA: &str = "anna@example.com";
const NEW: &str = "anna@example.org";
const TAKEN: &str = "bert@example.com";

async fn confirm(engine: &TestEngine, token: &str) -> Result<(), ConfirmVerificationError> {
    engine.confirm_email_verification(token, &anonymous()).await
}

async fn ask(engine: &TestEngine, visitor: &Visitor) -> VerificationRequest {
    engine
        .request_email_verification(&visitor.who, &visitor.caller())
        .await
        .unwrap()
}

async fn wish(engine: &TestEngine, visitor: &Visitor, email: &str) -> Result<(), UpdateUserError> {
    let change = UserChange {
        email: Some(Some(address(email))),
        ..UserChange::default()
    };
    engine
        .update_user(&visitor.caller(), visitor.who.user.id, change, &proof())
        .await
        .map(drop)
}

fn is_invalid(outcome: &Result<(), ConfirmVerificationError>) -> bool {
    matches!(outcome, Err(ConfirmVerificationError::InvalidToken))
}

fn is_throttled(outcome: &Result<(), UpdateUserError>) -> bool {
    matches!(outcome, Err(UpdateUserError::Throttled(_)))
}

/// Anna, logged in, with the first mail read.
async fn anna() -> (TestEngine, Visitor, String) {
    let engine = TestEngine::with_mail().await;
    engine.sign_up(ANNA).await;
    let token = token_in(&engine.mail("Confirm").await);
    let visitor = engine.log_in(ANNA).await;
    (engine, visitor, token)
}

#[tokio::test]
async fn who_registers_is_mailed_a_token_that_verifies_once() {
    let (engine, visitor, token) = anna().await;
    assert!(!visitor.who.user.is_verified());
    confirm(&engine, &token).await.unwrap();
    let visitor = engine.again(&visitor).await;
    assert!(visitor.who.user.is_verified());
    assert!(is_invalid(&confirm(&engine, &token).await));
    assert!(matches!(
        ask(&engine, &visitor).await,
        VerificationRequest::AlreadyVerified
    ));
}

#[tokio::test]
async fn a_newer_token_takes_the_place_of_an_older_one() {
    let (engine, visitor, older) = anna().await;
    let asked = ask(&engine, &visitor).await;
    assert!(matches!(asked, VerificationRequest::Sent(None)));
    let newer = token_in(&engine.mail("Confirm").await);
    assert!(is_invalid(&confirm(&engine, &older).await));
    confirm(&engine, &newer).await.unwrap();
}

#[tokio::test]
async fn a_new_address_counts_when_it_is_verified_and_the_old_one_is_told() {
    let (engine, visitor, first) = anna().await;
    wish(&engine, &visitor, NEW).await.unwrap();
    let mail = engine.mail("Confirm").await;
    assert_eq!(mail.to, NEW);
    let before = engine.again(&visitor).await;
    assert_eq!(before.who.user.email, Some(address(ANNA)));

    confirm(&engine, &token_in(&mail)).await.unwrap();
    let after = engine.again(&visitor).await;
    assert_eq!(after.who.user.email, Some(address(NEW)));
    assert!(after.who.user.is_verified());
    let notice = engine.mails().await;
    assert_eq!(notice.len(), 1, "{:?}", subjects(&notice));
    assert_eq!(notice[0].to, ANNA);
    assert!(!notice[0].text.contains("#token="));
    // What was mailed to the old address is worth nothing any more.
    assert!(is_invalid(&confirm(&engine, &first).await));
}

#[tokio::test]
async fn a_taken_address_is_refused_at_once_and_at_the_end() {
    let (engine, visitor, _) = anna().await;
    engine.sign_up("bert@example.com").await;
    engine.mails().await;
    let refused = wish(&engine, &visitor, "Bert@example.com").await;
    assert!(matches!(
        refused,
        Err(UpdateUserError::Identity(IdentityRejected::EmailTaken))
    ));

    wish(&engine, &visitor, NEW).await.unwrap();
    let token = token_in(&engine.mail("Confirm").await);
    engine.sign_up(NEW).await;
    let taken = confirm(&engine, &token).await;
    assert!(matches!(taken, Err(ConfirmVerificationError::EmailTaken)));
    let after = engine.again(&visitor).await;
    assert_eq!(after.who.user.email, Some(address(ANNA)));
}

#[tokio::test]
async fn where_registrations_reveal_nothing_neither_does_a_change() {
    let engine = TestEngine::with_mail_and(|builder| builder.registration_reveals(false)).await;
    engine.create("bert@example.com", &["user"]).await;
    engine.create_verified(ANNA, &["user"]).await;
    engine.mails().await;
    let visitor = engine.log_in(ANNA).await;
    wish(&engine, &visitor, "bert@example.com").await.unwrap();
    let told = engine.mails().await;
    assert_eq!(told.len(), 1, "{:?}", subjects(&told));
    assert_eq!(told[0].to, "bert@example.com");
    assert!(!told[0].text.contains("#token="));
}

#[tokio::test]
async fn where_registrations_reveal_nothing_neither_does_the_export_after_a_change() {
    let engine = TestEngine::with_mail_and(|builder| builder.registration_reveals(false)).await;
    engine.create(TAKEN, &["user"]).await;
    engine.create_verified(ANNA, &["user"]).await;
    let visitor = engine.log_in(ANNA).await;
    let mut traces = Vec::new();
    for email in [TAKEN, NEW] {
        wish(&engine, &visitor, email).await.unwrap();
        engine.mails().await;
        let export = engine
            .export_own_data(&visitor.who, &visitor.caller())
            .await
            .unwrap();
        let tokens: Vec<_> = export
            .one_time_tokens
            .iter()
            .map(|token| (token.purpose.clone(), token.email == email))
            .collect();
        let asked = "email_change.requested";
        let events = export.events.iter().filter(|event| event.action == asked);
        traces.push((tokens, events.count()));
    }
    assert_eq!(traces[0], (vec![("email_change".to_owned(), true)], 1));
    assert_eq!(traces[1], (vec![("email_change".to_owned(), true)], 2));
}

#[tokio::test]
async fn the_end_of_a_thiefs_session_is_the_end_of_the_address_they_asked_for() {
    let (engine, owner, _) = anna().await;
    for ends_all in [true, false] {
        let thief = engine.log_in(ANNA).await;
        wish(&engine, &thief, NEW).await.unwrap();
        let token = token_in(&engine.mail("Confirm").await);
        let (who, caller) = (&owner.who, owner.caller());
        if ends_all {
            engine.end_all_sessions(who, &caller, true).await.unwrap();
        } else {
            let session = thief.who.session.id;
            engine.end_session(who, &caller, session).await.unwrap();
        }
        assert!(is_invalid(&confirm(&engine, &token).await), "{ends_all}");
    }
}

#[tokio::test]
async fn nobody_floods_a_mailbox_by_asking_for_it() {
    let engine = TestEngine::with_mail_and(|builder| {
        let mut limits = RateLimits::NONE;
        limits.mail = Some("2/hour".parse().unwrap());
        builder.rate_limits(limits)
    })
    .await;
    engine.sign_up(ANNA).await;
    engine.sign_up("bert@example.com").await;
    let (anna, bert) = (
        engine.log_in(ANNA).await,
        engine.log_in("bert@example.com").await,
    );
    engine.mails().await;
    // An address, whoever asks; and an account, whichever the address.
    wish(&engine, &anna, NEW).await.unwrap();
    wish(&engine, &bert, NEW).await.unwrap();
    assert!(is_throttled(&wish(&engine, &bert, NEW).await));
    wish(&engine, &anna, "else@example.org").await.unwrap();
    let third = wish(&engine, &anna, "third@example.org").await;
    assert!(is_throttled(&third));
    assert_eq!(engine.mails().await.len(), 3);
    // Links to verify the account's own address.
    ask(&engine, &anna).await;
    ask(&engine, &anna).await;
    let third = engine
        .request_email_verification(&anna.who, &anna.caller())
        .await;
    assert!(matches!(third, Err(RequestVerificationError::Throttled(_))));
    assert_eq!(engine.mails().await.len(), 2);
}

#[tokio::test]
async fn without_mail_a_new_address_counts_at_once_and_is_not_verified() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up(ANNA).await;
    let visitor = engine.log_in(ANNA).await;
    wish(&engine, &visitor, NEW).await.unwrap();
    let after = engine.again(&visitor).await;
    assert_eq!(after.who.user.email, Some(address(NEW)));
    assert!(!after.who.user.is_verified());
}

#[tokio::test]
async fn an_unverified_account_manages_itself_alone_where_the_builder_says_so() {
    let engine = TestEngine::with_mail_and(|builder| builder.require_verified_email(true)).await;
    engine.create(ANNA, &["admin"]).await;
    let token = token_in(&engine.mail("Confirm").await);
    let visitor = engine.log_in(ANNA).await;
    assert!(visitor.who.is_restricted());
    assert!(visitor.caller().permit::<UsersCount>().is_err());
    assert!(matches!(
        ask(&engine, &visitor).await,
        VerificationRequest::Sent(_)
    ));
    assert!(is_invalid(&confirm(&engine, &token).await));
    let token = token_in(&engine.mail("Confirm").await);
    confirm(&engine, &token).await.unwrap();
    let visitor = engine.again(&visitor).await;
    assert!(visitor.caller().permit::<UsersCount>().is_ok());
}
