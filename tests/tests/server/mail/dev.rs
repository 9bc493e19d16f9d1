//! Without a mail server, in development: mails are kept and shown at `/dev/mail`.

use doorward_tests::server::client::Answer;
use doorward_tests::server::{Installation, Server};
use doorward_tests::smtp::SmtpSink;
use http::Method;
use serde_json::{Value, json};

use super::{EMAIL, PASSWORD, eventually, kept, link, sending_through, token};

fn installation() -> Installation {
    Installation::with_admin().with_cheap_passwords()
}

async fn get(server: &Server, path: &str) -> Answer {
    server.http().plain(Method::GET, path).send().await
}

/// Registers Anna; the mail that she would have got.
async fn register(server: &Server) -> Value {
    server.http().register(EMAIL, PASSWORD).await;
    eventually(async || kept(server).await.into_iter().next()).await
}

#[tokio::test]
async fn a_newcomer_reads_the_mail_and_its_token_verifies() {
    let server = installation().start();
    let told = format!("kept, to be read at http://{}/dev/mail", server.address());
    assert!(server.stdout().contains(&told), "{}", server.stdout());
    assert!(kept(&server).await.is_empty());

    let mail = register(&server).await;
    assert_eq!(mail["to"], EMAIL);
    let link = link(mail["text"].as_str().unwrap());
    let page = format!("http://{}/verify-email#token=", server.address());
    assert!(link.starts_with(&page), "{link}");

    let html = get(&server, "/verify-email").await;
    assert_eq!(html.status, 200);
    let session = server.http().login(EMAIL, PASSWORD).await;
    let me = session.http.get("/users/me").await.expect(200);
    assert_eq!(me["is_verified"], false);
    let body = json!({"token": token(link)});
    let confirm = "/auth/email/verification/confirm";
    server.http().post(confirm, body).await.expect(200);
    let me = session.http.get("/users/me").await.expect(200);
    assert_eq!(me["is_verified"], true);
}

#[tokio::test]
async fn the_pages_that_links_lead_to_load_their_own_files_alone() {
    let server = installation().set("API_V1_STR", "/v9").start();
    for page in ["/reset-password", "/verify-email"] {
        let answer = get(&server, page).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        let policy = answer.header("content-security-policy");
        assert!(
            !policy.contains("unsafe") && policy.contains("script-src 'self'"),
            "{policy}"
        );
        let html = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(html.contains("data-endpoint=\"v9/auth/"), "{html}");
        for file in ["style.css", "page.js"] {
            assert!(
                html.contains(&format!("{}/{file}?v=", &page[1..])),
                "{html}"
            );
            assert_eq!(get(&server, &format!("{page}/{file}")).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_mail_is_shown_as_text_with_links_and_as_html_in_a_frame() {
    let server = installation().start();
    let mail = register(&server).await;
    let id = mail["id"].as_str().unwrap();
    let text = mail["text"].as_str().unwrap();

    let list = get(&server, "/dev/mail").await;
    let one = get(&server, &format!("/dev/mail/{id}")).await;
    for page in [&list, &one] {
        assert_eq!(page.header("cache-control"), "no-store");
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self';"),
            "{policy}"
        );
        assert!(
            !policy.contains("script") && !policy.contains("unsafe"),
            "{policy}"
        );
    }
    let list = String::from_utf8(list.body.to_vec()).unwrap();
    assert!(list.contains(&format!("href=\"/dev/mail/{id}\"")), "{list}");
    assert!(list.contains(mail["subject"].as_str().unwrap()), "{list}");
    let one = String::from_utf8(one.body.to_vec()).unwrap();
    assert!(
        one.contains(&format!("<a href=\"{}\">", link(text))),
        "{one}"
    );
    let frame = format!(
        "sandbox=\"allow-popups allow-popups-to-escape-sandbox\" src=\"/dev/mail/{id}/html\""
    );
    assert!(one.contains(&frame), "{one}");
    assert!(!one.contains("<script") && !list.contains("<script"));
    assert_eq!(get(&server, "/dev/mail/style.css").await.status, 200);

    let html = get(&server, &format!("/dev/mail/{id}/html")).await;
    let policy = html.header("content-security-policy");
    assert!(
        policy.contains("sandbox") && policy.contains("frame-ancestors 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("allow-scripts"), "{policy}");
    assert_eq!(html.header("cache-control"), "no-store");
    for path in [
        "/dev/mail/nonsense",
        "/dev/mail/00000000-0000-7000-8000-000000000000",
    ] {
        assert_eq!(get(&server, path).await.expect(404)["code"], "not_found");
    }
}

#[tokio::test]
async fn who_does_not_call_this_machine_by_its_name_finds_nothing() {
    let server = installation().set("TRUSTED_PROXIES", "127.0.0.0/8").start();
    let mail = register(&server).await;
    let id = mail["id"].as_str().unwrap();
    let port = server.address().port();
    for path in [
        "/dev/mail".to_owned(),
        "/dev/mail.json".to_owned(),
        "/dev/mail/style.css".to_owned(),
        format!("/dev/mail/{id}"),
        format!("/dev/mail/{id}/html"),
    ] {
        for (name, value) in [
            ("host", format!("evil.example:{port}")),
            ("host", "evil.example".to_owned()),
            ("host", format!("localhost.evil.example:{port}")),
            ("x-forwarded-for", "203.0.113.7".to_owned()),
            ("x-forwarded-for", "127.0.0.1".to_owned()),
            ("forwarded", "for=127.0.0.1".to_owned()),
        ] {
            let call = server.http().plain(Method::GET, &path);
            let answer = call.header(name, &value).send().await;
            assert_eq!(
                answer.expect(404)["code"],
                "not_found",
                "{path} {name}: {value}"
            );
        }
        let call = server.http().plain(Method::GET, &path);
        let answer = call
            .header("host", &format!("localhost:{port}"))
            .send()
            .await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[tokio::test]
async fn where_mails_are_sent_or_it_is_production_none_are_shown() {
    let sink = SmtpSink::start().await;
    let production = installation()
        .set("SECRET_KEY", "5f0c1e7b9a3d4c2e8f6a7b1c0d9e8f7a")
        .unset("PASSWORD_HASH_MEMORY_KIB");
    for place in [production, sending_through(&sink)] {
        let server = place.start();
        for path in ["/dev/mail", "/dev/mail.json", "/dev/mail/style.css"] {
            assert_eq!(get(&server, path).await.expect(404)["code"], "not_found");
        }
        server.http().register(EMAIL, PASSWORD).await;
        let answer = super::request_reset(&server, EMAIL).await;
        let expected = "If the email exists, a password reset link has been sent";
        assert_eq!(answer["message"], expected);
    }
}

#[tokio::test]
async fn a_command_leaves_its_mails_to_the_server() {
    let place = installation();
    let server = place.start();
    let arguments = ["users", "create", "--email", EMAIL];
    place.run_with_input(arguments, PASSWORD).ok();
    let mail = eventually(async || kept(&server).await.into_iter().next()).await;
    assert_eq!(mail["to"], EMAIL);
    // Where the server is to be found, a command can not know if the system chose the port.
    assert!(
        mail["text"]
            .as_str()
            .unwrap()
            .contains("/verify-email#token=")
    );
}

#[tokio::test]
async fn texts_of_ones_own_are_in_the_language_that_the_browser_prefers() {
    let place = installation().set("MAIL_TEMPLATES_DIR", "mails");
    std::fs::create_dir_all(place.path("mails/de")).unwrap();
    let place = place
        .file(
            "mails/email_verification.txt",
            "Subject: Hi from {{ service }}\n\n{{ link }}\n",
        )
        .file(
            "mails/de/email_verification.txt",
            "Subject: Grüße von {{ service }}\n\n{{ link }}\n",
        );
    let server = place.start();
    for (number, languages, subject) in [
        (1, "de-AT,de;q=0.9,en;q=0.8", "Grüße von Doorward"),
        (2, "fr,de;q=0.5", "Hi from Doorward"),
    ] {
        let body = json!({"email": format!("a{number}@example.com"), "password": PASSWORD});
        let call = server.http().call(Method::POST, "/auth/register");
        let call = call.json(&body).header("accept-language", languages);
        call.send().await.expect(201);
        let mails = eventually(async || {
            let mails = kept(&server).await;
            (mails.len() == number).then_some(mails)
        })
        .await;
        assert_eq!(mails[0]["subject"], subject, "{languages}");
    }
}

#[test]
fn a_template_that_is_wrong_keeps_the_server_from_starting() {
    let place = installation().set("MAIL_TEMPLATES_DIR", "mails");
    std::fs::create_dir(place.path("mails")).unwrap();
    let place = place.file("mails/password_reset.txt", "Subject: A\n\nno link\n");
    let failed = place.run(["serve"]);
    let message = failed.failure(3);
    assert!(message.starts_with("MAIL_TEMPLATES_DIR: "), "{message}");
    assert!(
        message.ends_with("mails/password_reset.txt: it holds neither `link` nor `token`"),
        "{message}"
    );
}
