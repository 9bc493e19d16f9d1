//! `GET /users/me/export`

use std::time::Duration;

use doorward_tests::http::TestApi;
use serde_json::{Value, json};

use crate::redacted::redacted;

#[tokio::test]
async fn everything_that_is_held_can_be_downloaded() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    api.engine().advance(Duration::from_secs(1));
    let export = user
        .get("/users/me/export")
        .header("x-request-id", "the-export")
        .header("user-agent", "curl/8.5")
        .await
        .expect(200);
    assert_eq!(
        export.header("content-disposition"),
        Some("attachment; filename=\"account.json\"")
    );
    assert_eq!(export.header("content-type"), Some("application/json"));
    assert_eq!(export.header("cache-control"), Some("no-store"));
    let mut body = export.json();
    assert_eq!(body["user"], user.get("/users/me").await.json());
    // More is held of a session than its owner's list of devices tells.
    let listed = user.get("/auth/sessions").await.json();
    for (name, value) in listed[0].as_object().unwrap() {
        assert_eq!(body["sessions"][0][name], *value, "{name}");
    }
    assert_eq!(body["sessions"][0]["revoked_at"], Value::Null);
    assert_eq!(body["roles"][0]["role"], "user");
    assert_eq!(body["known_origins"].as_array().map(Vec::len), Some(2));
    for none in ["login_failures", "one_time_tokens", "mails"] {
        assert_eq!(body[none], json!([]), "{none}");
    }
    insta::assert_json_snapshot!(redacted(body["audit_events"][2].take()), @r#"
    {
      "action": "user.exported",
      "actor": "user",
      "actor_id": "[id]",
      "id": "[id]",
      "ip": null,
      "occurred_at": "2025-06-15T15:06:41.001Z",
      "outcome": "success",
      "reason": null,
      "request_id": "the-export",
      "role": null,
      "session_id": "[id]",
      "target_id": "[id]",
      "user_agent": "curl/8.5"
    }
    "#);
}
