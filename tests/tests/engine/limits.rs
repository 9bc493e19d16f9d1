//! How often things may be asked for, by network and by account.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward::testing::{FixedClock, SECRET};
use doorward::{
    Actor, Caller, Database, Decision, Doorward, LimitClass, Origin, Rate, RateLimiter, RateLimits,
    RefreshError, RegisterError, SecretKey, Throttled, Timestamp, TokenPair,
};
use doorward_tests::engine::{START, TestEngine, Visitor, anonymous, registration};
use tokio::task::JoinSet;

const ADDRESS: &str = "192.0.2.1";

fn from(ip: &str) -> Caller {
    Caller::anonymous(Origin::default().with_ip(ip.parse().unwrap()))
}

async fn engine_with(change: impl FnOnce(&mut RateLimits)) -> TestEngine {
    let mut limits = RateLimits::NONE;
    change(&mut limits);
    TestEngine::in_memory_with(|builder| builder.rate_limits(limits)).await
}

fn rate(text: &str) -> Option<Rate> {
    Some(text.parse().unwrap())
}

async fn register(engine: &Doorward, caller: &Caller, number: usize) -> Result<(), RegisterError> {
    let registration = registration(&format!("someone{number}@example.com"));
    engine.register(caller, registration).await.map(drop)
}

/// The refusal, of an answer that must be one.
fn throttled<T: std::fmt::Debug>(answer: Result<T, RefreshError>) -> Throttled {
    match answer {
        Err(RefreshError::Throttled(throttled)) => throttled,
        other => panic!("{other:?}"),
    }
}

fn is_bad_token(answer: &Result<TokenPair, RefreshError>) -> bool {
    matches!(answer, Err(RefreshError::Token(_)))
}

#[tokio::test]
async fn registrations_are_limited_by_network_and_come_back() {
    let engine = engine_with(|limits| limits.registration = rate("3/minute")).await;
    for number in 0..3 {
        register(&engine, &from(ADDRESS), number).await.unwrap();
    }
    let refused = register(&engine, &from(ADDRESS), 3).await.unwrap_err();
    let RegisterError::Throttled(refused) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(refused.class, LimitClass::Registration);
    assert_eq!(refused.rate.to_string(), "3/minute");
    assert_eq!(refused.remaining, 0);
    assert_eq!(refused.retry_after, Duration::from_secs(20));
    register(&engine, &from("192.0.2.2"), 4).await.unwrap();

    engine.advance(refused.retry_after - Duration::from_millis(1));
    assert!(register(&engine, &from(ADDRESS), 3).await.is_err());
    engine.advance(Duration::from_millis(1));
    register(&engine, &from(ADDRESS), 3).await.unwrap();
}

#[tokio::test]
async fn attempts_that_fail_count_as_well() {
    let engine = engine_with(|limits| limits.registration = rate("2/minute")).await;
    let caller = from(ADDRESS);
    register(&engine, &caller, 0).await.unwrap();
    let taken = register(&engine, &caller, 0).await.unwrap_err();
    assert!(matches!(taken, RegisterError::Identity(_)), "{taken:?}");
    let refused = register(&engine, &caller, 0).await.unwrap_err();
    assert!(
        matches!(refused, RegisterError::Throttled(_)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn parallel_attempts_get_exactly_what_there_is() {
    let engine = engine_with(|limits| limits.refresh = rate("7/minute")).await;
    let mut attempts = JoinSet::new();
    for _ in 0..50 {
        let engine = engine.clone();
        attempts.spawn(async move { engine.refresh("nonsense", &from(ADDRESS)).await });
    }
    let answers = attempts.join_all().await;
    let let_through = answers.iter().filter(|answer| is_bad_token(answer));
    assert_eq!(let_through.count(), 7);
}

async fn with_session(limit: &str) -> (TestEngine, Visitor) {
    let engine = engine_with(|limits| limits.refresh = rate(limit)).await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    (engine, visitor)
}

#[tokio::test]
async fn refreshes_are_limited_by_account_wherever_they_come_from() {
    let (engine, visitor) = with_session("3/minute").await;
    let mut tokens = visitor.tokens;
    for host in 1..=3 {
        let caller = from(&format!("192.0.2.{host}"));
        tokens = engine
            .refresh(&tokens.refresh_token, &caller)
            .await
            .unwrap();
    }
    let caller = from("192.0.2.4");
    let refused = throttled(engine.refresh(&tokens.refresh_token, &caller).await);
    assert_eq!(refused.class, LimitClass::Refresh);
    // What was refused was not used up.
    engine.advance(refused.retry_after);
    engine
        .refresh(&tokens.refresh_token, &caller)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_forged_token_does_not_use_up_the_limit_of_an_account() {
    let (engine, visitor) = with_session("2/minute").await;
    let good = &*visitor.tokens.refresh_token;
    let forged = format!("{}AAAA", &good[..good.len() - 4]);
    for host in 1..=20 {
        let caller = from(&format!("192.0.2.{host}"));
        assert!(is_bad_token(&engine.refresh(&forged, &caller).await));
    }
    engine.refresh(good, &from("192.0.2.100")).await.unwrap();
}

#[tokio::test]
async fn one_class_does_not_use_up_another() {
    let engine = engine_with(|limits| {
        limits.registration = rate("1/minute");
        limits.refresh = rate("1/minute");
    })
    .await;
    register(&engine, &from(ADDRESS), 0).await.unwrap();
    let answer = engine.refresh("nonsense", &from(ADDRESS)).await;
    assert!(is_bad_token(&answer), "{answer:?}");
}

#[tokio::test]
async fn who_comes_from_nowhere_is_not_limited_by_network() {
    let engine = engine_with(|limits| limits.refresh = rate("1/minute")).await;
    for _ in 0..10 {
        let answer = engine.refresh("nonsense", &anonymous()).await;
        assert!(is_bad_token(&answer), "{answer:?}");
    }
}

#[tokio::test]
async fn who_runs_the_software_is_not_limited() {
    let (engine, visitor) = with_session("1/minute").await;
    let operator = Caller {
        actor: Actor::Operator,
        ..from(ADDRESS)
    };
    let mut tokens = visitor.tokens;
    for _ in 0..5 {
        tokens = engine
            .refresh(&tokens.refresh_token, &operator)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_clock_set_back_holds_nobody_up_for_longer_than_a_window() {
    let engine = engine_with(|limits| limits.refresh = rate("2/minute")).await;
    for _ in 0..2 {
        assert!(is_bad_token(
            &engine.refresh("nonsense", &from(ADDRESS)).await
        ));
    }
    engine.set_clock(START - Duration::from_secs(30 * 24 * 60 * 60));
    let refused = throttled(engine.refresh("nonsense", &from(ADDRESS)).await);
    assert_eq!(refused.retry_after, Duration::from_secs(30));
    engine.advance(refused.retry_after);
    assert!(is_bad_token(
        &engine.refresh("nonsense", &from(ADDRESS)).await
    ));
}

#[tokio::test]
async fn limits_are_on_by_default() {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let engine = Doorward::builder(database)
        .secret_key(SecretKey::new(SECRET))
        .clock(Arc::new(FixedClock::at(START)))
        .maintain(false)
        .build()
        .await
        .unwrap();
    for _ in 0..120 {
        assert!(is_bad_token(
            &engine.refresh("nonsense", &from(ADDRESS)).await
        ));
    }
    let refused = throttled(engine.refresh("nonsense", &from(ADDRESS)).await);
    assert_eq!(Some(refused.rate), RateLimits::default().refresh);
}

/// Refuses one kind of key, and notes all that it is asked.
#[derive(Debug, Default)]
struct Notes {
    refused: &'static str,
    keys: Mutex<Vec<String>>,
}

impl RateLimiter for Notes {
    fn take<'a>(
        &'a self,
        key: &'a str,
        _rate: Rate,
        cost: u32,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Decision> + Send + 'a>> {
        assert!(cost == 1 && now >= START);
        self.keys.lock().unwrap().push(key.to_owned());
        let is_allowed = self.refused.is_empty() || !key.contains(self.refused);
        let decision = Decision {
            is_allowed,
            remaining: 4,
            retry_after: Duration::from_millis(1_500),
        };
        Box::pin(std::future::ready(decision))
    }
}

async fn engine_of(notes: Arc<Notes>) -> TestEngine {
    TestEngine::in_memory_with(|builder| {
        builder
            .rate_limits(RateLimits::default())
            .rate_limiter(notes)
    })
    .await
}

#[tokio::test]
async fn another_limiter_decides_and_sees_neither_names_nor_addresses_of_people() {
    let notes = Arc::new(Notes::default());
    let engine = engine_of(notes.clone()).await;
    let caller = from("2001:db8:1:2:3:4:5:6");
    register(&engine, &caller, 0).await.unwrap();
    let visitor = engine.log_in("someone0@example.com").await;
    notes.keys.lock().unwrap().clear();
    engine
        .refresh(&visitor.tokens.refresh_token, &caller)
        .await
        .unwrap();
    let _ = engine.try_log_in("someone0@example.com", "wrong").await;
    let _ = engine.try_log_in("nobody@example.com", "wrong").await;
    let keys = notes.keys.lock().unwrap().clone();
    assert_eq!(
        keys[..2],
        [
            "refresh:network:2001:db8:1:2::/64".to_owned(),
            format!("refresh:account:{}", visitor.who.user.id),
        ]
    );
    for key in &keys {
        assert!(!key.contains("someone") && !key.contains("nobody"), "{key}");
    }
}

#[tokio::test]
async fn what_another_limiter_refuses_is_refused_as_it_says() {
    let notes = Arc::new(Notes {
        refused: "refresh:network:",
        ..Notes::default()
    });
    let engine = engine_of(notes).await;
    let refused = throttled(engine.refresh("nonsense", &from(ADDRESS)).await);
    assert_eq!(refused.remaining, 4);
    assert_eq!(refused.retry_after, Duration::from_millis(1_500));
    assert_eq!(
        refused.to_string(),
        "too many requests of the class refresh"
    );
}
