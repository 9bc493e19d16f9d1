//! Problem details.

use doorward_tests::http::TestApi;
use serde_json::json;

#[tokio::test]
async fn a_problem_has_six_members() {
    let api = TestApi::start().await;
    let answer = api
        .anonymous()
        .get("/users/me")
        .header("x-request-id", "me")
        .await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "code": "not_authenticated",
      "detail": "Could not validate credentials",
      "request_id": "me",
      "status": 401,
      "title": "Unauthorized",
      "type": "urn:doorward:problem:not_authenticated"
    }
    "#);
}

#[tokio::test]
async fn faults_have_the_shape_of_fastapi() {
    let api = TestApi::start().await;
    let answer = api
        .anonymous()
        .post("/auth/login")
        .json(&json!({"username": 1}))
        .header("x-request-id", "login")
        .await;
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "code": "validation_error",
      "detail": [
        {
          "loc": [
            "body",
            "username"
          ],
          "msg": "Input should be a valid string",
          "type": "string_type"
        },
        {
          "loc": [
            "body",
            "password"
          ],
          "msg": "Field required",
          "type": "missing"
        }
      ],
      "request_id": "login",
      "status": 422,
      "title": "Unprocessable Entity",
      "type": "urn:doorward:problem:validation_error"
    }
    "#);
}

#[tokio::test]
async fn json_that_is_none_is_told_where() {
    let api = TestApi::start().await;
    let answer = api
        .anonymous()
        .post("/auth/login")
        .body("application/json", "{\"username\": \"anna\",}")
        .await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json()["code"], json!("malformed_json"));
    answer.expect_faults(&["json_invalid body.20 JSON decode error: trailing comma"]);
}

#[tokio::test]
async fn a_body_of_more_than_64_kib_is_413() {
    let api = TestApi::start().await;
    for length in [64 * 1024 + 1, 5 * 1024 * 1024] {
        let answer = api
            .anonymous()
            .post("/auth/login")
            .body("application/json", vec![b' '; length])
            .await;
        answer.expect_problem(413, "body_too_large", "Request body is larger than 64 KiB");
    }
    let answer = api
        .anonymous()
        .post("/auth/login")
        .body("application/json", vec![b' '; 64 * 1024])
        .await;
    assert_eq!(answer.status, 422);
}
