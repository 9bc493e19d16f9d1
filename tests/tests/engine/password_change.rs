//! A new password, chosen by the owner.

use std::time::Duration;

use doorward::{ChangePasswordError, LoginError, PasswordFault};
use doorward_tests::engine::{PASSWORD, TestEngine, Visitor, password};
use tokio::task::JoinSet;

const NEW: &str = "an entirely new password";

async fn start() -> (TestEngine, Visitor, Visitor) {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let this = engine.log_in("anna@example.com").await;
    let other = engine.log_in("anna@example.com").await;
    engine.advance(Duration::from_millis(1));
    (engine, this, other)
}

async fn change(
    engine: &TestEngine,
    visitor: &Visitor,
    current: &str,
    new: &str,
) -> Result<(), ChangePasswordError> {
    engine
        .change_password(
            &visitor.who,
            &visitor.caller(),
            password(current),
            password(new),
        )
        .await
}

#[tokio::test]
async fn the_new_one_counts_the_old_one_does_not_and_other_sessions_end() {
    let (engine, this, other) = start().await;
    change(&engine, &this, PASSWORD, NEW).await.unwrap();
    assert!(engine.lets_in(&this).await);
    assert!(!engine.lets_in(&other).await);
    let old = engine.try_log_in("anna@example.com", PASSWORD).await;
    assert!(matches!(old, Err(LoginError::InvalidCredentials)));
    engine.log_in_with("anna@example.com", NEW).await;
    engine.try_refresh(&this.tokens).await.unwrap();
}

#[tokio::test]
async fn a_wrong_current_one_changes_nothing_and_is_told() {
    let (engine, this, other) = start().await;
    let refused = change(&engine, &this, "something else", NEW).await;
    assert!(matches!(
        refused,
        Err(ChangePasswordError::CurrentIncorrect)
    ));
    assert!(engine.lets_in(&other).await);
    engine.log_in("anna@example.com").await;

    let events = super::audit::all(&engine).await;
    let told = events
        .iter()
        .find(|event| event.action == "password.changed")
        .unwrap();
    assert_eq!(told.outcome, "failure");
    assert_eq!(told.reason.as_deref(), Some("current_incorrect"));
    assert_eq!(told.target_id, Some(this.who.user.id));
}

#[tokio::test]
async fn the_policy_holds_for_the_new_one() {
    let (engine, this, _) = start().await;
    for (new, rejected) in [
        ("short", PasswordFault::TooShort { min: 8 }),
        ("password123", PasswordFault::TooCommon),
    ] {
        match change(&engine, &this, PASSWORD, new).await {
            Err(ChangePasswordError::Rejected(why)) => assert_eq!(why.faults(), [rejected]),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn of_two_changes_at_once_one_has_effect() {
    for _ in 0..10 {
        let (engine, this, _) = start().await;
        let mut changes = JoinSet::new();
        for new in ["the first new password", "the second new password"] {
            let (engine, this) = (engine.clone(), this.clone());
            changes.spawn(async move { (new, change(&engine, &this, PASSWORD, new).await) });
        }
        let done = changes.join_all().await;
        let (worked, refused): (Vec<_>, Vec<_>) =
            done.into_iter().partition(|(_, result)| result.is_ok());
        assert_eq!((worked.len(), refused.len()), (1, 1), "{refused:?}");
        assert!(matches!(
            refused[0].1,
            Err(ChangePasswordError::CurrentIncorrect)
        ));
        assert!(
            engine
                .try_log_in("anna@example.com", worked[0].0)
                .await
                .is_ok()
        );
        assert!(
            engine
                .try_log_in("anna@example.com", refused[0].0)
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn an_account_that_is_gone_has_no_password() {
    let (engine, this, _) = start().await;
    engine
        .delete_own_account(&this.who, &this.caller(), &doorward_tests::engine::proof())
        .await
        .unwrap();
    let refused = change(&engine, &this, PASSWORD, NEW).await;
    assert!(matches!(
        refused,
        Err(ChangePasswordError::Revoked | ChangePasswordError::CurrentIncorrect)
    ));
}
