//! An account that leaves a trace wherever one can be left.

use std::sync::Arc;
use std::time::Duration;

use doorward::testing::FixedClock;
use doorward::{
    Caller, Database, LoginOutcome, Mailer, Origin, OutgoingMail, Reauthentication, SendError,
    Sending, UserChange, UserId,
};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, address, attempt, mail_config, password, registration, roles,
};

/// What the account was called, in lower case, and what only it knew.
pub(crate) const NAMES: [&str; 10] = [
    "anna.k",
    "annushka",
    "kowalska",
    "nowak",
    "bücher",
    "xn--bcher",
    "elsewhere.example",
    "argon2",
    "an entirely new",
    "dw_reset_",
];

/// What is told of where it was used from, and some of [`NAMES`] that stand somewhere.
pub(crate) const TRACES: [&str; 7] = [
    "anna.k@",
    "annushka",
    "nowak",
    "elsewhere.example",
    "198.51.100.23",
    "annas browser",
    "annas-request",
];

/// A mailer whose server is never there.
#[derive(Debug)]
struct Unreachable;

impl Mailer for Unreachable {
    fn send<'a>(&'a self, _: &'a OutgoingMail) -> Sending<'a> {
        Box::pin(async { Err(SendError::temporary("connection refused")) })
    }
}

/// An engine at `url` whose mails stay in the outbox.
pub(crate) async fn engine_without_post(url: &str, maintain: bool) -> TestEngine {
    let database = Database::connect(url).await.unwrap();
    let mail = mail_config(Arc::new(Unreachable));
    TestEngine::on(database, Arc::new(FixedClock::at(START)), |builder| {
        builder.mail(mail).maintain(maintain)
    })
    .await
}

/// Where it is used from.
pub(crate) fn origin() -> Origin {
    Origin::default()
        .with_ip("198.51.100.23".parse().unwrap())
        .with_user_agent("annas browser/1.0")
        .with_request_id("annas-request")
}

/// Registers, logs in, is renamed, promoted and locked, asks for a new password and for
/// another address, and gets mails that nobody can deliver.
pub(crate) async fn lead_a_life(engine: &TestEngine) -> UserId {
    let anonymous = Caller::anonymous(origin());
    let anna = registration("Anna.K@Bücher.example")
        .username("Annushka".parse().unwrap())
        .full_name("Anna Kowalska".parse().unwrap());
    let anna = engine.register(&anonymous, anna).await.unwrap();
    let log_in = async |text: &str| {
        let attempt = attempt("annushka", text).by(anonymous.clone());
        let LoginOutcome::LoggedIn(tokens) = engine.login(attempt).await?;
        Ok::<_, doorward::LoginError>(engine.visitor(tokens).await)
    };
    log_in(PASSWORD).await.unwrap();
    let visitor = log_in(PASSWORD).await.unwrap();
    let caller = Caller::user(visitor.who.clone(), origin());

    let change = |change: UserChange, by: Caller, proof: Reauthentication| async move {
        engine
            .update_user(&by, anna.id, change, &proof)
            .await
            .unwrap();
    };
    let rename = UserChange {
        full_name: Some(Some("Anna Nowak".parse().unwrap())),
        ..UserChange::default()
    };
    change(rename, caller.clone(), Reauthentication::default()).await;
    let promote = UserChange {
        roles: Some(roles(&["moderator", "user"])),
        ..UserChange::default()
    };
    change(promote, Caller::operator(), Reauthentication::default()).await;
    let new = password("an entirely new password");
    engine
        .change_password(&visitor.who, &caller, password(PASSWORD), new)
        .await
        .unwrap();
    engine.try_refresh(&visitor.tokens).await.unwrap();
    engine.export_own_data(&visitor.who, &caller).await.unwrap();
    let email = address("anna.k@bücher.example");
    engine
        .request_password_reset(&email, &anonymous)
        .await
        .unwrap();
    let move_away = UserChange {
        email: Some(Some(address("anna.k@elsewhere.example"))),
        ..UserChange::default()
    };
    let new = Reauthentication {
        password: Some(password("an entirely new password")),
    };
    change(move_away, caller, new).await;
    for _ in 0..11 {
        assert!(log_in("something else").await.is_err());
        engine.advance(Duration::from_secs(16));
    }
    engine.deliver_mail().await.unwrap();
    anna.id
}
