//! ASVS 6.2 and 11.4: passwords, and how they are kept.

use std::time::Duration;

use doorward::{
    ChangePasswordError, HasherConfig, LoginError, Password, PasswordFault, PasswordHasher,
    PasswordPolicy, PasswordRejected, RegisterError, SystemEntropy,
};
use doorward_tests::breaches::BreachList;
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{PASSWORD, TestEngine, anonymous, password, registration_with};

async fn registered_with(text: &str) -> Result<TestEngine, PasswordRejected> {
    let engine = TestEngine::in_memory().await;
    let registration = registration_with("anna@example.com", text);
    match engine.register(&anonymous(), registration).await {
        Ok(_) => Ok(engine),
        Err(RegisterError::PasswordRejected(why)) => Err(why),
        Err(other) => panic!("{other:?}"),
    }
}

async fn changed_to(text: &str) -> Result<(), PasswordRejected> {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let changed = engine
        .change_password(
            &visitor.who,
            &visitor.caller(),
            password(PASSWORD),
            password(text),
        )
        .await;
    match changed {
        Ok(()) => Ok(()),
        Err(ChangePasswordError::Rejected(why)) => Err(why),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn v6_2_1_a_password_has_eight_characters_or_more() {
    let too_short = PasswordRejected::from(PasswordFault::TooShort { min: 8 });
    assert_eq!(registered_with("zq7!umw").await.unwrap_err(), too_short);
    assert_eq!(changed_to("zq7!umw").await.unwrap_err(), too_short);
    registered_with("zq7!umwk").await.unwrap();
    changed_to("zq7!umwk").await.unwrap();
    assert_eq!(PasswordPolicy::default().min_length, 8);
}

#[tokio::test]
async fn v6_2_2_users_change_their_password() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let (old, new) = (password(PASSWORD), password("an entirely new password"));
    engine
        .change_password(&visitor.who, &visitor.caller(), old, new)
        .await
        .unwrap();
    assert!(
        engine
            .try_log_in("anna@example.com", PASSWORD)
            .await
            .is_err()
    );
    engine
        .log_in_with("anna@example.com", "an entirely new password")
        .await;
}

#[tokio::test]
async fn v6_2_3_a_change_needs_the_current_password() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    for wrong in ["", "something else", "an entirely new password"] {
        let (old, new) = (password(wrong), password("an entirely new password"));
        let refused = engine
            .change_password(&visitor.who, &visitor.caller(), old, new)
            .await;
        assert!(matches!(
            refused,
            Err(ChangePasswordError::CurrentIncorrect)
        ));
    }
    engine.log_in("anna@example.com").await;
}

#[tokio::test]
async fn v6_2_4_common_passwords_are_refused() {
    for common in [
        "password",
        "12345678",
        "qwertyuiop",
        "PassWord1",
        "iloveyou",
    ] {
        let refused = registered_with(common).await.unwrap_err();
        assert_eq!(refused.faults(), [PasswordFault::TooCommon], "{common}");
        let refused = changed_to(common).await.unwrap_err();
        assert_eq!(refused.faults(), [PasswordFault::TooCommon], "{common}");
    }
}

#[tokio::test]
async fn v6_2_11_a_password_is_not_the_accounts_own_name() {
    for own in [
        "anna@example.com",
        "Anna-1985!",
        "Anna4Anna",
        "EXAMPLE.com",
        "1anna1example1",
    ] {
        for refused in [
            registered_with(own).await.unwrap_err(),
            changed_to(own).await.unwrap_err(),
        ] {
            assert_eq!(refused.faults(), [PasswordFault::OwnName], "{own}");
        }
    }
}

#[tokio::test]
async fn v6_2_11_a_password_is_not_the_services_name() {
    for own in ["doorward", "DoorWard", "!doorward-2026"] {
        for refused in [
            registered_with(own).await.unwrap_err(),
            changed_to(own).await.unwrap_err(),
        ] {
            assert_eq!(refused.faults(), [PasswordFault::ServiceName], "{own}");
        }
    }
}

#[tokio::test]
async fn a_password_is_not_one_repeated_or_running_sequence() {
    for sequence in [
        "xxxxxxxxxx",
        "zq7zq7zq7",
        "56789012",
        "IHGFEDCBA",
        "lkjhgfdsa",
        "vwxyz-12345",
    ] {
        for refused in [
            registered_with(sequence).await.unwrap_err(),
            changed_to(sequence).await.unwrap_err(),
        ] {
            assert_eq!(refused.faults(), [PasswordFault::Sequence], "{sequence}");
        }
    }
}

#[tokio::test]
async fn v6_2_5_passwords_of_any_composition_are_taken() {
    for text in [
        "zqmvkwyt",
        "ZQMVKWYT",
        "73920461",
        "!?#%&/()=",
        "        zq",
        "пароль-王-🐎",
        "a\0b\nc\td!",
    ] {
        let engine = registered_with(text).await.unwrap();
        engine.log_in_with("anna@example.com", text).await;
    }
}

#[tokio::test]
async fn v6_2_8_a_password_is_verified_exactly_as_received() {
    let text = " Zq7! ümwk\u{301}-王 ".repeat(8);
    let engine = registered_with(&text).await.unwrap();
    for other in [
        text.trim().to_owned(),
        text.to_lowercase(),
        text.to_uppercase(),
        text.replace('\u{301}', ""),
        text.chars().take(72).collect(),
        text[..text.len() - 1].to_owned(),
        format!("{text} "),
    ] {
        let refused = engine.try_log_in("anna@example.com", &other).await;
        let is_wrong = matches!(refused, Err(LoginError::InvalidCredentials));
        assert!(is_wrong, "{other:?}: {refused:?}");
        // Who fails so often has to wait for the next look.
        engine.advance(Duration::from_secs(60));
    }
    engine.log_in_with("anna@example.com", &text).await;
}

#[tokio::test]
async fn v6_2_9_long_passwords_are_taken_in_whole() {
    for length in [64, 73, 128, 1024] {
        let text: String = (0..length)
            .map(|at| char::from(b'a' + (at * 7 % 26) as u8))
            .collect();
        let engine = registered_with(&text).await.unwrap();
        let cut = engine
            .try_log_in("anna@example.com", &text[..length - 1])
            .await;
        assert!(cut.is_err(), "{length}");
        engine.log_in_with("anna@example.com", &text).await;
    }
}

#[tokio::test]
async fn v6_2_10_a_password_does_not_expire() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    engine.advance(std::time::Duration::from_secs(10 * 366 * 24 * 60 * 60));
    engine.log_in("anna@example.com").await;
}

#[tokio::test]
async fn v6_2_12_passwords_known_from_breaches_are_refused() {
    const BREACHED: &str = "widgets are my life";
    let list = BreachList::of(&[BREACHED]);
    let engine = TestEngine::in_memory_with(|builder| builder.breached_passwords(list)).await;
    let refused = engine
        .register(
            &anonymous(),
            registration_with("anna@example.com", BREACHED),
        )
        .await;
    assert!(
        matches!(&refused, Err(RegisterError::PasswordRejected(why)) if why.faults() == [PasswordFault::Breached]),
        "{refused:?}"
    );
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let refused = engine
        .change_password(
            &visitor.who,
            &visitor.caller(),
            password(PASSWORD),
            password(BREACHED),
        )
        .await;
    assert!(
        matches!(&refused, Err(ChangePasswordError::Rejected(why)) if why.faults() == [PasswordFault::Breached]),
        "{refused:?}"
    );
}

#[tokio::test]
async fn v11_4_2_passwords_are_kept_as_argon2id_of_the_advised_cost() {
    let hasher = PasswordHasher::new(HasherConfig::default(), std::sync::Arc::new(SystemEntropy));
    let hash = hasher
        .hash(Password::new(PASSWORD.to_owned()))
        .await
        .unwrap();
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));

    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let engine = TestEngine::at(database.url()).await;
    engine.sign_up("anna@example.com").await;
    engine.sign_up("bert@example.com").await;
    let connection = rusqlite::Connection::open(database.file().unwrap()).unwrap();
    let mut statement = connection
        .prepare("select hash from doorward_passwords")
        .unwrap();
    let hashes: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(hashes.len(), 2);
    assert_ne!(
        hashes[0], hashes[1],
        "the same password, and a salt for each"
    );
    assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$")));
}
