//! `PATCH /roles/{name}`

use doorward_tests::http::{Answer, Client, TestApi};
use serde_json::{Value, json};

async fn change(client: &Client, name: &str, body: &Value) -> Answer {
    client.patch(&format!("/roles/{name}")).json(body).await
}

async fn api_with_pilot() -> (TestApi, Client) {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let body = json!({"name": "pilot", "rank": 120, "description": "Flies", "permissions": ["users:read"]});
    assert_eq!(admin.post("/roles").json(&body).await.status, 201);
    (api, admin)
}

#[tokio::test]
async fn it_counts_on_the_next_request_of_everybody_who_has_it() {
    let (api, admin) = api_with_pilot().await;
    let pilot = api.login_as("pilot").await;
    assert_eq!(pilot.get("/users").await.status, 200);
    let changed = change(&admin, "pilot", &json!({"permissions": ["roles:read"]})).await;
    assert_eq!(
        changed.expect(200).json()["permissions"],
        json!(["roles:read"])
    );
    assert_eq!(pilot.get("/users").await.status, 403);
    assert_eq!(pilot.get("/roles").await.status, 200);
}

#[tokio::test]
async fn what_is_left_out_or_null_stays() {
    let (_api, admin) = api_with_pilot().await;
    let body = json!({"rank": null, "description": null, "permissions": null, "name": "other"});
    for body in [json!({}), body] {
        let role = change(&admin, "pilot", &body).await.expect(200).json();
        assert_eq!(role["name"], json!("pilot"));
        assert_eq!(role["rank"], json!(120));
        assert_eq!(role["description"], json!("Flies"));
        assert_eq!(role["permissions"], json!(["users:read"]));
    }
    let role = change(&admin, "pilot", &json!({"rank": 0, "description": ""})).await;
    let role = role.expect(200).json();
    assert_eq!(
        (&role["rank"], &role["description"]),
        (&json!(0), &json!(""))
    );
}

#[tokio::test]
async fn the_built_in_ones_stay_as_they_are() {
    let (_api, admin) = api_with_pilot().await;
    for name in ["admin", "moderator", "user", "guest"] {
        change(&admin, name, &json!({"permissions": []}))
            .await
            .expect_problem(
                409,
                "role_built_in",
                "Built-in roles cannot be changed or deleted",
            );
    }
}

#[tokio::test]
async fn one_that_is_not_there_cannot_be_changed() {
    let (_api, admin) = api_with_pilot().await;
    change(&admin, "captain", &json!({}))
        .await
        .expect_problem(404, "not_found", "Role not found");
    change(&admin, "Pilot", &json!({})).await.expect_faults(&[
        "value_error path.name Value error, a role's name starts with a lower-case letter and has lower-case letters, digits, '_' and '-', at most 50 characters",
    ]);
    change(&admin, "pilot", &json!({"rank": -1}))
        .await
        .expect_faults(&[
            "greater_than_equal body.rank Input should be greater than or equal to 0",
        ]);
}
