//! `POST /auth/login/form`

use doorward_tests::http::{Answer, TestApi};
use serde_json::json;

const ANNA: &str = "username=anna%40example.com&password=correct+horse+battery+staple";

async fn log_in(api: &TestApi, form: &str) -> Answer {
    api.anonymous().post("/auth/login/form").form(form).await
}

#[tokio::test]
async fn the_form_of_oauth_is_taken() {
    let api = TestApi::start().await;
    api.engine().sign_up("anna@example.com").await;
    let tokens = log_in(&api, ANNA).await.expect(200).json();
    assert_eq!(tokens["token_type"], json!("bearer"));
    assert_eq!(tokens["expires_in"], json!(1800));
    assert!(api.client_of(&tokens).await.is_let_in().await);
}

#[tokio::test]
async fn what_is_wrong_reads_as_at_the_other_door() {
    let api = TestApi::start().await;
    let answer = log_in(&api, ANNA).await;
    answer.expect_problem(401, "invalid_credentials", "Incorrect username or password");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    log_in(&api, "grant_type=password").await.expect_faults(&[
        "missing body.username Field required",
        "missing body.password Field required",
    ]);
}

#[tokio::test]
async fn nothing_but_a_form_is_taken() {
    let api = TestApi::start().await;
    let body = json!({"username": "anna", "password": "x"});
    api.anonymous()
        .post("/auth/login/form")
        .json(&body)
        .await
        .expect_problem(
            415,
            "unsupported_media_type",
            "Content-Type must be application/x-www-form-urlencoded",
        );
}

#[tokio::test]
async fn text_that_is_not_whole_is_refused() {
    let api = TestApi::start().await;
    log_in(&api, "username=%zz&password=x")
        .await
        .expect_faults(&["value_error body Input has an invalid percent escape"]);
    log_in(&api, "username=%ff&password=x")
        .await
        .expect_faults(&["value_error body Input should be valid UTF-8"]);
    log_in(&api, "username=a&username=b&password=x")
        .await
        .expect_faults(&[
            "value_error body.username Value error, the field was sent more than once",
        ]);
}
