//! `POST /auth/password/reset/confirm`

use std::time::Duration;

use doorward::{Caller, UserChange};
use doorward_tests::engine::{PASSWORD, address, anonymous, password, proof, token_in};
use doorward_tests::http::{Answer, TestApi};
use serde_json::json;

use crate::conventions::expect_revoked;

const NEW: &str = "purple kettle sings at noon";
const ANNA: &str = "anna@example.com";

async fn confirm(api: &TestApi, token: &str, new: &str) -> Answer {
    let body = json!({"token": token, "new_password": new});
    let call = api.anonymous().post("/auth/password/reset/confirm");
    call.json(&body).await
}

#[track_caller]
fn expect_invalid(answer: &Answer) {
    answer.expect_problem(400, "invalid_one_time_token", "Invalid or expired token");
}

async fn request(api: &TestApi) -> String {
    let asked = api
        .engine()
        .request_password_reset(&address(ANNA), &anonymous())
        .await;
    assert!(asked.unwrap().is_none());
    token_in(&api.engine().mail("Reset your password").await)
}

/// An API with Anna, the mails that it sends, and a token of hers.
async fn api_with_token() -> (TestApi, String) {
    let api = TestApi::with_mail().await;
    api.engine().create(ANNA, &["user"]).await;
    api.engine().mails().await;
    let token = request(&api).await;
    (api, token)
}

async fn change(api: &TestApi, change: UserChange) {
    let by = Caller::operator();
    let anna = api.login(ANNA).await;
    api.engine()
        .update_user(&by, anna.id.parse().unwrap(), change, &proof())
        .await
        .unwrap();
}

#[tokio::test]
async fn the_new_password_counts_and_all_sessions_end() {
    let (api, token) = api_with_token().await;
    let (here, elsewhere) = (api.login(ANNA).await, api.login(ANNA).await);
    let answer = confirm(&api, &token, NEW).await.expect(200);
    assert_eq!(
        answer.json(),
        json!({"message": "Password reset successful", "success": true})
    );
    for client in [&here, &elsewhere] {
        expect_revoked(client).await;
        assert_eq!(client.refresh(&client.refresh_token).await.status, 401);
    }
    let old = json!({"username": ANNA, "password": PASSWORD});
    assert_eq!(
        api.anonymous().post("/auth/login").json(&old).await.status,
        401
    );
    api.login_with(ANNA, NEW).await;

    let notice = api.engine().mail("Your password for").await;
    assert_eq!(notice.to, ANNA);
    assert!(!notice.text.contains("dw_") && !notice.text.contains(NEW));
}

#[tokio::test]
async fn a_token_is_good_once() {
    let (api, token) = api_with_token().await;
    assert_eq!(confirm(&api, &token, NEW).await.status, 200);
    expect_invalid(&confirm(&api, &token, "another long password").await);
    api.login_with(ANNA, NEW).await;
}

#[tokio::test]
async fn whoever_has_read_the_mail_has_verified_the_address() {
    let (api, token) = api_with_token().await;
    let me = api.login(ANNA).await.get("/users/me").await.json();
    assert_eq!(me["is_verified"], json!(false));
    assert_eq!(confirm(&api, &token, NEW).await.status, 200);
    let me = api
        .login_with(ANNA, NEW)
        .await
        .get("/users/me")
        .await
        .json();
    assert_eq!(me["is_verified"], json!(true));
}

#[tokio::test]
async fn a_newer_token_makes_the_older_ones_worthless() {
    let (api, first) = api_with_token().await;
    let second = request(&api).await;
    expect_invalid(&confirm(&api, &first, NEW).await);
    assert_eq!(confirm(&api, &second, NEW).await.status, 200);
}

#[tokio::test]
async fn a_token_is_good_for_an_hour() {
    let (api, first) = api_with_token().await;
    api.engine().advance(Duration::from_secs(3600));
    expect_invalid(&confirm(&api, &first, NEW).await);
    let second = request(&api).await;
    api.engine().advance(Duration::from_millis(3_599_999));
    assert_eq!(confirm(&api, &second, NEW).await.status, 200);
}

#[tokio::test]
async fn how_long_it_is_good_is_a_setting() {
    let ttl = Duration::from_secs(60);
    let api = TestApi::with_mail_and(|builder| builder.password_reset_ttl(ttl)).await;
    api.engine().create(ANNA, &["user"]).await;
    api.engine().mails().await;
    let token = request(&api).await;
    api.engine().advance(ttl);
    expect_invalid(&confirm(&api, &token, NEW).await);
}

#[tokio::test]
async fn a_new_password_makes_it_worthless() {
    let (api, token) = api_with_token().await;
    let anna = api.login(ANNA).await;
    let body = json!({"current_password": PASSWORD, "new_password": "another long password"});
    let changed = anna.post("/auth/password/change").json(&body).await;
    assert_eq!(changed.status, 200);
    expect_invalid(&confirm(&api, &token, NEW).await);

    let (api, token) = api_with_token().await;
    let set = UserChange {
        password: Some(password("another long password")),
        ..UserChange::default()
    };
    change(&api, set).await;
    expect_invalid(&confirm(&api, &token, NEW).await);
}

#[tokio::test]
async fn a_new_address_makes_it_worthless() {
    let (api, token) = api_with_token().await;
    let moved = UserChange {
        email: Some(Some(address("anna@example.org"))),
        ..UserChange::default()
    };
    change(&api, moved).await;
    expect_invalid(&confirm(&api, &token, NEW).await);
    api.login("anna@example.org").await;
}

#[tokio::test]
async fn a_deactivated_account_stays_shut() {
    let (api, token) = api_with_token().await;
    let shut = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    change(&api, shut).await;
    expect_invalid(&confirm(&api, &token, NEW).await);
}

#[tokio::test]
async fn a_deleted_account_stays_gone() {
    let (api, token) = api_with_token().await;
    let anna = api.login(ANNA).await;
    let body = json!({"current_password": PASSWORD});
    assert_eq!(anna.delete("/users/me").json(&body).await.status, 204);
    expect_invalid(&confirm(&api, &token, NEW).await);
}

#[tokio::test]
async fn a_weak_password_is_refused_and_the_token_stays_good() {
    let (api, token) = api_with_token().await;
    for (weak, fault) in [
        (
            "short",
            "string_too_short body.new_password Password must have at least 8 characters",
        ),
        (
            "password123",
            "value_error body.new_password Password is too common; choose one that is harder to guess",
        ),
    ] {
        confirm(&api, &token, weak).await.expect_faults(&[fault]);
    }
    // What only the account tells: its own name in it.
    let own = confirm(&api, &token, ANNA).await;
    assert_eq!(own.status, 422, "{own}");
    assert_eq!(
        own.json()["detail"][0]["loc"],
        json!(["body", "new_password"])
    );
    assert!(!own.text().contains(ANNA));
    api.login(ANNA).await;
    assert_eq!(confirm(&api, &token, NEW).await.status, 200);
}

#[tokio::test]
async fn what_is_no_token_reads_the_same() {
    let (api, token) = api_with_token().await;
    let changed = format!("{}A", &token[..token.len() - 1]);
    for text in [
        "",
        "x",
        "dw_reset_",
        &token[..token.len() - 1],
        &format!("{token}A"),
        &token.to_uppercase(),
        &token.replace("dw_reset_", "dw_verify_"),
        &token.replace("dw_reset_", "dw_email_"),
        &"x".repeat(200),
        if changed == token { "y" } else { &changed },
    ] {
        expect_invalid(&confirm(&api, text, NEW).await);
    }
    // A token that was copied with the space around it is good.
    assert_eq!(confirm(&api, &format!(" {token}\n"), NEW).await.status, 200);
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let api = TestApi::start().await;
    let call = api.anonymous().post("/auth/password/reset/confirm");
    call.clone().json(&json!({})).await.expect_faults(&[
        "missing body.token Field required",
        "missing body.new_password Field required",
    ]);
    let body = json!({"token": 1, "new_password": "short"});
    call.json(&body).await.expect_faults(&[
        "string_type body.token Input should be a valid string",
        "string_too_short body.new_password Password must have at least 8 characters",
    ]);
}

#[tokio::test]
async fn a_reset_lets_a_locked_account_in() {
    let (api, token) = api_with_token().await;
    let login = |text: &str| {
        let body = json!({"username": ANNA, "password": text});
        api.anonymous().post("/auth/login").json(&body)
    };
    for _ in 0..5 {
        assert_eq!(login("wrong").await.status, 401);
    }
    assert_eq!(login(PASSWORD).await.status, 429);
    assert_eq!(confirm(&api, &token, NEW).await.status, 200);
    assert_eq!(login(NEW).await.status, 200);
}

#[tokio::test]
async fn no_other_account_is_touched() {
    let (api, token) = api_with_token().await;
    let bert = api.login_as("moderator").await;
    assert_eq!(confirm(&api, &token, NEW).await.status, 200);
    assert!(bert.is_let_in().await);
    api.login("moderator@example.com").await;
}
