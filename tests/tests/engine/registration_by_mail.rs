//! Registrations that reveal nothing: what became of them is told by mail.

use std::time::Duration;

use doorward::{
    IdentityRejected, NewRole, RegisterError, Registration, RegistrationOutcome, RolesWrite,
};
use doorward_tests::engine::{
    PASSWORD, TestEngine, anonymous, operator, password, registration, registration_with, role,
    subjects, token_in,
};

const ANNA: &str = "anna@example.com";

async fn hidden() -> TestEngine {
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

/// Follows the link in the one mail that is due.
async fn verify(engine: &TestEngine) {
    let token = token_in(&engine.mail("Confirm").await);
    engine
        .confirm_email_verification(&token, &anonymous())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_free_address_gets_its_account_and_a_mail_to_verify_it() {
    let engine = hidden().await;
    register(&engine, registration(ANNA)).await;
    verify(&engine).await;
    assert!(engine.log_in(ANNA).await.who.user.is_verified());
}

#[tokio::test]
async fn a_taken_address_is_told_that_it_has_an_account() {
    let engine = hidden().await;
    register(&engine, registration(ANNA)).await;
    verify(&engine).await;
    let visitor = engine.log_in(ANNA).await;
    register(&engine, registration("ANNA@example.com")).await;
    let told = engine.mails().await;
    assert_eq!(told.len(), 1, "{:?}", subjects(&told));
    assert_eq!(told[0].to, ANNA);
    assert!(!told[0].text.contains("#token="));
    assert!(engine.lets_in(&visitor).await);
}

#[tokio::test]
async fn who_registers_an_address_does_not_see_at_login_whether_it_was_free() {
    let engine = hidden().await;
    register(&engine, registration(ANNA)).await;
    verify(&engine).await;
    let mut answers = Vec::new();
    for email in [ANNA, "free@example.com"] {
        let guess = registration_with(email, "an intruder's own password")
            .username(email[..4].parse().unwrap());
        register(&engine, guess).await;
        engine.mails().await;
        for name in [email, &email[..4]] {
            let login = engine.try_log_in(name, "an intruder's own password").await;
            answers.push(format!("{:?}", login.unwrap_err()));
        }
    }
    assert_eq!(answers, ["InvalidCredentials"; 4]);
}

#[tokio::test]
async fn nor_by_the_failures_that_are_counted() {
    let engine = hidden().await;
    register(&engine, registration(ANNA)).await;
    verify(&engine).await;
    let mut answers = Vec::new();
    for email in [ANNA, "free@example.com"] {
        for _ in 0..10 {
            engine.try_log_in(email, "a guess").await.unwrap_err();
            engine.advance(Duration::from_secs(16));
        }
        register(&engine, registration(email)).await;
        engine.mails().await;
        let login = engine.try_log_in(email, PASSWORD).await;
        answers.push(format!("{:?}", login.unwrap_err()));
    }
    assert!(answers[0].starts_with("Locked"), "{}", answers[0]);
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_reset_of_the_password_claims_an_account_as_well() {
    let engine = hidden().await;
    register(&engine, registration(ANNA)).await;
    engine.mail("Confirm").await;
    let email = ANNA.parse().unwrap();
    engine
        .request_password_reset(&email, &anonymous())
        .await
        .unwrap();
    let token = token_in(&engine.mail("Reset").await);
    let new = password("another long password");
    engine
        .confirm_password_reset(&token, new, &anonymous())
        .await
        .unwrap();
    engine.log_in_with(ANNA, "another long password").await;
}

#[tokio::test]
async fn roles_that_nobody_defines_hold_up_nobody_else() {
    let engine = TestEngine::with_mail_and(|builder| {
        builder
            .registration_reveals(false)
            .self_assignable_roles([role("ghost")])
    })
    .await;
    let ghost =
        |number: usize| registration(&format!("ghost{number}@example.com")).role(role("ghost"));
    let refused = engine.engine().register(&anonymous(), ghost(0)).await;
    assert!(matches!(refused, Err(RegisterError::RoleNotSelfAssignable)));

    let by = operator::<RolesWrite>();
    let defined = NewRole::new(role("ghost"));
    engine.create_role(&by, defined).await.unwrap();
    for number in 0..100 {
        register(&engine, ghost(number)).await;
    }
    engine.delete_role(&by, &role("ghost")).await.unwrap();
    engine.advance(Duration::from_millis(1));
    register(&engine, registration(ANNA)).await;
    engine.mail("Confirm").await;
}

#[tokio::test]
async fn a_taken_username_is_told_to_whoever_wanted_it_and_to_nobody_else() {
    let engine = hidden().await;
    let named = |email: &str| registration(email).username("anna".parse().unwrap());
    register(&engine, named(ANNA)).await;
    engine.mail("Confirm").await;
    register(&engine, named("other@example.com")).await;
    let told = engine.mails().await;
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
    let engine = TestEngine::with_mail_and(|builder| {
        builder
            .registration_reveals(false)
            .required_identity(doorward::RequiredIdentity::Either)
    })
    .await;
    let nameless = Registration::new(PASSWORD).username("anna".parse().unwrap());
    let refused = engine.engine().register(&anonymous(), nameless).await;
    assert!(matches!(
        refused,
        Err(RegisterError::Identity(IdentityRejected::EmailMissing))
    ));
}
