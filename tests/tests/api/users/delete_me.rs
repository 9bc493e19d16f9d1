//! `DELETE /users/me`

use std::time::Duration;

use doorward_tests::engine::PASSWORD;
use doorward_tests::http::TestApi;
use serde_json::json;

use crate::conventions::expect_revoked;

#[tokio::test]
async fn right_after_a_login_nothing_more_is_asked() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    api.engine().advance(Duration::from_secs(300));
    let gone = user.delete("/users/me").await.expect(204);
    assert!(gone.body.is_empty());
    expect_revoked(&user).await;
}

#[tokio::test]
async fn later_the_password_is_asked_for() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    api.engine().advance(Duration::from_secs(301));
    user.delete("/users/me").await.expect_problem(
        403,
        "reauthentication_required",
        "Send your current password, or log in again",
    );
    let wrong = json!({"current_password": "wrong"});
    user.delete("/users/me").json(&wrong).await.expect_problem(
        400,
        "incorrect_password",
        "Current password is incorrect",
    );
    assert!(user.is_let_in().await);
    let right = json!({"current_password": PASSWORD});
    assert_eq!(user.delete("/users/me").json(&right).await.status, 204);
}

#[tokio::test]
async fn the_last_admin_stays() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    admin.delete("/users/me").await.expect_problem(
        409,
        "last_admin",
        "The last active admin must stay one",
    );
    assert!(admin.is_let_in().await);
}
