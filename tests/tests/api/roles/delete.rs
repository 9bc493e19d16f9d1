//! `DELETE /roles/{name}`

use doorward_tests::http::TestApi;
use serde_json::json;

#[tokio::test]
async fn one_that_nobody_has_is_gone() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let created = admin.post("/roles").json(&json!({"name": "pilot"})).await;
    assert_eq!(created.status, 201);
    let gone = admin.delete("/roles/pilot").await.expect(204);
    assert!(gone.body.is_empty());
    admin
        .delete("/roles/pilot")
        .await
        .expect_problem(404, "not_found", "Role not found");
}

#[tokio::test]
async fn one_that_somebody_has_stays() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let created = admin.post("/roles").json(&json!({"name": "pilot"})).await;
    assert_eq!(created.status, 201);
    api.engine().create("anna@example.com", &["pilot"]).await;
    admin.delete("/roles/pilot").await.expect_problem(
        409,
        "role_in_use",
        "Role is still assigned to users",
    );
}

#[tokio::test]
async fn the_built_in_ones_stay() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    for name in ["admin", "moderator", "user", "guest"] {
        admin
            .delete(&format!("/roles/{name}"))
            .await
            .expect_problem(
                409,
                "role_built_in",
                "Built-in roles cannot be changed or deleted",
            );
    }
}
