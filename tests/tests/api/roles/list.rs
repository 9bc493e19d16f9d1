//! `GET /roles`

use doorward_tests::http::TestApi;
use serde_json::Value;

#[tokio::test]
async fn the_built_in_ones_are_there_the_highest_first() {
    let api = TestApi::start().await;
    let moderator = api.login_as("moderator").await;
    let roles = moderator.get("/roles").await.expect(200).json();
    let without_words: Vec<Value> = roles
        .as_array()
        .unwrap()
        .iter()
        .map(|role| {
            let mut role = role.clone();
            role.as_object_mut().unwrap().remove("description");
            role
        })
        .collect();
    insta::assert_json_snapshot!(without_words, @r#"
    [
      {
        "built_in": true,
        "created_at": "1970-01-01T00:00:00Z",
        "name": "admin",
        "permissions": [
          "audit:read",
          "mail:read",
          "mail:write",
          "roles:assign",
          "roles:read",
          "roles:write",
          "users:count",
          "users:delete",
          "users:read",
          "users:write"
        ],
        "rank": 400,
        "updated_at": "1970-01-01T00:00:00Z"
      },
      {
        "built_in": true,
        "created_at": "1970-01-01T00:00:00Z",
        "name": "moderator",
        "permissions": [
          "roles:read",
          "users:read"
        ],
        "rank": 300,
        "updated_at": "1970-01-01T00:00:00Z"
      },
      {
        "built_in": true,
        "created_at": "1970-01-01T00:00:00Z",
        "name": "user",
        "permissions": [],
        "rank": 200,
        "updated_at": "1970-01-01T00:00:00Z"
      },
      {
        "built_in": true,
        "created_at": "1970-01-01T00:00:00Z",
        "name": "guest",
        "permissions": [],
        "rank": 100,
        "updated_at": "1970-01-01T00:00:00Z"
      }
    ]
    "#);
}

#[tokio::test]
async fn defined_ones_stand_where_their_rank_says() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    for (name, rank) in [("low", 0), ("high", 399), ("even", 200)] {
        let body = serde_json::json!({"name": name, "rank": rank});
        assert_eq!(admin.post("/roles").json(&body).await.status, 201);
    }
    let roles = admin.get("/roles").await.expect(200).json();
    let names: Vec<_> = roles
        .as_array()
        .unwrap()
        .iter()
        .map(|role| &role["name"])
        .collect();
    assert_eq!(
        names,
        ["admin", "high", "moderator", "even", "user", "guest", "low"]
    );
}
