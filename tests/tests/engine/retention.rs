//! What is kept, and for how long.

use std::sync::Arc;
use std::time::Duration;

use doorward::{
    AuditFilter, AuditRead, Housekeeping, LoginError, MailRead, Mailer, OutgoingMail, PageRequest,
    Retention, SendError, Sending,
};
use doorward_tests::engine::{PASSWORD, TestEngine, mail_config, operator};

const ANNA: &str = "anna@example.com";
const MOMENT: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug)]
struct Refusing;

impl Mailer for Refusing {
    fn send<'a>(&'a self, _: &'a OutgoingMail) -> Sending<'a> {
        Box::pin(async { Err(SendError::permanent("550 5.1.1")) })
    }
}

async fn with_retention(retention: Retention) -> TestEngine {
    TestEngine::in_memory_with(|builder| {
        builder
            .retention(retention)
            .mail(mail_config(Arc::new(Refusing)))
    })
    .await
}

async fn count_events(engine: &TestEngine) -> usize {
    let (filter, page) = (AuditFilter::default(), PageRequest::new(0, 200));
    let events = engine
        .list_audit_events(&operator::<AuditRead>(), filter, page)
        .await;
    events.unwrap().items.len()
}

async fn keep_house(engine: &TestEngine) -> Housekeeping {
    engine.keep_house().await.unwrap()
}

#[tokio::test]
async fn the_audit_trail_is_kept_for_a_year() {
    let engine = with_retention(Retention::default()).await;
    engine.sign_up(ANNA).await;
    engine.log_in(ANNA).await;
    engine.advance(364 * DAY);
    engine.log_in(ANNA).await;
    // Each of them moves the clock by a moment.
    engine.advance(DAY - 2 * MOMENT);
    assert_eq!(keep_house(&engine).await.audit_events, 0);
    engine.advance(MOMENT);
    assert_eq!(keep_house(&engine).await.audit_events, 1);
    engine.advance(DAY);
    assert_eq!(keep_house(&engine).await.audit_events, 1);
    assert_eq!(count_events(&engine).await, 1);
}

#[tokio::test]
async fn the_audit_trail_is_kept_for_ever_where_that_is_wanted() {
    let engine = with_retention(Retention {
        audit_events: None,
        ..Retention::default()
    })
    .await;
    engine.sign_up(ANNA).await;
    engine.advance(100_000 * DAY);
    assert_eq!(keep_house(&engine).await.audit_events, 0);
    assert_eq!(count_events(&engine).await, 1);
}

#[tokio::test]
async fn more_than_one_batch_goes_in_one_round() {
    let engine = with_retention(Retention::default()).await;
    engine.sign_up(ANNA).await;
    let visitor = engine.log_in(ANNA).await;
    for _ in 0..1_000 {
        engine
            .end_all_sessions(&visitor.who, &visitor.caller(), true)
            .await
            .unwrap();
    }
    engine.advance(366 * DAY);
    assert_eq!(keep_house(&engine).await.audit_events, 1_002);
    assert_eq!(keep_house(&engine).await, Housekeeping::default());
}

#[tokio::test]
async fn ended_sessions_stay_as_long_as_is_said_and_live_ones_longer() {
    let engine = with_retention(Retention {
        sessions: 3 * DAY,
        ..Retention::default()
    })
    .await;
    engine.sign_up(ANNA).await;
    let left = engine.log_in(ANNA).await;
    engine.logout(&left.who, &left.caller()).await.unwrap();
    let mut live = engine.log_in(ANNA).await;
    for _ in 0..3 {
        assert_eq!(keep_house(&engine).await.sessions, 0);
        engine.advance(DAY);
    }
    engine.advance(MOMENT);
    assert_eq!(keep_house(&engine).await.sessions, 1);
    live.tokens = engine.try_refresh(&live.tokens).await.unwrap();
    engine.advance(10 * DAY);
    assert_eq!(keep_house(&engine).await.sessions, 0);
    // The expired ones of a day go together.
    engine.advance(DAY);
    assert_eq!(keep_house(&engine).await.sessions, 1);
}

#[tokio::test]
async fn tokens_go_when_they_expire_and_mails_a_month_after_they_are_given_up() {
    let engine = with_retention(Retention::default()).await;
    engine.sign_up(ANNA).await;
    engine.deliver_mail().await.unwrap();
    let mails = async || {
        let by = operator::<MailRead>();
        engine.list_mail(&by, true, 10).await.unwrap().len()
    };
    assert_eq!(mails().await, 1);
    engine.advance(DAY);
    assert_eq!(keep_house(&engine).await.one_time_tokens, 0);
    engine.advance(MOMENT);
    assert_eq!(keep_house(&engine).await.one_time_tokens, 1);

    engine.advance(29 * DAY - MOMENT);
    assert_eq!(keep_house(&engine).await.mails, 0);
    assert_eq!(mails().await, 1);
    engine.advance(MOMENT);
    assert_eq!(keep_house(&engine).await.mails, 1);
    assert_eq!(mails().await, 0);
}

#[tokio::test]
async fn failures_go_when_they_are_forgotten_and_never_while_they_lock() {
    let engine = with_retention(Retention::default()).await;
    engine.sign_up(ANNA).await;
    for name in [ANNA, "nobody@example.com"] {
        engine.try_log_in(name, "wrong").await.unwrap_err();
    }
    engine.advance(DAY);
    assert_eq!(keep_house(&engine).await.login_failures, 0);
    engine.advance(MOMENT);
    assert_eq!(keep_house(&engine).await.login_failures, 2);

    // Locked for a day after a hundred failures in a row.
    for _ in 0..100 {
        engine.try_log_in(ANNA, "wrong").await.unwrap_err();
        engine.advance(Duration::from_secs(15 * 60));
    }
    engine.advance(DAY - Duration::from_secs(15 * 60) - MOMENT);
    assert_eq!(keep_house(&engine).await.login_failures, 0);
    let locked = engine.try_log_in(ANNA, PASSWORD).await;
    assert!(
        matches!(locked, Err(LoginError::Locked { .. })),
        "{locked:?}"
    );
    engine.advance(2 * MOMENT);
    assert_eq!(keep_house(&engine).await.login_failures, 1);
    engine.log_in(ANNA).await;
}

#[tokio::test]
async fn networks_and_devices_are_known_for_a_year_after_they_were_last_seen() {
    let engine = with_retention(Retention::default()).await;
    engine.sign_up(ANNA).await;
    engine.log_in(ANNA).await;
    engine.advance(300 * DAY);
    engine.log_in(ANNA).await;
    engine.advance(365 * DAY);
    assert_eq!(keep_house(&engine).await.known_origins, 0);
    engine.advance(MOMENT);
    assert_eq!(keep_house(&engine).await.known_origins, 2);
}

#[tokio::test]
async fn sessions_of_ended_epochs_go_in_batches() {
    let engine = TestEngine::in_memory_with(|builder| builder.sessions_per_account(10_000)).await;
    engine.sign_up(ANNA).await;
    let first = engine.log_in(ANNA).await;
    for _ in 0..520 {
        engine.log_in(ANNA).await;
    }
    engine
        .end_all_sessions(&first.who, &first.caller(), true)
        .await
        .unwrap();
    engine.advance(DAY);
    assert_eq!(keep_house(&engine).await.sessions, 0);
    engine.advance(MOMENT);
    assert_eq!(keep_house(&engine).await.sessions, 520);
    assert_eq!(keep_house(&engine).await.sessions, 0);
    engine.try_refresh(&first.tokens).await.unwrap();
}
