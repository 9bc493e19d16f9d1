//! The headers of every answer.

use doorward_tests::http::{Answer, TestApi};
use serde_json::json;

async fn some_answers(api: &TestApi) -> Vec<Answer> {
    let user = api.login_as("user").await;
    let anonymous = api.anonymous();
    vec![
        user.get("/users/me").await.expect(200),
        anonymous.get("/health").await.expect(200),
        anonymous.get("/users/me").await.expect(401),
        user.get("/users").await.expect(403),
        anonymous.get("/nothing").await.expect(404),
        anonymous.get("/auth/login").await.expect(405),
        anonymous
            .post("/auth/login")
            .json(&json!({}))
            .await
            .expect(422),
        user.delete("/auth/sessions").await.expect(204),
    ]
}

#[tokio::test]
async fn all_answers_have_the_security_headers() {
    let api = TestApi::start().await;
    for answer in some_answers(&api).await {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{answer}");
        }
        assert_eq!(answer.header("strict-transport-security"), None);
        assert_eq!(answer.header("server"), None);
        assert_eq!(answer.header("x-powered-by"), None);
    }
}

#[tokio::test]
async fn all_answers_tell_their_time_in_seconds() {
    let api = TestApi::start().await;
    for answer in some_answers(&api).await {
        let seconds: f64 = answer.header("x-process-time").unwrap().parse().unwrap();
        assert!((0.0..60.0).contains(&seconds));
    }
}

#[tokio::test]
async fn a_good_request_id_is_kept_and_any_other_replaced() {
    let api = TestApi::start().await;
    let long = "x".repeat(129);
    for (sent, kept) in [
        ("0199c0de-0000-7000-8000-000000000000", true),
        ("trace/1.2~3+4=_", true),
        ("", false),
        ("two words", false),
        ("<script>", false),
        (&long, false),
    ] {
        let answer = api
            .anonymous()
            .get("/users/me")
            .header("x-request-id", sent)
            .await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(id == sent, kept, "{sent}");
        assert_eq!(answer.json()["request_id"], json!(id));
    }
}

#[tokio::test]
async fn no_two_requests_have_the_same_id() {
    let api = TestApi::start().await;
    let mut ids = std::collections::HashSet::new();
    for answer in some_answers(&api).await {
        assert!(ids.insert(answer.header("x-request-id").unwrap().to_owned()));
    }
}
