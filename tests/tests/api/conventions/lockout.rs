//! What somebody hears who logs in after too many failures.

use std::net::IpAddr;
use std::time::Duration;

use doorward_tests::engine::{PASSWORD, TestEngine};
use doorward_tests::http::{Answer, Call, TestApi};
use serde_json::json;

use super::lasting_headers;

const ANNA: &str = "anna@example.com";
/// The network that Anna uses.
const HOME: &str = "192.0.2.1";
/// One that she has never used.
const AWAY: &str = "198.51.100.1";
/// How many failures are answered before the first wait.
const FREE: usize = 5;

async fn api_with_anna() -> TestApi {
    let api = TestApi::start().await;
    api.engine().create(ANNA, &["user"]).await;
    api
}

fn log_in(api: &TestApi, name: &str, password: &str, ip: &str) -> Call {
    let ip: IpAddr = ip.parse().unwrap();
    api.anonymous()
        .post("/auth/login")
        .json(&json!({"username": name, "password": password}))
        .from_ip(ip)
}

async fn fail(api: &TestApi, times: usize, name: &str, ip: &str) {
    for _ in 0..times {
        let answer = log_in(api, name, "wrong", ip).await;
        assert_eq!(answer.status, 401, "{answer}");
    }
}

#[track_caller]
fn expect_locked(answer: &Answer, retry_after: &str) {
    answer.expect_problem(
        429,
        "account_locked",
        "Too many failed attempts, try again later",
    );
    assert_eq!(answer.header("retry-after"), Some(retry_after));
}

#[tokio::test]
async fn waits_grow_and_end_in_a_lock() {
    let api = api_with_anna().await;
    fail(&api, FREE, ANNA, AWAY).await;
    for wait in [1, 2, 4, 8, 16] {
        expect_locked(&log_in(&api, ANNA, "wrong", AWAY).await, &wait.to_string());
        // Who comes before their time is not counted.
        expect_locked(&log_in(&api, ANNA, "wrong", AWAY).await, &wait.to_string());
        api.engine().advance(Duration::from_secs(wait));
        fail(&api, 1, ANNA, AWAY).await;
    }
    expect_locked(&log_in(&api, ANNA, PASSWORD, AWAY).await, "900");
    api.engine().advance(Duration::from_millis(899_500));
    expect_locked(&log_in(&api, ANNA, PASSWORD, AWAY).await, "1");
    api.engine().advance(Duration::from_millis(500));
    assert_eq!(log_in(&api, ANNA, PASSWORD, AWAY).await.status, 200);
}

#[tokio::test]
async fn the_right_password_is_refused_like_a_wrong_one_and_sessions_go_on() {
    let api = api_with_anna().await;
    let anna = api.login(ANNA).await;
    fail(&api, FREE, ANNA, AWAY).await;
    let right = log_in(&api, ANNA, PASSWORD, AWAY).await;
    expect_locked(&right, "1");
    let wrong = log_in(&api, ANNA, "wrong", AWAY).await;
    assert_eq!(lasting_headers(&right), lasting_headers(&wrong));
    let form = format!("username={ANNA}&password={}", PASSWORD.replace(' ', "+"));
    for path in ["/auth/login", "/auth/login/form"] {
        let call = api.anonymous().post(path).form(&form);
        expect_locked(&call.from_ip(AWAY.parse().unwrap()).await, "1");
    }
    assert!(anna.is_let_in().await);
    assert_eq!(anna.refresh(&anna.refresh_token).await.status, 200);
}

#[tokio::test]
async fn a_name_that_nobody_has_gets_the_same_answers() {
    let api = api_with_anna().await;
    for name in [ANNA, "nobody@example.com", "nobody", "no name at all"] {
        fail(&api, FREE, name, AWAY).await;
        let mut seen = Vec::new();
        for password in [PASSWORD, "wrong"] {
            let answer = log_in(&api, name, password, AWAY).await;
            expect_locked(&answer, "1");
            let mut body = answer.json();
            body["request_id"].take();
            seen.push((body, lasting_headers(&answer)));
        }
        assert_eq!(seen[0], seen[1]);
        api.engine().advance(Duration::from_secs(1));
        fail(&api, 1, name, AWAY).await;
        expect_locked(&log_in(&api, name, "wrong", AWAY).await, "2");
    }
}

#[tokio::test]
async fn both_names_of_an_account_count_together() {
    let api = TestApi::start().await;
    let body = json!({"email": ANNA, "username": "anna", "password": PASSWORD});
    let registered = api.anonymous().post("/auth/register").json(&body).await;
    assert_eq!(registered.status, 201);
    fail(&api, 2, ANNA, AWAY).await;
    fail(&api, 2, "anna", AWAY).await;
    fail(&api, 1, "ANNA@example.com", AWAY).await;
    for name in [ANNA, "anna", "ANNA"] {
        expect_locked(&log_in(&api, name, PASSWORD, AWAY).await, "1");
    }
}

#[tokio::test]
async fn a_success_forgets_the_failures() {
    let api = api_with_anna().await;
    for _ in 0..3 {
        fail(&api, FREE - 1, ANNA, HOME).await;
        assert_eq!(log_in(&api, ANNA, PASSWORD, HOME).await.status, 200);
    }
}

#[tokio::test]
async fn a_stranger_cannot_keep_the_owner_out() {
    let api = api_with_anna().await;
    assert_eq!(log_in(&api, ANNA, PASSWORD, HOME).await.status, 200);
    // Wherever the stranger comes from, all of them count together.
    for host in 1..=FREE {
        fail(&api, 1, ANNA, &format!("203.0.113.{host}")).await;
    }
    for away in [AWAY, "203.0.113.99", "2001:db8::1"] {
        expect_locked(&log_in(&api, ANNA, PASSWORD, away).await, "1");
    }
    assert_eq!(log_in(&api, ANNA, PASSWORD, HOME).await.status, 200);
    // Her success at home does not let the stranger go on.
    expect_locked(&log_in(&api, ANNA, "wrong", AWAY).await, "1");
}

#[tokio::test]
async fn whoever_guesses_from_the_owners_network_is_locked_out_too() {
    let api = api_with_anna().await;
    assert_eq!(log_in(&api, ANNA, PASSWORD, HOME).await.status, 200);
    fail(&api, FREE, ANNA, HOME).await;
    expect_locked(&log_in(&api, ANNA, PASSWORD, HOME).await, "1");
    assert_eq!(log_in(&api, ANNA, PASSWORD, AWAY).await.status, 200);
}

#[tokio::test]
async fn the_owner_is_told_once() {
    let api = TestApi::with_mail().await;
    api.engine().create(ANNA, &["user"]).await;
    api.engine().mails().await;
    for name in [ANNA, "nobody@example.com"] {
        fail(&api, FREE, name, AWAY).await;
        for wait in [1, 2, 4, 8, 16, 900, 900] {
            api.engine().advance(Duration::from_secs(wait));
            fail(&api, 1, name, AWAY).await;
        }
    }
    let sent = api.engine().mails().await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to, ANNA);
    assert!(sent[0].subject.contains("is locked for now"));
    assert!(!sent[0].text.contains("dw_"));
}

#[tokio::test]
async fn the_owner_hears_the_whole_minutes_of_the_lock() {
    let api = TestApi::with_mail().await;
    api.engine().create(ANNA, &["user"]).await;
    api.engine().mails().await;
    fail(&api, FREE, ANNA, AWAY).await;
    for wait in [1, 2, 4, 8, 16] {
        api.engine().advance(Duration::from_secs(wait));
        fail(&api, 1, ANNA, AWAY).await;
    }
    // The mail is written a moment after the lock began.
    api.engine().advance(Duration::from_millis(300));
    let sent = api.engine().mails().await;
    let text = &sent[0].text;
    assert!(
        text.contains("no new login is accepted for 15 minutes"),
        "{text}"
    );
}

#[tokio::test]
async fn when_it_locks_and_for_how_long_are_settings() {
    let policy = doorward::LockoutPolicy {
        threshold: 3,
        duration: Duration::from_secs(60),
    };
    let engine = TestEngine::in_memory_with(|builder| builder.lockout(policy)).await;
    let api = TestApi::on(engine);
    api.engine().create(ANNA, &["user"]).await;
    fail(&api, 2, ANNA, AWAY).await;
    expect_locked(&log_in(&api, ANNA, PASSWORD, AWAY).await, "1");
    api.engine().advance(Duration::from_secs(1));
    fail(&api, 1, ANNA, AWAY).await;
    expect_locked(&log_in(&api, ANNA, PASSWORD, AWAY).await, "60");
}

#[tokio::test]
async fn wrong_own_passwords_are_counted_and_no_strangers_are() {
    let api = api_with_anna().await;
    let anna = api.login(ANNA).await;
    fail(&api, FREE, ANNA, AWAY).await;
    let change = |current: &str| {
        let body = json!({"current_password": current, "new_password": "purple kettle sings"});
        anna.post("/auth/password/change").json(&body)
    };
    for _ in 0..FREE {
        change("wrong").await.expect_problem(
            400,
            "incorrect_password",
            "Current password is incorrect",
        );
    }
    expect_locked(&change(PASSWORD).await, "1");
    api.engine().advance(Duration::from_secs(1));
    assert_eq!(change(PASSWORD).await.status, 200);
}
