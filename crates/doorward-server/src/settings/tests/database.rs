//! The forms of `DATABASE_URL`.

use std::path::PathBuf;

use super::{Case, refused, with};
use crate::settings::DatabaseLocation;

/// The path that a URL names, behind the test's folder where it is relative.
fn sqlite_path(url: &str) -> PathBuf {
    let case = Case::new().variable("DATABASE_URL", url);
    match case.load().database {
        DatabaseLocation::SqliteFile(path) => path
            .strip_prefix(case.folder.path())
            .map(PathBuf::from)
            .unwrap_or(path),
        other => panic!("{url}: {other:?}"),
    }
}

#[test]
fn sqlite_files() {
    let table = [
        ("sqlite:///./app.db", "app.db"),
        ("sqlite:///app.db", "app.db"),
        ("sqlite:///data/app.db", "data/app.db"),
        ("sqlite:///../app.db", "../app.db"),
        ("sqlite:////srv/app.db", "/srv/app.db"),
        ("sqlite://app.db", "app.db"),
        ("sqlite:app.db", "app.db"),
        ("sqlite:/srv/app.db", "/srv/app.db"),
        ("sqlite+aiosqlite:///./app.db", "app.db"),
        ("sqlite+pysqlite:////srv/app.db", "/srv/app.db"),
        ("SQLite:///app.db", "app.db"),
        ("sqlite://app.db?mode=rwc", "app.db"),
        (
            "sqlite:///app.db?check_same_thread=False&timeout=5",
            "app.db",
        ),
    ];
    for (url, expected) in table {
        assert_eq!(sqlite_path(url), PathBuf::from(expected), "{url}");
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
        assert_eq!(
            with("DATABASE_URL", url).database,
            DatabaseLocation::SqliteMemory,
            "{url}"
        );
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
        match with("DATABASE_URL", url).database {
            DatabaseLocation::Postgres(found) => assert_eq!(found.expose(), expected, "{url}"),
            other => panic!("{url}: {other:?}"),
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
        let refusal = refused("DATABASE_URL", url);
        assert!(
            refusal.starts_with("DATABASE_URL (environment): "),
            "{refusal}"
        );
        assert!(refusal.contains(expected), "{url}: {refusal}");
    }
}

#[test]
fn the_report_masks_passwords_in_urls() {
    let table = [
        (
            "postgresql+asyncpg://me:hush@h:5432/db",
            "postgresql+asyncpg://me:********@h:5432/db",
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
        ("sqlite:///./app.db", "sqlite:///./app.db"),
        ("sqlite::memory:", "sqlite::memory:"),
    ];
    for (url, expected) in table {
        let settings = with("DATABASE_URL", url);
        assert_eq!(
            super::line(&settings, "DATABASE_URL").value.as_deref(),
            Some(expected)
        );
        let shown = format!("{settings:?}");
        // A shorter piece might stand in the name of the temporary folder.
        assert!(!shown.contains("hush") && !shown.contains("hu@"), "{shown}");
    }
}

#[test]
fn the_data_folder_is_beside_the_sqlite_file() {
    let table = [
        ("sqlite:///./app.db", ""),
        ("sqlite:///data/app.db", "data"),
        ("sqlite://", "doorward-data"),
        ("postgresql://h/db", "doorward-data"),
    ];
    for (url, expected) in table {
        let case = Case::new().variable("DATABASE_URL", url);
        assert_eq!(
            case.load().data_dir,
            case.folder
                .path()
                .join(expected)
                .components()
                .collect::<PathBuf>()
        );
    }
    assert_eq!(
        with("DATABASE_URL", "sqlite:////srv/data/app.db").data_dir,
        PathBuf::from("/srv/data")
    );
    assert_eq!(
        with("DATA_DIR", "/srv/secrets").data_dir,
        PathBuf::from("/srv/secrets")
    );
}
