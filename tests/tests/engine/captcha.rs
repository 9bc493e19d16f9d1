//! When a captcha is asked for, and what solves it.

use std::sync::Arc;
use std::time::Duration;

use doorward::testing;
use doorward::{
    BuildError, Caller, CaptchaChallenge, CaptchaConfig, CaptchaProvider, CaptchaRefused,
    CaptchaService, Database, LoginError, Origin, RateLimits, RegisterError, SiteVerify,
};
use doorward_tests::captcha::{Behaviour, SiteVerifyService, solve};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, anonymous, attempt, registration, registration_with,
};

const ADDRESS: &str = "192.0.2.1";
const EASY: CaptchaProvider = CaptchaProvider::ProofOfWork { difficulty: 4 };

fn from(ip: &str) -> Caller {
    Caller::anonymous(Origin::default().with_ip(ip.parse().unwrap()))
}

async fn engine_with(provider: CaptchaProvider, after_failures: u32) -> TestEngine {
    let config = CaptchaConfig {
        provider,
        after_failures,
    };
    TestEngine::in_memory_with(|builder| builder.captcha(config).rate_limits(RateLimits::NONE))
        .await
}

async fn register(
    engine: &TestEngine,
    caller: &Caller,
    number: usize,
) -> Result<(), RegisterError> {
    register_with(engine, caller, number, None).await
}

async fn register_with(
    engine: &TestEngine,
    caller: &Caller,
    number: usize,
    token: Option<&str>,
) -> Result<(), RegisterError> {
    let registration = registration(&format!("someone{number}@example.com"))
        .captcha_token(token.map(str::to_owned));
    engine.register(caller, registration).await.map(drop)
}

/// The challenge that comes with a registration that lacks a captcha.
fn required<T: std::fmt::Debug>(answer: Result<T, RegisterError>) -> CaptchaChallenge {
    match answer {
        Err(RegisterError::Captcha(CaptchaRefused::Required(challenge))) => *challenge,
        other => panic!("{other:?}"),
    }
}

fn is_wrong<T>(answer: &Result<T, RegisterError>) -> bool {
    matches!(
        answer,
        Err(RegisterError::Captcha(CaptchaRefused::Wrong(_)))
    )
}

fn is_unavailable<T>(answer: &Result<T, RegisterError>) -> bool {
    matches!(
        answer,
        Err(RegisterError::Captcha(CaptchaRefused::Unavailable(_)))
    )
}

fn solved(challenge: &CaptchaChallenge) -> String {
    let proof = challenge.proof.as_ref().unwrap();
    assert_eq!(proof.algorithm, "sha-256");
    solve(&proof.challenge, proof.difficulty)
}

async fn solved_by(engine: &TestEngine, caller: &Caller) -> String {
    let offer = engine.find_captcha(caller).await.unwrap();
    solved(&offer.challenge)
}

#[tokio::test]
async fn an_engine_without_captchas_asks_for_none() {
    let engine = TestEngine::in_memory().await;
    assert_eq!(engine.find_captcha(&from(ADDRESS)).await, None);
    for number in 0..5 {
        register(&engine, &from(ADDRESS), number).await.unwrap();
    }
}

#[tokio::test]
async fn many_registrations_of_one_network_meet_a_captcha() {
    let engine = engine_with(EASY, 3).await;
    let here = from(ADDRESS);
    for number in 0..3 {
        assert!(!engine.find_captcha(&here).await.unwrap().is_required);
        register(&engine, &here, number).await.unwrap();
    }
    assert!(engine.find_captcha(&here).await.unwrap().is_required);
    let challenge = required(register(&engine, &here, 3).await);
    assert_eq!(challenge.provider, "proof_of_work");
    let token = solved(&challenge);
    register_with(&engine, &here, 3, Some(&token))
        .await
        .unwrap();
    required(register(&engine, &here, 4).await);
    register(&engine, &from("192.0.2.2"), 4).await.unwrap();
}

#[tokio::test]
async fn refused_registrations_count_as_well() {
    let engine = engine_with(EASY, 3).await;
    register(&engine, &anonymous(), 0).await.unwrap();
    let here = from(ADDRESS);
    let taken = register(&engine, &here, 0).await;
    assert!(matches!(taken, Err(RegisterError::Identity(_))));
    let weak = registration_with("anna@example.com", "password");
    let weak = engine.register(&here, weak).await;
    assert!(matches!(weak, Err(RegisterError::PasswordRejected(_))));
    let role = registration("anna@example.com").role("admin".parse().unwrap());
    let role = engine.register(&here, role).await;
    assert!(matches!(role, Err(RegisterError::RoleNotSelfAssignable)));
    required(register(&engine, &here, 1).await);
}

#[tokio::test]
async fn a_network_is_forgiven_within_an_hour() {
    let engine = engine_with(EASY, 3).await;
    let here = from(ADDRESS);
    for number in 0..3 {
        register(&engine, &here, number).await.unwrap();
    }
    engine.advance(Duration::from_secs(20 * 60 - 1));
    required(register(&engine, &here, 3).await);
    engine.advance(Duration::from_secs(1));
    register(&engine, &here, 3).await.unwrap();
    required(register(&engine, &here, 4).await);
    engine.advance(Duration::from_secs(60 * 60));
    for number in 4..7 {
        register(&engine, &here, number).await.unwrap();
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_asks_nobody_for_ever() {
    let engine = engine_with(EASY, 1).await;
    let here = from(ADDRESS);
    engine.set_clock(START + Duration::from_secs(1_000_000_000));
    register(&engine, &here, 0).await.unwrap();
    engine.set_clock(START);
    required(register(&engine, &here, 1).await);
    engine.advance(Duration::from_secs(60 * 60));
    register(&engine, &here, 1).await.unwrap();
}

#[tokio::test]
async fn all_addresses_of_an_ipv6_network_count_as_one() {
    let engine = engine_with(EASY, 1).await;
    register(&engine, &from("2001:db8::1"), 0).await.unwrap();
    required(register(&engine, &from("2001:db8::ffff"), 1).await);
    register(&engine, &from("2001:db8:0:1::1"), 1)
        .await
        .unwrap();
}

#[tokio::test]
async fn who_comes_from_nowhere_is_not_counted_and_the_operator_is_never_asked() {
    let engine = engine_with(EASY, 1).await;
    for number in 0..3 {
        register(&engine, &anonymous(), number).await.unwrap();
    }
    let always = engine_with(EASY, 0).await;
    required(register(&always, &anonymous(), 0).await);
    required(register(&always, &from(ADDRESS), 0).await);
    register(&always, &Caller::operator(), 0).await.unwrap();
}

#[tokio::test]
async fn a_solved_captcha_is_good_for_one_time_and_for_five_minutes() {
    let engine = engine_with(EASY, 0).await;
    let here = from(ADDRESS);
    let token = solved_by(&engine, &here).await;
    register_with(&engine, &here, 0, Some(&token))
        .await
        .unwrap();
    assert!(is_wrong(
        &register_with(&engine, &here, 1, Some(&token)).await
    ));
    assert!(is_wrong(
        &register_with(&engine, &from("192.0.2.2"), 1, Some(&token)).await
    ));

    let late = solved_by(&engine, &here).await;
    engine.advance(Duration::from_secs(5 * 60));
    assert!(is_wrong(
        &register_with(&engine, &here, 1, Some(&late)).await
    ));
}

#[tokio::test]
async fn a_captcha_is_solved_once_however_many_try_at_once() {
    let engine = engine_with(EASY, 0).await;
    let token = solved_by(&engine, &anonymous()).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..8 {
        let (engine, token) = (engine.clone(), token.clone());
        tasks.spawn(
            async move { register_with(&engine, &from(ADDRESS), number, Some(&token)).await },
        );
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(answers.iter().filter(|answer| is_wrong(answer)).count(), 7);
}

#[tokio::test]
async fn what_another_engine_or_nobody_asked_for_is_wrong() {
    let engine = engine_with(EASY, 0).await;
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let other = testing::builder(database)
        .secret_key(doorward::SecretKey::new(
            "another secret of thirty-two bytes!!",
        ))
        .captcha(CaptchaConfig {
            provider: EASY,
            after_failures: 0,
        })
        .build()
        .await
        .unwrap();
    let offer = other.find_captcha(&anonymous()).await.unwrap();
    let foreign = solved(&offer.challenge);
    let long = "a".repeat(100_000);
    for token in ["a", ".", "a.0", &foreign, &long] {
        let answer = register_with(&engine, &anonymous(), 0, Some(token)).await;
        assert!(is_wrong(&answer), "{token:.10}");
    }
    required(register_with(&engine, &anonymous(), 0, Some("")).await);
}

#[tokio::test]
async fn a_difficulty_that_nobody_could_solve_is_refused() {
    for difficulty in [0, 29] {
        let database = Database::connect("sqlite::memory:").await.unwrap();
        let built = testing::builder(database)
            .captcha(CaptchaConfig {
                provider: CaptchaProvider::ProofOfWork { difficulty },
                ..CaptchaConfig::default()
            })
            .build()
            .await;
        assert!(matches!(built, Err(BuildError::CaptchaDifficulty)));
    }
}

#[tokio::test]
async fn failed_logins_meet_a_captcha_whether_there_is_the_account_or_not() {
    for name in ["anna@example.com", "nobody@example.com"] {
        let engine = engine_with(EASY, 3).await;
        engine.sign_up("anna@example.com").await;
        let log_in = async |text: &str, token: Option<String>| {
            let attempt = attempt(name, text).by(from(ADDRESS)).captcha_token(token);
            engine.login(attempt).await
        };
        for _ in 0..3 {
            let refused = log_in("something else", None).await.unwrap_err();
            assert!(
                matches!(refused, LoginError::InvalidCredentials),
                "{refused:?}"
            );
        }
        let refused = log_in(PASSWORD, None).await.unwrap_err();
        let LoginError::Captcha(CaptchaRefused::Required(challenge)) = refused else {
            panic!("{refused:?}");
        };
        let answer = log_in(PASSWORD, Some("wrong".to_owned())).await;
        assert!(matches!(
            answer,
            Err(LoginError::Captcha(CaptchaRefused::Wrong(_)))
        ));
        let answer = log_in(PASSWORD, Some(solved(&challenge))).await;
        let is_let_in = name == "anna@example.com";
        assert_eq!(answer.is_ok(), is_let_in, "{answer:?}");
    }
}

#[tokio::test]
async fn failures_of_one_account_from_many_networks_meet_a_captcha() {
    let engine = engine_with(EASY, 3).await;
    engine.sign_up("anna@example.com").await;
    let log_in = async |ip: &str, text: &str| {
        let attempt = attempt("anna@example.com", text).by(from(ip));
        engine.login(attempt).await
    };
    for number in 1..=3 {
        let ip = format!("192.0.2.{number}");
        let refused = log_in(&ip, "something else").await;
        assert!(matches!(refused, Err(LoginError::InvalidCredentials)));
    }
    let refused = log_in("192.0.2.4", PASSWORD).await.unwrap_err();
    assert!(
        matches!(refused, LoginError::Captcha(CaptchaRefused::Required(_))),
        "{refused:?}"
    );
}

/// A service, and an engine that always asks it.
async fn engine_with_service(
    service: CaptchaService,
    behaviour: Behaviour,
) -> (TestEngine, SiteVerifyService) {
    let stand_in = SiteVerifyService::start(behaviour).await;
    let captcha = SiteVerify::builder(service, "the site", "hush & hush")
        .verify_url(stand_in.url())
        .hostname("www.example.com")
        .timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    let engine = engine_with(CaptchaProvider::Custom(Arc::new(captcha)), 0).await;
    (engine, stand_in)
}

fn ok(body: &str) -> Behaviour {
    Behaviour::Answers(200, body.to_owned())
}

const PASSED: &str = r#"{"success": true, "hostname": "www.example.com"}"#;

#[tokio::test]
async fn a_service_is_asked_with_the_secret_the_token_and_the_address() {
    let (engine, service) = engine_with_service(CaptchaService::Turnstile, ok(PASSED)).await;
    let challenge = required(register(&engine, &from(ADDRESS), 0).await);
    assert_eq!(challenge.provider, "turnstile");
    assert_eq!(challenge.site_key.as_deref(), Some("the site"));
    assert_eq!(challenge.proof, None);
    assert!(service.forms().is_empty());

    register_with(&engine, &from(ADDRESS), 0, Some("a=b&c d"))
        .await
        .unwrap();
    register_with(&engine, &anonymous(), 1, Some("e"))
        .await
        .unwrap();
    assert_eq!(
        service.forms(),
        [
            "secret=hush+%26+hush&response=a%3Db%26c+d&remoteip=192.0.2.1",
            "secret=hush+%26+hush&response=e",
        ]
    );
}

#[tokio::test]
async fn who_did_not_pass_is_told_so() {
    let (engine, service) = engine_with_service(CaptchaService::Recaptcha, ok(PASSED)).await;
    for body in [
        r#"{"success": false, "error-codes": ["invalid-input-response"]}"#,
        r#"{"success": false, "error-codes": ["timeout-or-duplicate"]}"#,
        r#"{"success": true, "hostname": "www.example.org"}"#,
        r#"{"success": true}"#,
        r#"{"success": true, "hostname": "www.example.com", "score": 0.3}"#,
    ] {
        service.behave(ok(body));
        let answer = register_with(&engine, &from(ADDRESS), 0, Some("token")).await;
        assert!(is_wrong(&answer), "{body} {answer:?}");
    }
    service.behave(ok(PASSED));
    register_with(&engine, &from(ADDRESS), 0, Some("token"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_service_that_gives_no_answer_lets_nobody_pass() {
    let (engine, service) = engine_with_service(CaptchaService::HCaptcha, ok(PASSED)).await;
    let redirected = Behaviour::Answers(307, PASSED.to_owned());
    let wrong_secret = r#"{"success": false, "error-codes": ["invalid-input-secret"]}"#;
    for behaviour in [
        Behaviour::Stalls,
        Behaviour::Dribbles,
        Behaviour::Answers(500, PASSED.to_owned()),
        redirected,
        ok("<html>"),
        ok(""),
        ok(wrong_secret),
        ok(&format!("{PASSED}{}", " ".repeat(1_000_000))),
    ] {
        service.behave(behaviour.clone());
        let answer = register_with(&engine, &from(ADDRESS), 0, Some("hush-token")).await;
        assert!(is_unavailable(&answer), "{answer:?}");
        let told = format!("{:?} {:?}", answer, engine.engine());
        assert!(!told.contains("hush"), "{told}");
    }
    let url = service.url();
    drop(service);
    let captcha = SiteVerify::builder(CaptchaService::HCaptcha, "the site", "hush")
        .verify_url(url)
        .build()
        .unwrap();
    let engine = engine_with(CaptchaProvider::Custom(Arc::new(captcha)), 0).await;
    let answer = register_with(&engine, &from(ADDRESS), 0, Some("token")).await;
    assert!(is_unavailable(&answer), "{answer:?}");
}

#[tokio::test]
async fn no_service_is_sent_what_is_longer_than_a_token() {
    let (engine, service) = engine_with_service(CaptchaService::HCaptcha, ok(PASSED)).await;
    let long = "a".repeat(4097);
    let answer = register_with(&engine, &from(ADDRESS), 0, Some(&long)).await;
    assert!(is_wrong(&answer));
    assert!(service.forms().is_empty());
    register_with(&engine, &from(ADDRESS), 0, Some(&long[1..]))
        .await
        .unwrap();
}
