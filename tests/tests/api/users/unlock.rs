//! `DELETE /users/{id}/lock`

use doorward_tests::engine::PASSWORD;
use doorward_tests::http::{Call, TestApi};
use serde_json::json;

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

fn log_in(api: &TestApi, password: &str) -> Call {
    let body = json!({"username": "user@example.com", "password": password});
    api.anonymous().post("/auth/login").json(&body)
}

async fn lock(api: &TestApi) {
    for _ in 0..5 {
        assert_eq!(log_in(api, "wrong").await.status, 401);
    }
    assert_eq!(log_in(api, PASSWORD).await.status, 429);
}

#[tokio::test]
async fn an_admin_lets_the_owner_in_again() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    lock(&api).await;
    let path = format!("/users/{}/lock", user.id);
    let unlocked = admin.delete(&path).await.expect(204);
    assert!(unlocked.body.is_empty());
    assert_eq!(log_in(&api, PASSWORD).await.status, 200);
    // And the failures are forgotten, not the last of them alone.
    lock(&api).await;
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.delete(&path).await.status, 204);
}

#[tokio::test]
async fn nobody_else_may() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let path = format!("/users/{}/lock", user.id);
    for role in ["guest", "user", "moderator"] {
        let client = api.login_as(role).await;
        client.delete(&path).await.expect_problem(
            403,
            "insufficient_privileges",
            "Insufficient privileges",
        );
    }
    assert_eq!(api.anonymous().delete(&path).await.status, 401);
    lock(&api).await;
}

#[tokio::test]
async fn an_account_that_is_not_there_is_not_found() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    admin
        .delete(&format!("/users/{NOBODY}/lock"))
        .await
        .expect_problem(404, "not_found", "User not found");
    assert_eq!(admin.delete("/users/x/lock").await.status, 422);
}

#[tokio::test]
async fn it_is_written_down() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    let path = format!("/users/{}/lock", user.id);
    assert_eq!(admin.delete(&path).await.status, 204);
    let events = admin.get("/audit-events").query("limit=100").await.json();
    let of_unlocking = |event: &&serde_json::Value| event["action"] == "account.unlocked";
    let event = events
        .as_array()
        .unwrap()
        .iter()
        .find(of_unlocking)
        .unwrap();
    assert_eq!(event["target_id"], json!(user.id));
    assert_eq!(event["actor_id"], json!(admin.id));
}
