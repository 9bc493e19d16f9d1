//! Rate limits of the built server, as a client meets them.

use doorward_tests::server::{Installation, Server};
use http::Method;
use serde_json::json;

/// The status of an exchange of nonsense with these header fields.
async fn status(server: &Server, headers: &[(&str, &str)]) -> u16 {
    let http = server.http();
    let mut call = http
        .call(Method::POST, "/auth/refresh")
        .json(&json!({"refresh_token": "nonsense"}));
    for (name, value) in headers {
        call = call.header(name, value);
    }
    call.send().await.status.as_u16()
}

fn strict() -> Installation {
    Installation::new()
        .with_rate_limits()
        .set("RATE_LIMIT_REFRESH", "2/hour")
}

#[tokio::test]
async fn limits_are_on_by_default() {
    let server = Installation::new().with_rate_limits().start();
    // Refused after the limit and before a password is hashed, for nobody may be an admin.
    let body = json!({"email": "a@example.com", "password": "correct horse", "role": "admin"});
    let mut statuses = Vec::new();
    // Another registration is allowed every six seconds: some may be, not all of them.
    for _ in 0..30 {
        let answer = server.http().post("/auth/register", body.clone()).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses[..10], [403; 10]);
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn a_limit_can_be_set_and_all_can_be_turned_off() {
    let server = strict().start();
    for expected in [401, 401, 429, 429] {
        assert_eq!(status(&server, &[]).await, expected);
    }
    let answer = server
        .http()
        .post("/auth/refresh", json!({"refresh_token": "nonsense"}))
        .await;
    assert_eq!(answer.header("ratelimit-policy"), "\"refresh\";q=2;w=3600");
    let wait: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=1_800).contains(&wait), "{wait}");
    assert_eq!(answer.expect(429)["code"], "rate_limited");
    for place in [
        strict().set("RATE_LIMIT_ENABLED", "false"),
        strict().set("RATE_LIMIT_REFRESH", "off"),
    ] {
        let server = place.start();
        for _ in 0..10 {
            assert_eq!(status(&server, &[]).await, 401);
        }
    }
}

#[tokio::test]
async fn a_client_does_not_dodge_the_limit_by_its_own_word() {
    for place in [strict(), strict().set("TRUSTED_PROXIES", "10.0.0.0/8")] {
        let server = place.start();
        for expected in [401, 401] {
            assert_eq!(status(&server, &[]).await, expected);
        }
        for host in 1..10 {
            let address = format!("203.0.113.{host}");
            let forwarded = format!("for={address}");
            for (name, value) in [
                ("x-forwarded-for", &address),
                ("x-real-ip", &address),
                ("forwarded", &forwarded),
            ] {
                assert_eq!(status(&server, &[(name, value)]).await, 429, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_every_client_has_its_own_limit() {
    let server = strict().set("TRUSTED_PROXIES", "127.0.0.0/8").start();
    for (addresses, expected) in [
        ("203.0.113.1", 401),
        ("203.0.113.1", 401),
        ("203.0.113.1", 429),
        // What a client says before the proxy adds its address is hearsay.
        ("198.51.100.1, 203.0.113.1", 429),
        ("203.0.113.2", 401),
    ] {
        let headers = [("x-forwarded-for", addresses)];
        assert_eq!(status(&server, &headers).await, expected, "{addresses}");
    }
}
