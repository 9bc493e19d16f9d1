//! Mail of the built server: kept and shown, or sent; and the outbox on the command line.

mod dev;
mod outbox;
mod smtp;

use std::time::{Duration, Instant};

use doorward_tests::server::{Installation, Server};
use doorward_tests::smtp::SmtpSink;
use http::Method;
use serde_json::{Value, json};

const EMAIL: &str = "anna@example.com";
const PASSWORD: &str = "correct horse battery";
const PUBLIC_URL: &str = "https://auth.example.com";

/// A development server that sends mail through this one.
fn sending_through(sink: &SmtpSink) -> Installation {
    Installation::with_admin()
        .with_cheap_passwords()
        .set("SMTP_HOST", "127.0.0.1")
        .set("SMTP_PORT", sink.port().to_string())
        .set("PUBLIC_URL", PUBLIC_URL)
}

/// The mails that a server keeps, the newest first.
async fn kept(server: &Server) -> Vec<Value> {
    let call = server.http().plain(Method::GET, "/dev/mail.json");
    let mails = call.send().await.expect(200);
    mails.as_array().unwrap().clone()
}

/// The outbox as the command line shows it.
fn outbox(place: &Installation) -> Vec<Value> {
    let mails = place.run(["mail", "list", "--json"]).json();
    mails.as_array().unwrap().clone()
}

/// What `find` finds, asked until it does.
async fn eventually<T>(mut find: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = find().await {
            return found;
        }
        assert!(Instant::now() < deadline, "it never was so");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The link in a mail's text.
fn link(text: &str) -> &str {
    let start = text.find("http").unwrap();
    text[start..].split_whitespace().next().unwrap()
}

fn token(link: &str) -> &str {
    link.split_once("#token=").unwrap().1
}

async fn request_reset(server: &Server, email: &str) -> Value {
    let body = json!({"email": email});
    let http = server.http();
    let answer = http.post("/auth/password/reset/request", body).await;
    answer.expect(200)
}
