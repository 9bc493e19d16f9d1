//! `PATCH /users/me`

use doorward_tests::http::TestApi;
use serde_json::{Value, json};

#[tokio::test]
async fn the_plain_fields_are_the_owners() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let body = json!({"full_name": "Anna", "username": "anna", "email": "anna@example.com"});
    let changed = user.patch("/users/me").json(&body).await.expect(200).json();
    for field in ["full_name", "username", "email"] {
        assert_eq!(changed[field], body[field]);
    }
    api.login("anna").await;
}

#[tokio::test]
async fn it_is_the_same_as_by_the_id() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let body = json!({"full_name": "Anna", "id": 1, "created_at": null, "unknown": {}});
    let changed = user.patch("/users/me").json(&body).await.expect(200).json();
    assert_eq!(changed["id"], json!(user.id));
    let body = json!({"full_name": null});
    let path = format!("/users/{}", user.id);
    let changed = user.patch(&path).json(&body).await.expect(200).json();
    assert_eq!(changed["full_name"], Value::Null);
}
