//! `GET /audit-events`

use std::time::Duration;

use doorward::Action;
use doorward_tests::engine::PASSWORD;
use doorward_tests::http::{Client, TestApi};
use serde_json::{Value, json};

use crate::redacted::redacted;

async fn list(client: &Client, query: &str) -> Vec<Value> {
    let answer = client.get("/audit-events").query(query).await.expect(200);
    answer.json().as_array().unwrap().clone()
}

fn actions(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect()
}

/// Somebody fails to log in, and then does; a minute later an admin comes.
async fn story() -> (TestApi, Client, Client) {
    let api = TestApi::start().await;
    api.engine().create("user@example.com", &["user"]).await;
    api.engine().advance(Duration::from_secs(1));
    let wrong = json!({"username": "user@example.com", "password": "wrong"});
    let refused = api
        .anonymous()
        .post("/auth/login")
        .json(&wrong)
        .header("user-agent", "curl/8.5")
        .header("x-request-id", "the-failure")
        .await;
    assert_eq!(refused.status, 401);
    api.engine().advance(Duration::from_secs(1));
    let user = api.login("user@example.com").await;
    api.engine().advance(Duration::from_secs(60));
    api.engine().create("admin@example.com", &["admin"]).await;
    api.engine().advance(Duration::from_secs(1));
    let admin = api.login_as("admin").await;
    (api, user, admin)
}

#[tokio::test]
async fn the_newest_event_comes_first() {
    let (_api, _user, admin) = story().await;
    let events = list(&admin, "").await;
    assert_eq!(
        actions(&events),
        ["login", "user.created", "login", "login", "user.created"]
    );
    insta::assert_json_snapshot!(redacted(events[3].clone()), @r#"
    {
      "action": "login",
      "actor": "anonymous",
      "actor_id": null,
      "id": "[id]",
      "ip": null,
      "occurred_at": "2025-06-15T15:06:41.001Z",
      "outcome": "failure",
      "reason": "invalid_credentials",
      "request_id": "the-failure",
      "role": null,
      "session_id": null,
      "target_id": "[id]",
      "user_agent": "curl/8.5"
    }
    "#);
}

#[tokio::test]
async fn filters_combine() {
    let (_api, user, admin) = story().await;
    let renamed = user
        .patch("/users/me")
        .json(&json!({"full_name": "A"}))
        .await;
    assert_eq!(renamed.status, 200);
    let about = format!("target_id={}", user.id);
    assert_eq!(
        actions(&list(&admin, &about).await),
        ["user.updated", "login", "login", "user.created"]
    );
    let by = list(&admin, &format!("actor_id={}", user.id)).await;
    assert_eq!(actions(&by), ["user.updated"]);
    assert_eq!(list(&admin, "action=login").await.len(), 3);
    assert_eq!(list(&admin, "action=login&outcome=failure").await.len(), 1);
    assert_eq!(
        list(&admin, &format!("{about}&action=logout")).await.len(),
        0
    );
}

#[tokio::test]
async fn a_time_is_cut_out() {
    let (_api, _user, admin) = story().await;
    let count = async |query: &str| list(&admin, query).await.len();
    assert_eq!(count("since=2025-06-15T15:06:41.001Z").await, 4);
    assert_eq!(count("until=2025-06-15T15:06:41.001Z").await, 1);
    assert_eq!(count("since=2025-06-15T17:06:41.001%2B02:00").await, 4);
    let both = "since=2025-06-15T15:06:41Z&until=2025-06-15T15:06:42.5Z";
    assert_eq!(count(both).await, 2);
    assert_eq!(count("since=-009999-01-02T01:59:59Z").await, 5);
}

#[tokio::test]
async fn pages_are_linked_and_counted() {
    let (_api, _user, admin) = story().await;
    let answer = admin
        .get("/audit-events")
        .query("limit=2&count=true&action=login")
        .await;
    assert_eq!(answer.header("x-total-count"), Some("3"));
    assert!(answer.header("link").is_some());
}

#[tokio::test]
async fn what_cannot_be_read_is_told_all_at_once() {
    let (_api, _user, admin) = story().await;
    let answer = admin
        .get("/audit-events")
        .query("action=fly&outcome=perhaps&actor_id=1&since=yesterday&until=2025-06-15&limit=0")
        .await;
    let words: Vec<_> = Action::ALL
        .iter()
        .map(|action| format!("'{}'", action.as_str()))
        .collect();
    let one_of = format!(
        "enum query.action Input should be one of {}",
        words.join(", ")
    );
    answer.expect_faults(&[
        &one_of,
        "enum query.outcome Input should be one of 'success', 'failure'",
        "uuid_parsing query.actor_id Input should be a valid UUID",
        "datetime_parsing query.since Input should be a valid datetime: RFC 3339 with an offset",
        "datetime_parsing query.until Input should be a valid datetime: RFC 3339 with an offset",
        "greater_than_equal query.limit Input should be greater than or equal to 1",
    ]);
}

#[tokio::test]
async fn what_is_done_over_http_is_written_down() {
    let (api, user, admin) = story().await;
    let refreshed = user.refresh(&user.refresh_token).await;
    assert_eq!(refreshed.status, 200);
    api.engine().advance(Duration::from_secs(11));
    assert_eq!(user.refresh(&user.refresh_token).await.status, 401);
    api.engine().advance(Duration::from_secs(1));
    let again = api.login_with("user@example.com", PASSWORD).await;
    api.engine().advance(Duration::from_secs(1));
    assert_eq!(again.post("/auth/logout").await.status, 200);
    let events = list(&admin, &format!("target_id={}&limit=3", user.id)).await;
    assert_eq!(
        actions(&events),
        ["logout", "login", "refresh_token.reused"]
    );
    assert_eq!(events[2]["outcome"], json!("failure"));
}
