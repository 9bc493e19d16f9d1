//! What the suites of this package share.
//!
//! # Databases
//!
//! A test that is true on every database is written once, inside
//! [`on_every_database!`], and runs on a fresh SQLite file, on SQLite in
//! memory and on a fresh PostgreSQL database:
//!
//! ```no_run
//! doorward_tests::on_every_database! {
//!     async fn an_empty_database_has_no_tables(db) {
//!         assert!(db.url().starts_with("sqlite:") || db.url().starts_with("postgres:"));
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! The harness of databases knows nothing of Doorward: it hands out a URL, and cleans up
//! when the test has ended, however it ended. PostgreSQL comes from
//! `DOORWARD_TEST_POSTGRES_URL` (a user who may create databases), else from
//! the server programs on this machine, started once a test process. Where
//! there is neither, the PostgreSQL tests say so on the terminal and pass
//! without running, unless `DOORWARD_REQUIRE_POSTGRES` is set.
//!
//! # The server
//!
//! [`server::Installation`] starts the built program in a folder of its own, as a new user does.

pub mod app;
pub mod breaches;
pub mod captcha;
pub mod databases;
pub mod engine;
pub mod http;
pub mod server;
pub mod smtp;
pub mod stand_in;
pub mod tokens;

/// The examples of the guide compile. They are compiled here because this package has all that
/// they use, sqlx with SQLite above all.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guides/embedding.md")]
struct Embedding;

/// Writes each test once and runs it on SQLite file, SQLite memory and
/// PostgreSQL, as `name::sqlite_file`, `name::sqlite_memory`,
/// `name::postgres`.
///
/// The parameter is a [`&TestDatabase`](databases::TestDatabase). Attributes
/// (documentation, `#[ignore]`) apply to each of the three.
#[macro_export]
macro_rules! on_every_database {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident) $body:block)+) => {$(
        async fn $name($db: &$crate::databases::TestDatabase) $body

        mod $name {
            $crate::on_database!($(#[$attribute])* $name, sqlite_file, SqliteFile);
            $crate::on_database!($(#[$attribute])* $name, sqlite_memory, SqliteMemory);
            $crate::on_database!($(#[$attribute])* $name, postgres, Postgres);
        }
    )+};
}

/// As [`on_every_database!`], without SQLite in memory: for tests that open
/// the same database twice, or again after closing it.
#[macro_export]
macro_rules! on_every_lasting_database {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident) $body:block)+) => {$(
        async fn $name($db: &$crate::databases::TestDatabase) $body

        mod $name {
            $crate::on_database!($(#[$attribute])* $name, sqlite_file, SqliteFile);
            $crate::on_database!($(#[$attribute])* $name, postgres, Postgres);
        }
    )+};
}

/// One test of the two macros above.
#[doc(hidden)]
#[macro_export]
macro_rules! on_database {
    ($(#[$attribute:meta])* $body:ident, $name:ident, $kind:ident) => {
        #[test]
        $(#[$attribute])*
        fn $name() {
            $crate::databases::run($crate::databases::Kind::$kind, super::$body);
        }
    };
}
