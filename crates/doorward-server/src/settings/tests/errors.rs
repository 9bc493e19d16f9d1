//! Errors name the variable and its place, come all at once, and keep secrets.

use super::{Case, refused};

#[test]
fn every_fault_is_told_at_once() {
    let case = Case::new()
        .variable("PORT", "http")
        .file(".env", "LOG_LEVEL=loud\nnot a setting\n")
        .file("doorward.toml", "prot = 1\ndb_pool_size = -3\n");
    assert_eq!(
        case.refusal()
            .lines()
            .map(|line| line.split_once(':').unwrap().0)
            .collect::<Vec<_>>(),
        [
            ".env line 2",
            "prot (doorward.toml)",
            "PORT (environment)",
            "db_pool_size (doorward.toml)",
            "LOG_LEVEL (.env line 1)"
        ]
    );
}

#[test]
fn an_error_names_the_variable_the_layer_what_was_expected_and_what_was_there() {
    assert_eq!(
        refused("DOORWARD_PORT", "70000"),
        "DOORWARD_PORT (environment): expected a whole number from 0 to 65535, not \"70000\""
    );
    let case = Case::new().file("doorward.toml", "app_name = \"two\\nlines\"");
    assert_eq!(
        case.refusal(),
        "app_name (doorward.toml): expected 1 to 100 characters on one line, not \"two\\nlines\""
    );
}

#[test]
fn a_long_value_is_cut() {
    assert!(refused("PORT", &"9".repeat(500)).len() < 200);
}

#[test]
fn no_error_shows_a_secret() {
    let cases = [
        Case::new().variable("DATABASE_URL", "mysql://me:hush@host/db"),
        Case::new().variable("DATABASE_URL", "postgres://me:hu/sh@host/db"),
        Case::new().variable("DATABASE_URL", "postgres://me:1?hush=hush@host/db"),
        Case::new().variable("DATABASE_URL", "postgres://me:hush#hush@host/db"),
        Case::new().variable("DATABASE_URL", "postgres://me:hush@host:port/db"),
        Case::new()
            .variable("SECRET_KEY", "hush")
            .variable("ENVIRONMENT", "production"),
        Case::new()
            .variable("SECRET_KEY", "hush")
            .variable("DOORWARD_SECRETKEY", "hush"),
        Case::new().file("key", "hush").variable("PORT_FILE", "key"),
        Case::new().file("doorward.toml", "secret_key = \"hush"),
        Case::new().file("doorward.toml", "secret_key = hush"),
        Case::new().file(
            "doorward.toml",
            "secret_key = \"hush\"\nsecret_key = \"hush\"",
        ),
        Case::new().file("doorward.toml", "[secret_key]\nhush = \"hush\""),
    ];
    for case in cases {
        let error = super::Settings::load(&case.sources()).unwrap_err();
        let shown = format!("{error}{error:?}{:?}", case.sources());
        // The folder has a random name, which may hold anything.
        let folder = case.folder.path().to_string_lossy();
        assert!(!shown.replace(&*folder, "").contains("hu"), "{error:?}");
    }
}

#[test]
fn broken_toml_is_named_by_its_line() {
    let case = Case::new().file("doorward.toml", "port = 1\nhost = 'open\n");
    assert!(
        case.refusal()
            .starts_with("doorward.toml line 2: expected TOML")
    );
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_text_is_refused_in_our_settings_alone() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    let mut case = Case::new();
    let broken = || OsString::from_vec(vec![0xff]);
    case.environment.push(("OTHER".into(), broken()));
    case.environment.push((broken(), broken()));
    case.load();
    case.environment.push(("HOST".into(), broken()));
    assert_eq!(case.refusal(), "HOST (environment): expected text in UTF-8");
}
