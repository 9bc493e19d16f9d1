//! Accounts that an app moves over from another system, with the hashes of their passwords.

use doorward::{
    Action, CreateUserError, LoginError, NewUser, PasswordHash, UnusableHash, User, UsersWrite,
};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{TestEngine, address, operator};

use super::audit;
use super::hash_upgrade::{CURRENT, LEGACY, LEGACY_PASSWORD, read_hash};

fn hashed(text: &str) -> PasswordHash {
    PasswordHash::new(text.to_owned())
}

async fn move_over(engine: &TestEngine, email: &str, hash: &str) -> Result<User, CreateUserError> {
    let moved = NewUser::with_password_hash(hashed(hash)).email(address(email));
    let by = operator::<UsersWrite>();
    engine.engine().create_user(&by, moved).await
}

/// What passlib 1.7.4 writes unless it is told otherwise, of passwords that nobody may choose.
const BY_DEFAULT: [(&str, &str); 2] = [
    (
        "admin123",
        "$pbkdf2-sha256$29000$grAWwvi/lxLCWGsN4bwXwg$3nqYmcQNtzJQkzoq3biRbmpYSBkXg4yfpt1cIk8mBro",
    ),
    (
        "user1234",
        "$2b$12$Zx2R0OaoMaGN5p0M1l8WP.8OQo38WxloxlawPvao67fdFe7fpdRe2",
    ),
];

#[tokio::test]
async fn they_log_in_and_are_upgraded_as_they_do() {
    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let file = database.file().unwrap();
    let engine = TestEngine::at(database.url()).await;
    let legacy = LEGACY.iter().map(|hash| (LEGACY_PASSWORD, *hash));
    for (number, (password, hash)) in BY_DEFAULT.into_iter().chain(legacy).enumerate() {
        let email = format!("user{number}@example.com");
        let user = move_over(&engine, &email, hash).await.unwrap();
        assert_eq!(read_hash(&file, &user), hash, "nobody can hash it again");

        let wrong = engine.try_log_in(&email, "something else").await;
        assert!(matches!(wrong, Err(LoginError::InvalidCredentials)));
        engine.log_in_with(&email, password).await;
        let upgraded = read_hash(&file, &user);
        assert!(upgraded.starts_with(CURRENT), "{hash}: {upgraded}");
        engine.log_in_with(&email, password).await;
        assert_eq!(read_hash(&file, &user), upgraded);
    }
}

#[tokio::test]
async fn a_hash_that_none_could_log_in_with_makes_no_account() {
    let engine = TestEngine::in_memory().await;
    for (hash, expected) in [
        ("", UnusableHash::UnknownScheme),
        ("admin123", UnusableHash::UnknownScheme),
        (
            "5f4dcc3b5aa765d61d8327deb882cf99",
            UnusableHash::UnknownScheme,
        ),
        ("$2b$12$tooshort", UnusableHash::Malformed),
        (
            "$2b$17$alafpYJWD1SiVHy2jT6gyeQr9uGcMP4t229dgppoa971jyxwX6NDm",
            UnusableHash::TooCostly,
        ),
    ] {
        let refused = move_over(&engine, "anna@example.com", hash).await;
        let Err(CreateUserError::UnusableHash(found)) = refused else {
            panic!("{hash}: {refused:?}");
        };
        assert_eq!(found, expected, "{hash}");
    }
    assert!(audit::all(&engine).await.is_empty());
}

#[tokio::test]
async fn they_are_made_as_any_other() {
    let engine = TestEngine::in_memory().await;
    let (_, hash) = BY_DEFAULT[0];
    let anna = move_over(&engine, "anna@example.com", hash).await.unwrap();
    assert!(anna.is_active() && !anna.is_verified());
    let told = audit::all(&engine).await;
    assert_eq!(told[0].action, Action::UserCreated.as_str());
    let taken = move_over(&engine, "ANNA@example.com", hash).await;
    assert!(
        matches!(taken, Err(CreateUserError::Identity(_))),
        "{taken:?}"
    );

    let moved = |role: &str| {
        NewUser::with_password_hash(hashed(hash))
            .email(address("berta@example.com"))
            .roles([role.parse().unwrap()])
    };
    let by = operator::<UsersWrite>();
    let unknown = engine.engine().create_user(&by, moved("nobody")).await;
    assert!(
        matches!(unknown, Err(CreateUserError::UnknownRole)),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn what_the_engine_hashes_it_can_read() {
    let engine = TestEngine::in_memory().await;
    let hash = engine.hash_password("user123".into()).await.unwrap();
    assert!(hash.as_str().starts_with(CURRENT), "{}", hash.as_str());
    assert_eq!(hash.check_usable(), Ok(()));
    move_over(&engine, "anna@example.com", hash.as_str())
        .await
        .unwrap();
    engine.log_in_with("anna@example.com", "user123").await;
}
