//! Failed logins in a row: what is said, by a small model of it, and for whom it holds.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use doorward::{Caller, LoginError, LoginIdentifier, Origin, UserChange, UsersWrite};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, address, anonymous, attempt, operator, password, proof, token_in,
};
use proptest::prelude::*;

const ANNA: &str = "anna@example.com";

fn from(ip: &str) -> Caller {
    let ip: IpAddr = ip.parse().unwrap();
    Caller::anonymous(Origin::default().with_ip(ip).with_user_agent("test"))
}

async fn log_in_from(engine: &TestEngine, ip: &str, text: &str) -> Result<(), LoginError> {
    let attempt = attempt(ANNA, text).by(from(ip));
    engine.login(attempt).await.map(drop)
}

async fn fail(engine: &TestEngine, name: &str) -> LoginError {
    engine
        .try_log_in(name, "not the password")
        .await
        .unwrap_err()
}

/// Fails until it is locked for the lock's whole length.
async fn lock(engine: &TestEngine, name: &str) {
    for _ in 0..10 {
        assert!(matches!(
            fail(engine, name).await,
            LoginError::InvalidCredentials
        ));
        engine.advance(Duration::from_secs(16));
    }
    assert!(matches!(
        fail(engine, name).await,
        LoginError::Locked { .. }
    ));
}

#[tokio::test]
async fn a_lock_is_the_same_for_an_account_and_for_nobody() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up(ANNA).await;
    for name in [ANNA, "nobody@example.com", "nobody", "no name at all"] {
        lock(&engine, name).await;
        let Err(LoginError::Locked { retry_after }) = engine.try_log_in(name, PASSWORD).await
        else {
            panic!("{name} is not locked");
        };
        assert_eq!(retry_after, Duration::from_secs(15 * 60 - 16));
    }
}

#[tokio::test]
async fn a_lock_ends_by_time_and_by_an_admin_and_leaves_sessions_alone() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up(ANNA).await;
    let visitor = engine.log_in(ANNA).await;
    lock(&engine, ANNA).await;
    assert!(engine.lets_in(&visitor).await);
    engine.advance(Duration::from_secs(15 * 60));
    engine.log_in(ANNA).await;

    lock(&engine, ANNA).await;
    engine
        .unlock_user(&operator::<UsersWrite>(), anna.id)
        .await
        .unwrap();
    engine.log_in(ANNA).await;

    lock(&engine, ANNA).await;
    let change = UserChange {
        password: Some(password("purple kettle sings at noon")),
        ..UserChange::default()
    };
    engine
        .update_user(&Caller::operator(), anna.id, change, &proof())
        .await
        .unwrap();
    engine
        .log_in_with(ANNA, "purple kettle sings at noon")
        .await;
}

#[tokio::test]
async fn a_lock_ends_by_a_reset_and_its_beginning_is_told_once() {
    let engine = TestEngine::with_mail().await;
    engine.sign_up(ANNA).await;
    engine.mails().await;
    lock(&engine, ANNA).await;
    lock_again(&engine).await;
    let notice = engine.mail("Your account").await;
    assert_eq!(notice.to, ANNA);

    engine
        .request_password_reset(&address(ANNA), &anonymous())
        .await
        .unwrap();
    let token = token_in(&engine.mail("Reset").await);
    let new = password("purple kettle sings at noon");
    engine
        .confirm_password_reset(&token, new, &anonymous())
        .await
        .unwrap();
    engine
        .log_in_with(ANNA, "purple kettle sings at noon")
        .await;
}

async fn lock_again(engine: &TestEngine) {
    engine.advance(Duration::from_secs(15 * 60));
    assert!(matches!(
        fail(engine, ANNA).await,
        LoginError::InvalidCredentials
    ));
    assert!(matches!(
        fail(engine, ANNA).await,
        LoginError::Locked { .. }
    ));
}

#[tokio::test]
async fn strangers_do_not_keep_the_owner_out_of_a_network_that_is_known() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up(ANNA).await;
    log_in_from(&engine, "192.0.2.1", PASSWORD).await.unwrap();
    for round in 0..12_u8 {
        let stranger = format!("203.0.113.{round}");
        let _ = log_in_from(&engine, &stranger, "not the password").await;
        engine.advance(Duration::from_secs(16));
    }
    let stranger = log_in_from(&engine, "203.0.113.99", PASSWORD).await;
    assert!(matches!(stranger, Err(LoginError::Locked { .. })));
    log_in_from(&engine, "192.0.2.1", PASSWORD).await.unwrap();
    // And whoever shares it has no more guesses than anybody else.
    for _ in 0..10 {
        let _ = log_in_from(&engine, "192.0.2.1", "not the password").await;
        engine.advance(Duration::from_secs(16));
    }
    let locked = log_in_from(&engine, "192.0.2.1", PASSWORD).await;
    assert!(matches!(locked, Err(LoginError::Locked { .. })));
}

#[tokio::test]
async fn both_names_of_an_account_are_one() {
    let engine = TestEngine::in_memory().await;
    let anna = doorward_tests::engine::registration(ANNA).username("anna".parse().unwrap());
    engine.register(&anonymous(), anna).await.unwrap();
    for _ in 0..2 {
        fail(&engine, ANNA).await;
        fail(&engine, "ANNA").await;
    }
    fail(&engine, "Anna@Example.com").await;
    assert!(matches!(
        fail(&engine, "anna").await,
        LoginError::Locked { .. }
    ));
}

#[tokio::test]
async fn own_passwords_are_not_guessed_either() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up(ANNA).await;
    let visitor = engine.log_in(ANNA).await;
    let mut refusals = Vec::new();
    for _ in 0..6 {
        let changed = engine
            .change_password(
                &visitor.who,
                &visitor.caller(),
                password("not the password"),
                password("purple kettle sings at noon"),
            )
            .await;
        refusals.push(changed.unwrap_err());
    }
    use doorward::ChangePasswordError as Refused;
    assert!(
        refusals[..5]
            .iter()
            .all(|refused| matches!(refused, Refused::CurrentIncorrect))
    );
    assert!(matches!(refusals[5], Refused::Locked { .. }));
    // Logins are another matter.
    engine.log_in(ANNA).await;
}

#[derive(Clone, Debug)]
enum Step {
    Right { who: usize },
    Wrong { who: usize },
    Advance { seconds: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..2_usize;
    let seconds = prop_oneof![
        6 => 0..20_u64,
        2 => 890..910_u64,
        1 => 86_390..86_410_u64,
    ];
    prop_oneof![
        2 => who.clone().prop_map(|who| Step::Right { who }),
        12 => who.prop_map(|who| Step::Wrong { who }),
        6 => seconds.prop_map(|seconds| Step::Advance { seconds }),
    ]
}

/// What the model knows of one name.
#[derive(Clone, Copy, Debug, Default)]
struct Model {
    failures: u32,
    last_failed: u64,
    locked_until: u64,
}

impl Model {
    fn fail(&mut self, now: u64) {
        if now > self.last_failed + 86_400 {
            self.failures = 0;
        }
        self.failures += 1;
        self.last_failed = now;
        self.locked_until = now
            + match self.failures {
                0..5 => 0,
                5..10 => 1 << (self.failures - 5),
                10..100 => 900,
                _ => 86_400,
            };
    }
}

const NAMES: [&str; 2] = [ANNA, "nobody@example.com"];

async fn compare(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let engine = TestEngine::in_memory().await;
    engine.sign_up(ANNA).await;
    engine.set_clock(START);
    let (mut models, mut now) = (HashMap::<usize, Model>::new(), 0);
    for step in steps {
        let (who, text) = match step {
            Step::Advance { seconds } => {
                engine.advance(Duration::from_secs(seconds));
                now += seconds;
                continue;
            }
            Step::Right { who } => (who, PASSWORD),
            Step::Wrong { who } => (who, "not the password"),
        };
        let model = models.entry(who).or_default();
        let outcome = engine.try_log_in(NAMES[who], text).await;
        if model.locked_until > now {
            let Err(LoginError::Locked { retry_after }) = outcome else {
                return Err(TestCaseError::fail(format!(
                    "{step:?}: not locked, {outcome:?}"
                )));
            };
            prop_assert_eq!(retry_after.as_secs(), model.locked_until - now);
        } else if text == PASSWORD && who == 0 {
            prop_assert!(outcome.is_ok(), "{outcome:?}");
            *model = Model::default();
        } else {
            prop_assert!(
                matches!(outcome, Err(LoginError::InvalidCredentials)),
                "{outcome:?}"
            );
            model.fail(now);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn logins_wait_as_long_as_the_model_says(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare(steps))?;
    }
}

#[test]
fn a_name_that_nobody_can_have_is_not_shown() {
    let typed = LoginIdentifier::parse("my secret passphrase!");
    assert_eq!(format!("{typed:?}"), "Unknown(UnknownName(..))");
}
