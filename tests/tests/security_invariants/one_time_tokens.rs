//! ASVS 6.3 to 6.5: what is mailed to an owner, and what it is good for.

use std::time::Duration;

use doorward::{
    Builder, Caller, ConfirmResetError, ConfirmVerificationError, Database, KeptMail, Origin,
    UserChange,
};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{
    PASSWORD, TestEngine, Visitor, address, anonymous, attempt, password, proof, registration,
    token_in,
};
use doorward_tests::http::TestApi;
use doorward_tests::on_every_lasting_database;
use serde_json::json;

use crate::dump::dump;

const ANNA: &str = "anna@example.com";
const NEW: &str = "an entirely new password";

async fn reset_token(engine: &TestEngine) -> String {
    let address = address(ANNA);
    let asked = engine.request_password_reset(&address, &anonymous()).await;
    assert!(asked.unwrap().is_none());
    token_in(&engine.mail("Reset your password").await)
}

async fn verification_token(engine: &TestEngine, anna: &Visitor) -> String {
    let caller = anna.caller();
    let asked = engine.request_email_verification(&anna.who, &caller);
    asked.await.unwrap();
    token_in(&engine.mail("Confirm your email").await)
}

async fn move_to(engine: &TestEngine, anna: &Visitor, email: &str) {
    let change = UserChange {
        email: Some(Some(address(email))),
        ..UserChange::default()
    };
    engine
        .update_user(&anna.caller(), anna.who.user.id, change, &proof())
        .await
        .unwrap();
}

async fn change_token(engine: &TestEngine, anna: &Visitor) -> String {
    move_to(engine, anna, "anna@example.org").await;
    token_in(&engine.mail("Confirm your new email").await)
}

/// An engine with Anna, who is logged in; her first mail is out.
async fn start_on(
    database: Database,
    configure: impl FnOnce(Builder) -> Builder,
) -> (TestEngine, Visitor) {
    let engine = TestEngine::with_mail_on(database, configure).await;
    engine.sign_up(ANNA).await;
    engine.mails().await;
    let anna = engine.log_in(ANNA).await;
    (engine, anna)
}

async fn start() -> (TestEngine, Visitor) {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    start_on(database, |builder| builder).await
}

/// The end of the text, and the same as bytes in hexadecimal, as PostgreSQL shows them.
fn traces_of(token: &str) -> [String; 2] {
    let end = &token[token.len() - 20..];
    let hex = end.bytes().map(|byte| format!("{byte:02x}")).collect();
    [end.to_owned(), hex]
}

on_every_lasting_database! {
    async fn one_time_tokens_are_stored_hashed(db) {
        let database = Database::connect(db.url()).await.unwrap();
        let (engine, anna) = start_on(database, |builder| builder).await;
        let tokens = [
            verification_token(&engine, &anna).await,
            change_token(&engine, &anna).await,
            reset_token(&engine).await,
        ];
        let (_, held) = dump(db).await;
        for purpose in ["email_verification", "email_change", "password_reset"] {
            assert!(held.contains(purpose), "the dump shows what is there");
        }
        for trace in tokens.iter().flat_map(|token| traces_of(token)) {
            assert!(!held.contains(&trace), "{trace} is in {held}");
        }
        // And yet they are good.
        engine.confirm_email_verification(&tokens[0], &anonymous()).await.unwrap();
        engine.confirm_password_reset(&tokens[2], password(NEW), &anonymous()).await.unwrap();
    }
}

/// All bytes of a table, as they stand in its rows.
fn bytes_of(database: &TestDatabase, table: &str) -> Vec<u8> {
    let connection = rusqlite::Connection::open(database.file().unwrap()).unwrap();
    let mut query = connection
        .prepare(&format!("select * from {table}"))
        .unwrap();
    let columns = query.column_count();
    let mut rows = query.query([]).unwrap();
    let mut bytes = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        for column in 0..columns {
            if let Ok(cell) = row.get_ref(column).unwrap().as_bytes() {
                bytes.extend_from_slice(cell);
            }
        }
    }
    bytes
}

#[tokio::test]
async fn a_mail_that_waits_is_sealed() {
    let file = TestDatabase::create(Kind::SqliteFile).unwrap();
    let database = Database::connect(file.url()).await.unwrap();
    let (engine, anna) = start_on(database, |builder| builder).await;
    move_to(&engine, &anna, "anna@example.org").await;
    let carla = registration("carla@example.com");
    engine.register(&anonymous(), carla).await.unwrap();
    let (email, by) = (address(ANNA), anonymous());
    let asked = engine.request_password_reset(&email, &by).await;
    assert!(asked.unwrap().is_none());
    let waiting = bytes_of(&file, "doorward_jobs");

    let sent = engine.mails().await;
    assert_eq!(sent.len(), 3);
    let mut secrets = vec!["example".to_owned(), "#token=".to_owned()];
    secrets.extend(sent.iter().map(token_in));
    for secret in secrets {
        let is_in = |bytes: &[u8]| {
            let mut parts = bytes.windows(secret.len());
            parts.any(|part| part == secret.as_bytes())
        };
        assert!(!is_in(&waiting), "{secret}");
    }
    for kind in ["email_verification", "email_change"] {
        let mut parts = waiting.windows(kind.len());
        assert!(parts.any(|part| part == kind.as_bytes()), "it did wait");
    }
    assert!(bytes_of(&file, "doorward_jobs").is_empty());
}

#[tokio::test]
async fn v6_5_1_a_token_is_good_once() {
    let (engine, anna) = start().await;
    let verification = verification_token(&engine, &anna).await;
    let by = anonymous();
    engine
        .confirm_email_verification(&verification, &by)
        .await
        .unwrap();
    let again = engine.confirm_email_verification(&verification, &by).await;
    assert!(matches!(again, Err(ConfirmVerificationError::InvalidToken)));
    let reset = reset_token(&engine).await;
    engine
        .confirm_password_reset(&reset, password(NEW), &by)
        .await
        .unwrap();
    let again = engine
        .confirm_password_reset(&reset, password("yet another password"), &by)
        .await;
    assert!(matches!(again, Err(ConfirmResetError::InvalidToken)));
    engine.log_in_with(ANNA, NEW).await;
}

#[tokio::test]
async fn a_token_of_one_purpose_does_not_pass_for_another() {
    let (engine, anna) = start().await;
    let verification = verification_token(&engine, &anna).await;
    let change = change_token(&engine, &anna).await;
    let reset = reset_token(&engine).await;
    let prefixes = ["dw_reset_", "dw_verify_", "dw_email_"];
    let in_other_clothes = |token: &str| {
        let (_, random) = token.split_at(token.match_indices('_').nth(1).unwrap().0 + 1);
        prefixes.map(|prefix| format!("{prefix}{random}"))
    };
    let by = anonymous();
    for token in [&verification, &change] {
        for worn in in_other_clothes(token) {
            let refused = engine
                .confirm_password_reset(&worn, password(NEW), &by)
                .await;
            assert!(matches!(refused, Err(ConfirmResetError::InvalidToken)));
        }
    }
    for worn in in_other_clothes(&reset) {
        let refused = engine.confirm_email_verification(&worn, &by).await;
        assert!(matches!(
            refused,
            Err(ConfirmVerificationError::InvalidToken)
        ));
    }
    for token in [&verification, &change] {
        for worn in in_other_clothes(token) {
            if worn != *token {
                let refused = engine.confirm_email_verification(&worn, &by).await;
                assert!(refused.is_err());
            }
        }
    }
    // Nor for an access token or a refresh token, and none of them for it.
    for token in [&verification, &change, &reset] {
        assert!(engine.authenticate(token).await.is_err());
        assert!(engine.refresh(token, &by).await.is_err());
    }
    let jwt = &*anna.tokens.refresh_token;
    assert!(engine.confirm_email_verification(jwt, &by).await.is_err());
    engine
        .confirm_password_reset(&reset, password(NEW), &by)
        .await
        .unwrap();
}

#[tokio::test]
async fn v7_4_3_a_reset_ends_all_sessions_and_all_other_tokens() {
    let (engine, anna) = start().await;
    let verification = verification_token(&engine, &anna).await;
    let change = change_token(&engine, &anna).await;
    let reset = reset_token(&engine).await;
    engine
        .confirm_password_reset(&reset, password(NEW), &anonymous())
        .await
        .unwrap();
    assert!(!engine.lets_in(&anna).await);
    assert!(engine.try_refresh(&anna.tokens).await.is_err());
    // Whoever had asked for a new address did not read the old one's mail.
    for token in [verification, change] {
        let refused = engine
            .confirm_email_verification(&token, &anonymous())
            .await;
        assert!(matches!(
            refused,
            Err(ConfirmVerificationError::InvalidToken)
        ));
    }
}

#[tokio::test]
async fn v6_3_8_nobody_hears_whether_an_address_has_an_account() {
    let (engine, _) = start().await;
    for email in [ANNA, "nobody@example.com"] {
        let asked = engine
            .request_password_reset(&address(email), &anonymous())
            .await;
        assert!(asked.unwrap().is_none(), "{email}");
    }
    assert_eq!(engine.mails().await.len(), 1);
}

#[tokio::test]
async fn tokens_are_told_to_nobody_unless_the_builder_was_told_to() {
    for reveals in [false, true] {
        let api = TestApi::with_mail_and(|builder| builder.reveal_tokens(reveals)).await;
        let user = api.login_as("user").await;
        let reset = api.anonymous().post("/auth/password/reset/request");
        let email = json!({"email": "user@example.com"});
        let answers = [
            reset.json(&email).await,
            user.post("/auth/email/verification/request").await,
        ];
        for answer in answers {
            let tells = answer.text().contains("DEV ONLY") && answer.text().contains("dw_");
            assert_eq!(tells, reveals, "{answer}");
        }
    }
}

#[tokio::test]
async fn no_header_of_a_request_gets_into_a_link() {
    let api = TestApi::with_mail().await;
    let user = api.login_as("user").await;
    let reset = api.anonymous().post("/auth/password/reset/request");
    let calls = [
        reset.json(&json!({"email": "user@example.com"})),
        user.post("/auth/email/verification/request"),
        user.patch("/users/me")
            .json(&json!({"email": "new@example.com"})),
    ];
    for call in calls {
        let call = call
            .header("host", "evil.test")
            .header("x-forwarded-host", "evil.test")
            .header("x-forwarded-proto", "gopher")
            .header("x-original-url", "https://evil.test/")
            .header("forwarded", "host=evil.test;proto=gopher")
            .header("referer", "https://evil.test/");
        assert_eq!(call.await.status, 200);
    }
    let sent = api.engine().mails().await;
    assert!(sent.len() >= 3);
    for mail in sent {
        let html = mail.html.unwrap();
        for text in [&mail.text, &html] {
            assert!(!text.contains("evil") && !text.contains("gopher"), "{text}");
        }
        assert!(mail.text.contains("https://example.com/"), "{}", mail.text);
    }
}

/// Does everything of which an owner is told; what was mailed.
async fn cause_all_notices(engine: &TestEngine, anna: &Visitor) -> Vec<KeptMail> {
    for text in ["wrong"; 11] {
        let _ = engine.try_log_in(ANNA, text).await;
        engine.advance(Duration::from_secs(60));
    }
    engine.advance(Duration::from_secs(900));
    let mut elsewhere = attempt(ANNA, PASSWORD);
    elsewhere.caller = Caller::anonymous(
        Origin::default()
            .with_ip([192, 0, 2, 1].into())
            .with_user_agent("Another"),
    );
    engine.login(elsewhere).await.unwrap();
    let second = engine.try_refresh(&anna.tokens).await.unwrap();
    engine.try_refresh(&second).await.unwrap();
    engine.try_refresh(&anna.tokens).await.unwrap_err();
    engine
        .request_password_reset(&address(ANNA), &anonymous())
        .await
        .unwrap();
    let mut sent = engine.mails().await;
    let reset = sent.iter().find(|mail| mail.subject.starts_with("Reset"));
    let reset = token_in(reset.unwrap());
    engine
        .confirm_password_reset(&reset, password(NEW), &anonymous())
        .await
        .unwrap();
    let again = engine.log_in_with(ANNA, NEW).await;
    let change = UserChange {
        email: Some(Some(address("anna@example.org"))),
        ..UserChange::default()
    };
    let caller = Caller::operator();
    engine
        .update_user(&caller, again.who.user.id, change, &proof())
        .await
        .unwrap();
    sent.extend(engine.mails().await);
    sent
}

#[tokio::test]
async fn v6_3_7_the_owner_is_told_and_no_notice_holds_a_secret() {
    let (engine, anna) = start().await;
    let sent = cause_all_notices(&engine, &anna).await;
    let notices = [
        "Your password for Example was changed",
        "Your email address for Example was changed",
        "New login to your account at Example",
        "Your account at Example is locked for now",
        "A session at Example was ended",
    ];
    for subject in notices {
        let mut of_it = sent.iter().filter(|mail| mail.subject == subject);
        let mail = of_it.next();
        assert!(mail.is_some(), "{subject} was not sent");
        assert_eq!(of_it.count(), 0, "{subject} was sent twice");
        let mail = mail.unwrap();
        assert_eq!(mail.to, ANNA, "{subject}");
        let html = mail.html.as_deref().unwrap();
        for secret in ["dw_", "eyJ", "#token", NEW, PASSWORD] {
            assert!(!mail.text.contains(secret), "{subject}: {secret}");
            assert!(!html.contains(secret), "{subject}: {secret}");
        }
    }
}
