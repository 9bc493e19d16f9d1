//! `POST /roles`

use doorward_tests::http::{Answer, Client, TestApi};
use serde_json::{Value, json};

async fn create(client: &Client, body: &Value) -> Answer {
    client.post("/roles").json(body).await
}

#[tokio::test]
async fn a_role_is_a_named_set_of_permissions() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({
        "name": "auditor", "rank": 250, "description": "Reads along",
        "permissions": ["users:read", "audit:read", "users:read"],
    });
    let answer = create(&admin, &body).await.expect(201);
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "built_in": false,
      "created_at": "2025-06-15T15:06:40.001Z",
      "description": "Reads along",
      "name": "auditor",
      "permissions": [
        "audit:read",
        "users:read"
      ],
      "rank": 250,
      "updated_at": "2025-06-15T15:06:40.001Z"
    }
    "#);
    let auditor = api.login_as("auditor").await;
    assert_eq!(auditor.get("/audit-events").await.status, 200);
    assert_eq!(auditor.get("/roles").await.status, 403);
}

#[tokio::test]
async fn a_name_is_enough() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let role = create(&admin, &json!({"name": "pilot"}))
        .await
        .expect(201)
        .json();
    assert_eq!(role["rank"], json!(150));
    assert_eq!(role["description"], json!(""));
    assert_eq!(role["permissions"], json!([]));
}

#[tokio::test]
async fn permissions_of_the_application_are_taken() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({"name": "billing", "permissions": ["invoices:send"]});
    let role = create(&admin, &body).await.expect(201).json();
    assert_eq!(role["permissions"], json!(["invoices:send"]));
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    assert_eq!(create(&admin, &json!({"name": "pilot"})).await.status, 201);
    for name in ["pilot", "admin"] {
        create(&admin, &json!({"name": name})).await.expect_problem(
            409,
            "role_exists",
            "Role already exists",
        );
    }
}

#[tokio::test]
async fn nobody_defines_more_than_they_are() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({"name": "definer", "permissions": ["roles:write", "users:read"]});
    assert_eq!(create(&admin, &body).await.status, 201);
    let definer = api.login_as("definer").await;
    let within = json!({"name": "reader", "permissions": ["users:read"]});
    assert_eq!(create(&definer, &within).await.status, 201);
    let beyond = json!({"name": "eraser", "permissions": ["users:delete"]});
    create(&definer, &beyond).await.expect_problem(
        403,
        "role_not_assignable",
        "Role reaches beyond your own rights",
    );
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({
        "name": "Pilot", "rank": 400, "description": "x".repeat(501),
        "permissions": ["users:read", "everything"],
    });
    create(&admin, &body).await.expect_faults(&[
        "value_error body.name Value error, a role's name starts with a lower-case letter and has lower-case letters, digits, '_' and '-', at most 50 characters",
        "less_than_equal body.rank Input should be less than or equal to 399",
        "string_too_long body.description String should have at most 500 characters",
        "value_error body.permissions.1 Value error, a permission is written resource:action, in lower-case letters, digits, '_', '-' and '.', at most 64 characters",
    ]);
    let many: Vec<_> = (0..201).map(|n| format!("a:b{n}")).collect();
    create(&admin, &json!({"name": "many", "permissions": many}))
        .await
        .expect_faults(&["too_long body.permissions List should have at most 200 items"]);
}
