//! Passwords that are known from data breaches.

use std::sync::Arc;
use std::time::Duration;

use doorward::{
    BreachedPasswords as _, Password, PasswordContext, PasswordFault, RangeQuery, RegisterError,
    Registration,
};
use doorward_tests::breaches::{Behaviour, BreachList, RangeHost};
use doorward_tests::engine::{TestEngine, anonymous, password, registration_with};

const BREACHED: &str = "widgets are my life";
const UNKNOWN: &str = "purple kettle sings at noon";

async fn asks(list: Arc<BreachList>) -> TestEngine {
    TestEngine::in_memory_with(|builder| builder.breached_passwords(list)).await
}

fn with(text: &str) -> Registration {
    registration_with("anna@example.com", text)
}

async fn is_known(host: &RangeHost, timeout: Duration, text: &str) -> Result<bool, String> {
    let query = RangeQuery::with_timeout(&host.url(), timeout).unwrap();
    query
        .contains(&Password::new(text.to_owned()))
        .await
        .map_err(|error| error.to_string())
}

const PATIENT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_breached_password_is_refused() {
    let engine = asks(BreachList::of(&[BREACHED])).await;
    let refused = engine.register(&anonymous(), with(BREACHED)).await;
    match refused {
        Err(RegisterError::PasswordRejected(why)) => {
            assert_eq!(why.faults(), [PasswordFault::Breached]);
        }
        other => panic!("{other:?}"),
    }
    engine.register(&anonymous(), with(UNKNOWN)).await.unwrap();
    engine.log_in_with("anna@example.com", UNKNOWN).await;
}

#[tokio::test]
async fn nobody_is_asked_for_what_is_refused_anyway() {
    let list = BreachList::of(&[]);
    let engine = asks(Arc::clone(&list)).await;
    for text in ["short", "password123", "lkjhgfdsa", "anna1985"] {
        engine.register(&anonymous(), with(text)).await.unwrap_err();
    }
    assert_eq!(list.asked(), 0);
}

#[tokio::test]
async fn a_taken_name_is_checked_like_a_free_one() {
    let list = BreachList::of(&[BREACHED]);
    let engine = asks(Arc::clone(&list)).await;
    engine.register(&anonymous(), with(UNKNOWN)).await.unwrap();
    let again = engine.register(&anonymous(), with(BREACHED)).await;
    assert!(
        matches!(&again, Err(RegisterError::PasswordRejected(why)) if why.first() == PasswordFault::Breached),
        "{again:?}"
    );
    assert_eq!(list.asked(), 2);
}

#[tokio::test]
async fn where_it_cannot_be_told_the_act_goes_on_and_the_trail_says_so() {
    let engine = asks(BreachList::out_of_order()).await;
    engine.register(&anonymous(), with(UNKNOWN)).await.unwrap();
    let visitor = engine.log_in_with("anna@example.com", UNKNOWN).await;
    engine
        .change_password(
            &visitor.who,
            &visitor.caller(),
            password(UNKNOWN),
            password("another kettle hums at dusk"),
        )
        .await
        .unwrap();

    let events = super::audit::all(&engine).await;
    let told: Vec<_> = events
        .iter()
        .filter(|event| event.action == "password.breach_check_failed")
        .collect();
    assert_eq!(told.len(), 2, "{events:?}");
    for event in &told {
        assert_eq!(event.outcome, "failure");
        assert_eq!(event.reason.as_deref(), Some("unavailable"));
    }
    // The newest first: of the change, and of the registration by nobody.
    assert_eq!(told[0].target_id, Some(visitor.who.user.id));
    assert_eq!(told[0].actor_id, Some(visitor.who.user.id));
    assert_eq!(told[1].actor, "anonymous");
}

#[tokio::test]
async fn a_mere_question_leaves_no_trace() {
    let engine = asks(BreachList::out_of_order()).await;
    let assessment = engine
        .assess_password(&password(UNKNOWN), &PasswordContext::new(), &anonymous())
        .await
        .unwrap();
    assert_eq!(assessment.faults, []);
    assert!(super::audit::all(&engine).await.is_empty());
}

#[tokio::test]
async fn a_range_is_asked_for_by_five_digits() {
    let host = RangeHost::knowing("password").await;
    assert_eq!(is_known(&host, PATIENT, "password").await, Ok(true));
    assert_eq!(is_known(&host, PATIENT, "passwords").await, Ok(false));
    let queries = host.queries();
    // The SHA-1 of "password" begins with 5BAA61E4.
    assert_eq!(queries[0].0, "/range/5BAA6");
    assert_eq!(queries[0].1["add-padding"], "true");
    assert_eq!(queries.len(), 2);
    let range = RangeHost::range_of("password", 0);
    let padded = RangeHost::start(Behaviour::Answers(200, range)).await;
    assert_eq!(is_known(&padded, PATIENT, "password").await, Ok(false));
}

#[tokio::test]
async fn no_answer_is_no_verdict() {
    let other = RangeHost::knowing("password").await;
    let oversized = format!("{}:1\r\n", "0".repeat(35)).repeat(40_000);
    for (behaviour, reason) in [
        (Behaviour::Answers(500, String::new()), "status 500"),
        (Behaviour::Answers(404, String::new()), "status 404"),
        (Behaviour::Redirects(other.url()), "status 307"),
        (
            Behaviour::Answers(200, "<!doctype html>".to_owned()),
            "the answer is no list of hashes",
        ),
        (Behaviour::Answers(200, oversized), "the answer is too long"),
    ] {
        let host = RangeHost::start(behaviour.clone()).await;
        let told = is_known(&host, PATIENT, "password").await.unwrap_err();
        assert!(told.ends_with(reason), "{told}");
    }
    assert!(other.queries().is_empty());
    for behaviour in [Behaviour::Stalls, Behaviour::Dribbles] {
        let host = RangeHost::start(behaviour).await;
        let told = is_known(&host, Duration::from_millis(50), "password")
            .await
            .unwrap_err();
        assert!(told.ends_with("it timed out"), "{told}");
    }
    let gone = RangeHost::knowing("password").await.url();
    let query = RangeQuery::new(&gone).unwrap();
    query.contains(&password("password")).await.unwrap_err();
}

#[tokio::test]
async fn accounts_are_opened_while_the_service_is_down() {
    let host = RangeHost::start(Behaviour::Answers(503, String::new())).await;
    let query = Arc::new(RangeQuery::new(&host.url()).unwrap());
    let engine = TestEngine::in_memory_with(|builder| builder.breached_passwords(query)).await;
    engine.register(&anonymous(), with(BREACHED)).await.unwrap();
    assert_eq!(host.queries().len(), 1);
    let events = super::audit::all(&engine).await;
    assert!(
        events
            .iter()
            .any(|event| event.action == "password.breach_check_failed")
    );
}
