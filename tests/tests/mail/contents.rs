//! What arrives.

use doorward::{Mailer as _, OutgoingMail};
use doorward_tests::smtp::SmtpSink;

use crate::{mail, mailer};

#[tokio::test]
async fn text_and_html_arrive_as_alternatives() {
    let sink = SmtpSink::start().await;
    let mut config = sink.config();
    config.from_name = Some("Example".to_owned());
    mailer(config).send(&mail()).await.unwrap();

    let received = sink.wait_for_mail().await;
    assert_eq!(received.from, "hello@example.com");
    assert_eq!(received.to, ["anna@example.org"]);
    assert_eq!(received.header("From"), "Example <hello@example.com>");
    assert_eq!(received.header("To"), "anna@example.org");
    assert_eq!(received.header("Date"), "Sat, 21 Nov 2026 04:44:35 +0000");
    assert_eq!(received.header("Auto-Submitted"), "auto-generated");
    assert_eq!(
        received.header("Message-ID"),
        "<00000000-0000-0000-0000-000000000007@example.com>"
    );
    assert!(
        received
            .header("Content-Type")
            .starts_with("multipart/alternative")
    );
    assert_eq!(received.subject(), "Hello");
    assert_eq!(received.text(), "Good morning.\n");
    assert_eq!(received.html().as_deref(), Some("<p>Good morning.</p>\n"));
}

#[tokio::test]
async fn a_mail_without_html_is_plain_text() {
    let sink = SmtpSink::start().await;
    let plain = OutgoingMail {
        html: None,
        ..mail()
    };
    mailer(sink.config()).send(&plain).await.unwrap();
    let received = sink.wait_for_mail().await;
    assert_eq!(received.header("Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(received.text(), "Good morning.\n");
    assert_eq!(received.html(), None);
}

#[tokio::test]
async fn any_letters_and_long_lines_and_lone_dots_arrive_whole() {
    let sink = SmtpSink::start().await;
    let long = "wörd ".repeat(400);
    let text = format!("Grüße, 王!\n\n.\n..\n.leading\n{}\n=3D\n", long.trim_end());
    let difficult = OutgoingMail {
        subject: "Grüße, 王! ".repeat(10).trim_end().to_owned(),
        text: text.clone(),
        html: Some(format!("<pre>{text}</pre>\n")),
        ..mail()
    };
    mailer(sink.config()).send(&difficult).await.unwrap();
    let received = sink.wait_for_mail().await;
    assert!(received.raw.is_ascii());
    assert!(received.raw.lines().all(|line| line.len() <= 998));
    assert_eq!(received.subject(), difficult.subject);
    assert_eq!(received.text(), difficult.text);
    assert_eq!(received.html(), difficult.html);
}

#[tokio::test]
async fn no_text_becomes_a_header_or_a_command() {
    let sink = SmtpSink::start().await;
    let mut config = sink.config();
    config.from_name = Some("Example\r\nBcc: a@example.net".to_owned());
    let hostile = OutgoingMail {
        subject: "Hello\r\nBcc: b@example.net\r\n\r\nbody".to_owned(),
        text: "Good\r\n.\r\nMAIL FROM:<x@example.net>\r\n".to_owned(),
        ..mail()
    };
    mailer(config).send(&hostile).await.unwrap();
    let received = sink.wait_for_mail().await;
    assert!(received.headers("Bcc").is_empty(), "{}", received.raw);
    assert_eq!(received.subject(), "Hello Bcc: b@example.net body");
    assert_eq!(received.text(), "Good\n.\nMAIL FROM:<x@example.net>\n");
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn an_international_domain_goes_as_ascii() {
    let sink = SmtpSink::start().await;
    let mail = OutgoingMail {
        to: "Anna@bücher.example".to_owned(),
        ..mail()
    };
    mailer(sink.config()).send(&mail).await.unwrap();
    let received = sink.wait_for_mail().await;
    assert_eq!(received.to, ["Anna@xn--bcher-kva.example"]);
    assert_eq!(received.header("To"), "Anna@xn--bcher-kva.example");
}

#[tokio::test]
async fn what_is_no_address_is_not_sent() {
    let sink = SmtpSink::start().await;
    for to in [
        "",
        "anna",
        "anna@example.org>\r\nRCPT TO:<b@example.net",
        "a@b.c, d@e.f",
    ] {
        let mail = OutgoingMail {
            to: to.to_owned(),
            ..mail()
        };
        let error = mailer(sink.config()).send(&mail).await.unwrap_err();
        assert!(error.is_permanent);
        assert_eq!(error.reason, "not an address");
    }
    assert_eq!(sink.conversations(), 0);
}

#[tokio::test]
async fn a_mail_that_is_sent_again_has_the_same_message_id() {
    let sink = SmtpSink::start().await;
    let mailer = mailer(sink.config());
    for _ in 0..2 {
        mailer.send(&mail()).await.unwrap();
    }
    let received = sink.wait_for_mails(2).await;
    assert_eq!(
        received[0].header("Message-ID"),
        received[1].header("Message-ID")
    );
}
