//! `DELETE /users/{id}`

use doorward_tests::engine::PASSWORD;
use doorward_tests::http::TestApi;
use serde_json::json;

use crate::conventions::expect_revoked;

#[tokio::test]
async fn the_account_is_gone_at_once() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    assert!(user.is_let_in().await);
    let path = format!("/users/{}", user.id);
    let gone = admin.delete(&path).await.expect(204);
    assert!(gone.body.is_empty());

    expect_revoked(&user).await;
    user.refresh(&user.refresh_token).await.expect_problem(
        401,
        "invalid_refresh_token",
        "Invalid refresh token",
    );
    let credentials = json!({"username": "user@example.com", "password": PASSWORD});
    let login = api.anonymous().post("/auth/login").json(&credentials).await;
    login.expect_problem(401, "invalid_credentials", "Incorrect username or password");
    for answer in [admin.get(&path).await, admin.delete(&path).await] {
        answer.expect_problem(404, "not_found", "User not found");
    }
    // The names are free again.
    api.engine().sign_up("user@example.com").await;
}

#[tokio::test]
async fn there_is_always_an_admin() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let path = format!("/users/{}", admin.id);
    admin.delete(&path).await.expect_problem(
        409,
        "last_admin",
        "The last active admin must stay one",
    );
    assert!(admin.is_let_in().await);
    api.engine().create("second@example.com", &["admin"]).await;
    assert_eq!(admin.delete(&path).await.status, 204);
    expect_revoked(&admin).await;
}

#[tokio::test]
async fn only_admins_delete() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    for role in ["guest", "user", "moderator"] {
        let answer = api
            .login_as(role)
            .await
            .delete(&format!("/users/{}", user.id))
            .await;
        answer.expect_problem(403, "insufficient_privileges", "Insufficient privileges");
    }
    assert!(user.is_let_in().await);
}
