//! `POST /auth/refresh`

use std::future::IntoFuture as _;
use std::time::Duration;

use doorward_tests::http::{Answer, Client, TestApi};
use serde_json::{Value, json};

use crate::conventions::expect_revoked;
use crate::redacted::redacted;

fn expect_refused(answer: &Answer) {
    answer.expect_problem(401, "invalid_refresh_token", "Invalid refresh token");
    assert_eq!(
        answer.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\"")
    );
}

async fn refreshed(client: &Client, refresh_token: &str) -> Value {
    client.refresh(refresh_token).await.expect(200).json()
}

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

#[tokio::test]
async fn a_new_pair_takes_the_place_of_the_old_one() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let tokens = refreshed(&user, &user.refresh_token).await;
    insta::assert_json_snapshot!(redacted(tokens.clone()), @r#"
    {
      "access_token": "[token]",
      "expires_in": 1800,
      "refresh_token": "[token]",
      "token_type": "bearer"
    }
    "#);
    assert_ne!(refresh_token(&tokens), user.refresh_token);
    let renewed = api.client_of(&tokens).await;
    assert_eq!(renewed.id, user.id);
    // The access token from before is good until it expires.
    assert!(user.is_let_in().await);
}

#[tokio::test]
async fn it_outlives_the_access_token() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    api.engine().advance(Duration::from_secs(1800));
    user.get("/users/me").await.expect_problem(
        401,
        "token_expired",
        "Could not validate credentials",
    );
    let tokens = refreshed(&user, &user.refresh_token).await;
    assert!(api.client_of(&tokens).await.is_let_in().await);
}

#[tokio::test]
async fn a_lost_answer_is_given_again() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let first = refreshed(&user, &user.refresh_token).await;
    api.engine().advance(Duration::from_secs(10));
    let again = refreshed(&user, &user.refresh_token).await;
    assert_eq!(refresh_token(&first), refresh_token(&again));
    refreshed(&user, refresh_token(&again)).await;
}

#[tokio::test]
async fn two_tabs_at_once_both_stay_logged_in() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let refresh = || user.refresh(&user.refresh_token).into_future();
    let (one, other) = tokio::join!(refresh(), refresh());
    let (one, other) = (one.expect(200).json(), other.expect(200).json());
    assert_eq!(refresh_token(&one), refresh_token(&other));
}

#[tokio::test]
async fn reuse_ends_the_session() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let successor = refreshed(&user, &user.refresh_token).await;
    api.engine().advance(Duration::from_secs(11));
    expect_refused(&user.refresh(&user.refresh_token).await);
    expect_refused(&user.refresh(refresh_token(&successor)).await);
    expect_revoked(&user).await;
}

#[tokio::test]
async fn a_used_successor_ends_the_time_for_retries() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let second = refreshed(&user, &user.refresh_token).await;
    refreshed(&user, refresh_token(&second)).await;
    expect_refused(&user.refresh(&user.refresh_token).await);
    expect_revoked(&user).await;
}

#[tokio::test]
async fn what_is_no_live_refresh_token_reads_the_same() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let forged = format!("{}x", user.refresh_token);
    let access = user.access_token.clone().unwrap();
    for token in ["", "x", "a.b.c", &forged, &access] {
        expect_refused(&user.refresh(token).await);
    }
    api.engine().advance(Duration::from_secs(7 * 24 * 3600));
    expect_refused(&user.refresh(&user.refresh_token).await);
}

#[tokio::test]
async fn it_opens_no_door_itself() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    user.get("/users/me")
        .bearer(&user.refresh_token)
        .await
        .expect_problem(401, "invalid_token", "Could not validate credentials");
}

#[tokio::test]
async fn an_expired_access_token_beside_it_does_not_matter() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let body = json!({"refresh_token": user.refresh_token});
    let answer = user
        .post("/auth/refresh")
        .bearer("expired")
        .json(&body)
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_body_without_it_is_refused() {
    let api = TestApi::start().await;
    let refresh = |body: Value| api.anonymous().post("/auth/refresh").json(&body);
    refresh(json!({}))
        .await
        .expect_faults(&["missing body.refresh_token Field required"]);
    refresh(json!({"refresh_token": null}))
        .await
        .expect_faults(&["string_type body.refresh_token Input should be a valid string"]);
}
