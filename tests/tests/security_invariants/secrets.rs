//! Secrets stay where they belong: never in `Debug`, in errors, or in the database.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use doorward::testing::FixedClock;
use doorward::{
    Caller, Database, Doorward, Entropy, NewUser, Origin, Reauthentication, SecretKey,
    SystemEntropy, UserChange,
};
use doorward_tests::databases::{Kind, TestDatabase, run};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, attempt, new_user, password, registration,
};

const SECRET: &str = "a secret that must never be shown to anybody";

#[tokio::test]
async fn debug_shows_no_secret() {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let builder = Doorward::builder(database).secret_key(SecretKey::new(SECRET));
    let mut texts = vec![format!("{builder:?}"), format!("{builder:#?}")];
    let auth = builder.build().await.unwrap();

    let engine = TestEngine::in_memory_with(|b| b.secret_key(SecretKey::new(SECRET))).await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let change = UserChange {
        password: Some(password(PASSWORD)),
        ..UserChange::default()
    };
    let proof = Reauthentication {
        password: Some(password(PASSWORD)),
    };
    let outcome = engine.login(attempt("anna@example.com", PASSWORD)).await;
    let new: NewUser = new_user("bert@example.com", &["user"]);
    texts.extend([
        format!("{auth:?}"),
        format!("{:#?}", engine.engine()),
        format!("{:?}", SecretKey::new(SECRET)),
        format!("{:?}", attempt("anna@example.com", PASSWORD)),
        format!("{:?}", registration("anna@example.com")),
        format!("{new:?} {change:?} {proof:?} {outcome:?}"),
        format!("{visitor:#?}"),
        format!("{:?}", visitor.caller()),
        format!("{:?}", engine.list_sessions(&visitor.who).await.unwrap()),
    ]);
    let (access, refresh) = (
        &*visitor.tokens.access_token,
        &*visitor.tokens.refresh_token,
    );
    let signature = |token: &str| token.rsplit_once('.').unwrap().1.to_owned();
    for text in texts {
        for secret in [
            SECRET,
            PASSWORD,
            &signature(access),
            &signature(refresh),
            "$argon2",
        ] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[test]
fn debug_shows_no_password_of_the_database() {
    run(Kind::Postgres, async |db: &TestDatabase| {
        let secret = db.url().split([':', '@']).nth(2).unwrap();
        let engine = TestEngine::at(db.url()).await;
        let database = Database::connect(db.url()).await.unwrap();
        for text in [format!("{:#?}", engine.engine()), format!("{database:#?}")] {
            assert!(!text.contains(secret), "{text}");
        }
        let wrong = db.url().replace("postgres:", "postgres:another-secret-");
        let refused =
            Database::connect(&wrong.replacen("postgres:another-secret-//", "postgres://", 1))
                .await;
        let text = format!("{refused:?}");
        assert!(
            !text.contains(secret) && !text.contains("another-secret-"),
            "{text}"
        );
    });
}

#[tokio::test]
async fn errors_show_no_secret() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let wrong = "a wrong and secret password";
    let mut texts = Vec::new();
    let refused = engine
        .try_log_in("anna@example.com", wrong)
        .await
        .unwrap_err();
    texts.push(format!("{refused:?} {refused}"));
    let (old, new) = (password(wrong), password("an entirely new password"));
    let refused = engine
        .change_password(&visitor.who, &visitor.caller(), old, new)
        .await
        .unwrap_err();
    texts.push(format!("{refused:?} {refused}"));
    let forged = format!("{}x", &*visitor.tokens.access_token);
    let refused = engine.authenticate(&forged).await.unwrap_err();
    texts.push(format!("{refused:?} {refused}"));
    for text in texts {
        assert!(!text.contains(wrong) && !text.contains("eyJ"), "{text}");
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[tokio::test]
async fn the_database_holds_no_password_and_no_token() {
    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let engine = TestEngine::at(database.url()).await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    engine
        .try_log_in("anna@example.com", "a wrong and secret password")
        .await
        .unwrap_err();
    engine
        .try_log_in("a-password-in-the-wrong-field", PASSWORD)
        .await
        .unwrap_err();
    let (old, new) = (password(PASSWORD), password("an entirely new password"));
    engine
        .change_password(&visitor.who, &visitor.caller(), old, new)
        .await
        .unwrap();

    let file = database.file().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap());
    assert!(
        contains(&bytes, "anna@example.com"),
        "the right files are looked at"
    );
    let signature = |token: &str| token.rsplit_once('.').unwrap().1.to_owned();
    for secret in [
        PASSWORD,
        "an entirely new password",
        "a wrong and secret password",
        "a-password-in-the-wrong-field",
        "eyJ",
        &signature(&visitor.tokens.access_token),
        &signature(&visitor.tokens.refresh_token),
        &signature(&second.refresh_token),
        doorward::testing::SECRET,
    ] {
        assert!(!contains(&bytes, secret), "{secret}");
    }
}

/// Randomness that remembers what may be a key.
#[derive(Debug, Default)]
struct RecordedEntropy(Mutex<Vec<[u8; 32]>>);

impl Entropy for RecordedEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        SystemEntropy.fill(bytes);
        if let Ok(key) = bytes.try_into() {
            self.0.lock().unwrap().push(key);
        }
    }
}

/// A database on which an account was used, with the keys that were created for it.
async fn used_database() -> (TestDatabase, Vec<[u8; 32]>) {
    let db = TestDatabase::create(Kind::SqliteFile).unwrap();
    let entropy = Arc::new(RecordedEntropy::default());
    let database = Database::connect(db.url()).await.unwrap();
    let clock = Arc::new(FixedClock::at(START));
    let engine = TestEngine::on(database, clock, |b| b.entropy(entropy.clone())).await;
    let keys = entropy.0.lock().unwrap().clone();
    engine.sign_up("anna@example.com").await;
    let origin = Origin::default().with_ip([192, 0, 2, 1].into());
    let attempt = attempt("anna@example.com", PASSWORD).by(Caller::anonymous(origin));
    engine.login(attempt).await.unwrap();
    let failed = doorward_tests::engine::attempt("nobody@example.com", PASSWORD);
    engine.login(failed).await.unwrap_err();
    (db, keys)
}

fn blobs(db: &TestDatabase, sql: &str) -> BTreeSet<Vec<u8>> {
    let connection = rusqlite::Connection::open(db.file().unwrap()).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The database alone reveals no key, and no hash in it follows from
/// the secret alone.
#[tokio::test]
async fn the_database_alone_reveals_no_key_and_the_secret_alone_no_stored_hash() {
    let (one, keys) = used_database().await;
    let (other, _) = used_database().await;
    assert_eq!(keys.len(), 2, "the keys that were created at the start");
    let sealed = blobs(&one, "select sealed from doorward_keys");
    assert_eq!(sealed.len(), 2);
    let file = one.file().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(sealed.iter().all(|sealed| holds(sealed)), "the right file");
    // Not even a part of a key is in the file.
    for part in keys.iter().flat_map(|key| key.chunks(8)) {
        assert!(!holds(part));
    }
    // The same secret and the same origin, device and name have other hashes in each database.
    for sql in [
        "select origin from doorward_known_origins",
        "select subject from doorward_login_failures",
    ] {
        let (one, other) = (blobs(&one, sql), blobs(&other, sql));
        assert!(!one.is_empty() && one.len() == other.len(), "{sql}");
        assert!(one.is_disjoint(&other), "{sql}");
    }
}

#[tokio::test]
async fn a_short_secret_is_refused_and_none_is_made_up() {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let none = Doorward::builder(database.clone()).build().await;
    assert!(matches!(none, Err(doorward::BuildError::SecretMissing)));
    let short = Doorward::builder(database).secret_key(SecretKey::new("fifteen bytes!!"));
    let short = short.build().await;
    assert!(matches!(short, Err(doorward::BuildError::SecretTooShort)));
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let previous = Doorward::builder(database)
        .secret_key(SecretKey::new(SECRET))
        .previous_secret_keys(["fifteen bytes!!"]);
    let short = previous.build().await;
    assert!(matches!(short, Err(doorward::BuildError::SecretTooShort)));
}
