//! Registrations that reveal nothing: what became of them is told by mail.

use std::sync::Arc;

use doorward::{IdentityRejected, KeptMails, RegisterError, Registration, RegistrationOutcome};
use doorward_tests::engine::{TestEngine, anonymous, registration, subjects, token_in};

const ANNA: &str = "anna@example.com";

async fn hidden() -> (TestEngine, Arc<KeptMails>) {
    TestEngine::with_mail_and(|builder| builder.registration_reveals(false)).await
}

async fn register(engine: &TestEngine, registration: Registration) {
    let outcome = engine
        .engine()
        .register(&anonymous(), registration)
        .await
        .unwrap();
    assert!(matches!(outcome, RegistrationOutcome::ToldByMail));
}

#[tokio::test]
async fn a_free_address_gets_its_account_and_a_mail_to_verify_it() {
    let (engine, mails) = hidden().await;
    register(&engine, registration(ANNA)).await;
    let token = token_in(&engine.mail(&mails, "Confirm").await);
    engine
        .confirm_email_verification(&token, &anonymous())
        .await
        .unwrap();
    assert!(engine.log_in(ANNA).await.who.user.is_verified());
}

#[tokio::test]
async fn a_taken_address_is_told_that_it_has_an_account() {
    let (engine, mails) = hidden().await;
    register(&engine, registration(ANNA)).await;
    engine.mail(&mails, "Confirm").await;
    let visitor = engine.log_in(ANNA).await;
    register(&engine, registration("ANNA@example.com")).await;
    let told = engine.mails(&mails).await;
    assert_eq!(told.len(), 1, "{:?}", subjects(&told));
    assert_eq!(told[0].to, ANNA);
    assert!(!told[0].text.contains("#token="));
    assert!(engine.lets_in(&visitor).await);
}

#[tokio::test]
async fn a_taken_username_is_told_to_whoever_wanted_it_and_to_nobody_else() {
    let (engine, mails) = hidden().await;
    let named = |email: &str| Registration {
        username: Some("anna".parse().unwrap()),
        ..registration(email)
    };
    register(&engine, named(ANNA)).await;
    engine.mail(&mails, "Confirm").await;
    register(&engine, named("other@example.com")).await;
    let told = engine.mails(&mails).await;
    assert_eq!(told.len(), 1, "{:?}", subjects(&told));
    assert_eq!(told[0].to, "other@example.com");
    assert!(
        engine
            .try_log_in("other@example.com", doorward_tests::engine::PASSWORD)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn without_an_address_there_is_no_way_to_tell() {
    let (engine, _) = TestEngine::with_mail_and(|builder| {
        builder
            .registration_reveals(false)
            .required_identity(doorward::RequiredIdentity::Either)
    })
    .await;
    let nameless = Registration {
        email: None,
        username: Some("anna".parse().unwrap()),
        ..registration(ANNA)
    };
    let refused = engine.engine().register(&anonymous(), nameless).await;
    assert!(matches!(
        refused,
        Err(RegisterError::Identity(IdentityRejected::EmailMissing))
    ));
}
