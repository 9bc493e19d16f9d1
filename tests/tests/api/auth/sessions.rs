//! `/auth/sessions`

use std::time::Duration;

use doorward_tests::engine::PASSWORD;
use doorward_tests::http::{Client, TestApi};
use serde_json::{Value, json};

use crate::conventions::expect_revoked;
use crate::redacted::redacted;

async fn sessions(client: &Client) -> Vec<Value> {
    let answer = client.get("/auth/sessions").await.expect(200);
    answer.json().as_array().unwrap().clone()
}

/// Logs in with a browser of this name.
async fn browser(api: &TestApi, name: &str) -> Client {
    api.engine().advance(Duration::from_secs(1));
    let body = json!({"username": "user@example.com", "password": PASSWORD});
    let login = api.anonymous().post("/auth/login").json(&body);
    let tokens = login.header("user-agent", name).await.expect(200).json();
    api.client_of(&tokens).await
}

#[tokio::test]
async fn the_own_devices_are_listed_the_newest_first() {
    let api = TestApi::start().await;
    api.engine().create("user@example.com", &["user"]).await;
    api.login_as("guest").await;
    let first = browser(&api, "Firefox").await;
    browser(&api, "curl/8.5").await;
    insta::assert_json_snapshot!(redacted(Value::from(sessions(&first).await)), @r#"
    [
      {
        "created_at": "2025-06-15T15:06:42.002Z",
        "current": false,
        "expires_at": "2025-06-22T15:06:42.002Z",
        "id": "[id]",
        "ip": null,
        "last_used_at": "2025-06-15T15:06:42.002Z",
        "user_agent": "curl/8.5"
      },
      {
        "created_at": "2025-06-15T15:06:41.002Z",
        "current": true,
        "expires_at": "2025-06-22T15:06:41.002Z",
        "id": "[id]",
        "ip": null,
        "last_used_at": "2025-06-15T15:06:41.002Z",
        "user_agent": "Firefox"
      }
    ]
    "#);
}

#[tokio::test]
async fn one_of_them_can_be_ended() {
    let api = TestApi::start().await;
    api.engine().create("user@example.com", &["user"]).await;
    let (here, elsewhere) = (browser(&api, "here").await, browser(&api, "there").await);
    assert!(elsewhere.is_let_in().await);
    let id = sessions(&here).await[0]["id"].as_str().unwrap().to_owned();

    let path = format!("/auth/sessions/{id}");
    let ended = here.delete(&path).await.expect(204);
    assert!(ended.body.is_empty());
    expect_revoked(&elsewhere).await;
    assert!(here.is_let_in().await);
    assert_eq!(sessions(&here).await.len(), 1);
    here.delete(&path)
        .await
        .expect_problem(404, "not_found", "Session not found");
}

#[tokio::test]
async fn the_present_one_can_be_ended_too() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let id = sessions(&user).await[0]["id"].as_str().unwrap().to_owned();
    let ended = user.delete(&format!("/auth/sessions/{id}")).await;
    assert_eq!(ended.status, 204);
    expect_revoked(&user).await;
}

#[tokio::test]
async fn all_others_can_be_ended_at_once() {
    let api = TestApi::start().await;
    let (here, elsewhere) = (api.login_as("user").await, api.login_as("user").await);
    let other = api.login_as("guest").await;
    let ended = here.delete("/auth/sessions").await.expect(204);
    assert!(ended.body.is_empty());
    assert!(here.is_let_in().await);
    assert!(other.is_let_in().await);
    expect_revoked(&elsewhere).await;
}

#[tokio::test]
async fn those_of_others_are_nobodys_business() {
    let api = TestApi::start().await;
    let (user, admin) = (api.login_as("user").await, api.login_as("admin").await);
    let id = sessions(&user).await[0]["id"].as_str().unwrap().to_owned();
    admin
        .delete(&format!("/auth/sessions/{id}"))
        .await
        .expect_problem(404, "not_found", "Session not found");
    assert!(user.is_let_in().await);
    assert_eq!(sessions(&admin).await.len(), 1);
}

#[tokio::test]
async fn an_id_that_is_none_is_refused() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    user.delete("/auth/sessions/1")
        .await
        .expect_faults(&["uuid_parsing path.id Input should be a valid UUID"]);
}
