//! `GET /auth/captcha`, and what login and registration say of captchas.

use std::sync::Arc;

use doorward::{CaptchaConfig, CaptchaProvider, CaptchaService, RateLimits, SiteVerify};
use doorward_tests::captcha::{Behaviour, SiteVerifyService, solve};
use doorward_tests::engine::{PASSWORD, TestEngine};
use doorward_tests::http::{Answer, TestApi};
use serde_json::{Value, json};

const HERE: &str = "192.0.2.1";

async fn api_with(provider: CaptchaProvider, after_failures: u32) -> TestApi {
    let config = CaptchaConfig {
        provider,
        after_failures,
    };
    let engine =
        TestEngine::in_memory_with(|builder| builder.captcha(config).rate_limits(RateLimits::NONE))
            .await;
    TestApi::on(engine)
}

async fn api_with_proofs(after_failures: u32) -> TestApi {
    api_with(
        CaptchaProvider::ProofOfWork { difficulty: 4 },
        after_failures,
    )
    .await
}

async fn ask(api: &TestApi) -> Answer {
    let here = HERE.parse().unwrap();
    let answer = api.anonymous().get("/auth/captcha").from_ip(here).await;
    answer.expect(200)
}

async fn register(api: &TestApi, email: &str, token: Option<&str>) -> Answer {
    let body = json!({"email": email, "password": PASSWORD, "captcha_token": token});
    let call = api.anonymous().post("/auth/register").json(&body);
    call.from_ip(HERE.parse().unwrap()).await
}

#[track_caller]
fn expect_made(answer: &Answer) {
    assert_eq!(answer.status, 201, "{answer}");
}

fn solved(captcha: &Value) -> String {
    let difficulty = captcha["difficulty"].as_u64().unwrap();
    solve(
        captcha["challenge"].as_str().unwrap(),
        u8::try_from(difficulty).unwrap(),
    )
}

#[tokio::test]
async fn where_there_are_none_it_says_none() {
    let api = TestApi::start().await;
    let answer = ask(&api).await;
    assert_eq!(
        answer.json(),
        json!({"provider": "none", "required": false})
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    expect_made(&register(&api, "a@example.com", Some("any")).await);
}

#[tokio::test]
async fn a_proof_of_work_is_asked_for_after_failures_and_solved() {
    let api = api_with_proofs(1).await;
    let mut captcha = ask(&api).await.json();
    assert!(captcha["challenge"].take().as_str().unwrap().len() > 60);
    insta::assert_json_snapshot!(captcha, @r#"
    {
      "algorithm": "sha-256",
      "challenge": null,
      "difficulty": 4,
      "expires_at": "2025-06-15T15:11:40Z",
      "provider": "proof_of_work",
      "required": false
    }
    "#);
    expect_made(&register(&api, "anna@example.com", None).await);
    assert_eq!(ask(&api).await.json()["required"], json!(true));

    let answer = register(&api, "bert@example.com", None).await;
    answer.expect_problem(403, "captcha_required", "Captcha required");
    let captcha = &answer.json()["captcha"];
    assert_eq!(captcha["required"], json!(true));
    let token = solved(captcha);
    expect_made(&register(&api, "bert@example.com", Some(&token)).await);

    let answer = register(&api, "carl@example.com", Some(&token)).await;
    answer.expect_problem(403, "captcha_wrong", "Captcha not solved");
    let token = solved(&answer.json()["captcha"]);
    expect_made(&register(&api, "carl@example.com", Some(&token)).await);
}

#[tokio::test]
async fn both_forms_of_login_take_the_token() {
    let api = api_with_proofs(0).await;
    api.engine().create("anna@example.com", &["user"]).await;
    for path in ["/auth/login", "/auth/login/form"] {
        let form = "username=anna@example.com&password=correct+horse+battery+staple";
        let log_in = async |form: &str| api.anonymous().post(path).form(form).await;
        let answer = log_in(form).await;
        answer.expect_problem(403, "captcha_required", "Captcha required");
        let token = solved(&answer.json()["captcha"]);
        let form = format!("{form}&captcha_token={token}");
        assert_eq!(log_in(&form).await.status, 200);
        assert_eq!(log_in(&form).await.status, 403);
    }
    let token = solved(&ask(&api).await.json());
    let body = json!({
        "username": "anna@example.com",
        "password": PASSWORD,
        "captcha_token": token,
    });
    let answer = api.anonymous().post("/auth/login").json(&body).await;
    assert_eq!(answer.status, 200, "{answer}");
}

#[tokio::test]
async fn a_captcha_of_a_service_is_shown_by_its_key() {
    let service = SiteVerifyService::start(Behaviour::Answers(500, String::new())).await;
    let captcha = SiteVerify::builder(CaptchaService::HCaptcha, "the site", "hush")
        .verify_url(service.url())
        .build()
        .unwrap();
    let api = api_with(CaptchaProvider::Custom(Arc::new(captcha)), 0).await;
    let shown = json!({"provider": "hcaptcha", "required": true, "site_key": "the site"});
    assert_eq!(ask(&api).await.json(), shown);
    let answer = register(&api, "anna@example.com", None).await;
    assert_eq!(answer.json()["captcha"], shown);

    let answer = register(&api, "anna@example.com", Some("token")).await;
    answer.expect_problem(503, "unavailable", "Service temporarily unavailable");
    assert_eq!(answer.header("retry-after"), Some("5"));
    service.behave(Behaviour::Answers(200, r#"{"success": true}"#.to_owned()));
    expect_made(&register(&api, "anna@example.com", Some("token")).await);
}

#[tokio::test]
async fn a_token_is_a_text_of_4096_bytes_at_most() {
    let api = api_with_proofs(1).await;
    let long = "a".repeat(4097);
    let answer = register(&api, "anna@example.com", Some(&long)).await;
    answer.expect_faults(&[
        "string_too_long body.captcha_token String should have at most 4096 characters",
    ]);
    expect_made(&register(&api, "anna@example.com", Some(&long[1..])).await);
}
