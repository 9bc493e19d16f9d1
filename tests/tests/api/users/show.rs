//! `GET /users/{id}`

use doorward_tests::http::TestApi;

const NOBODY: &str = "/users/01890000-0000-7000-8000-000000000000";

#[tokio::test]
async fn the_own_account_is_shown_to_anybody() {
    let api = TestApi::start().await;
    for role in ["guest", "user", "moderator", "admin"] {
        let client = api.login_as(role).await;
        let answer = client.get(&format!("/users/{}", client.id)).await;
        assert_eq!(
            answer.expect(200).json(),
            client.get("/users/me").await.json()
        );
    }
}

#[tokio::test]
async fn those_of_others_are_shown_to_who_may_look() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let path = format!("/users/{}", user.id);
    for role in ["moderator", "admin"] {
        let shown = api.login_as(role).await.get(&path).await.expect(200);
        assert_eq!(shown.json()["email"], "user@example.com");
    }
}

#[tokio::test]
async fn who_may_not_look_does_not_learn_what_there_is() {
    let api = TestApi::start().await;
    let (user, admin) = (api.login_as("user").await, api.login_as("admin").await);
    for path in [&format!("/users/{}", admin.id), NOBODY] {
        user.get(path).await.expect_problem(
            403,
            "insufficient_privileges",
            "Insufficient privileges",
        );
    }
    admin
        .get(NOBODY)
        .await
        .expect_problem(404, "not_found", "User not found");
}

#[tokio::test]
async fn an_id_that_is_none_is_refused() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    let braced = format!("%7B{}%7D", admin.id);
    let bare = admin.id.replace('-', "");
    for id in ["1", "nobody", "..%2f", "%00", &braced, &bare] {
        admin
            .get(&format!("/users/{id}"))
            .await
            .expect_faults(&["uuid_parsing path.id Input should be a valid UUID"]);
    }
    let shouted = admin
        .get(&format!("/users/{}", admin.id.to_uppercase()))
        .await;
    assert_eq!(shouted.status, 200);
}
