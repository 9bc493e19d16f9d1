//! `POST /auth/password/reset/request`

use doorward::{Caller, RateLimits, Reauthentication, UserChange};
use doorward_tests::engine::{TestEngine, subjects, token_in};
use doorward_tests::http::{Answer, Call, TestApi};
use serde_json::json;

use crate::conventions::lasting_headers;

const ANSWER: &str = "If the email exists, a password reset link has been sent";

fn request(api: &TestApi, email: &str) -> Call {
    api.anonymous()
        .post("/auth/password/reset/request")
        .json(&json!({"email": email}))
}

fn expect_plain(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.json(), json!({"message": ANSWER, "success": true}));
}

async fn deactivate(engine: &TestEngine, email: &str) {
    let user = engine.create(email, &["user"]).await;
    let change = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    engine
        .update_user(&Caller::operator(), user.id, change, &none)
        .await
        .unwrap();
}

#[tokio::test]
async fn every_address_gets_one_answer() {
    let api = TestApi::with_mail().await;
    api.engine().create("anna@example.com", &["user"]).await;
    deactivate(api.engine(), "gone@example.com").await;
    let known = request(&api, "anna@example.com").await;
    expect_plain(&known);
    for email in ["nobody@example.com", "gone@example.com"] {
        let answer = request(&api, email).await;
        assert_eq!(answer.body, known.body);
        assert_eq!(lasting_headers(&answer), lasting_headers(&known));
    }
}

#[tokio::test]
async fn the_owner_alone_gets_a_mail_with_a_link_below_the_public_url() {
    let api = TestApi::with_mail().await;
    api.engine().create("Anna@example.com", &["user"]).await;
    deactivate(api.engine(), "gone@example.com").await;
    api.engine().mails().await;
    for email in ["nobody@example.com", "gone@example.com"] {
        expect_plain(&request(&api, email).await);
    }
    assert_eq!(subjects(&api.engine().mails().await).len(), 0);

    let call = request(&api, " anna@EXAMPLE.com ").header("host", "evil.example");
    expect_plain(&call.header("x-forwarded-host", "evil.example").await);
    let mail = api.engine().mail("Reset your password").await;
    assert_eq!(mail.to, "Anna@example.com");
    let link = format!(
        "https://example.com/reset-password#token={}",
        token_in(&mail)
    );
    assert!(mail.text.contains(&link), "{}", mail.text);
    let html = mail.html.unwrap();
    for text in [&mail.text, &html] {
        assert!(!text.contains("evil"), "{text}");
    }
}

#[tokio::test]
async fn without_mail_the_answer_is_the_same_and_there_is_no_token() {
    let api = TestApi::start().await;
    api.engine().create("anna@example.com", &["user"]).await;
    for email in ["anna@example.com", "nobody@example.com"] {
        expect_plain(&request(&api, email).await);
    }
}

#[tokio::test]
async fn developers_are_told_the_token_of_a_registered_address() {
    let engine = TestEngine::in_memory_with(|builder| builder.reveal_tokens(true)).await;
    let api = TestApi::on(engine);
    api.engine().create("anna@example.com", &["user"]).await;
    deactivate(api.engine(), "gone@example.com").await;
    for email in ["nobody@example.com", "gone@example.com"] {
        expect_plain(&request(&api, email).await);
    }
    let told = request(&api, "anna@example.com").await.expect(200).json();
    let message = told["message"].as_str().unwrap();
    let token = message.strip_prefix("Password reset token (DEV ONLY): ");
    let body = json!({"token": token.unwrap(), "new_password": "purple kettle sings at noon"});
    let confirm = api.anonymous().post("/auth/password/reset/confirm");
    assert_eq!(confirm.json(&body).await.status, 200);
    // Who was told a token has shown nothing of the address.
    let anna = api
        .login_with("anna@example.com", "purple kettle sings at noon")
        .await;
    let me = anna.get("/users/me").await.json();
    assert_eq!(me["is_verified"], json!(false));
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let api = TestApi::start().await;
    for (body, fault) in [
        (json!({}), "missing body.email Field required"),
        (
            json!({"email": 1}),
            "string_type body.email Input should be a valid string",
        ),
        (
            json!({"email": "anna"}),
            "value_error body.email Value error, not a valid email address",
        ),
    ] {
        let call = api.anonymous().post("/auth/password/reset/request");
        call.json(&body).await.expect_faults(&[fault]);
    }
}

#[tokio::test]
async fn an_address_and_a_network_may_ask_so_often_whoever_has_it() {
    let mut limits = RateLimits::NONE;
    limits.password_reset = Some("2/hour".parse().unwrap());
    let api = TestApi::with_mail_and(|builder| builder.rate_limits(limits)).await;
    api.engine().create("anna@example.com", &["user"]).await;
    api.engine().mails().await;
    for email in ["anna@example.com", "nobody@example.com"] {
        let from = |host: u8| [192, 0, 2, host + u8::try_from(email.len()).unwrap()].into();
        for host in 1..=2 {
            expect_plain(&request(&api, email).from_ip(from(host)).await);
        }
        let answer = request(&api, email).from_ip(from(3)).await;
        answer.expect_problem(429, "rate_limited", "Too many requests, try again later");
        assert!(answer.header("retry-after").is_some());
    }
    assert_eq!(api.engine().mails().await.len(), 2);

    let here = [198, 51, 100, 1].into();
    for name in ["a", "b"] {
        expect_plain(
            &request(&api, &format!("{name}@example.org"))
                .from_ip(here)
                .await,
        );
    }
    assert_eq!(
        request(&api, "c@example.org").from_ip(here).await.status,
        429
    );
}

#[tokio::test]
async fn an_owner_is_not_flooded() {
    let mut limits = RateLimits::NONE;
    limits.mail = Some("3/hour".parse().unwrap());
    let api = TestApi::with_mail_and(|builder| builder.rate_limits(limits)).await;
    api.engine().create("anna@example.com", &["user"]).await;
    api.engine().mails().await;
    for _ in 0..10 {
        expect_plain(&request(&api, "anna@example.com").await);
    }
    let sent = api.engine().mails().await;
    assert_eq!(sent.len(), 3);
    // The newest of them is the one that works.
    let mut statuses = Vec::new();
    for mail in &sent {
        let body = json!({"token": token_in(mail), "new_password": "purple kettle sings at noon"});
        let confirm = api.anonymous().post("/auth/password/reset/confirm");
        statuses.push(confirm.json(&body).await.status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400]);
}
