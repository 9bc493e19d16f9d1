//! `GET /users/stats/count`

use doorward_tests::http::TestApi;

#[tokio::test]
async fn accounts_are_counted_in_all_and_by_role() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    api.engine().sign_up("anna@example.com").await;
    api.engine()
        .create("both@example.com", &["user", "guest"])
        .await;
    let answer = admin.get("/users/stats/count").await.expect(200);
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "active": 3,
      "by_role": {
        "admin": 1,
        "guest": 1,
        "moderator": 0,
        "user": 2
      },
      "total_users": 3,
      "verified": 0
    }
    "#);
}
