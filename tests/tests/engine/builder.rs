//! Decisions that no engine can be built from.

use std::time::Duration;

use doorward::{BuildError, Builder, Database, Doorward};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

async fn refusal(decide: impl FnOnce(Builder) -> Builder) -> Option<BuildError> {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    decide(Doorward::builder(database)).build().await.err()
}

#[tokio::test]
async fn a_secret_is_needed_and_one_of_a_line_is_not_enough() {
    let missing = refusal(|builder| builder).await;
    assert!(matches!(missing, Some(BuildError::SecretMissing)));
    let short = refusal(|builder| builder.secret_key(&SECRET[..15])).await;
    assert!(matches!(short, Some(BuildError::SecretTooShort)));
    let shortest = refusal(|builder| builder.secret_key(&SECRET[..16])).await;
    assert!(shortest.is_none(), "{shortest:?}");
}

#[tokio::test]
async fn registrations_that_reveal_nothing_need_mail() {
    let refused = refusal(|builder| builder.secret_key(SECRET).registration_reveals(false)).await;
    assert!(matches!(refused, Some(BuildError::MailMissing)));
}

#[tokio::test]
async fn tokens_live_for_a_second_at_least() {
    let (short, long) = (Duration::from_millis(999), Duration::from_secs(1));
    for (access, refresh, is_built) in [
        (short, long, false),
        (long, short, false),
        (long, long, true),
    ] {
        let refused = refusal(|builder| {
            let builder = builder.secret_key(SECRET);
            builder.access_token_ttl(access).refresh_token_ttl(refresh)
        })
        .await;
        match refused {
            None => assert!(is_built, "{access:?} {refresh:?}"),
            Some(BuildError::LifetimeTooShort) => assert!(!is_built, "{access:?} {refresh:?}"),
            Some(other) => panic!("{other}"),
        }
    }
}
