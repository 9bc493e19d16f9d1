//! `POST /auth/email/verification/request`

use doorward::{RateLimits, RequiredIdentity};
use doorward_tests::engine::{PASSWORD, TestEngine, token_in};
use doorward_tests::http::{Answer, Client, TestApi};
use serde_json::json;

async fn request(client: &Client) -> Answer {
    client.post("/auth/email/verification/request").await
}

#[track_caller]
fn expect_message(answer: &Answer, message: &str) {
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.json(), json!({"message": message, "success": true}));
}

#[tokio::test]
async fn a_link_is_mailed_to_the_own_address() {
    let api = TestApi::with_mail().await;
    let user = api.login_as("user").await;
    api.engine().mails().await;
    expect_message(&request(&user).await, "Verification email sent");
    let mail = api.engine().mail("Confirm your email address").await;
    assert_eq!(mail.to, "user@example.com");
    let token = token_in(&mail);
    let link = format!("https://example.com/verify-email#token={token}");
    assert!(mail.text.contains(&link), "{}", mail.text);

    let confirm = api.anonymous().post("/auth/email/verification/confirm");
    assert_eq!(confirm.json(&json!({"token": token})).await.status, 200);
    expect_message(&request(&user).await, "Email already verified");
    assert!(api.engine().mails().await.is_empty());
}

#[tokio::test]
async fn who_registers_is_mailed_one_at_once() {
    let api = TestApi::with_mail().await;
    let body = json!({"email": "anna@example.com", "password": PASSWORD, "full_name": "Buy now"});
    let registered = api.anonymous().post("/auth/register").json(&body).await;
    assert_eq!(registered.status, 201);
    let mail = api.engine().mail("Confirm your email address").await;
    assert_eq!(mail.to, "anna@example.com");
    // Nobody has shown that they read it: what was typed is not passed on.
    assert!(!mail.text.contains("Buy now"));
    let confirm = api.anonymous().post("/auth/email/verification/confirm");
    let answer = confirm.json(&json!({"token": token_in(&mail)})).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn who_is_not_logged_in_is_refused() {
    let api = TestApi::start().await;
    request(&api.anonymous()).await.expect_problem(
        401,
        "not_authenticated",
        "Could not validate credentials",
    );
}

#[tokio::test]
async fn an_account_without_an_address_has_none_to_verify() {
    let engine =
        TestEngine::in_memory_with(|builder| builder.required_identity(RequiredIdentity::Username))
            .await;
    let api = TestApi::on(engine);
    let body = json!({"username": "anna", "password": PASSWORD});
    let registered = api.anonymous().post("/auth/register").json(&body).await;
    assert_eq!(registered.status, 201);
    let anna = api.login("anna").await;
    request(&anna).await.expect_problem(
        409,
        "no_email_address",
        "The account has no email address",
    );
}

#[tokio::test]
async fn developers_are_told_the_token() {
    let engine = TestEngine::in_memory_with(|builder| builder.reveal_tokens(true)).await;
    let api = TestApi::on(engine);
    let user = api.login_as("user").await;
    let told = request(&user).await.expect(200).json();
    let message = told["message"].as_str().unwrap();
    let token = message.strip_prefix("Verification token (DEV ONLY): ");
    let confirm = api.anonymous().post("/auth/email/verification/confirm");
    let answer = confirm.json(&json!({"token": token.unwrap()})).await;
    assert_eq!(answer.status, 200);
    expect_message(&request(&user).await, "Email already verified");
}

#[tokio::test]
async fn it_is_limited() {
    let mut limits = RateLimits::NONE;
    limits.verification = Some("2/hour".parse().unwrap());
    let api = TestApi::with_mail_and(|builder| builder.rate_limits(limits)).await;
    let user = api.login_as("user").await;
    api.engine().mails().await;
    for _ in 0..2 {
        assert_eq!(request(&user).await.status, 200);
    }
    let answer = request(&user).await;
    answer.expect_problem(429, "rate_limited", "Too many requests, try again later");
    assert_eq!(
        answer.header("ratelimit-policy"),
        Some("\"verification\";q=2;w=3600")
    );
    assert_eq!(api.engine().mails().await.len(), 2);
}
