//! `POST /users`

use doorward_tests::engine::PASSWORD;
use doorward_tests::http::{Answer, Client, TestApi};
use serde_json::{Value, json};

use crate::redacted::redacted;

async fn create(client: &Client, body: &Value) -> Answer {
    client.post("/users").json(body).await
}

#[tokio::test]
async fn an_admin_decides_everything() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({
        "email": "boris@example.com", "username": "boris", "password": PASSWORD,
        "full_name": "Boris", "roles": ["user", "moderator"],
        "is_active": false, "is_verified": true,
    });
    let answer = create(&admin, &body).await.expect(201);
    insta::assert_json_snapshot!(redacted(answer.json()), @r#"
    {
      "created_at": "2025-06-15T15:06:40.001Z",
      "email": "boris@example.com",
      "full_name": "Boris",
      "id": "[id]",
      "is_active": false,
      "is_verified": true,
      "last_login_at": null,
      "role": "moderator",
      "roles": [
        "moderator",
        "user"
      ],
      "updated_at": "2025-06-15T15:06:40.001Z",
      "username": "boris"
    }
    "#);
}

#[tokio::test]
async fn a_plain_active_account_is_the_default() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({"email": "boris@example.com", "password": PASSWORD});
    let user = create(&admin, &body).await.expect(201).json();
    assert_eq!(user["roles"], json!(["user"]));
    assert_eq!(user["is_active"], json!(true));
    assert_eq!(user["is_verified"], json!(false));
    api.login("boris@example.com").await;
}

#[tokio::test]
async fn role_is_short_for_roles() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({"email": "b@example.com", "password": PASSWORD, "role": "admin"});
    let user = create(&admin, &body).await.expect(201).json();
    assert_eq!(user["role"], json!("admin"));
    let body = json!({
        "email": "c@example.com", "password": PASSWORD, "role": "user", "roles": ["user"],
    });
    create(&admin, &body)
        .await
        .expect_faults(&["value_error body.role Value error, send either role or roles"]);
}

#[tokio::test]
async fn names_are_unique() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({"email": "b@example.com", "username": "boris", "password": PASSWORD});
    assert_eq!(create(&admin, &body).await.status, 201);
    let taken = json!({"email": "B@example.com", "username": "other", "password": PASSWORD});
    create(&admin, &taken)
        .await
        .expect_problem(409, "email_taken", "Email already registered");
    let taken = json!({"email": "c@example.com", "username": "Boris", "password": PASSWORD});
    create(&admin, &taken)
        .await
        .expect_problem(409, "username_taken", "Username already taken");
}

#[tokio::test]
async fn a_role_that_is_not_defined_is_refused() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({"email": "b@example.com", "password": PASSWORD, "roles": ["user", "pilot"]});
    create(&admin, &body)
        .await
        .expect_faults(&["value_error body.roles Value error, there is no such role"]);
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({"password": "short", "roles": ["user", "A", 1], "is_active": "yes"});
    create(&admin, &body).await.expect_faults(&[
        "missing body.email Field required",
        "string_too_short body.password Password must have at least 8 characters",
        "value_error body.roles.1 Value error, a role's name starts with a lower-case letter and has lower-case letters, digits, '_' and '-', at most 50 characters",
        "string_type body.roles.2 Input should be a valid string",
        "bool_type body.is_active Input should be a valid boolean",
    ]);
}

#[tokio::test]
async fn nobody_makes_more_than_they_are() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let clerk = json!({"name": "clerk", "rank": 250, "permissions": ["users:read", "users:write"]});
    assert_eq!(admin.post("/roles").json(&clerk).await.status, 201);
    let clerk = api.login_as("clerk").await;
    let plain = json!({"email": "b@example.com", "password": PASSWORD});
    assert_eq!(create(&clerk, &plain).await.status, 201);
    let boss = json!({"email": "c@example.com", "password": PASSWORD, "role": "admin"});
    create(&clerk, &boss).await.expect_problem(
        403,
        "role_not_assignable",
        "Role reaches beyond your own rights",
    );
}
