//! What each form of a URL means, what is refused, and what may be shown.

use std::path::Path;

use super::{DatabaseUrl, Place};
use crate::store::db::ConnectError;

fn read(url: &str) -> DatabaseUrl {
    match url.parse() {
        Ok(found) => found,
        Err(refusal) => panic!("{url}: {refusal}"),
    }
}

#[test]
fn sqlite_files() {
    let table = [
        ("sqlite:///./app.db", "./app.db"),
        ("sqlite:///app.db", "app.db"),
        ("sqlite:///data/app.db", "data/app.db"),
        ("sqlite:///../app.db", "../app.db"),
        ("sqlite:////srv/app.db", "/srv/app.db"),
        ("sqlite://app.db", "app.db"),
        ("sqlite:app.db", "app.db"),
        ("sqlite:/srv/app.db", "/srv/app.db"),
        ("sqlite+aiosqlite:///./app.db", "./app.db"),
        ("sqlite+pysqlite:////srv/app.db", "/srv/app.db"),
        ("sqlite:///100%25.db", "100%25.db"),
        (" sqlite:app.db\n", "app.db"),
        ("SQLite:///app.db", "app.db"),
        ("sqlite://app.db?mode=rwc", "app.db"),
        (
            "sqlite:///app.db?check_same_thread=False&timeout=5",
            "app.db",
        ),
    ];
    for (url, expected) in table {
        assert_eq!(read(url).sqlite_file(), Some(Path::new(expected)), "{url}");
    }
}

#[test]
fn sqlite_in_memory() {
    for url in [
        "sqlite://",
        "sqlite:///",
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite:///:memory:",
        "sqlite+aiosqlite:///:memory:",
        "sqlite://app.db?mode=memory&cache=shared",
    ] {
        assert!(*read(url).place() == Place::SqliteMemory, "{url}");
    }
}

#[test]
fn postgres_in_every_dialect_is_one_form() {
    let table = [
        ("postgresql://u:p@h:5432/db", "postgresql://u:p@h:5432/db"),
        ("postgres://u:p@h/db", "postgresql://u:p@h/db"),
        (
            "postgresql+asyncpg://u:p@localhost:5432/db",
            "postgresql://u:p@localhost:5432/db",
        ),
        ("postgresql+psycopg2://u:p@h/db", "postgresql://u:p@h/db"),
        (
            "postgresql+psycopg://u@[::1]:5433/db",
            "postgresql://u@[::1]:5433/db",
        ),
        (
            "postgresql:///db?host=/var/run/postgresql",
            "postgresql:///db?host=/var/run/postgresql",
        ),
        ("postgresql://u:p%40ss@h/db", "postgresql://u:p%40ss@h/db"),
        (
            "postgresql://h/db?ssl=require",
            "postgresql://h/db?sslmode=require",
        ),
        (
            "postgresql://h/db?ssl=true",
            "postgresql://h/db?sslmode=require",
        ),
        (
            "postgresql://h/db?ssl=False",
            "postgresql://h/db?sslmode=disable",
        ),
        (
            "postgresql://h/db?sslmode=verify-full&application_name=a",
            "postgresql://h/db?sslmode=verify-full&application_name=a",
        ),
        (
            "postgresql://h/db?prepared_statement_cache_size=0",
            "postgresql://h/db?statement-cache-capacity=0",
        ),
        ("postgresql://h/db?connect_timeout=10", "postgresql://h/db"),
        (
            "postgresql://h/db?options[search_path]=a",
            "postgresql://h/db?options[search_path]=a",
        ),
    ];
    for (url, expected) in table {
        match read(url).place() {
            Place::Postgres(found) => assert_eq!(**found, expected, "{url}"),
            _ => panic!("{url}"),
        }
    }
}

#[test]
fn what_cannot_be_honoured_is_refused() {
    let table = [
        ("mysql://u:p@h/db", "expected sqlite:///./app.db"),
        ("app.db", "expected sqlite:///./app.db"),
        ("/srv/app.db", "expected sqlite:///./app.db"),
        ("sqlite:///data/", "expected sqlite:///./app.db"),
        ("sqlite:///file:app.db?uri=true", "expected no parameters"),
        ("sqlite:///app.db?mode=ro", "expected no parameters"),
        (
            "sqlite+pysqlcipher://:key@/app.db",
            "expected no +driver, or one of aiosqlite",
        ),
        (
            "postgresql+mydriver://h/db",
            "expected no +driver, or one of asyncpg",
        ),
        ("postgresql:h/db", "expected sqlite:///./app.db"),
        ("postgresql://u:p@h:port/db", "expected a port number"),
        ("postgresql://u:p@h:70000/db", "expected a port number"),
        ("postgresql://a:1,b:2/db", "expected one host"),
        (
            "postgresql://u:p/q@h/db",
            "a / in the password is written %2F",
        ),
        (
            "postgresql://u:p@q/r@h/db",
            "a / in the password is written %2F",
        ),
        (
            "postgresql://u:p#q@h/db",
            "special characters of a password",
        ),
        (
            "postgresql://u:p q@h/db",
            "special characters of a password",
        ),
        (
            "postgresql://h/db?ssl=perhaps",
            "expected one of disable, allow",
        ),
        (
            "postgresql://h/db?channel_binding=require",
            "the parameter \"channel_binding\" is not supported: remove it",
        ),
        (
            "postgresql://h/db?target_session_attrs=read-write",
            "is not supported",
        ),
        (
            "postgresql://h/db?statement_cache_size=many",
            "expected a number behind statement_cache_size=",
        ),
    ];
    for (url, expected) in table {
        let refusal = url.parse::<DatabaseUrl>().unwrap_err().to_string();
        assert!(refusal.contains(expected), "{url}: {refusal}");
    }
}

#[test]
fn refusals_of_a_connection_say_what_was_expected() {
    let refused = "mysql://me:hush@h/db".parse::<DatabaseUrl>().unwrap_err();
    let refused = ConnectError::from(refused);
    let text = refused.to_string();
    assert!(matches!(refused, ConnectError::InvalidUrl(_)));
    assert!(
        text.starts_with("not a database URL of Doorward: expected sqlite:///./app.db"),
        "{text}"
    );
    assert!(!format!("{refused:?} {text}").contains("hush"), "{text}");
}

#[test]
fn what_is_shown_has_no_password() {
    let table = [
        (
            "postgresql+asyncpg://me:hush@h:5432/db",
            "postgresql://me:********@h:5432/db",
        ),
        (
            "postgresql://me:hu@sh@h/db",
            "postgresql://me:********@h/db",
        ),
        ("postgresql://me@h/db", "postgresql://me@h/db"),
        (
            "postgresql://h/db?user=me&password=hush",
            "postgresql://h/db?user=me&password=********",
        ),
        ("sqlite:////srv/app.db", "sqlite:/srv/app.db"),
        ("sqlite:///app.db", "sqlite:app.db"),
        ("sqlite://", "sqlite::memory:"),
    ];
    for (url, expected) in table {
        let url = read(url);
        assert_eq!(url.to_string(), expected);
        assert_eq!(format!("{url:?}"), format!("DatabaseUrl({expected})"));
    }
}

#[test]
fn masks_rather_too_much_of_what_is_malformed() {
    let table = [
        ("postgresql:me:hush@h/db", "********"),
        (
            "postgresql://me:hu/sh@h/db",
            "postgresql://me:********@h/db",
        ),
        (
            "postgresql://me:hu?sh@h/db",
            "postgresql://me:********@h/db",
        ),
        (
            "https://h/?PassPhrase=hush",
            "https://h/?PassPhrase=********",
        ),
        ("app.db", "app.db"),
    ];
    for (url, expected) in table {
        assert_eq!(DatabaseUrl::masked(url), expected);
    }
}

#[test]
fn the_path_of_a_program_may_have_any_characters() {
    let path = Path::new("50% of it?#/app.db");
    let url = DatabaseUrl::sqlite(path);
    assert_eq!(url.sqlite_file(), Some(path));
    assert!(DatabaseUrl::sqlite(":memory:") == read("sqlite::memory:"));
}
