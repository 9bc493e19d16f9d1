//! TLS, certificates and credentials.

use doorward::{SmtpCredentials, SmtpSecurity};
use doorward_tests::smtp::{Act, Script, SmtpSink, Step};

use crate::send;

/// The credentials that the server of these tests wants.
fn locked() -> Script {
    Script::new().requiring_auth("anna", "s3cret phräse")
}

fn credentials() -> Option<SmtpCredentials> {
    Some(SmtpCredentials::new("anna", "s3cret phräse"))
}

#[tokio::test]
async fn mail_goes_under_starttls_and_implicit_tls() {
    for security in [SmtpSecurity::StartTls, SmtpSecurity::ImplicitTls] {
        let sink = SmtpSink::start_with(security).await;
        send(sink.config()).await.unwrap();
        let mail = sink.wait_for_mail().await;
        assert!(mail.is_encrypted, "{security:?}");
        assert_eq!(mail.text(), "Good morning.\n");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    for security in [SmtpSecurity::StartTls, SmtpSecurity::ImplicitTls] {
        let sink = SmtpSink::start_with(security).await;
        sink.script(locked());
        let mut config = sink.config();
        config.root_certificates.clear();
        config.credentials = credentials();
        let error = send(config).await.unwrap_err();
        assert!(!error.is_permanent);
        assert!(
            error.reason.starts_with("certificate refused at "),
            "{error}"
        );
        assert!(sink.mails().is_empty());
        assert!(
            !sink
                .commands()
                .iter()
                .any(|command| command.contains("AUTH"))
        );
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    for security in [SmtpSecurity::StartTls, SmtpSecurity::ImplicitTls] {
        let sink = SmtpSink::start_with(security).await;
        let mut config = sink.config();
        // The certificate bears the address alone.
        config.host = "localhost".to_owned();
        let error = send(config).await.unwrap_err();
        assert!(
            error.reason.starts_with("certificate refused at "),
            "{error}"
        );
        assert!(sink.mails().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_does_not_offer_starttls_gets_no_mail() {
    let sink = SmtpSink::start_with(SmtpSecurity::StartTls).await;
    sink.script(locked().without_starttls());
    let mut config = sink.config();
    config.credentials = credentials();
    let error = send(config).await.unwrap_err();
    assert!(!error.is_permanent);
    assert_eq!(error.reason, "not offered at STARTTLS");
    let said: Vec<_> = sink.commands();
    assert!(
        said.iter().all(|command| command.starts_with("EHLO")),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_server_that_refuses_starttls_gets_no_mail() {
    let sink = SmtpSink::start_with(SmtpSecurity::StartTls).await;
    sink.script(Script::new().at(Step::StartTls, Act::Reply("454 4.7.0 not now")));
    let error = send(sink.config()).await.unwrap_err();
    assert!(!error.is_permanent);
    assert_eq!(error.reason, "454 4.7.0 at STARTTLS");
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn replies_in_clear_behind_that_of_starttls_are_not_taken_for_encrypted_ones() {
    let sink = SmtpSink::start_with(SmtpSecurity::StartTls).await;
    let injected = "220 go ahead\r\n250 a\r\n250 b\r\n250 c\r\n354 d\r\n250 taken";
    sink.script(Script::new().at(Step::StartTls, Act::Reply(injected)));
    let error = send(sink.config()).await.unwrap_err();
    assert!(!error.is_permanent);
    assert!(error.reason.ends_with(" at STARTTLS"), "{error}");
}

#[tokio::test]
async fn credentials_are_given_by_plain_and_by_login() {
    for mechanisms in ["PLAIN LOGIN", "PLAIN", "LOGIN", "XOAUTH2 LOGIN"] {
        let sink = SmtpSink::start_with(SmtpSecurity::StartTls).await;
        sink.script(locked().offering(mechanisms));
        let mut config = sink.config();
        config.credentials = credentials();
        send(config).await.unwrap();
        let mail = sink.wait_for_mail().await;
        assert_eq!(mail.user.as_deref(), Some("anna"), "{mechanisms}");
    }
}

#[tokio::test]
async fn credentials_that_are_refused_are_no_fault_of_the_mail() {
    let sink = SmtpSink::start_with(SmtpSecurity::ImplicitTls).await;
    sink.script(locked());
    let mut config = sink.config();
    config.credentials = Some(SmtpCredentials::new("anna", "wrong"));
    let error = send(config).await.unwrap_err();
    assert!(!error.is_permanent);
    assert_eq!(error.reason, "535 5.7.8 at AUTH");

    let error = send(sink.config()).await.unwrap_err();
    assert!(!error.is_permanent);
    assert_eq!(error.reason, "530 5.7.0 at MAIL");
}

#[tokio::test]
async fn credentials_are_not_given_by_means_that_are_not_offered() {
    let sink = SmtpSink::start().await;
    sink.script(locked().offering("XOAUTH2"));
    let mut config = sink.config();
    config.credentials = credentials();
    let error = send(config).await.unwrap_err();
    assert!(!error.is_permanent);
    assert_eq!(
        error.reason,
        "no method of authentication in common at AUTH"
    );
}
