//! ASVS 2.4 and 6.3.1: nobody guesses fast, or keeps the server busy with hashing.

use std::num::NonZeroUsize;

use doorward::{Caller, HasherConfig, LoginError, Origin, RateLimits, RefreshError, RegisterError};
use doorward_tests::engine::{TestEngine, attempt, registration};
use tokio::task::JoinSet;

fn from(ip: &str) -> Caller {
    Caller::anonymous(Origin::default().with_ip(ip.parse().unwrap()))
}

/// An engine with a limit of one a minute of everything, and a hashing pool that holds two.
async fn strict_engine() -> TestEngine {
    let one = Some("1/minute".parse().unwrap());
    let mut limits = RateLimits::NONE;
    limits.login = one;
    limits.registration = one;
    limits.refresh = one;
    TestEngine::in_memory_with(|builder| {
        builder.rate_limits(limits).hasher(HasherConfig {
            threads: NonZeroUsize::MIN,
            queue_per_thread: 1,
            ..HasherConfig::default()
        })
    })
    .await
}

async fn log_in(engine: &TestEngine, name: &str, ip: &str) -> Result<(), LoginError> {
    let mut attempt = attempt(name, "something else");
    attempt.caller = from(ip);
    engine.login(attempt).await.map(drop)
}

#[tokio::test]
async fn v6_3_1_guesses_from_one_network_are_limited_whatever_the_name() {
    let engine = strict_engine().await;
    let first = log_in(&engine, "anna@example.com", "192.0.2.1").await;
    assert!(matches!(first, Err(LoginError::InvalidCredentials)));
    for name in ["anna@example.com", "bert@example.com", "carl", "no name"] {
        let answer = log_in(&engine, name, "192.0.2.1").await;
        assert!(
            matches!(answer, Err(LoginError::Throttled(_))),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn v6_3_1_guesses_for_one_account_are_limited_from_wherever_they_come() {
    let engine = strict_engine().await;
    engine.sign_up("anna@example.com").await;
    for name in ["anna@example.com", "nobody@example.com"] {
        let first = log_in(&engine, name, "192.0.2.1").await;
        assert!(matches!(first, Err(LoginError::InvalidCredentials)));
        engine.advance(std::time::Duration::from_secs(1));
        for host in 2..20 {
            let ip = format!("198.51.{}.{host}", name.len());
            let answer = log_in(&engine, name, &ip).await;
            assert!(
                matches!(answer, Err(LoginError::Throttled(_))),
                "{answer:?}"
            );
        }
        engine.advance(std::time::Duration::from_secs(60));
    }
}

/// A subscriber has 2^64 addresses of IPv6.
#[tokio::test]
async fn v6_3_1_an_ipv6_network_is_one_client() {
    let engine = strict_engine().await;
    let tried = engine.refresh("nonsense", &from("2001:db8:1:2::1")).await;
    assert!(matches!(tried, Err(RefreshError::Token(_))), "{tried:?}");
    for address in [
        "2001:db8:1:2::2",
        "2001:db8:1:2:ffff::1",
        "2001:db8:1:2:aaaa:bbbb:cccc:dddd",
    ] {
        let answer = engine.refresh("nonsense", &from(address)).await;
        assert!(
            matches!(answer, Err(RefreshError::Throttled(_))),
            "{answer:?}"
        );
    }
    let neighbour = engine.refresh("nonsense", &from("2001:db8:1:3::1")).await;
    assert!(matches!(neighbour, Err(RefreshError::Token(_))));
}

/// IPv4 in the clothes of IPv6 is no second client.
#[tokio::test]
async fn v6_3_1_an_address_in_other_clothes_is_the_same_client() {
    let engine = strict_engine().await;
    let _ = engine.refresh("nonsense", &from("192.0.2.1")).await;
    let answer = engine.refresh("nonsense", &from("::ffff:192.0.2.1")).await;
    assert!(
        matches!(answer, Err(RefreshError::Throttled(_))),
        "{answer:?}"
    );
}

/// Fifty at once, and the hashing pool holds two: were a password hashed before the limit is
/// asked, the pool would be found full.
#[tokio::test]
async fn v2_4_1_a_limit_is_decided_before_a_password_is_hashed() {
    let engine = strict_engine().await;
    let _ = log_in(&engine, "anna@example.com", "192.0.2.1").await;
    let first = engine
        .register(&from("192.0.2.1"), registration("bert@example.com"))
        .await;
    first.unwrap();
    let (mut logins, mut registrations) = (JoinSet::new(), JoinSet::new());
    for number in 0..50 {
        let (one, other) = (engine.clone(), engine.clone());
        logins.spawn(async move {
            // Half of them meet the limit of the network, half that of the account.
            let ip = ["192.0.2.1".to_owned(), format!("198.51.100.{number}")];
            log_in(&one, "anna@example.com", &ip[number % 2]).await
        });
        registrations.spawn(async move {
            let new = registration(&format!("carl{number}@example.com"));
            other.register(&from("192.0.2.1"), new).await
        });
    }
    for answer in logins.join_all().await {
        assert!(
            matches!(answer, Err(LoginError::Throttled(_))),
            "{answer:?}"
        );
    }
    for answer in registrations.join_all().await {
        assert!(
            matches!(answer, Err(RegisterError::Throttled(_))),
            "{answer:?}"
        );
    }
}
