//! Browser pages of other origins.

use doorward_tests::http::{Answer, Call, ORIGIN, TestApi};

const FOREIGN: &str = "https://evil.example";

fn preflight(api: &TestApi, origin: &str, path: &str, method: &str) -> Call {
    api.anonymous()
        .call("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        )
}

fn names(answer: &Answer, header: &str) -> Vec<String> {
    let list = answer.header(header).unwrap_or_default().split(',');
    let mut names: Vec<_> = list.map(|name| name.trim().to_lowercase()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn an_allowed_page_reads_answers_and_their_headers() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    for call in [
        user.get("/users/me"),
        api.anonymous().get("/users/me"),
        user.get("/x"),
    ] {
        let answer = call.header("origin", ORIGIN).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            Some("true")
        );
        assert_eq!(
            names(&answer, "access-control-expose-headers"),
            [
                "link",
                "ratelimit",
                "ratelimit-policy",
                "retry-after",
                "x-process-time",
                "x-request-id",
                "x-total-count"
            ]
        );
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
}

#[tokio::test]
async fn a_foreign_page_reads_nothing() {
    let api = TestApi::start().await;
    let user = api.login_as("user").await;
    for origin in [
        FOREIGN,
        "null",
        "http://localhost:3001",
        "https://localhost:3000",
        "http://localhost:3000.evil.example",
    ] {
        let answer = user
            .get("/users/me")
            .header("origin", origin)
            .await
            .expect(200);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
}

#[tokio::test]
async fn a_preflight_is_answered_before_authentication_and_cached() {
    let api = TestApi::start().await;
    for (path, method) in [
        ("/users/me", "PATCH"),
        ("/users/me/", "DELETE"),
        ("/auth/login", "POST"),
        ("/users/x/roles", "PUT"),
    ] {
        let answer = preflight(&api, ORIGIN, path, method).await.expect(204);
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            Some("true")
        );
        assert_eq!(answer.header("access-control-max-age"), Some("600"));
        assert!(names(&answer, "access-control-allow-methods").contains(&method.to_lowercase()));
        assert_eq!(
            names(&answer, "access-control-allow-headers"),
            ["authorization", "content-type"]
        );
    }
}

#[tokio::test]
async fn a_foreign_preflight_is_refused() {
    let api = TestApi::start().await;
    let answer = preflight(&api, FOREIGN, "/users/me", "GET").await;
    answer.expect_problem(400, "origin_not_allowed", "Disallowed CORS origin");
    assert_eq!(answer.header("access-control-allow-origin"), None);
}
