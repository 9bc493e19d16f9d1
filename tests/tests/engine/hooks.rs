//! What an application is asked and told, and what it adds to tokens.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use doorward::testing::FixedClock;
use doorward::{
    Action, AfterLogin, AfterRegister, BeforeRegister, Builder, Caller, ClaimName, ClaimsContext,
    Database, ExtraClaims, Hooked, Hooks, LimitClass, LoginError, Origin, RateLimits, RefreshError,
    RegisterError, Registration, RegistrationOutcome, RegistrationRefused, RequiredIdentity,
};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, address, anonymous, attempt, registration, registration_with,
    role, token_in,
};
use doorward_tests::tokens::claims_of;
use tokio::sync::mpsc;

use crate::audit;

const ANNA: &str = "anna@example.com";
const TENANT: ClaimName = ClaimName::new("tenant");
const CODE: ClaimName = ClaimName::new("code");

/// Writes down what it hears, and does what the test says.
#[derive(Default)]
struct Script {
    heard: Mutex<Vec<String>>,
    /// What to have against registrations.
    objection: Mutex<Option<Objection>>,
    /// Whether to panic at whatever has happened to `eve@example.com`.
    panics: AtomicBool,
    /// What to add to tokens.
    tenant: Mutex<Option<serde_json::Value>>,
}

#[derive(Clone, Copy)]
enum Objection {
    Refuses,
    IsUndecided,
}

impl fmt::Debug for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Script")
    }
}

impl Script {
    fn hear(&self, what: String) {
        self.heard.lock().unwrap().push(what);
    }

    /// What was heard since the last call.
    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    fn object(&self, objection: Objection) {
        *self.objection.lock().unwrap() = Some(objection);
    }

    fn add_tenant(&self, tenant: impl Into<serde_json::Value>) {
        *self.tenant.lock().unwrap() = Some(tenant.into());
    }

    fn panic_at(&self, email: &str) {
        let is_meant = email == "eve@example.com" && self.panics.load(Ordering::Relaxed);
        assert!(!is_meant, "as the test says");
    }
}

impl Hooks for Script {
    fn before_register<'a>(
        &'a self,
        event: &'a BeforeRegister<'a>,
    ) -> Hooked<'a, Result<(), RegistrationRefused>> {
        Box::pin(async move {
            self.hear(format!(
                "before {} {} {} {} from {}",
                shown(event.email),
                shown(event.username),
                shown(event.full_name.map(|name| name.as_str())),
                event.role,
                shown(event.caller.origin.ip()),
            ));
            let objection = *self.objection.lock().unwrap();
            match objection {
                None => Ok(()),
                Some(Objection::Refuses) => Err(RegistrationRefused::new("Only by invitation")),
                Some(Objection::IsUndecided) => Err(RegistrationRefused::undecided("no answer")),
            }
        })
    }

    fn after_register<'a>(&'a self, event: &'a AfterRegister<'a>) -> Hooked<'a, ()> {
        Box::pin(async move {
            // What is told has happened: everybody sees it.
            let by = Caller::operator();
            let seen = event.engine.find_user(&by, event.user.id).await;
            let email = seen.unwrap().email.unwrap();
            self.panic_at(email.as_str());
            self.hear(format!(
                "registered {email} from {}",
                shown(event.caller.origin.ip())
            ));
        })
    }

    fn after_login<'a>(&'a self, event: &'a AfterLogin<'a>) -> Hooked<'a, ()> {
        let email = shown(event.user.email.as_ref());
        self.panic_at(&email);
        let before = shown(event.user.last_login_at.map(doorward::Timestamp::as_millis));
        self.hear(format!("login {email} {} after {before}", event.session));
        Box::pin(async {})
    }

    fn claims(&self, context: &ClaimsContext<'_>) -> ExtraClaims {
        let Some(tenant) = self.tenant.lock().unwrap().clone() else {
            return ExtraClaims::new();
        };
        ExtraClaims::new()
            .with(TENANT, tenant)
            .with(CODE, format!("{} {}", context.user.id, context.session))
    }
}

fn shown(what: Option<impl fmt::Display>) -> String {
    what.map_or_else(|| "-".to_owned(), |what| what.to_string())
}

fn from(ip: &str) -> Caller {
    Caller::anonymous(Origin::default().with_ip(ip.parse().unwrap()))
}

async fn start() -> (TestEngine, Arc<Script>) {
    start_with(|builder| builder).await
}

async fn start_with(configure: impl FnOnce(Builder) -> Builder) -> (TestEngine, Arc<Script>) {
    let script = Arc::new(Script::default());
    let hooks = script.clone();
    let engine = TestEngine::in_memory_with(|builder| configure(builder.hooks(hooks))).await;
    (engine, script)
}

#[tokio::test]
async fn an_application_is_asked_before_and_told_after() {
    let (engine, script) = start().await;
    let full = registration(ANNA)
        .username("anna".parse().unwrap())
        .full_name("Anna Kowalska".parse().unwrap());
    engine.register(&from("192.0.2.1"), full).await.unwrap();
    assert_eq!(
        script.heard(),
        [
            "before anna@example.com anna Anna Kowalska user from 192.0.2.1",
            "registered anna@example.com from 192.0.2.1",
        ]
    );
}

#[tokio::test]
async fn a_refused_registration_leaves_nothing_and_tells_why() {
    let (engine, script) = start().await;
    script.object(Objection::Refuses);
    let refused = engine.register(&anonymous(), registration(ANNA)).await;
    let Err(RegisterError::Refused(sentence)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(sentence, "Only by invitation");
    assert_eq!(script.heard(), ["before anna@example.com - - user from -"]);
    assert!(audit::all(&engine).await.is_empty());
    let login = engine.try_log_in(ANNA, PASSWORD).await;
    assert!(matches!(login, Err(LoginError::InvalidCredentials)));
}

#[tokio::test]
async fn an_application_that_gets_no_answer_refuses_nobody_for_good() {
    let (engine, script) = start().await;
    script.object(Objection::IsUndecided);
    let refused = engine.register(&anonymous(), registration(ANNA)).await;
    let Err(RegisterError::Internal(failure)) = refused else {
        panic!("{refused:?}");
    };
    assert!(failure.retry_after().is_some());
    assert!(audit::all(&engine).await.is_empty());
}

#[tokio::test]
async fn an_application_is_not_asked_for_what_is_refused_anyway() {
    let mut limits = RateLimits::NONE;
    limits.registration = Some("1/minute".parse().unwrap());
    let (engine, script) = start_with(|builder| builder.rate_limits(limits)).await;
    let caller = from("192.0.2.1");
    engine.register(&caller, registration(ANNA)).await.unwrap();
    script.heard();
    let throttled = engine
        .register(&caller, registration("b@example.com"))
        .await;
    assert!(
        matches!(&throttled, Err(RegisterError::Throttled(why)) if why.class == LimitClass::Registration)
    );
    let admin = registration("c@example.com").role(role("admin"));
    let refused = engine.register(&anonymous(), admin).await;
    assert!(matches!(refused, Err(RegisterError::RoleNotSelfAssignable)));
    let nameless = engine
        .register(&anonymous(), Registration::new(PASSWORD))
        .await;
    assert!(matches!(nameless, Err(RegisterError::Identity(_))));
    assert_eq!(script.heard(), [""; 0]);
}

#[tokio::test]
async fn nobody_is_told_of_a_registration_that_comes_to_nothing() {
    let (engine, script) = start().await;
    engine.sign_up(ANNA).await;
    script.heard();
    let taken = engine.register(&anonymous(), registration(ANNA)).await;
    assert!(matches!(taken, Err(RegisterError::Identity(_))));
    let weak = registration_with("b@example.com", "password");
    let rejected = engine.register(&anonymous(), weak).await;
    assert!(matches!(rejected, Err(RegisterError::PasswordRejected(_))));
    let heard = script.heard();
    assert!(
        heard.iter().all(|line| line.starts_with("before ")),
        "{heard:?}"
    );
}

#[tokio::test]
async fn an_account_that_others_make_is_no_registration() {
    let (engine, script) = start().await;
    script.object(Objection::Refuses);
    engine.create(ANNA, &["user"]).await;
    assert_eq!(script.heard(), [""; 0]);
}

#[tokio::test]
async fn a_registration_that_reveals_nothing_is_asked_for_at_once_and_told_of_later() {
    let script = Arc::new(Script::default());
    let (hooks, hidden) = (script.clone(), false);
    let engine =
        TestEngine::with_mail_and(|builder| builder.hooks(hooks).registration_reveals(hidden))
            .await;
    let register = async |email| {
        let outcome = engine
            .engine()
            .register(&from("192.0.2.1"), registration(email))
            .await;
        assert!(matches!(outcome.unwrap(), RegistrationOutcome::ToldByMail));
    };
    register(ANNA).await;
    assert_eq!(
        script.heard(),
        ["before anna@example.com - - user from 192.0.2.1"]
    );
    engine.mail("Confirm").await;
    assert_eq!(
        script.heard(),
        ["registered anna@example.com from 192.0.2.1"]
    );

    register(ANNA).await;
    engine.mails().await;
    assert_eq!(
        script.heard(),
        ["before anna@example.com - - user from 192.0.2.1"]
    );
}

#[tokio::test]
async fn a_hook_that_panics_in_the_background_holds_up_nobody() {
    let script = Arc::new(Script::default());
    let hooks = script.clone();
    let engine =
        TestEngine::with_mail_and(|builder| builder.hooks(hooks).registration_reveals(false)).await;
    script.panics.store(true, Ordering::Relaxed);
    for email in ["eve@example.com", ANNA] {
        let outcome = engine
            .engine()
            .register(&anonymous(), registration(email))
            .await;
        outcome.unwrap();
    }
    script.heard();
    assert_eq!(engine.mails().await.len(), 2);
    assert_eq!(script.heard(), ["registered anna@example.com from -"]);
}

#[tokio::test]
async fn what_goes_wrong_after_the_fact_changes_nothing_of_it() {
    let (engine, script) = start().await;
    script.panics.store(true, Ordering::Relaxed);
    let eve = engine
        .register(&anonymous(), registration("eve@example.com"))
        .await;
    let visitor = engine.log_in("eve@example.com").await;
    assert_eq!(visitor.who.user.id, eve.unwrap().id);
    assert!(engine.lets_in(&visitor).await);
}

#[tokio::test]
async fn an_application_is_told_of_logins_and_not_of_refreshes() {
    let (engine, script) = start().await;
    engine.sign_up(ANNA).await;
    script.heard();
    engine
        .try_log_in(ANNA, "a wrong password")
        .await
        .unwrap_err();
    assert_eq!(script.heard(), [""; 0]);

    let first = engine.log_in(ANNA).await;
    let session = first.who.session.id;
    assert_eq!(script.heard(), [format!("login {ANNA} {session} after -")]);
    let then = engine.now().as_millis();
    let second = engine.log_in(ANNA).await;
    let session = second.who.session.id;
    assert_eq!(
        script.heard(),
        [format!("login {ANNA} {session} after {then}")]
    );

    engine.try_refresh(&second.tokens).await.unwrap();
    assert_eq!(script.heard(), [""; 0]);
}

/// Logs the same account in once more, whenever it is logged in, until it was three times.
#[derive(Debug, Default)]
struct Again(Mutex<u32>);

impl Hooks for Again {
    fn after_login<'a>(&'a self, event: &'a AfterLogin<'a>) -> Hooked<'a, ()> {
        Box::pin(async move {
            let times = {
                let mut times = self.0.lock().unwrap();
                *times += 1;
                *times
            };
            if times < 3 {
                event.engine.login(attempt(ANNA, PASSWORD)).await.unwrap();
            }
        })
    }
}

#[tokio::test]
async fn a_hook_may_call_the_engine_that_calls_it() {
    let again = Arc::new(Again::default());
    let hooks = again.clone();
    let engine = TestEngine::in_memory_with(|builder| builder.hooks(hooks)).await;
    engine.sign_up(ANNA).await;
    // After failures, attempts on one account wait for each other: this one must have let go.
    for _ in 0..4 {
        engine
            .try_log_in(ANNA, "a wrong password")
            .await
            .unwrap_err();
    }
    let guard = std::time::Duration::from_secs(60);
    let visitor = tokio::time::timeout(guard, engine.log_in(ANNA)).await;
    let visitor = visitor.expect("the hook waits for the login that waits for the hook");
    assert_eq!(*again.0.lock().unwrap(), 3);
    assert_eq!(engine.list_sessions(&visitor.who).await.unwrap().len(), 3);
}

#[tokio::test]
async fn claims_are_those_of_the_moment_at_login_and_refresh() {
    let (engine, script) = start().await;
    engine.sign_up(ANNA).await;
    script.add_tenant(7);
    let visitor = engine.log_in(ANNA).await;
    let claims = claims_of(&visitor.tokens.access_token);
    assert_eq!(claims["tenant"], 7);
    let (user, session) = (visitor.who.user.id, visitor.who.session.id);
    assert_eq!(claims["code"], format!("{user} {session}"));
    assert!(claims_of(&visitor.tokens.refresh_token)["tenant"].is_null());

    script.add_tenant("eight");
    let refreshed = engine.try_refresh(&visitor.tokens).await.unwrap();
    assert_eq!(claims_of(&refreshed.access_token)["tenant"], "eight");
    // A client that lost the answer gets what holds now as well.
    script.add_tenant(9);
    let retried = engine.try_refresh(&visitor.tokens).await.unwrap();
    assert_eq!(claims_of(&retried.access_token)["tenant"], 9);
    assert_eq!(*retried.refresh_token, *refreshed.refresh_token);
    engine.visitor(retried).await;
}

#[tokio::test]
async fn where_claims_leave_no_room_there_is_no_token_and_nothing_is_used_up() {
    let (engine, script) = start().await;
    engine.sign_up(ANNA).await;
    let visitor = engine.log_in(ANNA).await;
    let deep = (0..200).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
    for unusable in [serde_json::json!("x".repeat(8 * 1024)), deep] {
        script.add_tenant(unusable);
        let login = engine.try_log_in(ANNA, PASSWORD).await;
        assert!(matches!(login, Err(LoginError::Internal(_))), "{login:?}");
        let refresh = engine.try_refresh(&visitor.tokens).await;
        assert!(
            matches!(refresh, Err(RefreshError::Internal(_))),
            "{refresh:?}"
        );
    }
    assert_eq!(engine.list_sessions(&visitor.who).await.unwrap().len(), 1);
    let events = audit::all(&engine).await;
    let logins = events
        .iter()
        .filter(|event| event.action == Action::Login.as_str());
    assert_eq!(logins.count(), 1);

    // The client may come back with the same token, long after it could be a mere retry.
    script.add_tenant(7);
    engine.advance(std::time::Duration::from_secs(60 * 60));
    engine.try_refresh(&visitor.tokens).await.unwrap();
}

#[tokio::test]
async fn an_account_that_is_yet_to_be_verified_gets_no_claims() {
    let script = Arc::new(Script::default());
    script.add_tenant(7);
    let hooks = script.clone();
    let engine =
        TestEngine::with_mail_and(|builder| builder.hooks(hooks).require_verified_email(true))
            .await;
    engine.sign_up(ANNA).await;
    let visitor = engine.log_in(ANNA).await;
    assert!(claims_of(&visitor.tokens.access_token)["tenant"].is_null());
    let token = token_in(&engine.mail("Confirm").await);
    let confirmed = engine
        .confirm_email_verification(&token, &anonymous())
        .await;
    confirmed.unwrap();
    let refreshed = engine.try_refresh(&visitor.tokens).await.unwrap();
    assert_eq!(claims_of(&refreshed.access_token)["tenant"], 7);
}

#[tokio::test]
async fn two_engines_in_one_process_have_hooks_of_their_own() {
    let (one, ones) = start().await;
    let (other, others) =
        start_with(|builder| builder.required_identity(RequiredIdentity::Email)).await;
    one.sign_up(ANNA).await;
    assert_eq!(ones.heard().len(), 2);
    assert_eq!(others.heard(), [""; 0]);
    let email = address("bert@example.com").to_string();
    other.sign_up(&email).await;
    assert_eq!(others.heard().len(), 2);
    assert_eq!(ones.heard(), [""; 0]);
}

#[tokio::test]
async fn who_inserts_a_registration_themselves_is_asked_and_not_told() {
    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let script = Arc::new(Script::default());
    let (own, hooks) = (
        Database::connect(database.url()).await.unwrap(),
        script.clone(),
    );
    let clock = Arc::new(FixedClock::at(START));
    let engine = TestEngine::on(own, clock, |builder| builder.hooks(hooks)).await;
    let pool = sqlx::SqlitePool::connect(database.url()).await.unwrap();

    let caller = anonymous();
    let prepared = engine
        .prepare_registration(&caller, registration(ANNA))
        .await;
    assert_eq!(script.heard(), ["before anna@example.com - - user from -"]);
    let mut tx = pool.begin().await.unwrap();
    let inserted = prepared.unwrap().insert(&mut *tx).await;
    tx.commit().await.unwrap();
    inserted.unwrap().into_user().unwrap();
    assert_eq!(script.heard(), [""; 0]);
}

/// Never comes to an end for the first who registers, and says so when it is given up.
#[derive(Debug)]
struct Hanging(mpsc::UnboundedSender<&'static str>);

impl Hooks for Hanging {
    fn after_register<'a>(&'a self, event: &'a AfterRegister<'a>) -> Hooked<'a, ()> {
        struct GivenUp<'a>(&'a Hanging);
        impl Drop for GivenUp<'_> {
            fn drop(&mut self) {
                self.0.0.send("eve was given up").unwrap();
            }
        }
        Box::pin(async move {
            if event.user.email.as_ref().unwrap().as_str() == ANNA {
                return self.0.send("anna was told").unwrap();
            }
            let _guard = GivenUp(self);
            std::future::pending().await
        })
    }
}

#[tokio::test]
async fn a_hook_that_hangs_in_the_background_holds_up_nobody_and_is_given_up() {
    let (sender, mut told) = mpsc::unbounded_channel();
    let hooks = Arc::new(Hanging(sender));
    let engine =
        TestEngine::with_mail_and(|builder| builder.hooks(hooks).registration_reveals(false)).await;
    for email in ["eve@example.com", ANNA] {
        let engine = engine.engine();
        engine
            .register(&anonymous(), registration(email))
            .await
            .unwrap();
    }
    let mut work = pin!(engine.deliver_mail());
    tokio::select! {
        _ = &mut work => panic!("the first hook has not ended"),
        first = told.recv() => assert_eq!(first, Some("anna was told")),
    }
    // From here on time flies while everybody waits.
    tokio::time::pause();
    work.await.unwrap();
    assert_eq!(told.recv().await, Some("eve was given up"));
}
