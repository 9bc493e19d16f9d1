//! What apps test with.

use std::sync::Arc;
use std::time::Duration;

use doorward::testing::{
    FixedClock, PASSWORD, START, TestDoorward, anonymous, mail_config, token_in,
};
use doorward::{
    Clock as _, LoginAttempt, LoginError, Mailer, OutgoingMail, Registration, RequiredIdentity,
    RoleName, SendError, Sending, Timestamp,
};
use doorward_tests::engine::{address, registration};

/// Must never be asked.
#[derive(Debug)]
struct RealMailer;

impl Mailer for RealMailer {
    fn send<'a>(&'a self, _: &'a OutgoingMail) -> Sending<'a> {
        Box::pin(async { panic!("a test sent mail") as Result<(), SendError> })
    }
}

#[tokio::test]
async fn mail_is_kept_whoever_the_app_has_send_it() {
    let auth = TestDoorward::start_with(|builder| {
        let mut config = mail_config(Arc::new(RealMailer));
        config.notices.new_login = false;
        builder.mail(config)
    });
    let auth = auth.await;
    auth.register(&anonymous(), registration("anna@example.com"))
        .await
        .unwrap();
    let mails = auth.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "anna@example.com");
    auth.confirm_email_verification(&token_in(&mails[0]), &anonymous())
        .await
        .unwrap();
    let anna = auth.log_in("anna@example.com", PASSWORD).await;
    assert!(anna.user.is_verified());
}

#[tokio::test]
async fn each_mail_is_answered_once_the_oldest_first() {
    let auth = TestDoorward::start().await;
    for email in ["anna@example.com", "berta@example.com"] {
        auth.add_user(email, ["user"]).await;
        assert!(auth.mails().await.is_empty(), "{email} counts as verified");
    }
    for email in ["berta@example.com", "anna@example.com"] {
        auth.request_password_reset(&address(email), &anonymous())
            .await
            .unwrap();
        auth.deliver_mail().await.unwrap();
        auth.advance(Duration::from_millis(1));
    }
    let to = |mails: Vec<doorward::KeptMail>| mails.into_iter().map(|mail| mail.to);
    let answered: Vec<_> = to(auth.mails().await).collect();
    assert_eq!(answered, ["berta@example.com", "anna@example.com"]);
    assert!(auth.clone().mails().await.is_empty());
}

#[tokio::test]
async fn an_app_without_mail_has_none_here_either() {
    let auth = TestDoorward::start_with(|builder| builder.mail(None)).await;
    auth.register(&anonymous(), registration("anna@example.com"))
        .await
        .unwrap();
    assert!(auth.mails().await.is_empty());
}

#[tokio::test]
async fn the_clock_is_the_kits_and_stands_still() {
    let other = Arc::new(FixedClock::at(Timestamp::from_millis(7)));
    let auth = TestDoorward::start_with(|builder| builder.clock(other)).await;
    assert_eq!(auth.clock().now(), START);
    let first = auth.add_user("anna@example.com", ["user"]).await;
    let second = auth.add_user("berta@example.com", ["user"]).await;
    assert!(first.created_at > START && second.created_at > first.created_at);
}

#[tokio::test]
async fn everybody_has_the_names_that_the_app_asks_for() {
    for (identity, has_username) in [
        (RequiredIdentity::Email, false),
        (RequiredIdentity::Either, false),
        (RequiredIdentity::Username, true),
        (RequiredIdentity::Both, true),
    ] {
        let auth = TestDoorward::start_with(|builder| builder.required_identity(identity)).await;
        let admin = auth.login_as(RoleName::ADMIN).await;
        let username = admin.user.username.as_ref().map(|name| name.as_str());
        assert_eq!(username, has_username.then_some("admin"), "{identity:?}");
        if has_username {
            assert_eq!(auth.log_in("admin", PASSWORD).await.user.id, admin.user.id);
        }
    }
}

#[tokio::test]
async fn nothing_is_limited_but_logins_are_locked() {
    let auth = TestDoorward::start().await;
    for number in 0..20 {
        let new = Registration::new(PASSWORD).email(address(&format!("u{number}@example.com")));
        auth.register(&anonymous(), new).await.unwrap();
    }
    let mut refused = Vec::new();
    for _ in 0..20 {
        let wrong = LoginAttempt::new("u1@example.com", "something else");
        refused.push(auth.login(wrong).await.unwrap_err());
    }
    assert!(matches!(refused[0], LoginError::InvalidCredentials));
    let last = refused.last();
    assert!(
        !matches!(last, Some(LoginError::InvalidCredentials)),
        "{last:?}"
    );
}

#[tokio::test]
#[should_panic(expected = "can't make the account nobody@example.com: UnknownRole")]
async fn a_role_that_there_is_not_fails_the_test() {
    TestDoorward::start().await.login_as("nobody").await;
}
