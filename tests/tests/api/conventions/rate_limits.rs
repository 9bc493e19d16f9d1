//! What somebody hears who asks too often.

use std::net::IpAddr;
use std::time::Duration;

use doorward::RateLimits;
use doorward_tests::engine::TestEngine;
use doorward_tests::http::{Call, TestApi};
use serde_json::json;

const HERE: &str = "192.0.2.1";
const DETAIL: &str = "Too many requests, try again later";

async fn api_with(change: impl FnOnce(&mut RateLimits)) -> TestApi {
    let mut limits = RateLimits::NONE;
    change(&mut limits);
    TestApi::on(TestEngine::in_memory_with(|builder| builder.rate_limits(limits)).await)
}

fn refresh(api: &TestApi, ip: &str) -> Call {
    let ip: IpAddr = ip.parse().unwrap();
    api.anonymous().refresh("nonsense").from_ip(ip)
}

#[tokio::test]
async fn who_asks_too_often_hears_the_limit_and_when_to_come_back() {
    let api = api_with(|limits| limits.refresh = Some("5/minute".parse().unwrap())).await;
    for _ in 0..5 {
        assert_eq!(refresh(&api, HERE).await.status, 401);
    }
    api.engine().advance(Duration::from_millis(500));
    let answer = refresh(&api, HERE).await;
    answer.expect_problem(429, "rate_limited", DETAIL);
    // 11.5 seconds, rounded up: who waits as long is let through.
    assert_eq!(answer.header("retry-after"), Some("12"));
    assert_eq!(
        answer.header("ratelimit-policy"),
        Some("\"refresh\";q=5;w=60")
    );
    assert_eq!(answer.header("ratelimit"), Some("\"refresh\";r=0;t=12"));
    api.engine().advance(Duration::from_secs(12));
    assert_eq!(refresh(&api, HERE).await.status, 401);
}

#[tokio::test]
async fn another_network_is_let_through() {
    let api = api_with(|limits| limits.refresh = Some("1/hour".parse().unwrap())).await;
    assert_eq!(refresh(&api, HERE).await.status, 401);
    assert_eq!(refresh(&api, HERE).await.status, 429);
    assert_eq!(refresh(&api, "192.0.2.2").await.status, 401);
    assert_eq!(refresh(&api, "2001:db8::1").await.status, 401);
    assert_eq!(refresh(&api, "2001:db8::2").await.status, 429);
}

#[tokio::test]
async fn registrations_are_limited() {
    let api = api_with(|limits| limits.registration = Some("1/day".parse().unwrap())).await;
    let register = |email: &str| {
        api.anonymous()
            .post("/auth/register")
            .json(&json!({"email": email, "password": "correct horse battery"}))
            .from_ip(HERE.parse().unwrap())
    };
    assert_eq!(register("anna@example.com").await.status, 201);
    let answer = register("bert@example.com").await;
    answer.expect_problem(429, "rate_limited", DETAIL);
    assert_eq!(answer.header("retry-after"), Some("86400"));
    assert_eq!(
        answer.header("ratelimit-policy"),
        Some("\"registration\";q=1;w=86400")
    );
}

#[tokio::test]
async fn logins_are_limited_in_both_forms() {
    let api = api_with(|limits| limits.login = Some("2/minute".parse().unwrap())).await;
    let here = HERE.parse().unwrap();
    let json = api
        .anonymous()
        .post("/auth/login")
        .json(&json!({"username": "anna", "password": "wrong"}))
        .from_ip(here);
    let form = api
        .anonymous()
        .post("/auth/login/form")
        .form("username=anna&password=wrong")
        .from_ip(here);
    assert_eq!(json.clone().await.status, 401);
    assert_eq!(form.clone().await.status, 401);
    for call in [json, form] {
        let answer = call.await;
        answer.expect_problem(429, "rate_limited", DETAIL);
        assert_eq!(answer.header("ratelimit"), Some("\"login\";r=0;t=30"));
    }
}
