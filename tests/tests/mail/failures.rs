//! Servers that refuse, stall and break.

use doorward::SmtpSecurity;
use doorward_tests::smtp::{Act, Script, SmtpSink, Step};

use crate::{SHORT, send};

#[tokio::test]
async fn a_refusal_is_final_where_it_is_about_the_mail() {
    for (step, reply, is_permanent, reason) in [
        (
            Step::Greeting,
            "554 5.3.2 no",
            false,
            "554 5.3.2 at connect",
        ),
        (Step::Greeting, "421 busy", false, "421 at connect"),
        (Step::Ehlo, "550 no", false, "550 at connect"),
        (
            Step::Mail,
            "553 5.1.8 bad sender",
            false,
            "553 5.1.8 at MAIL",
        ),
        (Step::Mail, "451 4.7.1 later", false, "451 4.7.1 at MAIL"),
        (
            Step::Rcpt,
            "550 5.1.1 no anna@example.org here",
            true,
            "550 5.1.1 at RCPT",
        ),
        (
            Step::Rcpt,
            "550-5.1.1 no such user\r\n550 5.1.1 really",
            true,
            "550 5.1.1 at RCPT",
        ),
        (
            Step::Rcpt,
            "550 anna@example.org is unknown",
            true,
            "550 at RCPT",
        ),
        (Step::Rcpt, "530 5.7.0 log in", false, "530 5.7.0 at RCPT"),
        (
            Step::Rcpt,
            "450 4.2.1 greylisted",
            false,
            "450 4.2.1 at RCPT",
        ),
        (Step::Data, "554 5.7.1 no", true, "554 5.7.1 at DATA"),
        (Step::Data, "421 4.3.2 closing", false, "421 4.3.2 at DATA"),
        (Step::Data, "250 what", false, "unexpected reply at DATA"),
        (
            Step::Message,
            "554 5.7.1 spam",
            true,
            "554 5.7.1 at end of DATA",
        ),
        (
            Step::Message,
            "452 4.3.1 full",
            false,
            "452 4.3.1 at end of DATA",
        ),
        (
            Step::Message,
            "hello",
            false,
            "connection broken or a reply that is none at end of DATA",
        ),
    ] {
        let sink = SmtpSink::start().await;
        sink.script(Script::new().at(step, Act::Reply(reply)));
        let error = send(sink.config()).await.unwrap_err();
        assert_eq!(error.reason, reason, "{step:?} {reply}");
        assert_eq!(error.is_permanent, is_permanent, "{step:?} {reply}");
        assert!(sink.mails().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_stalls_is_left_at_the_deadline() {
    for (step, at) in [
        (Step::Greeting, "connect"),
        (Step::Ehlo, "connect"),
        (Step::Mail, "MAIL"),
        (Step::Rcpt, "RCPT"),
        (Step::Data, "DATA"),
        (Step::Message, "end of DATA"),
    ] {
        let sink = SmtpSink::start().await;
        sink.script(Script::new().at(step, Act::Stall));
        let mut config = sink.config();
        config.deadline = SHORT;
        let error = send(config).await.unwrap_err();
        assert!(!error.is_permanent);
        assert_eq!(error.reason, format!("timed out at {at}"));
    }
}

#[tokio::test]
async fn a_server_that_stalls_under_starttls_is_left_at_the_deadline() {
    let sink = SmtpSink::start_with(SmtpSecurity::StartTls).await;
    sink.script(Script::new().at(Step::StartTls, Act::Stall));
    let mut config = sink.config();
    config.deadline = SHORT;
    let error = send(config).await.unwrap_err();
    assert_eq!(error.reason, "timed out at STARTTLS");
}

#[tokio::test]
async fn a_connection_that_breaks_is_worth_another_attempt() {
    for step in [
        Step::Greeting,
        Step::Ehlo,
        Step::Mail,
        Step::Rcpt,
        Step::Data,
    ] {
        let sink = SmtpSink::start().await;
        sink.script_once(Script::new().at(step, Act::Break));
        let error = send(sink.config()).await.unwrap_err();
        assert!(!error.is_permanent, "{step:?}: {error}");
        assert!(
            error.reason.starts_with("connection broken"),
            "{step:?}: {error}"
        );
        assert!(sink.mails().is_empty());

        send(sink.config()).await.unwrap();
        assert_eq!(sink.mails().len(), 1);
    }
}

/// Nobody can say whether the mail was taken: better twice than never.
#[tokio::test]
async fn a_break_after_the_mail_and_before_the_reply_is_worth_another_attempt() {
    let sink = SmtpSink::start().await;
    sink.script_once(Script::new().at(Step::Message, Act::Break));
    let error = send(sink.config()).await.unwrap_err();
    assert!(!error.is_permanent);
    assert!(error.reason.ends_with(" at end of DATA"), "{error}");
    send(sink.config()).await.unwrap();
    let mails = sink.wait_for_mails(2).await;
    assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
}

#[tokio::test]
async fn a_mail_that_was_taken_is_sent_whatever_comes_of_the_farewell() {
    for act in [Act::Stall, Act::Break, Act::Reply("421 4.3.2 closing")] {
        let sink = SmtpSink::start().await;
        sink.script(Script::new().at(Step::Quit, act));
        send(sink.config()).await.unwrap();
        assert_eq!(sink.mails().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_worth_another_attempt() {
    for security in [
        SmtpSecurity::None,
        SmtpSecurity::StartTls,
        SmtpSecurity::ImplicitTls,
    ] {
        let sink = SmtpSink::start_with(security).await;
        let config = sink.config();
        drop(sink);
        // The task that listens ends when the runtime comes to it.
        while tokio::net::TcpStream::connect(("127.0.0.1", config.port))
            .await
            .is_ok()
        {
            tokio::task::yield_now().await;
        }
        let error = send(config).await.unwrap_err();
        assert!(!error.is_permanent);
        assert_eq!(error.reason, "connection refused at connect");
    }
}
