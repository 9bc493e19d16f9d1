//! `POST /auth/logout`

use doorward_tests::http::TestApi;
use serde_json::json;

use crate::conventions::expect_revoked;

const MESSAGE: &str = "Logged out successfully. Please delete tokens from client storage.";

#[tokio::test]
async fn the_session_is_over_at_once() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let elsewhere = api.login_as("user").await;
    assert!(user.is_let_in().await);

    let answer = user.post("/auth/logout").await.expect(200);
    assert_eq!(answer.json(), json!({"message": MESSAGE, "success": true}));

    expect_revoked(&user).await;
    user.refresh(&user.refresh_token).await.expect_problem(
        401,
        "invalid_refresh_token",
        "Invalid refresh token",
    );
    assert!(elsewhere.is_let_in().await);
}

#[tokio::test]
async fn it_may_end_all_sessions() {
    let api = TestApi::start().await;
    let (here, elsewhere) = (api.login_as("user").await, api.login_as("user").await);
    let other = api.login_as("guest").await;
    let answer = here.post("/auth/logout").json(&json!({"all": true})).await;
    assert_eq!(answer.status, 200);
    expect_revoked(&here).await;
    expect_revoked(&elsewhere).await;
    assert!(other.is_let_in().await);
}

#[tokio::test]
async fn the_bodies_of_all_clients_are_taken() {
    let api = TestApi::start().await;
    for body in [
        json!(null),
        json!({}),
        json!({"all": false}),
        json!({"all": null, "refresh_token": null}),
        json!({"refresh_token": "whatever"}),
    ] {
        let user = api.login_as("user").await;
        assert_eq!(user.post("/auth/logout").json(&body).await.status, 200);
        expect_revoked(&user).await;
    }
    // No body at all, whatever the content type says.
    let user = api.login_as("user").await;
    let empty = user.post("/auth/logout").body("text/plain", "").await;
    assert_eq!(empty.status, 200);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_ends_nothing() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    user.post("/auth/logout")
        .json(&json!({"all": "yes", "refresh_token": 1}))
        .await
        .expect_faults(&[
            "bool_type body.all Input should be a valid boolean",
            "string_type body.refresh_token Input should be a valid string",
        ]);
    let answer = user.post("/auth/logout").body("text/plain", "all").await;
    assert_eq!(answer.status, 415);
    assert!(user.is_let_in().await);
}

#[tokio::test]
async fn twice_is_once_too_often() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    assert_eq!(user.post("/auth/logout").await.status, 200);
    user.post("/auth/logout").await.expect_problem(
        401,
        "token_revoked",
        "Could not validate credentials",
    );
}
