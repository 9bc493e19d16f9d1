//! Mail through a real SMTP server on loopback: encrypted, down, and across `kill -9`.

use std::collections::BTreeSet;

use doorward::SmtpSecurity;
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::server::Installation;
use doorward_tests::smtp::{Act, Script, SmtpSink, Step};
use http::Method;
use serde_json::json;

use super::{
    EMAIL, PASSWORD, PUBLIC_URL, eventually, link, outbox, request_reset, sending_through, token,
};

/// What a request for a reset is answered, whatever becomes of the mail.
const TAKEN: &str = "If the email exists, a password reset link has been sent";
const SECRET_KEY: &str = "5f0c1e7b9a3d4c2e8f6a7b1c0d9e8f7a";

fn down() -> Script {
    Script::new().at(Step::Greeting, Act::Reply("421 4.3.2 closing"))
}

#[tokio::test]
async fn a_reset_goes_by_mail_and_its_link_begins_with_the_public_url_alone() {
    let sink = SmtpSink::start().await;
    let server = sending_through(&sink).set("PROJECT_NAME", "Shop").start();
    server.http().register(EMAIL, PASSWORD).await;
    sink.wait_for_mail().await;
    let call = server
        .http()
        .call(Method::POST, "/auth/password/reset/request");
    let call = call.json(&json!({"email": EMAIL}));
    let answer = call.header("host", "evil.example").send().await.expect(200);
    assert_eq!(answer["message"], TAKEN);

    let mail = sink.wait_for_mails(2).await.remove(1);
    assert_eq!(mail.to, [EMAIL]);
    assert!(
        mail.header("From").contains("Shop"),
        "{}",
        mail.header("From")
    );
    let text = mail.text();
    let link = link(&text);
    assert!(
        link.starts_with(&format!("{PUBLIC_URL}/reset-password#token=")),
        "{link}"
    );
    assert!(!mail.raw.contains("evil"), "{}", mail.raw);

    let body = json!({"token": token(link), "new_password": "another good one"});
    let confirm = "/auth/password/reset/confirm";
    server.http().post(confirm, body.clone()).await.expect(200);
    server.http().post(confirm, body).await.expect(400);
    server.http().login(EMAIL, "another good one").await;
}

#[tokio::test]
async fn production_sends_under_tls_from_an_account_of_its_own() {
    for (security, name) in [
        (SmtpSecurity::StartTls, "starttls"),
        (SmtpSecurity::ImplicitTls, "tls"),
    ] {
        let sink = SmtpSink::start_with(security).await;
        sink.script(Script::new().requiring_auth("doorward", "hush hush"));
        let place = Installation::with_admin()
            .set("SECRET_KEY", SECRET_KEY)
            .set("SMTP_HOST", "127.0.0.1")
            .set("SMTP_PORT", sink.port().to_string())
            .set("SMTP_SECURITY", name)
            .set("SMTP_USER", "doorward")
            .set("SMTP_PASSWORD", "hush hush")
            .set("SMTP_CA_FILE", "ca.pem")
            .set("EMAILS_FROM_EMAIL", "noreply@example.org")
            .set("EMAILS_FROM_NAME", "The Shop")
            .set("PUBLIC_URL", PUBLIC_URL)
            .file("ca.pem", sink.certificate());
        let server = place.start();
        server.http().register(EMAIL, PASSWORD).await;
        let mail = sink.wait_for_mail().await;
        assert!(mail.is_encrypted);
        assert_eq!(mail.user.as_deref(), Some("doorward"));
        assert_eq!(mail.from, "noreply@example.org");
        assert!(mail.header("From").contains("The Shop"));
        let said = server.stop();
        let said = format!("{}{}", said.stdout, said.stderr);
        assert!(!said.contains("hush") && !said.contains(EMAIL), "{said}");
    }
}

#[tokio::test]
async fn while_the_mail_server_is_down_answers_are_the_same_and_mail_waits() {
    let sink = SmtpSink::start().await;
    sink.script(down());
    let place = sending_through(&sink);
    let server = place.start();
    server.http().register(EMAIL, PASSWORD).await;
    for email in [EMAIL, "nobody@example.com"] {
        assert_eq!(request_reset(&server, email).await["message"], TAKEN);
    }
    // Anna's two wait, and were tried.
    let waiting = eventually(async || {
        let mails = outbox(&place);
        let tried = mails.iter().all(|mail| mail["failure"].is_string());
        (mails.len() == 2 && tried).then_some(mails)
    })
    .await;
    assert!(waiting.iter().all(|mail| mail["state"] == "waiting"));
    assert!(sink.mails().is_empty());

    sink.script(Script::new());
    let mails = sink.wait_for_mails(2).await;
    assert!(mails.iter().all(|mail| mail.to == [EMAIL]), "{mails:?}");
    eventually(async || outbox(&place).is_empty().then_some(())).await;
    assert_eq!(sink.mails().len(), 2);
}

/// As if the time had passed for which a mail belongs to whoever tried to send it.
fn let_claims_run_out(place: &Installation) {
    let database = rusqlite::Connection::open(place.path("app.db")).unwrap();
    let sql = "update doorward_jobs set due_at = 0";
    assert_eq!(database.execute(sql, []).unwrap(), 1);
}

#[tokio::test]
async fn what_was_written_before_a_kill_is_sent_after_the_restart() {
    let sink = SmtpSink::start().await;
    sink.script(Script::new().at(Step::Greeting, Act::Stall));
    let place = sending_through(&sink);
    let mut server = place.start();
    server.http().register(EMAIL, PASSWORD).await;
    sink.wait_for_conversations(1).await;
    server.kill();

    sink.script(Script::new());
    let_claims_run_out(&place);
    let server = place.start();
    let mail = sink.wait_for_mail().await;
    assert_eq!(mail.to, [EMAIL]);
    let text = mail.text();
    let body = json!({"token": token(link(&text))});
    let confirm = "/auth/email/verification/confirm";
    server.http().post(confirm, body).await.expect(200);
    eventually(async || outbox(&place).is_empty().then_some(())).await;
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn a_request_that_was_answered_before_a_kill_is_carried_out_after_it() {
    let sink = SmtpSink::start().await;
    let place = sending_through(&sink);
    let mut server = place.start();
    server.http().register(EMAIL, PASSWORD).await;
    sink.wait_for_mail().await;
    // Killed at the answer: whether the mail is written, claimed or sent by then is chance.
    request_reset(&server, EMAIL).await;
    server.kill();
    let database = rusqlite::Connection::open(place.path("app.db")).unwrap();
    database
        .execute("update doorward_jobs set due_at = 0", [])
        .unwrap();
    drop(database);
    let _server = place.start();
    let mails = sink.wait_for_mails(2).await;
    assert!(mails[1].text().contains("/reset-password#token="));
}

#[tokio::test]
async fn two_servers_on_one_database_send_each_mail_once() {
    let Some(database) = TestDatabase::create(Kind::Postgres) else {
        return;
    };
    let sink = SmtpSink::start().await;
    let place = || {
        sending_through(&sink)
            .set("ENVIRONMENT", "development")
            .set("SECRET_KEY", SECRET_KEY)
            .set("DATABASE_URL", database.url())
    };
    let (here, there) = (place(), place());
    let (one, other) = (here.start(), there.start());
    let mut expected = BTreeSet::new();
    for number in 0..15 {
        for (server, name) in [(&one, "one"), (&other, "other")] {
            let email = format!("{name}-{number}@example.com");
            server.http().register(&email, PASSWORD).await;
            expected.insert(email);
        }
    }
    eventually(async || outbox(&here).is_empty().then_some(())).await;
    let mails = sink.mails();
    let reached: BTreeSet<_> = mails.iter().flat_map(|mail| mail.to.clone()).collect();
    assert_eq!(mails.len(), 30);
    assert_eq!(reached, expected);
    let ids: BTreeSet<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids.len(), 30);
    one.stop();
    other.stop();
    // The harness drops the database after the servers have let go of it.
    drop((here, there));
    drop(database);
}
