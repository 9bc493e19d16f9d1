//! `GET /users/me`

use doorward_tests::http::TestApi;

use crate::redacted::redacted;

#[tokio::test]
async fn it_is_the_own_account() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let answer = user.get("/users/me").await.expect(200);
    insta::assert_json_snapshot!(redacted(answer.json()), @r#"
    {
      "created_at": "2025-06-15T15:06:40.001Z",
      "email": "user@example.com",
      "full_name": null,
      "id": "[id]",
      "is_active": true,
      "is_verified": false,
      "last_login_at": "2025-06-15T15:06:40.001Z",
      "role": "user",
      "roles": [
        "user"
      ],
      "updated_at": "2025-06-15T15:06:40.001Z",
      "username": null
    }
    "#);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn the_role_is_the_highest_ranking_one() {
    let api = TestApi::start().await;
    let names = ["guest", "moderator", "user"];
    api.engine().create("anna@example.com", &names).await;
    let anna = api.login("anna@example.com").await;
    let me = anna.get("/users/me").await.expect(200).json();
    assert_eq!(me["role"], "moderator");
    assert_eq!(
        me["roles"],
        serde_json::json!(["moderator", "user", "guest"])
    );
}
