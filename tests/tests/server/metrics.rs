//! `/metrics`, as Prometheus reads it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use doorward_tests::server::{ADMIN_EMAIL, ADMIN_PASSWORD, Installation, Server};
use doorward_tests::smtp::{Act, Script, SmtpSink, Step};
use http::Method;
use serde_json::json;

/// The samples by name and labels.
async fn samples(server: &Server) -> BTreeMap<String, f64> {
    let answer = server.http().plain(Method::GET, "/metrics").send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn logins_and_requests_are_counted_and_nobody_is_named() {
    let place = Installation::with_admin().with_cheap_passwords();
    let server = place.start();
    let before = samples(&server).await;
    assert_eq!(before["doorward_logins_total{outcome=\"ok\"}"], 0.0);
    assert_eq!(before["doorward_database_up"], 1.0);
    assert_eq!(before["doorward_lockouts_total"], 0.0);

    server.http().login(ADMIN_EMAIL, ADMIN_PASSWORD).await;
    for name in [ADMIN_EMAIL, "nobody@example.com"] {
        let body = json!({"username": name, "password": "wrong"});
        server.http().post("/auth/login", body).await.expect(401);
    }
    let after = samples(&server).await;
    assert_eq!(after["doorward_logins_total{outcome=\"ok\"}"], 1.0);
    assert_eq!(after["doorward_logins_total{outcome=\"wrong\"}"], 2.0);
    let refused = "doorward_requests_total{status=\"4xx\"}";
    assert_eq!(after[refused] - before[refused], 2.0);
    let names: Vec<_> = after.keys().cloned().collect();
    let names = names.join("\n");
    assert!(
        !names.contains("example.com") && !names.contains("127."),
        "{names}"
    );
}

#[tokio::test]
async fn mail_that_waits_and_mail_that_was_given_up_show() {
    let sink = SmtpSink::start().await;
    sink.script(Script::new().at(Step::Rcpt, Act::Reply("550 5.1.1 unknown")));
    let server = Installation::with_admin()
        .with_cheap_passwords()
        .set("SMTP_HOST", "127.0.0.1")
        .set("SMTP_PORT", sink.port().to_string())
        .start();
    assert_eq!(samples(&server).await["doorward_outbox_waiting"], 0.0);
    let http = server.http();
    http.register("anna@example.com", "correct horse battery")
        .await;
    wait_for_mails(&server, (0.0, 1.0)).await;
    sink.script(Script::new().at(Step::Greeting, Act::Reply("421 4.3.2 closing")));
    http.register("otto@example.com", "correct horse battery")
        .await;
    wait_for_mails(&server, (1.0, 1.0)).await;
    let now = samples(&server).await;
    assert_eq!(now["doorward_mails_total{outcome=\"given_up\"}"], 1.0);
    assert_eq!(now["doorward_mails_total{outcome=\"sent\"}"], 0.0);
    assert!(now["doorward_outbox_oldest_seconds"] >= 0.0);
}

/// Waits until this many mails wait, and were given up.
async fn wait_for_mails(server: &Server, expected: (f64, f64)) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let now = samples(server).await;
        let counts = (now["doorward_outbox_waiting"], now["doorward_outbox_dead"]);
        if counts == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{now:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn it_can_be_turned_off() {
    let server = Installation::new().set("METRICS_ENABLED", "false").start();
    let answer = server.http().plain(Method::GET, "/metrics").send().await;
    assert_eq!(answer.expect(404)["code"], "not_found");
    // Counting goes nowhere, and nothing else minds.
    server.http().get("/health").await.expect(200);
}
