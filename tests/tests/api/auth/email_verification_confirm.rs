//! `POST /auth/email/verification/confirm`

use std::time::Duration;

use doorward::{Caller, UserChange};
use doorward_tests::engine::{
    PASSWORD, address, anonymous, password, proof, registration, token_in,
};
use doorward_tests::http::{Answer, Client, TestApi};
use serde_json::json;

const ANNA: &str = "anna@example.com";
const NEW: &str = "anna@example.org";

async fn confirm(api: &TestApi, token: &str) -> Answer {
    let call = api.anonymous().post("/auth/email/verification/confirm");
    call.json(&json!({"token": token})).await
}

#[track_caller]
fn expect_invalid(answer: &Answer) {
    answer.expect_problem(400, "invalid_one_time_token", "Invalid or expired token");
}

async fn request(api: &TestApi, anna: &Client) -> String {
    let asked = anna.post("/auth/email/verification/request").await;
    assert_eq!(asked.status, 200, "{asked}");
    token_in(&api.engine().mail("Confirm your email").await)
}

/// An API with Anna, the mails that it sends, and a token of hers.
async fn api_with_token() -> (TestApi, Client, String) {
    let api = TestApi::with_mail().await;
    api.engine().create(ANNA, &["user"]).await;
    let anna = api.login(ANNA).await;
    api.engine().mails().await;
    let token = request(&api, &anna).await;
    (api, anna, token)
}

async fn set(api: &TestApi, anna: &Client, change: UserChange) {
    let by = Caller::operator();
    api.engine()
        .update_user(&by, anna.id.parse().unwrap(), change, &proof())
        .await
        .unwrap();
}

#[tokio::test]
async fn the_address_is_verified_once() {
    let (api, anna, token) = api_with_token().await;
    assert_eq!(
        anna.get("/users/me").await.json()["is_verified"],
        json!(false)
    );
    let answer = confirm(&api, &token).await.expect(200);
    assert_eq!(
        answer.json(),
        json!({"message": "Email verified successfully", "success": true})
    );
    assert_eq!(
        anna.get("/users/me").await.json()["is_verified"],
        json!(true)
    );
    expect_invalid(&confirm(&api, &token).await);
}

#[tokio::test]
async fn a_newer_token_makes_the_older_ones_worthless() {
    let (api, anna, first) = api_with_token().await;
    let second = request(&api, &anna).await;
    expect_invalid(&confirm(&api, &first).await);
    assert_eq!(confirm(&api, &second).await.status, 200);
}

#[tokio::test]
async fn a_token_is_good_for_a_day() {
    let (api, _, first) = api_with_token().await;
    api.engine().advance(Duration::from_secs(24 * 60 * 60));
    expect_invalid(&confirm(&api, &first).await);
    let anna = api.login(ANNA).await;
    let second = request(&api, &anna).await;
    let nearly = Duration::from_millis(24 * 60 * 60 * 1000 - 1);
    api.engine().advance(nearly);
    assert_eq!(confirm(&api, &second).await.status, 200);
}

#[tokio::test]
async fn a_new_password_or_address_makes_it_worthless() {
    let (api, anna, token) = api_with_token().await;
    let secret = UserChange {
        password: Some(password("another long password")),
        ..UserChange::default()
    };
    set(&api, &anna, secret).await;
    expect_invalid(&confirm(&api, &token).await);

    let (api, anna, token) = api_with_token().await;
    let moved = UserChange {
        email: Some(Some(address(NEW))),
        ..UserChange::default()
    };
    set(&api, &anna, moved).await;
    expect_invalid(&confirm(&api, &token).await);
    assert_eq!(
        anna.get("/users/me").await.json()["is_verified"],
        json!(false)
    );
}

#[tokio::test]
async fn what_is_no_token_reads_the_same() {
    let (api, _, token) = api_with_token().await;
    for text in [
        "",
        "x",
        "dw_verify_",
        &token[..token.len() - 1],
        &format!("{token}A"),
        &token.replace("dw_verify_", "dw_email_"),
        &token.replace("dw_verify_", "dw_reset_"),
        &"x".repeat(200),
    ] {
        expect_invalid(&confirm(&api, text).await);
    }
    let call = api.anonymous().post("/auth/email/verification/confirm");
    call.json(&json!({}))
        .await
        .expect_faults(&["missing body.token Field required"]);
    assert_eq!(confirm(&api, &token).await.status, 200);
}

/// Asks for a new address; the token that is mailed there.
async fn ask_to_move(api: &TestApi, anna: &Client, to: &str) -> String {
    let body = json!({"email": to, "current_password": PASSWORD});
    let asked = anna.patch("/users/me").json(&body).await;
    assert_eq!(asked.status, 200, "{asked}");
    let mail = api.engine().mail("Confirm your new email").await;
    assert_eq!(mail.to, to);
    token_in(&mail)
}

#[tokio::test]
async fn a_new_address_counts_from_here_on_and_the_old_one_is_told() {
    let (api, anna, older) = api_with_token().await;
    let token = ask_to_move(&api, &anna, NEW).await;
    assert_eq!(anna.get("/users/me").await.json()["email"], json!(ANNA));
    let answer = confirm(&api, &token).await.expect(200);
    assert_eq!(answer.json()["success"], json!(true));
    let me = anna.get("/users/me").await.json();
    assert_eq!(
        (&me["email"], &me["is_verified"]),
        (&json!(NEW), &json!(true))
    );
    let notice = api.engine().mail("Your email address for").await;
    assert_eq!(notice.to, ANNA);
    assert!(!notice.text.contains("dw_"));

    expect_invalid(&confirm(&api, &token).await);
    expect_invalid(&confirm(&api, &older).await);
    api.login(NEW).await;
    let old = json!({"username": ANNA, "password": PASSWORD});
    let refused = api.anonymous().post("/auth/login").json(&old).await;
    assert_eq!(refused.status, 401);
}

#[tokio::test]
async fn a_new_address_that_was_taken_meanwhile_is_a_conflict() {
    let (api, anna, _) = api_with_token().await;
    let token = ask_to_move(&api, &anna, NEW).await;
    let by = anonymous();
    let taken = api.engine().register(&by, registration(NEW)).await;
    taken.unwrap();
    confirm(&api, &token)
        .await
        .expect_problem(409, "email_taken", "Email already registered");
    assert_eq!(anna.get("/users/me").await.json()["email"], json!(ANNA));
}

#[tokio::test]
async fn of_two_new_addresses_the_one_asked_for_last_counts() {
    let (api, anna, _) = api_with_token().await;
    let first = ask_to_move(&api, &anna, "first@example.org").await;
    let second = ask_to_move(&api, &anna, "second@example.org").await;
    expect_invalid(&confirm(&api, &first).await);
    assert_eq!(confirm(&api, &second).await.status, 200);
    let me = anna.get("/users/me").await.json();
    assert_eq!(me["email"], json!("second@example.org"));
}

#[tokio::test]
async fn a_deactivated_account_verifies_nothing() {
    let (api, anna, token) = api_with_token().await;
    let change = ask_to_move(&api, &anna, NEW).await;
    let shut = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    set(&api, &anna, shut).await;
    expect_invalid(&confirm(&api, &token).await);
    expect_invalid(&confirm(&api, &change).await);
}
