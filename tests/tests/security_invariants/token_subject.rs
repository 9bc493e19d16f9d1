//! Tokens that call accounts by name: a name never decides whose the token is.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use doorward::testing::{FixedClock, SECRET};
use doorward::{
    AuthenticateError, Builder, Caller, ClaimsContext, Database, ExtraClaims, Hooks,
    Reauthentication, Registration, RequiredIdentity, TokenSubject, User, UserChange, UserId,
    Username,
};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{PASSWORD, START, TestEngine, address, anonymous};
use doorward_tests::tokens::claims_of;
use serde_json::{Value, json};

const SUBJECTS: [TokenSubject; 3] = [
    TokenSubject::UserId,
    TokenSubject::Username,
    TokenSubject::Email,
];

fn by(subject: TokenSubject) -> impl FnOnce(Builder) -> Builder {
    move |builder| {
        builder
            .required_identity(RequiredIdentity::Both)
            .token_subject(subject)
    }
}

async fn register(engine: &TestEngine, email: &str, username: &str) -> User {
    let registration = Registration::new(PASSWORD)
        .email(address(email))
        .username(username.parse().unwrap());
    engine.register(&anonymous(), registration).await.unwrap()
}

async fn rename(engine: &TestEngine, id: UserId, username: &str) {
    let change = UserChange {
        username: Some(Some(username.parse().unwrap())),
        ..UserChange::default()
    };
    let (by, proof) = (Caller::operator(), Reauthentication::default());
    engine.update_user(&by, id, change, &proof).await.unwrap();
}

/// A token of whoever has the secret.
fn forge(claims: &Value) -> String {
    let header = BASE64.encode(json!({"alg": "HS256", "typ": "JWT"}).to_string());
    let signed = format!("{header}.{}", BASE64.encode(claims.to_string()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = BASE64.encode(hmac::sign(&key, signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Asks twice: what was remembered is no better than what was verified.
async fn accounts_of(engine: &TestEngine, token: &str) -> Vec<Option<UserId>> {
    let mut found = Vec::new();
    for _ in 0..2 {
        found.push(match engine.authenticate(token).await {
            Ok(who) => Some(who.user.id),
            Err(AuthenticateError::Internal(failure)) => panic!("{failure}"),
            Err(_) => None,
        });
    }
    found
}

/// New engines on this database, one for each of the [`SUBJECTS`].
async fn engines_on(database: &TestDatabase) -> Vec<TestEngine> {
    let mut engines = Vec::new();
    for subject in SUBJECTS {
        let own = Database::connect(database.url()).await.unwrap();
        engines.push(TestEngine::on(own, Arc::new(FixedClock::at(START)), by(subject)).await);
    }
    engines
}

#[tokio::test]
async fn nobody_has_a_username_that_looks_like_an_id() {
    let id = UserId::from_uuid(uuid::Uuid::from_u128(
        0x0190_0000_0000_7000_8000_0000_0000_0001,
    ));
    let hyphenated = id.to_string();
    let simple = hyphenated.replace('-', "");
    for name in [&hyphenated, &simple] {
        for spelling in [name.clone(), name.to_uppercase(), format!("{{{name}}}")] {
            assert!(spelling.parse::<Username>().is_err(), "{spelling}");
        }
    }
}

/// Not even where something else than an engine wrote it into the database.
#[tokio::test]
async fn a_username_that_looks_like_an_id_is_never_taken_for_that_account() {
    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let engines = engines_on(&database).await;
    let victim = register(&engines[0], "victim@example.com", "victim").await;
    let look_alike = victim.id.to_string();
    engines[0].log_in("victim").await;
    let eve = register(&engines[0], "eve@example.com", "eve").await;
    let mut pairs = Vec::new();
    for engine in &engines {
        pairs.push(engine.try_log_in("eve", PASSWORD).await.unwrap());
    }
    rename_by_hand(&database, eve.id, &look_alike);

    // Those who have seen the accounts before, and those who have not.
    let fresh = engines_on(&database).await;
    let mut tokens = Vec::new();
    for (engine, pair) in fresh.iter().zip(&pairs) {
        let login = engine.try_log_in("eve@example.com", PASSWORD).await;
        let refreshed = engine.try_refresh(pair).await;
        tokens.extend(login.ok().map(|pair| pair.access_token.to_string()));
        tokens.extend(refreshed.ok().map(|pair| pair.access_token.to_string()));
    }
    let mut claims = claims_of(&pairs[0].access_token);
    claims["sub"] = json!(look_alike);
    tokens.push(forge(&claims));
    for engine in engines.iter().chain(&fresh) {
        for token in &tokens {
            let whose = engine.authenticate(token).await.map(|who| who.user.id);
            assert!(whose.as_ref().map_or(true, |id| *id == eve.id), "{whose:?}");
        }
    }
}

fn rename_by_hand(database: &TestDatabase, id: UserId, username: &str) {
    let renamed = rusqlite::Connection::open(database.file().unwrap())
        .unwrap()
        .execute(
            "update doorward_users set username = $1, username_canonical = $1 where id = $2",
            (username, id.as_uuid().as_bytes()),
        );
    assert_eq!(renamed, Ok(1));
}

#[tokio::test]
async fn a_name_that_changed_hands_opens_nobodys_account_but_the_sessions_owner() {
    let engine = TestEngine::in_memory_with(by(TokenSubject::Username)).await;
    let anna = register(&engine, "anna@example.com", "anna").await;
    let tokens = engine.try_log_in("anna", PASSWORD).await.unwrap();
    rename(&engine, anna.id, "anna.nowak").await;
    let successor = register(&engine, "bert@example.com", "anna").await;
    assert_eq!(claims_of(&tokens.access_token)["sub"], "anna");
    assert_ne!(successor.id, anna.id);
    let found = accounts_of(&engine, &tokens.access_token).await;
    assert_eq!(found, [Some(anna.id); 2]);
}

#[tokio::test]
async fn a_well_signed_token_counts_for_the_owner_of_its_session_whatever_it_calls_them() {
    for decided in SUBJECTS {
        let engine = TestEngine::in_memory_with(by(decided)).await;
        let victim = register(&engine, "victim@example.com", "victim").await;
        let eve = register(&engine, "eve@example.com", "eve").await;
        let tokens = engine.try_log_in("eve", PASSWORD).await.unwrap();
        let victims_id = victim.id.to_string();
        for called in [&*victims_id, "victim", "victim@example.com", "nobody", ""] {
            let mut claims = claims_of(&tokens.access_token);
            claims["sub"] = json!(called);
            let found = accounts_of(&engine, &forge(&claims)).await;
            let expected = match decided {
                TokenSubject::UserId => None,
                _ => Some(eve.id),
            };
            assert_eq!(found, [expected; 2], "{decided:?} {called:?}");
            // Nor does a name stand in for a session.
            claims["sid"] = json!("00000000-0000-7000-8000-000000000000");
            let found = accounts_of(&engine, &forge(&claims)).await;
            assert_eq!(found, [None; 2], "{decided:?} {called:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_calls_by_name_dies_with_its_session_and_its_account() {
    let engine = TestEngine::in_memory_with(by(TokenSubject::Email)).await;
    let anna = register(&engine, "anna@example.com", "anna").await;
    let one = engine.log_in("anna").await;
    let other = engine.log_in("anna").await;
    engine.logout(&one.who, &one.caller()).await.unwrap();
    assert!(!engine.lets_in(&one).await);
    assert!(engine.lets_in(&other).await);
    let change = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    let (by, proof) = (Caller::operator(), Reauthentication::default());
    engine
        .update_user(&by, anna.id, change, &proof)
        .await
        .unwrap();
    assert!(!engine.lets_in(&other).await);
}

/// Tries to put each of our claims into a token, and many others that mean something.
#[derive(Debug)]
struct Usurper;

impl Hooks for Usurper {
    fn claims(&self, _context: &ClaimsContext<'_>) -> ExtraClaims {
        let mut claims = ExtraClaims::new();
        for name in doorward_protocol::claims::RESERVED_CLAIMS {
            for spelling in [(*name).to_owned(), name.to_uppercase()] {
                assert!(claims.insert(&spelling, "usurped").is_err(), "{spelling}");
            }
        }
        claims
            .insert("harmless", json!({"sub": "x", "roles": ["admin"]}))
            .unwrap();
        claims
    }
}

#[tokio::test]
async fn no_claim_of_an_application_stands_in_the_place_of_ours() {
    let plain = TestEngine::in_memory().await;
    let hooked = TestEngine::in_memory_with(|builder| builder.hooks(Arc::new(Usurper))).await;
    let mut claims = Vec::new();
    for engine in [&plain, &hooked] {
        let user = engine.sign_up("anna@example.com").await;
        let visitor = engine.log_in("anna@example.com").await;
        assert_eq!(visitor.who.user.id, user.id);
        assert!(
            !visitor
                .caller()
                .is_permitted(&doorward::Permission::USERS_READ)
        );
        claims.push(claims_of(&visitor.tokens.access_token));
    }
    let names = |claims: &Value| {
        claims
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut expected = names(&claims[0]);
    expected.push("harmless".to_owned());
    expected.sort();
    let mut added = names(&claims[1]);
    added.sort();
    assert_eq!(added, expected);
    assert_eq!(claims[1]["role"], "user");
    assert_eq!(claims[1]["roles"], json!(["user"]));
}
