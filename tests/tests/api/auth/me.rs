//! `GET /auth/me`

use doorward_tests::http::TestApi;

#[tokio::test]
async fn it_is_the_own_account() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let me = user.get("/auth/me").await.expect(200).json();
    assert_eq!(me, user.get("/users/me").await.json());
    assert_eq!(me["email"], "user@example.com");
}
