//! `POST /auth/password/change`

use doorward_tests::engine::PASSWORD;
use doorward_tests::http::{Answer, Client, TestApi};
use serde_json::{Value, json};

use crate::conventions::expect_revoked;

const NEW: &str = "purple kettle sings at noon";

async fn change(client: &Client, body: &Value) -> Answer {
    client.post("/auth/password/change").json(body).await
}

#[tokio::test]
async fn the_new_password_counts_and_the_other_sessions_end() {
    let api = TestApi::start().await;
    let (here, elsewhere) = (api.login_as("user").await, api.login_as("user").await);
    assert!(elsewhere.is_let_in().await);
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    let answer = change(&here, &body).await.expect(200);
    assert_eq!(
        answer.json(),
        json!({"message": "Password changed successfully", "success": true})
    );

    assert!(here.is_let_in().await);
    expect_revoked(&elsewhere).await;
    let dead = elsewhere.refresh(&elsewhere.refresh_token).await;
    assert_eq!(dead.status, 401);
    api.login_with("user@example.com", NEW).await;
    let old = json!({"username": "user@example.com", "password": PASSWORD});
    let refused = api.anonymous().post("/auth/login").json(&old).await;
    assert_eq!(refused.status, 401);
}

#[tokio::test]
async fn a_wrong_current_password_changes_nothing() {
    let api = TestApi::start().await;
    let (user, elsewhere) = (api.login_as("user").await, api.login_as("user").await);
    let body = json!({"current_password": "wrong", "new_password": NEW});
    change(&user, &body).await.expect_problem(
        400,
        "incorrect_password",
        "Current password is incorrect",
    );
    assert!(elsewhere.is_let_in().await);
    api.login("user@example.com").await;
}

#[tokio::test]
async fn the_own_name_is_refused_in_the_same_form() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let body = json!({"current_password": PASSWORD, "new_password": "User@Example.com"});
    change(&user, &body).await.expect_faults(&[
        "value_error body.new_password Password must be more than your name or e-mail address",
    ]);
}

#[tokio::test]
async fn a_weak_new_password_is_refused() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    change(
        &user,
        &json!({"current_password": PASSWORD, "new_password": "password123"}),
    )
    .await
    .expect_faults(&[
        "value_error body.new_password Password is too common; choose one that is harder to guess",
    ]);
    change(&user, &json!({"new_password": "short"}))
        .await
        .expect_faults(&[
            "missing body.current_password Field required",
            "string_too_short body.new_password Password must have at least 8 characters",
        ]);
    api.login("user@example.com").await;
}
