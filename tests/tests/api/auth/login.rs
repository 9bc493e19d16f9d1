//! `POST /auth/login`

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward::{Reauthentication, UserChange};
use doorward_tests::engine::{PASSWORD, TestEngine, operator};
use doorward_tests::http::{Answer, TestApi};
use serde_json::{Value, json};

use crate::redacted::redacted;

const WRONG: (u16, &str, &str) = (401, "invalid_credentials", "Incorrect username or password");

async fn log_in(api: &TestApi, body: &Value) -> Answer {
    api.anonymous().post("/auth/login").json(body).await
}

/// An API with Anna, who has a username too.
async fn api_with_anna() -> TestApi {
    let api = TestApi::start().await;
    let body = json!({"email": "anna@example.com", "username": "anna", "password": PASSWORD});
    let registered = api.anonymous().post("/auth/register").json(&body).await;
    assert_eq!(registered.status, 201);
    api
}

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn the_tokens_are_answered_as_oauth_has_them() {
    let api = api_with_anna().await;
    let body = json!({"username": "anna", "password": PASSWORD});
    let answer = log_in(&api, &body).await.expect(200);
    insta::assert_json_snapshot!(redacted(answer.json()), @r#"
    {
      "access_token": "[token]",
      "expires_in": 1800,
      "refresh_token": "[token]",
      "token_type": "bearer"
    }
    "#);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn the_access_token_says_who_and_for_how_long() {
    let api = api_with_anna().await;
    let body = json!({"username": "anna", "password": PASSWORD});
    let tokens = log_in(&api, &body).await.expect(200).json();
    let mut access = claims(&tokens["access_token"]);
    let anna = api.login("anna").await;
    assert_eq!(access["sub"], json!(anna.id));
    insta::assert_json_snapshot!(redacted(access.take()), @r#"
    {
      "exp": 1750001800,
      "iat": 1750000000,
      "iss": "doorward",
      "jti": "[id]",
      "nbf": 1750000000,
      "role": "user",
      "roles": [
        "user"
      ],
      "sid": "[id]",
      "sub": "[id]",
      "type": "access"
    }
    "#);
    assert_eq!(claims(&tokens["refresh_token"])["type"], json!("refresh"));
}

#[tokio::test]
async fn expires_in_is_what_the_setting_says() {
    let engine =
        TestEngine::in_memory_with(|builder| builder.access_token_ttl(Duration::from_secs(900)))
            .await;
    engine.sign_up("anna@example.com").await;
    let body = json!({"username": "anna@example.com", "password": PASSWORD});
    let tokens = log_in(&TestApi::on(engine), &body).await.expect(200).json();
    assert_eq!(tokens["expires_in"], json!(900));
}

#[tokio::test]
async fn either_name_is_taken_in_either_field() {
    let api = api_with_anna().await;
    for name in [
        "anna",
        "ANNA",
        " anna ",
        "anna@example.com",
        "Anna@EXAMPLE.com",
    ] {
        for field in ["username", "email"] {
            let body = json!({field: name, "password": PASSWORD});
            assert_eq!(log_in(&api, &body).await.status, 200, "{field} {name}");
        }
    }
    let body = json!({"username": null, "email": "anna", "password": PASSWORD});
    assert_eq!(log_in(&api, &body).await.status, 200);
}

#[tokio::test]
async fn a_form_is_taken_as_well() {
    let api = api_with_anna().await;
    for form in [
        "username=anna%40example.com&password=correct+horse+battery+staple",
        "grant_type=password&username=anna&password=correct%20horse%20battery%20staple&scope=",
        "grant_type=&username=anna&password=correct+horse+battery+staple&client_id=&client_secret=",
        "email=anna&password=correct+horse+battery+staple",
    ] {
        let answer = api.anonymous().post("/auth/login").form(form).await;
        assert_eq!(answer.status, 200, "{form}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_read_the_same() {
    let api = api_with_anna().await;
    for (name, password) in [
        ("anna", "wrong password"),
        ("anna@example.com", "wrong password"),
        ("boris", PASSWORD),
        ("boris@example.com", PASSWORD),
        ("", PASSWORD),
        ("a name that no account can have", PASSWORD),
        ("anna", "Correct horse battery staple"),
        ("anna", " correct horse battery staple"),
        ("anna", "x"),
    ] {
        let answer = log_in(&api, &json!({"username": name, "password": password})).await;
        answer.expect_problem(WRONG.0, WRONG.1, WRONG.2);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn a_deactivated_account_is_told_so_after_the_right_password_alone() {
    let api = api_with_anna().await;
    let anna = api.login("anna").await;
    let change = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    let by = operator::<doorward::UsersWrite>();
    let id = anna.id.parse().unwrap();
    api.engine()
        .update_user(by.caller(), id, change, &Reauthentication::default())
        .await
        .unwrap();

    log_in(&api, &json!({"username": "anna", "password": PASSWORD}))
        .await
        .expect_problem(403, "inactive_user", "Inactive user");
    log_in(
        &api,
        &json!({"username": "anna", "password": "wrong password"}),
    )
    .await
    .expect_problem(WRONG.0, WRONG.1, WRONG.2);
}

#[tokio::test]
async fn what_is_missing_is_told() {
    let api = TestApi::start().await;
    log_in(&api, &json!({})).await.expect_faults(&[
        "missing body.username Field required",
        "missing body.password Field required",
    ]);
    log_in(&api, &json!({"username": "anna", "password": ""}))
        .await
        .expect_faults(&["string_too_short body.password String should have at least 1 character"]);
    api.anonymous()
        .post("/auth/login")
        .form("username=&password=x")
        .await
        .expect_faults(&["missing body.username Field required"]);
}

#[tokio::test]
async fn of_two_names_the_username_counts_and_both_must_be_texts() {
    let api = api_with_anna().await;
    let both = json!({"username": "anna", "email": "boris@example.com", "password": PASSWORD});
    assert_eq!(log_in(&api, &both).await.status, 200);
    log_in(
        &api,
        &json!({"username": "anna", "email": {}, "password": PASSWORD}),
    )
    .await
    .expect_faults(&["string_type body.email Input should be a valid string"]);
    log_in(&api, &json!({"username": 1, "email": 2}))
        .await
        .expect_faults(&[
            "string_type body.username Input should be a valid string",
            "string_type body.email Input should be a valid string",
            "missing body.password Field required",
        ]);
}

#[tokio::test]
async fn another_grant_is_refused() {
    let api = api_with_anna().await;
    api.anonymous()
        .post("/auth/login")
        .form("grant_type=client_credentials&username=anna&password=x")
        .await
        .expect_faults(&[
            "string_pattern_mismatch body.grant_type String should match pattern '^password$'",
        ]);
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let api = TestApi::start().await;
    let login = || api.anonymous().post("/auth/login");
    let unsupported = "Content-Type must be application/json or application/x-www-form-urlencoded";
    for answer in [
        login()
            .body("multipart/form-data; boundary=x", "--x--")
            .await,
        login().body("text/plain", "{}").await,
        login().bare_body("{}").await,
    ] {
        answer.expect_problem(415, "unsupported_media_type", unsupported);
    }
}

#[tokio::test]
async fn the_login_is_remembered() {
    let api = api_with_anna().await;
    api.engine().advance(Duration::from_secs(60));
    let anna = api.login("anna").await;
    let me = anna.get("/users/me").await.json();
    assert_eq!(me["last_login_at"], json!("2025-06-15T15:07:40Z"));
}
