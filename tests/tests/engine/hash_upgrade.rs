//! Accounts moved over from another system log in, and are upgraded as they do.
//!
//! The hashes were written by the libraries named above them (the vectors of the password
//! module); they are put into the file beside the engine, as a migration would.

use std::path::Path;

use doorward::{LoginError, User};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{TestEngine, attempt};
use tokio::task::JoinSet;

pub(crate) const LEGACY_PASSWORD: &str = "correct horse bättery 🐎 staple";

pub(crate) const LEGACY: &[&str] = &[
    // argon2-cffi 25.1.0.
    "$argon2id$v=19$m=256,t=3,p=4$GBK8vvts+il5nBZydh5bhQ$lgZ5WHWGBQJigZd+J517IcGW46giwRtd3Fiq1rtSMRw",
    "$argon2i$v=19$m=64,t=2,p=1$kWBEvDsE6JYF6Mue8nkiXQ$NgEggQ0u5SxBp6TdVZgQvIJ5Y/gWcTSdhJozqWIvy7I",
    "$argon2d$v=19$m=64,t=2,p=1$gTAKtBLQjYCxyk7kd+ixFQ$k2BYftVXoC6KSGn725+1GLSRVqcQHR8pCF/LkCwgY5A",
    // passlib 1.7.4.
    "$2a$05$8N8cnMKNhNwkus4K5zdOmekMmn/2soo3x1G1HglasZdTBu1fvM7tC",
    "$2b$05$alafpYJWD1SiVHy2jT6gyeQr9uGcMP4t229dgppoa971jyxwX6NDm",
    "$2y$05$HRyfXu3AAp3fBARYN1tZH.AxnykmcSBunH..cMcvylPAccsQCtRre",
    "$pbkdf2-sha256$1000$0ZpTqtW6V2qt9d77HwMghA$yM7tAq1eJuwhGShQW/1QNvS9Nf3l3RfBet7xBAoi3aM",
    "$scrypt$ln=8,r=8,p=1$RghBCOEc43zPGUPIOYfQmg$czkgW9mHJymTZdmIAPptQbDBSjMGCWyt2BbPzxpqJfI",
    "$bcrypt-sha256$v=2,t=2b,r=5$8CiKHIgSktrSJYcYYusoXO$Wjv9rj1kq3IJ1T6ZE3/6zW/ck7Dbqzy",
    "$bcrypt-sha256$2b,5$qw2P8I9nFwSxl8sz7z6YhO$yz9WJF/93W.SZpmqa4N1f4pcsQpY.Be",
    // Django 5.2.19.
    "pbkdf2_sha256$1000$fixedSalt123$7e9dcW5GnOwefa29pShMy1BlUpoUfIwZ09HDniMhKjk=",
    "scrypt$256$saltysalt$8$5$dJ9DQb08mFWm9we4mGOoET7PExGYwTlDlABHjSNaQiiOgUHiBQdj1p45agYuv5W2p6WXTft+zLtaFoBGXDwGOQ==",
    "bcrypt_sha256$$2b$05$VCxbLtlppqrf1pVhVGQXAe7Gy8pRVnJMChgosw1..Wi.kVOeBueru",
    "bcrypt$$2b$05$nObVZm7DHYxUVx8fKIhK/eYZRUQCj2f32rUsTLrZ6CDxh0GHlfqba",
    "argon2$argon2id$v=19$m=64,t=2,p=8$c2FsdHNhbHRzYWx0c2FsdA$VEN9aQ7ivSqF9c0cTQZMUUTpNMDTDL3ryR5htvtqxsE",
];

/// What the engine of the tests writes now.
pub(crate) const CURRENT: &str = "$argon2id$v=19$m=64,t=1,p=1$";

fn put_hash(file: &Path, user: &User, hash: &str) {
    let changed = rusqlite::Connection::open(file)
        .unwrap()
        .execute(
            "update doorward_passwords set hash = ?1 where user_id = ?2",
            (hash, user.id.as_uuid()),
        )
        .unwrap();
    assert_eq!(changed, 1);
}

pub(crate) fn read_hash(file: &Path, user: &User) -> String {
    rusqlite::Connection::open(file)
        .unwrap()
        .query_row(
            "select hash from doorward_passwords where user_id = ?1",
            [user.id.as_uuid()],
            |row| row.get(0),
        )
        .unwrap()
}

#[tokio::test]
async fn every_earlier_hash_is_replaced_at_the_first_login() {
    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let file = database.file().unwrap();
    let engine = TestEngine::at(database.url()).await;
    let anna = engine.sign_up("anna@example.com").await;
    for legacy in LEGACY {
        put_hash(&file, &anna, legacy);

        let wrong = engine
            .try_log_in("anna@example.com", "something else")
            .await;
        assert!(matches!(wrong, Err(LoginError::InvalidCredentials)));
        assert_eq!(read_hash(&file, &anna), *legacy, "a refusal writes nothing");

        engine
            .log_in_with("anna@example.com", LEGACY_PASSWORD)
            .await;
        let upgraded = read_hash(&file, &anna);
        assert!(upgraded.starts_with(CURRENT), "{legacy}: {upgraded}");

        engine
            .log_in_with("anna@example.com", LEGACY_PASSWORD)
            .await;
        assert_eq!(read_hash(&file, &anna), upgraded, "once is enough");
    }
}

#[tokio::test]
async fn logins_at_once_do_not_shut_each_other_out_by_the_upgrade() {
    let database = TestDatabase::create(Kind::SqliteFile).unwrap();
    let file = database.file().unwrap();
    let engine = TestEngine::at(database.url()).await;
    let anna = engine.sign_up("anna@example.com").await;
    for legacy in LEGACY {
        put_hash(&file, &anna, legacy);
        let mut logins = JoinSet::new();
        for _ in 0..4 {
            let engine = engine.clone();
            logins.spawn(async move {
                engine
                    .login(attempt("anna@example.com", LEGACY_PASSWORD))
                    .await
            });
        }
        for login in logins.join_all().await {
            assert!(login.is_ok(), "{legacy}: {login:?}");
        }
    }
}
