//! What the owner of an account is told without having asked.

use std::sync::Arc;
use std::time::Duration;

use doorward::{Caller, KeptMails, Notices, Origin, RateLimits, SystemClock, TokenPair};
use doorward_tests::engine::{
    PASSWORD, TestEngine, Visitor, attempt, mail_config, password, subjects,
};

const ANNA: &str = "anna@example.com";

fn caller(ip: &str, user_agent: &str) -> Caller {
    let origin = Origin::default()
        .with_ip(ip.parse().unwrap())
        .with_user_agent(user_agent);
    Caller::anonymous(origin)
}

async fn log_in(engine: &TestEngine, ip: &str, user_agent: &str) -> TokenPair {
    engine.advance(Duration::from_millis(1));
    let attempt = attempt(ANNA, PASSWORD).by(caller(ip, user_agent));
    let doorward::LoginOutcome::LoggedIn(tokens) = engine.login(attempt).await.unwrap();
    tokens
}

async fn change_password(engine: &TestEngine, visitor: &Visitor) {
    let new = password("purple kettle sings at noon");
    engine
        .change_password(&visitor.who, &visitor.caller(), password(PASSWORD), new)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_login_from_elsewhere_is_told_and_one_from_the_same_place_is_not() {
    let engine = TestEngine::with_mail().await;
    engine.sign_up(ANNA).await;
    engine.mails().await;
    log_in(&engine, "192.0.2.1", "Firefox/128.0").await;
    assert_eq!(subjects(&engine.mails().await), [""; 0]);
    log_in(&engine, "192.0.2.1", "Firefox/129.0").await;
    assert_eq!(subjects(&engine.mails().await), [""; 0]);

    log_in(&engine, "198.51.100.7", "Firefox/129.0").await;
    let told = engine.mail("New login").await;
    assert_eq!(told.to, ANNA);
    assert!(told.text.contains("198.51.100.7"), "{}", told.text);
    log_in(&engine, "192.0.2.1", "curl/8").await;
    engine.mail("New login").await;
    log_in(&engine, "198.51.100.7", "curl/8").await;
    assert_eq!(subjects(&engine.mails().await), [""; 0]);
}

#[tokio::test]
async fn neighbours_in_one_ipv6_network_are_one_place() {
    let engine = TestEngine::with_mail().await;
    engine.sign_up(ANNA).await;
    engine.mails().await;
    log_in(&engine, "2001:db8:1:2::1", "Firefox/128.0").await;
    log_in(&engine, "2001:db8:1:2:ffff::9", "Firefox/128.0").await;
    assert_eq!(subjects(&engine.mails().await), [""; 0]);
    log_in(&engine, "2001:db8:1:3::1", "Firefox/128.0").await;
    engine.mail("New login").await;
}

#[tokio::test]
async fn a_changed_password_and_a_stolen_token_are_told() {
    let engine = TestEngine::with_mail().await;
    engine.sign_up(ANNA).await;
    let visitor = engine.log_in(ANNA).await;
    engine.mails().await;
    engine.try_refresh(&visitor.tokens).await.unwrap();
    engine.advance(Duration::from_secs(60));
    engine.try_refresh(&visitor.tokens).await.unwrap_err();
    let told = engine.mails().await;
    assert_eq!(told.len(), 1, "{:?}", subjects(&told));

    let visitor = engine.log_in(ANNA).await;
    change_password(&engine, &visitor).await;
    let told = engine.mails().await;
    assert_eq!(told.len(), 1, "{:?}", subjects(&told));
    assert!(told[0].subject.to_lowercase().contains("password"));
}

#[tokio::test]
async fn each_notice_can_be_turned_off() {
    let mut config = mail_config(Arc::new(KeptMails::new(Arc::new(SystemClock))));
    config.notices = Notices {
        password_changed: false,
        email_changed: false,
        new_login: false,
        account_locked: false,
        token_reused: false,
    };
    let engine = TestEngine::with_mail_and(|builder| builder.mail(config)).await;
    engine.sign_up(ANNA).await;
    assert_eq!(engine.mails().await.len(), 1);
    log_in(&engine, "192.0.2.1", "Firefox").await;
    log_in(&engine, "192.0.2.2", "Firefox").await;
    let visitor = engine.log_in(ANNA).await;
    change_password(&engine, &visitor).await;
    for _ in 0..10 {
        let _ = engine.try_log_in(ANNA, "not the password").await;
        engine.advance(Duration::from_secs(16));
    }
    assert_eq!(subjects(&engine.mails().await), [""; 0]);
}

#[tokio::test]
async fn notices_of_one_kind_fill_no_mailbox_and_keep_none_of_another_back() {
    let engine = TestEngine::with_mail_and(|builder| {
        let mut limits = RateLimits::NONE;
        limits.mail = Some("3/hour".parse().unwrap());
        builder.rate_limits(limits)
    })
    .await;
    engine.sign_up(ANNA).await;
    log_in(&engine, "192.0.2.1", "a").await;
    engine.mails().await;
    for device in ["b", "c", "d", "e", "f"] {
        log_in(&engine, "192.0.2.1", device).await;
    }
    let told = engine.mails().await;
    assert_eq!(subjects(&told), ["New login to your account at Example"; 3]);

    let visitor = engine.log_in(ANNA).await;
    engine
        .change_password(
            &visitor.who,
            &visitor.caller(),
            password(PASSWORD),
            password("another long password"),
        )
        .await
        .unwrap();
    engine.mail("Your password").await;
}
