//! `DATABASE_URL`: which database it comes to, and what is shown of it.

use std::path::PathBuf;

use super::{Case, refused, with};

/// The path that a URL names, behind the test's folder where it is relative.
fn sqlite_path(url: &str) -> PathBuf {
    let case = Case::new().variable("DATABASE_URL", url);
    let settings = case.load();
    let path = settings.database.sqlite_file().unwrap();
    path.strip_prefix(case.folder.path())
        .unwrap_or(path)
        .to_owned()
}

#[test]
fn sqlite_files() {
    let table = [
        ("sqlite:///./app.db", "app.db"),
        ("sqlite:///data/app.db", "data/app.db"),
        ("sqlite:///../app.db", "../app.db"),
        ("sqlite:app.db", "app.db"),
        ("sqlite:////srv/app.db", "/srv/app.db"),
        ("sqlite+aiosqlite:///./app.db", "app.db"),
    ];
    for (url, expected) in table {
        assert_eq!(sqlite_path(url), PathBuf::from(expected), "{url}");
    }
}

#[test]
fn sqlite_in_memory() {
    assert_eq!(
        with("DATABASE_URL", "sqlite://").database,
        "sqlite::memory:".parse().unwrap()
    );
}

#[test]
fn postgres_in_the_words_of_python() {
    assert_eq!(
        with("DATABASE_URL", "postgresql+asyncpg://u:p@h/db?ssl=true").database,
        "postgres://u:p@h/db?sslmode=require".parse().unwrap()
    );
}

#[test]
fn what_cannot_be_honoured_is_refused() {
    let table = [
        ("mysql://u:p@h/db", "expected sqlite:///./app.db"),
        ("sqlite:///app.db?mode=ro", "expected no parameters"),
        (
            "postgresql://h/db?channel_binding=require",
            "the parameter \"channel_binding\" is not supported: remove it",
        ),
    ];
    for (url, expected) in table {
        let refusal = refused("DATABASE_URL", url);
        assert!(
            refusal.starts_with(&format!("DATABASE_URL (environment): {expected}")),
            "{refusal}"
        );
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
