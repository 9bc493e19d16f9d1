//! The outbox: mails are sent when they can be, given up when they can't, and never twice.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward::{Delivery, MailRead, MailWrite, Mailer, OutgoingMail, SendError, Sending};
use doorward_tests::engine::{TestEngine, address, anonymous, mail_config, operator};
use uuid::Uuid;

/// A mailer that does what it was told, and then takes everything.
#[derive(Debug, Default)]
struct Scripted {
    refusals: Mutex<VecDeque<SendError>>,
    tried: Mutex<Vec<Uuid>>,
}

impl Scripted {
    fn refusing(refusals: impl IntoIterator<Item = SendError>) -> Arc<Self> {
        Arc::new(Self {
            refusals: Mutex::new(refusals.into_iter().collect()),
            tried: Mutex::default(),
        })
    }

    fn tried(&self) -> Vec<Uuid> {
        self.tried.lock().unwrap().clone()
    }
}

impl Mailer for Scripted {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a> {
        self.tried.lock().unwrap().push(mail.id);
        let refusal = self.refusals.lock().unwrap().pop_front();
        Box::pin(async move { refusal.map_or(Ok(()), Err) })
    }
}

/// An engine with one mail in its outbox.
async fn with_one_mail(mailer: &Arc<Scripted>) -> TestEngine {
    let config = mail_config(mailer.clone());
    let engine = TestEngine::in_memory_with(|builder| builder.mail(config)).await;
    engine.sign_up("anna@example.com").await;
    engine
}

async fn deliver(engine: &TestEngine) -> (usize, usize, usize) {
    let Delivery {
        sent,
        postponed,
        given_up,
        ..
    } = engine.deliver_mail().await.unwrap();
    (sent, postponed, given_up)
}

#[tokio::test]
async fn a_mail_that_was_sent_is_gone() {
    let mailer = Scripted::refusing([]);
    let engine = with_one_mail(&mailer).await;
    assert_eq!(engine.count_mail().await.unwrap().waiting, 1);
    assert_eq!(deliver(&engine).await, (1, 0, 0));
    assert_eq!(deliver(&engine).await, (0, 0, 0));
    let count = engine.count_mail().await.unwrap();
    assert_eq!((count.waiting, count.dead, count.oldest_at), (0, 0, None));
}

#[tokio::test]
async fn a_mail_is_tried_again_later_under_the_same_id() {
    let mailer = Scripted::refusing([
        SendError::temporary("451 4.3.0"),
        SendError::temporary("timed out"),
    ]);
    let engine = with_one_mail(&mailer).await;
    assert_eq!(deliver(&engine).await, (0, 1, 0));
    assert_eq!(deliver(&engine).await, (0, 0, 0));
    engine.advance(Duration::from_secs(6));
    assert_eq!(deliver(&engine).await, (0, 1, 0));
    let waiting = engine
        .list_mail(&operator::<MailRead>(), false, 10)
        .await
        .unwrap();
    assert_eq!(waiting[0].attempts, 2);
    assert_eq!(waiting[0].failure.as_deref(), Some("timed out"));
    engine.advance(Duration::from_secs(18));
    assert_eq!(deliver(&engine).await, (1, 0, 0));
    let tried = mailer.tried();
    assert_eq!(tried.len(), 3);
    assert!(tried.iter().all(|id| *id == tried[0]));
}

#[tokio::test]
async fn a_mail_that_was_refused_for_good_is_kept_until_somebody_retries_it() {
    let mailer = Scripted::refusing([SendError::permanent("550 5.1.1")]);
    let engine = with_one_mail(&mailer).await;
    assert_eq!(deliver(&engine).await, (0, 0, 1));
    engine.advance(Duration::from_secs(60 * 60));
    assert_eq!(deliver(&engine).await, (0, 0, 0));
    let dead = engine
        .list_mail(&operator::<MailRead>(), true, 10)
        .await
        .unwrap();
    assert_eq!(dead[0].kind, "email_verification");
    assert_eq!(dead[0].failure.as_deref(), Some("550 5.1.1"));
    assert!(dead[0].dead_at.is_some() && dead[0].due_at.is_none());

    let by = operator::<MailWrite>();
    assert!(engine.retry_mail(&by, dead[0].id).await.unwrap());
    assert_eq!(deliver(&engine).await, (1, 0, 0));
    assert!(!engine.retry_mail(&by, dead[0].id).await.unwrap());
    assert_eq!(engine.retry_dead_mail(&by).await.unwrap(), 0);
}

#[tokio::test]
async fn a_link_that_has_expired_is_not_mailed() {
    let mailer = Scripted::refusing([SendError::temporary("timed out")]);
    let engine = with_one_mail(&mailer).await;
    assert_eq!(deliver(&engine).await, (0, 1, 0));
    engine.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(deliver(&engine).await, (0, 0, 1));
    assert_eq!(mailer.tried().len(), 1);
}

/// A mailer that never ends, as if its process had been killed.
#[derive(Debug)]
struct Stalled;

impl Mailer for Stalled {
    fn send<'a>(&'a self, _: &'a OutgoingMail) -> Sending<'a> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_mail_whose_sender_is_gone_is_sent_by_another_when_its_lease_has_ended() {
    let config = mail_config(Arc::new(Stalled));
    let engine = TestEngine::in_memory_with(|builder| builder.mail(config)).await;
    engine.sign_up("anna@example.com").await;
    let stalled = tokio::time::timeout(Duration::from_millis(50), engine.deliver_mail()).await;
    assert!(stalled.is_err());
    let waiting = engine
        .list_mail(&operator::<MailRead>(), false, 10)
        .await
        .unwrap();
    let lease = waiting[0].due_at.unwrap().since(engine.now());
    assert_eq!(lease, Duration::from_secs(120));
    // An operator's impatience does not send it twice.
    let by = operator::<MailWrite>();
    assert!(!engine.retry_mail(&by, waiting[0].id).await.unwrap());
}

#[tokio::test]
async fn others_can_not_fill_a_mailbox() {
    let mailer = Scripted::refusing([]);
    let config = mail_config(mailer.clone());
    let engine = TestEngine::in_memory_with(|builder| {
        let mut limits = doorward::RateLimits::NONE;
        limits.mail = Some("3/hour".parse().unwrap());
        builder.mail(config).rate_limits(limits)
    })
    .await;
    engine.sign_up("anna@example.com").await;
    deliver(&engine).await;
    let before = mailer.tried().len();
    for _ in 0..10 {
        engine
            .request_password_reset(&address("anna@example.com"), &anonymous())
            .await
            .unwrap();
        deliver(&engine).await;
    }
    assert_eq!(mailer.tried().len() - before, 3);
}
