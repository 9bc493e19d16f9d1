//! What an application's hooks do to the answers of `/auth`.

use std::sync::Arc;

use doorward::{
    BeforeRegister, ClaimName, ClaimsContext, ExtraClaims, Hooked, Hooks, RegistrationRefused,
    RequiredIdentity, TokenSubject,
};
use doorward_tests::engine::{PASSWORD, TestEngine};
use doorward_tests::http::{Answer, TestApi};
use doorward_tests::tokens::claims_of;
use serde_json::json;

const TENANT: ClaimName = ClaimName::new("tenant");

/// Lets in whom it knows; of `unsure@example.com` it can't tell.
#[derive(Debug)]
struct GuestList;

impl Hooks for GuestList {
    fn before_register<'a>(
        &'a self,
        event: &'a BeforeRegister<'a>,
    ) -> Hooked<'a, Result<(), RegistrationRefused>> {
        Box::pin(async move {
            match event.email.map(|email| email.canonical()) {
                Some("anna@example.com") => Ok(()),
                Some("unsure@example.com") => Err(RegistrationRefused::undecided("list torn")),
                _ => Err(RegistrationRefused::new("Nie ma cię na liście \"gości\"")),
            }
        })
    }

    fn claims(&self, _context: &ClaimsContext<'_>) -> ExtraClaims {
        ExtraClaims::new().with(TENANT, json!({"id": 7}))
    }
}

async fn start() -> TestApi {
    let engine = TestEngine::in_memory_with(|builder| {
        builder
            .hooks(Arc::new(GuestList))
            .required_identity(RequiredIdentity::Both)
            .token_subject(TokenSubject::Username)
    });
    TestApi::on(engine.await)
}

async fn register(api: &TestApi, email: &str) -> Answer {
    let body = json!({"email": email, "username": "anna.k", "password": PASSWORD});
    api.anonymous().post("/auth/register").json(&body).await
}

#[tokio::test]
async fn a_refused_registration_is_answered_in_the_applications_words() {
    let api = start().await;
    register(&api, "bert@example.com").await.expect_problem(
        403,
        "registration_refused",
        "Nie ma cię na liście \"gości\"",
    );
    assert_eq!(register(&api, "anna@example.com").await.status, 201);
}

#[tokio::test]
async fn an_application_that_can_t_tell_is_a_reason_to_try_again() {
    let api = start().await;
    let answer = register(&api, "unsure@example.com").await;
    answer.expect_problem(503, "unavailable", "Service temporarily unavailable");
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert!(!answer.text().contains("torn"));
}

#[tokio::test]
async fn tokens_hold_the_name_and_the_claims_that_the_application_decided_on() {
    let api = start().await;
    assert_eq!(register(&api, "anna@example.com").await.status, 201);
    let client = api.login("anna.k").await;
    let claims = claims_of(client.access_token.as_deref().unwrap());
    assert_eq!(claims["sub"], "anna.k");
    assert_eq!(claims["tenant"], json!({"id": 7}));
    let me = client.get("/users/me").await.expect(200).json();
    assert_eq!(me["username"], "anna.k");
    let body = json!({"refresh_token": client.refresh_token});
    let refreshed = api.anonymous().post("/auth/refresh").json(&body).await;
    let tokens = refreshed.expect(200).json();
    let claims = claims_of(tokens["access_token"].as_str().unwrap());
    assert_eq!(claims["sub"], "anna.k");
    assert_eq!(claims["tenant"], json!({"id": 7}));
}
