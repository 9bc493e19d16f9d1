//! What keeps a server from starting: the exit code of `--help`, a message that says what to
//! do, nothing on standard output, and no panic.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::server::{Installation, Outcome};

const SETTINGS: i32 = 3;
const DATABASE: i32 = 4;

/// Starts and fails, with this exit code and these words.
#[track_caller]
fn assert_refused(outcome: &Outcome, code: i32, words: &[&str]) {
    let message = outcome.failure(code);
    assert_eq!(message.lines().count(), 1, "{outcome:#?}");
    for word in words {
        assert!(message.contains(word), "no {word:?} in {message:?}");
    }
    // What is said twice was not read by whoever wrote it.
    let (said, _) = message
        .split_once(" (DATABASE_URL")
        .unwrap_or((message, ""));
    let parts: Vec<&str> = said.split(": ").collect();
    let is_repeated = |at: usize| parts[..at].contains(&parts[at]);
    assert!(!(1..parts.len()).any(is_repeated), "{message}");
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let help = Installation::new().run(["--help"]);
    let help = help.ok();
    for code in [
        "1 refused or failed",
        "2 wrong usage",
        "3 bad settings",
        "4 the database can't be used",
        "5 no such account",
    ] {
        assert!(help.replace('\n', " ").contains(code), "{help}");
    }
}

#[test]
fn a_busy_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let place = Installation::new().set("PORT", &port);
    assert_refused(&place.run(["serve"]), 1, &[&port, "in use", "set PORT"]);
    // It failed before it made anything.
    assert_eq!(std::fs::read_dir(place.folder()).unwrap().count(), 0);
}

#[test]
fn an_address_of_another_machine() {
    let place = Installation::new()
        .set("HOST", "192.0.2.1")
        .set("ENVIRONMENT", "development");
    assert_refused(&place.run(["serve"]), 1, &["192.0.2.1", "HOST"]);
}

#[test]
fn a_folder_that_cannot_be_made() {
    let place = Installation::new()
        .file("a-file", "")
        .set("DATABASE_URL", "sqlite:///./a-file/app.db");
    assert_refused(&place.run(["serve"]), SETTINGS, &["a-file", "DATA_DIR"]);

    // With secrets of its own it is the database that has no place.
    let place = place
        .set(
            "SECRET_KEY",
            "a key that is long enough to sign tokens with",
        )
        .set("FIRST_SUPERUSER_PASSWORD", "a password of the first admin");
    assert_refused(
        &place.run(["serve"]),
        DATABASE,
        &["a-file/app.db", "DATABASE_URL"],
    );
}

#[test]
fn a_folder_that_cannot_be_written() {
    let place = Installation::new();
    std::fs::set_permissions(place.folder(), std::fs::Permissions::from_mode(0o500)).unwrap();
    if std::fs::write(place.path("probe"), "").is_ok() {
        // To the superuser nothing is forbidden.
        return;
    }
    let outcome = place.run(["serve"]);
    std::fs::set_permissions(place.folder(), std::fs::Permissions::from_mode(0o700)).unwrap();
    assert_refused(&outcome, SETTINGS, &["cannot be written", "DATA_DIR"]);
}

#[test]
fn a_folder_where_the_database_should_be() {
    let place = Installation::new();
    std::fs::create_dir(place.path("app.db")).unwrap();
    assert_refused(&place.run(["serve"]), DATABASE, &["app.db", "DATABASE_URL"]);
}

#[test]
fn a_file_that_is_no_database() {
    let content = "this is not a database, but somebody's letter.\n".repeat(200);
    let place = Installation::new().file("app.db", &content);
    let words = ["app.db", "not an SQLite database", "DATABASE_URL", "backup"];
    assert_refused(&place.run(["serve"]), DATABASE, &words);
    for command in [&["migrate"][..], &["users", "list"]] {
        assert_refused(&place.run(command), DATABASE, &words);
    }
    let after = std::fs::read_to_string(place.path("app.db")).unwrap();
    assert_eq!(after, content, "it is left as it is");
}

#[test]
fn a_database_that_was_damaged() {
    let place = Installation::with_admin();
    place.start().stop();
    let path = place.path("app.db");
    let mut content = std::fs::read(&path).unwrap();
    // The header stays, so that it looks like a database.
    content[100..].fill(0xa5);
    std::fs::write(&path, content).unwrap();
    assert_refused(&place.run(["serve"]), DATABASE, &["damaged", "app.db"]);
}

#[test]
fn a_database_of_a_newer_release() {
    let place = Installation::with_admin();
    place.start().stop();
    let database = rusqlite::Connection::open(place.path("app.db")).unwrap();
    database
        .execute(
            "insert into doorward_migrations values (999, 'tomorrow', 0)",
            [],
        )
        .unwrap();
    drop(database);
    for command in [&["serve"][..], &["migrate"], &["users", "list"]] {
        let words = ["schema version 999", "run the newer release"];
        assert_refused(&place.run(command), DATABASE, &words);
    }
}

fn installation_on_postgres(url: &str) -> Installation {
    Installation::new().set("DATABASE_URL", url)
}

#[test]
fn a_postgres_that_is_not_there() {
    // Bound, and then given back: nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("postgresql://someone:hidden@127.0.0.1:{port}/name");
    let outcome = installation_on_postgres(&url).run(["serve"]);
    let address = format!("127.0.0.1:{port}");
    assert_refused(&outcome, DATABASE, &["refused", &address, "DATABASE_URL"]);
    assert!(!outcome.stderr.contains("hidden"), "{outcome:#?}");
}

#[test]
fn a_postgres_that_does_not_answer() {
    // The system accepts for it; nobody ever reads.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let url = format!("postgresql://someone:hidden@{address}/name");
    let outcome = installation_on_postgres(&url).run(["serve"]);
    assert_refused(
        &outcome,
        DATABASE,
        &["did not answer", &address, "DATABASE_URL"],
    );
}

#[test]
fn a_postgres_that_wants_another_password() {
    let Some(database) = TestDatabase::create(Kind::Postgres) else {
        return;
    };
    let (_, address) = database.url().rsplit_once('@').unwrap();
    let url = format!("postgresql://doorward_nobody:hidden@{address}");
    let outcome = installation_on_postgres(&url).run(["serve"]);
    assert_refused(&outcome, DATABASE, &["doorward_nobody", "DATABASE_URL"]);
    assert!(!outcome.stderr.contains("hidden"), "{outcome:#?}");
}
