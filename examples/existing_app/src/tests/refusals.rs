//! Whoever refuses, the answer has the app's own shape.

use serde_json::{Value, json};

use super::fixture::{Answer, App};

/// The stable word of a refusal, which has nothing but that and a sentence.
fn word_of(refused: &Answer) -> &str {
    let members = refused.body.as_object().unwrap();
    let names: Vec<_> = members.keys().map(String::as_str).collect();
    assert_eq!(names, ["error", "message"]);
    assert_eq!(refused.headers["content-type"], "application/json");
    members["error"].as_str().unwrap()
}

#[tokio::test]
async fn extractors_guards_routes_and_the_edge_refuse_alike() {
    let app = App::start().await;
    let login = json!({"username": "anna@example.com", "password": "wrong"});
    let long = format!("/{}", "a".repeat(9 * 1024));
    for (path, body, status, word) in [
        ("/notes", Value::Null, 401, "not_authenticated"),
        ("/back-office/notes", Value::Null, 401, "not_authenticated"),
        ("/nowhere", Value::Null, 404, "not_found"),
        ("/sign-up", Value::Null, 405, "method_not_allowed"),
        ("/api/v1/users/me", Value::Null, 401, "not_authenticated"),
        ("/api/v1/auth/login", login, 401, "invalid_credentials"),
        ("/sign-up", json!([]), 422, "validation_error"),
        (&long, Value::Null, 414, "uri_too_long"),
    ] {
        let refused = match body {
            Value::Null => app.get(path, None).await,
            body => app.post(path, None, body).await,
        };
        assert_eq!(refused.status, status, "{path}");
        assert_eq!(word_of(&refused), word, "{path}");
        let challenged = refused.headers.contains_key("www-authenticate");
        assert_eq!(challenged, status == 401, "{path}");
    }
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let app = App::start().await;
    let body = json!({"email": "anna", "password": "tea", "workspace": ""});
    let refused = app.post("/sign-up", None, body).await;
    assert_eq!(word_of(&refused), "validation_error");
    let message = refused.body["message"].as_str().unwrap();
    for field in ["email: ", "password: ", "workspace: "] {
        assert!(message.contains(field), "{message}");
    }
}
