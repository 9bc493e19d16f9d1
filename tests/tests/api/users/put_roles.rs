//! `PUT /users/{id}/roles`

use doorward_tests::http::{Answer, Client, TestApi};
use serde_json::{Value, json};

async fn put(client: &Client, id: &str, body: &Value) -> Answer {
    client.put(&format!("/users/{id}/roles")).json(body).await
}

#[tokio::test]
async fn these_and_no_others_at_once() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    assert_eq!(user.get("/roles").await.status, 403);
    let body = json!({"roles": ["guest", "moderator"]});
    let changed = put(&admin, &user.id, &body).await.expect(200).json();
    assert_eq!(changed["roles"], json!(["moderator", "guest"]));
    assert_eq!(changed["role"], json!("moderator"));
    assert_eq!(user.get("/roles").await.status, 200);

    let none = put(&admin, &user.id, &json!({"roles": []})).await;
    let none = none.expect(200).json();
    assert_eq!(none["roles"], json!([]));
    assert_eq!(none["role"], Value::Null);
    assert_eq!(user.get("/roles").await.status, 403);
}

#[tokio::test]
async fn what_cannot_be_given_is_refused() {
    let api = TestApi::start().await;
    let (admin, user) = (api.login_as("admin").await, api.login_as("user").await);
    put(&admin, &user.id, &json!({"roles": ["pilot"]}))
        .await
        .expect_faults(&["value_error body.roles Value error, there is no such role"]);
    put(&admin, &user.id, &json!({"roles": "user"}))
        .await
        .expect_faults(&["list_type body.roles Input should be a valid list"]);
    put(&admin, &user.id, &json!({}))
        .await
        .expect_faults(&["missing body.roles Field required"]);
    let nobody = "01890000-0000-7000-8000-000000000000";
    put(&admin, nobody, &json!({"roles": ["user"]}))
        .await
        .expect_problem(404, "not_found", "User not found");
    put(&admin, &admin.id, &json!({"roles": ["user"]}))
        .await
        .expect_problem(409, "last_admin", "The last active admin must stay one");
}
