//! What an access token has to be, over HTTP.

use std::time::Duration;

use doorward_tests::http::TestApi;

const DETAIL: &str = "Could not validate credentials";

#[tokio::test]
async fn no_token_is_asked_for_without_a_reason() {
    let api = TestApi::start().await;
    let answer = api.anonymous().get("/users/me").await;
    answer.expect_problem(401, "not_authenticated", DETAIL);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn a_token_that_is_no_good_is_told_apart_by_its_code_alone() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let token = user.access_token.clone().unwrap();
    let cut = &token[..token.len() - 1];
    for authorization in [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Token x",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        &format!("Bearer {cut}"),
        &format!("Bearer {token} "),
        &format!("Bearer {token}, Bearer {token}"),
        &format!("Bearer {token}.x"),
        &format!("Bearer {}", user.refresh_token),
        &format!("Bearer {}", "x".repeat(100_000)),
        &token,
    ] {
        let answer = api
            .anonymous()
            .get("/users/me")
            .header("authorization", authorization)
            .await;
        answer.expect_problem(401, "invalid_token", DETAIL);
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer error=\"invalid_token\"")
        );
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_no_token() {
    let api = TestApi::start().await;
    let answer = api
        .anonymous()
        .get("/users/me")
        .raw_header("authorization", b"Bearer \xff\xfe")
        .await;
    answer.expect_problem(401, "invalid_token", DETAIL);
}

#[tokio::test]
async fn two_tokens_are_none() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let again = format!("Bearer {}", user.access_token.clone().unwrap());
    let answer = user.get("/users/me").header("authorization", &again).await;
    answer.expect_problem(401, "invalid_token", DETAIL);
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let token = user.access_token.clone().unwrap();
    for scheme in ["bearer", "BEARER", "Bearer  "] {
        let authorization = format!("{scheme} {token}");
        let call = api.anonymous().get("/users/me");
        let answer = call.header("authorization", &authorization).await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn it_expires_on_the_second() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    api.engine().advance(Duration::from_millis(1_799_990));
    assert!(user.is_let_in().await);
    api.engine().advance(Duration::from_millis(10));
    let answer = user.get("/users/me").await;
    answer.expect_problem(401, "token_expired", DETAIL);
    assert_eq!(
        answer.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\"")
    );
}

#[tokio::test]
async fn a_token_in_the_query_or_the_body_does_not_count() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let token = user.access_token.clone().unwrap();
    let answer = api
        .anonymous()
        .get("/users/me")
        .query(&format!("access_token={token}"))
        .await;
    answer.expect_problem(401, "not_authenticated", DETAIL);
}

#[tokio::test]
async fn who_may_not_is_403_before_the_body_is_looked_at() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    let answer = user.post("/users").body("text/plain", "nonsense").await;
    answer.expect_problem(403, "insufficient_privileges", "Insufficient privileges");
    let answer = api
        .anonymous()
        .post("/users")
        .body("text/plain", "nonsense")
        .await;
    answer.expect_problem(401, "not_authenticated", DETAIL);
}
