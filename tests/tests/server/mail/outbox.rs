//! `doorward mail`: the outbox on the command line; and `doorward users unlock`.

use doorward_tests::server::Installation;
use doorward_tests::smtp::{Act, Script, SmtpSink, Step};
use serde_json::json;

use super::{EMAIL, PASSWORD, eventually, outbox, sending_through};

const USAGE: i32 = 2;
const DATABASE: i32 = 4;
const NOT_FOUND: i32 = 5;

fn create_user(place: &Installation) {
    let arguments = ["users", "create", "--email", EMAIL];
    place.run_with_input(arguments, PASSWORD).ok();
}

#[tokio::test]
async fn a_mail_that_waits_is_listed_without_address_and_text() {
    let sink = SmtpSink::start().await;
    let place = sending_through(&sink);
    // Mails are sealed with the secret that it made.
    place.start().stop();
    create_user(&place);
    let mails = outbox(&place);
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0]["kind"], "email_verification");
    assert_eq!(
        (&mails[0]["state"], &mails[0]["attempts"]),
        (&"waiting".into(), &0.into())
    );
    assert!(mails[0]["failure"].is_null() && mails[0]["dead_at"].is_null());

    let listed = place.run(["mail", "list"]);
    let line = listed.ok();
    let id = mails[0]["id"].as_str().unwrap();
    assert!(
        line.contains(id) && line.contains("waiting, not tried yet"),
        "{line}"
    );
    assert!(!line.contains("anna") && !line.contains("http"), "{line}");
    assert_eq!(place.run(["mail", "list", "--dead"]).ok(), "");
    let none = place.run(["mail", "list", "--limit", "0"]);
    assert_eq!(none.ok(), "");
    assert!(none.stderr.contains("there are more"), "{none:#?}");

    let retried = place.run(["mail", "retry", id]);
    assert_eq!(retried.ok(), "1 mail is due at once\n");
    // No command sends a mail.
    assert_eq!(sink.conversations(), 0);
}

#[tokio::test]
async fn mails_that_were_given_up_are_listed_and_tried_again() {
    let sink = SmtpSink::start().await;
    sink.script(Script::new().at(Step::Rcpt, Act::Reply("550 5.1.1 unknown anna@example.com")));
    let place = sending_through(&sink);
    let server = place.start();
    create_user(&place);
    let dead = eventually(async || {
        let dead = place.run(["mail", "list", "--dead", "--json"]).json();
        dead.get(0).cloned()
    })
    .await;
    assert_eq!(
        (&dead["state"], &dead["attempts"]),
        (&"dead".into(), &1.into())
    );
    let failure = dead["failure"].as_str().unwrap();
    assert!(failure.starts_with("550 5.1.1"), "{failure}");
    assert!(!failure.contains("anna"), "{failure}");
    assert!(sink.mails().is_empty());

    sink.script(Script::new());
    let retried = place.run(["mail", "retry", "--all", "--json"]).json();
    assert_eq!(retried, json!({"retried": 1}));
    let mail = sink.wait_for_mail().await;
    assert_eq!(mail.to, [EMAIL]);
    eventually(async || outbox(&place).is_empty().then_some(())).await;
    let retried = place.run(["mail", "retry", "--all"]);
    assert_eq!(retried.ok(), "0 mails are due at once\n");
    server.stop();
}

#[test]
fn what_can_not_be_tried_again_says_why() {
    let place = Installation::with_admin().with_cheap_passwords();
    let missing = place.run(["mail", "list"]);
    assert!(
        missing.failure(DATABASE).contains("there is no database"),
        "{missing:#?}"
    );
    create_user(&place);
    let unknown = "00000000-0000-7000-8000-000000000000";
    let failed = place.run(["mail", "retry", unknown]);
    assert!(
        failed.failure(NOT_FOUND).contains("there is no such mail"),
        "{failed:#?}"
    );
    let failed = place.run(["mail", "retry", "nonsense"]);
    assert!(failed.failure(USAGE).starts_with("ID: "), "{failed:#?}");
    for arguments in [&["mail", "retry"][..], &["mail", "retry", unknown, "--all"]] {
        assert_eq!(place.run(arguments).code, Some(USAGE), "{arguments:?}");
    }
}

#[tokio::test]
async fn an_account_is_unlocked() {
    let place = Installation::with_admin()
        .with_cheap_passwords()
        .set("LOCKOUT_THRESHOLD", "2");
    create_user(&place);
    let server = place.start();
    let http = server.http();
    let log_in = async |password: &str| {
        let body = json!({"username": EMAIL, "password": password});
        http.post("/auth/login", body).await
    };
    log_in("wrong").await.expect(401);
    // After the first there is a second to wait; the second locks for minutes.
    eventually(async || (log_in("wrong").await.status == 401).then_some(())).await;
    let locked = log_in(PASSWORD).await;
    assert!(locked.header("retry-after").parse::<u32>().unwrap() > 60);
    let code = locked.status.as_u16();
    assert_eq!(locked.expect(code)["code"], "account_locked");

    let shown = place.run(["users", "unlock", EMAIL]);
    assert!(shown.ok().contains(EMAIL), "{shown:#?}");
    log_in(PASSWORD).await.expect(200);
    place
        .run(["users", "unlock", "nobody@example.com"])
        .failure(NOT_FOUND);
}
