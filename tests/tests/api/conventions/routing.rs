//! Addresses and methods.

use doorward_tests::http::TestApi;
use serde_json::json;

/// The path of every operation that is read, with what an admin gets.
const READABLE: [&str; 8] = [
    "/auth/me",
    "/auth/sessions",
    "/users",
    "/users/me",
    "/users/stats/count",
    "/roles",
    "/audit-events",
    "/health",
];

#[tokio::test]
async fn a_slash_at_the_end_makes_no_difference() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    for path in READABLE {
        let plain = admin.get(path).await.expect(200);
        let slashed = admin.get(&format!("{path}/")).await.expect(200);
        assert_eq!(plain.json(), slashed.json(), "{path}");
    }
    let one = admin
        .get("/users/")
        .query("limit=1&role=admin")
        .await
        .expect(200);
    assert_eq!(one.json().as_array().unwrap().len(), 1);
    let body = json!({"email": "anna@example.com", "password": "correct horse battery"});
    let registered = admin.post("/auth/register/").json(&body).await;
    assert_eq!(registered.status, 201);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    for path in READABLE {
        let body = admin.get(path).await.expect(200).body;
        let head = admin.call("HEAD", path).await.expect(200);
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(head.header("content-type"), Some("application/json"));
        assert_eq!(
            head.header("content-length"),
            Some(&*body.len().to_string()),
            "{path}"
        );
    }
    let refused = api.anonymous().call("HEAD", "/users/me").await.expect(401);
    assert!(refused.body.is_empty());
}

#[tokio::test]
async fn another_method_is_405_with_those_that_there_are() {
    let api = TestApi::start().await;
    for (path, sent, allowed) in [
        ("/auth/login", "GET", &["POST"][..]),
        ("/auth/me", "POST", &["GET", "HEAD"]),
        ("/auth/sessions", "PUT", &["DELETE", "GET", "HEAD"]),
        ("/users", "DELETE", &["GET", "HEAD", "POST"]),
        ("/users/", "PATCH", &["GET", "HEAD", "POST"]),
        ("/users/me", "PUT", &["DELETE", "GET", "HEAD", "PATCH"]),
        ("/users/x", "POST", &["DELETE", "GET", "HEAD", "PATCH"]),
        ("/users/x/roles", "GET", &["PUT"]),
        ("/roles/x", "OPTIONS", &["DELETE", "PATCH"]),
        ("/health", "BREW", &["GET", "HEAD"]),
    ] {
        let answer = api.anonymous().call(sent, path).await;
        answer.expect_problem(405, "method_not_allowed", "Method Not Allowed");
        let mut methods: Vec<_> = answer
            .header("allow")
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .collect();
        methods.sort_unstable();
        assert_eq!(methods, allowed, "{sent} {path}");
    }
}

#[tokio::test]
async fn an_unknown_address_is_404() {
    let api = TestApi::start().await;
    let admin = api.login_as("admin").await;
    for path in [
        "",
        "/",
        "/nothing",
        "/users/me/nothing",
        "/auth",
        "//users",
        "/Users",
    ] {
        for client in [&api.anonymous(), &admin] {
            let answer = client.get(path).await;
            answer.expect_problem(404, "not_found", "Not Found");
        }
    }
    for target in ["/", "/api", "/api/v2/users", "/users/me"] {
        let answer = admin.request("GET", target).await;
        answer.expect_problem(404, "not_found", "Not Found");
    }
}

#[tokio::test]
async fn a_target_beyond_all_measure_is_414() {
    let api = TestApi::start().await;
    let path = format!("/users/{}", "x".repeat(9000));
    api.anonymous().get(&path).await.expect_problem(
        414,
        "uri_too_long",
        "Request target is longer than 8 KiB",
    );
}
