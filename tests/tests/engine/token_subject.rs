//! What tokens call an account by.

use std::sync::Arc;

use doorward::testing::{self, FixedClock};
use doorward::{
    Action, AuthenticateError, BuildError, Builder, Database, LoginError, Registration,
    RequiredIdentity, TokenError, TokenSubject, User, UserChange,
};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, Visitor, address, anonymous, registration, token_in,
};
use doorward_tests::tokens::claims_of;

use crate::audit;
use crate::update_user::set;

const EMAIL: &str = "Anna@Example.com";

fn by(subject: TokenSubject) -> impl FnOnce(Builder) -> Builder {
    move |builder| {
        builder
            .required_identity(RequiredIdentity::Both)
            .token_subject(subject)
    }
}

async fn anna(engine: &TestEngine) -> User {
    let registration = Registration::new(PASSWORD)
        .email(address(EMAIL))
        .username("Anna.K".parse().unwrap());
    engine.register(&anonymous(), registration).await.unwrap()
}

fn subject(visitor: &Visitor) -> String {
    let claims = claims_of(&visitor.tokens.access_token);
    claims["sub"].as_str().unwrap().to_owned()
}

fn rename(name: &str) -> UserChange {
    UserChange {
        username: Some(Some(name.parse().unwrap())),
        ..UserChange::default()
    }
}

/// Engines on one database, that call accounts by different things.
async fn side_by_side<const N: usize>(
    database: &TestDatabase,
    subjects: [TokenSubject; N],
) -> [TestEngine; N] {
    let mut engines = Vec::new();
    for subject in subjects {
        let own = Database::connect(database.url()).await.unwrap();
        engines.push(TestEngine::on(own, Arc::new(FixedClock::at(START)), by(subject)).await);
    }
    engines.try_into().unwrap()
}

#[tokio::test]
async fn a_token_calls_the_account_by_what_was_decided() {
    for (decided, expected) in [
        (TokenSubject::UserId, None),
        (TokenSubject::Username, Some("Anna.K")),
        (TokenSubject::Email, Some("Anna@example.com")),
    ] {
        let engine = TestEngine::in_memory_with(by(decided)).await;
        let user = anna(&engine).await;
        let visitor = engine.log_in(EMAIL).await;
        let expected = expected.map_or_else(|| user.id.to_string(), str::to_owned);
        assert_eq!(subject(&visitor), expected);
        let refresh = claims_of(&visitor.tokens.refresh_token);
        assert_eq!(refresh["sub"], user.id.to_string(), "nobody else reads it");
        // Twice: at first its signature is verified, then it is remembered.
        for _ in 0..2 {
            assert_eq!(engine.again(&visitor).await.who.user.id, user.id);
        }
        let refreshed = engine.try_refresh(&visitor.tokens).await.unwrap();
        assert_eq!(subject(&engine.visitor(refreshed).await), expected);
    }
}

#[tokio::test]
async fn the_name_must_be_one_that_every_account_has() {
    use RequiredIdentity as Required;
    use TokenSubject as Subject;

    for (required, subject, is_built) in [
        (Required::Email, Subject::UserId, true),
        (Required::Either, Subject::UserId, true),
        (Required::Email, Subject::Email, true),
        (Required::Both, Subject::Email, true),
        (Required::Username, Subject::Email, false),
        (Required::Either, Subject::Email, false),
        (Required::Username, Subject::Username, true),
        (Required::Both, Subject::Username, true),
        (Required::Email, Subject::Username, false),
        (Required::Either, Subject::Username, false),
    ] {
        let database = Database::connect("sqlite::memory:").await.unwrap();
        let built = testing::builder(database)
            .required_identity(required)
            .token_subject(subject)
            .build()
            .await;
        match built {
            Ok(_) => assert!(is_built, "{required:?} {subject:?}"),
            Err(BuildError::SubjectNotRequired) => assert!(!is_built, "{required:?} {subject:?}"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_new_name_stands_in_the_next_token_and_the_old_token_still_counts() {
    let engine = TestEngine::in_memory_with(by(TokenSubject::Username)).await;
    let user = anna(&engine).await;
    let visitor = engine.log_in(EMAIL).await;
    set(&engine, user.id, rename("anna.nowak")).await;
    let again = engine.again(&visitor).await;
    assert_eq!(again.who.user.id, user.id);
    assert_eq!(
        again.who.user.username.as_ref().unwrap().as_str(),
        "anna.nowak"
    );
    let refreshed = engine.try_refresh(&visitor.tokens).await.unwrap();
    assert_eq!(subject(&engine.visitor(refreshed).await), "anna.nowak");
}

#[tokio::test]
async fn an_account_from_before_without_the_name_is_not_let_in_and_leaves_no_session() {
    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let before = TestEngine::at(database.url()).await;
    before
        .register(&anonymous(), registration(EMAIL))
        .await
        .unwrap();
    let visitor = before.log_in(EMAIL).await;

    let [now] = side_by_side(&database, [TokenSubject::Username]).await;
    for _ in 0..2 {
        let refused = now.try_log_in(EMAIL, PASSWORD).await;
        let Err(LoginError::Internal(failure)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(failure.retry_after(), None);
    }
    assert!(now.try_refresh(&visitor.tokens).await.is_err());
    let events = audit::all(&now).await;
    let logins = events
        .iter()
        .filter(|event| event.action == Action::Login.as_str());
    assert_eq!(logins.count(), 1, "the one from before");
    assert_eq!(now.list_sessions(&visitor.who).await.unwrap().len(), 1);

    // Once it has a name, all goes on: the refresh token was not used up.
    set(&now, visitor.who.user.id, rename("anna")).await;
    let refreshed = now.try_refresh(&visitor.tokens).await.unwrap();
    assert_eq!(subject(&now.visitor(refreshed).await), "anna");
    now.log_in(EMAIL).await;
}

#[tokio::test]
async fn tokens_from_before_the_decision_count_but_a_name_is_no_id() {
    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let [by_id, by_name] =
        side_by_side(&database, [TokenSubject::UserId, TokenSubject::Username]).await;
    let user = anna(&by_id).await;
    let old = by_id.log_in(EMAIL).await;
    assert_eq!(by_name.again(&old).await.who.user.id, user.id);

    let new = by_name.log_in(EMAIL).await;
    let refused = by_id.authenticate(&new.tokens.access_token).await;
    assert!(matches!(
        refused,
        Err(AuthenticateError::Token(TokenError::Malformed))
    ));
    // And is exchanged for one that names the id.
    let refreshed = by_id.try_refresh(&new.tokens).await.unwrap();
    assert_eq!(
        subject(&by_id.visitor(refreshed).await),
        user.id.to_string()
    );
}

#[tokio::test]
async fn an_address_that_must_be_verified_stands_in_no_token_before() {
    let engine = TestEngine::with_mail_and(|builder| {
        builder
            .token_subject(TokenSubject::Email)
            .require_verified_email(true)
    })
    .await;
    let user = engine
        .register(&anonymous(), registration(EMAIL))
        .await
        .unwrap();
    let visitor = engine.log_in(EMAIL).await;
    assert_eq!(subject(&visitor), user.id.to_string());

    let token = token_in(&engine.mail("Confirm").await);
    let confirmed = engine
        .confirm_email_verification(&token, &anonymous())
        .await;
    confirmed.unwrap();
    let refreshed = engine.try_refresh(&visitor.tokens).await.unwrap();
    assert_eq!(
        subject(&engine.visitor(refreshed).await),
        "Anna@example.com"
    );
}
