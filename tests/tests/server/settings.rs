//! Settings: what is refused and how, and what `doorward config` tells.

use doorward_tests::server::Installation;
use serde_json::Value;

const GOOD_KEY: &str = "a key that is long enough to sign tokens with";

/// The one line that the server ends with.
#[track_caller]
fn refusal(place: &Installation) -> String {
    let outcome = place.run(["serve"]);
    let message = outcome.failure(3).to_owned();
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:#?}");
    assert!(outcome.stderr.starts_with("doorward: "), "{outcome:#?}");
    message
}

/// The line of a setting, of `doorward config --json`.
#[track_caller]
fn line_of(place: &Installation, name: &str) -> Value {
    let lines = place.run(["config", "--json"]).json();
    let mut lines = lines.as_array().unwrap().iter();
    lines.find(|line| line["name"] == name).unwrap().clone()
}

#[test]
fn a_bad_value_is_one_line_that_names_the_variable() {
    for (name, value, expected) in [
        ("PORT", "http", "a whole number from 0 to 65535"),
        ("PORT", "65536", "a whole number from 0 to 65535"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "-1", "a whole number from 1"),
        (
            "DATABASE_URL",
            "mysql://host/db",
            "postgresql://user:password@host",
        ),
        ("ENVIRONMENT", "staging", "development or production"),
        ("ALGORITHM", "none", "HS256"),
        ("LOG_LEVEL", "loud", "WARNING"),
        ("TRUSTED_PROXIES", "10.0.0.0/99", "10.0.0.0/8"),
        ("FIRST_SUPERUSER_EMAIL", "admin", "e-mail"),
        ("BACKEND_CORS_ORIGINS", "localhost", "http"),
        ("DOORWARD_PROT", "1", "did you mean DOORWARD_PORT?"),
    ] {
        let message = refusal(&Installation::new().set(name, value));
        assert!(
            message.starts_with(&format!("{name} (environment): ")),
            "{message}"
        );
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn every_fault_is_told_at_once() {
    let place = Installation::new()
        .set("PORT", "http")
        .file(".env", "LOG_FORMAT=xml\n")
        .file("doorward.toml", "prot = 8000\n");
    let outcome = place.run(["serve"]);
    outcome.failure(3);
    for start in [
        "PORT (environment)",
        "LOG_FORMAT (.env line 1)",
        "prot (doorward.toml)",
    ] {
        assert!(outcome.stderr.contains(start), "{outcome:#?}");
    }
}

#[test]
fn every_command_refuses_bad_settings_in_the_same_way() {
    for command in [
        &["serve"][..],
        &["migrate"],
        &["users", "list"],
        &["config"],
        &["openapi"],
    ] {
        let outcome = Installation::new().set("PORT", "http").run(command);
        assert!(
            outcome.failure(3).starts_with("PORT"),
            "{command:?}: {outcome:#?}"
        );
    }
}

#[test]
fn production_needs_a_key() {
    let message = refusal(&Installation::new().set("ENVIRONMENT", "production"));
    assert!(message.starts_with("SECRET_KEY: is missing"), "{message}");
    assert!(message.contains("openssl rand -hex 32"), "{message}");

    // So does whoever opens the server to others without saying what it is.
    let message = refusal(&Installation::new().set("HOST", "0.0.0.0"));
    assert!(message.starts_with("SECRET_KEY: is missing"), "{message}");
    assert!(message.contains("HOST 0.0.0.0"), "{message}");
}

#[test]
fn production_refuses_weak_keys() {
    for (key, reason) in [
        ("too short", "shorter than 32 bytes"),
        (
            "change-this-to-a-random-secret-key-in-production",
            "well-known",
        ),
        ("your-super-secret-key-change-in-production", "well-known"),
        (
            "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
            "well-known",
        ),
    ] {
        let place = Installation::new()
            .set("ENVIRONMENT", "production")
            .set("SECRET_KEY", key);
        let message = refusal(&place);
        assert!(message.contains(reason), "{message}");
        assert!(!message.contains(key), "{message}");
    }
}

#[test]
fn development_takes_a_sample_key_and_warns() {
    let place = Installation::new()
        .set("ENVIRONMENT", "development")
        .set("SECRET_KEY", "changeme-changeme");
    let outcome = place.start().stop();
    assert!(outcome.stderr.contains("WARN"), "{outcome:#?}");
    assert!(
        outcome.stderr.contains("well-known sample key"),
        "{outcome:#?}"
    );
}

#[test]
fn a_key_that_nobody_should_try_is_refused_everywhere() {
    let place = Installation::new()
        .set("ENVIRONMENT", "development")
        .set("SECRET_KEY", "changeme");
    let message = refusal(&place);
    assert!(
        message.starts_with("SECRET_KEY (environment): is shorter than 16 bytes"),
        "{message}"
    );
    assert!(message.contains("openssl rand -hex 32"), "{message}");
}

#[test]
fn any_origin_with_credentials_is_refused() {
    for value in ["*", "[\"*\"]", "http://localhost:3000,*"] {
        let place = Installation::new()
            .set("ENVIRONMENT", "production")
            .set("SECRET_KEY", GOOD_KEY)
            .set("ALLOWED_ORIGINS", value);
        let message = refusal(&place);
        assert!(
            message.starts_with("ALLOWED_ORIGINS (environment): * is refused"),
            "{message}"
        );
        assert!(message.contains("list the origins"), "{message}");
    }
}

#[test]
fn config_names_the_source_of_each_value() {
    let place = Installation::new()
        .set("PROJECT_NAME", "From the environment")
        .file(
            ".env",
            "# a comment\nPROJECT_NAME=From .env\nAPI_V1_PREFIX=/v2\n",
        )
        .file(
            "doorward.toml",
            "api_v1_str = \"/v3\"\nissuer = \"From TOML\"\n",
        );
    for (name, value, source) in [
        ("PROJECT_NAME", "From the environment", "environment"),
        ("API_V1_STR", "/v2", ".env line 3"),
        ("ISSUER", "From TOML", "doorward.toml"),
        ("HOST", "127.0.0.1", "default"),
    ] {
        let line = line_of(&place, name);
        assert_eq!(
            (&line["value"], &line["source"]),
            (&value.into(), &source.into())
        );
    }
    assert_eq!(line_of(&place, "API_V1_STR")["written_as"], "API_V1_PREFIX");

    let printed = place.run(["config"]);
    let printed = printed.ok();
    assert!(
        printed.contains("/v2  [.env line 3 as API_V1_PREFIX]"),
        "{printed}"
    );
}

#[test]
fn config_masks_secrets() {
    let place = Installation::new()
        .set("SECRET_KEY", GOOD_KEY)
        .set("DATABASE_URL", "postgresql://someone:hidden-1@localhost/db")
        .file(
            ".env",
            "FIRST_SUPERUSER_PASSWORD=hidden-2\nSMTP_PASSWORD=hidden-3\n",
        );
    for arguments in [&["config"][..], &["config", "--json"]] {
        let outcome = place.run(arguments);
        let said = format!("{}{}", outcome.ok(), outcome.stderr);
        assert!(
            !said.contains("hidden") && !said.contains(GOOD_KEY),
            "{said}"
        );
        assert!(
            said.contains("someone") && said.contains("********"),
            "{said}"
        );
    }
}

#[test]
fn config_says_where_made_secrets_are() {
    let place = Installation::new();
    let before = line_of(&place, "SECRET_KEY");
    assert_eq!(before["source"], "generated");
    assert!(
        before["note"].as_str().unwrap().contains("will be made"),
        "{before}"
    );
    assert!(!place.path("secret_key").exists(), "config writes nothing");

    place.start().stop();
    let after = line_of(&place, "SECRET_KEY");
    assert_eq!(after["value"], "********");
    let note = after["note"].as_str().unwrap();
    assert!(
        note.contains(place.path("secret_key").to_str().unwrap()),
        "{note}"
    );
}

#[test]
fn secrets_come_from_files() {
    let place = Installation::new().file("key", format!("{GOOD_KEY}\n"));
    let place = place.set("SECRET_KEY_FILE", "./key");
    let line = line_of(&place, "SECRET_KEY");
    assert_eq!(line["value"], "********");
    assert_eq!(line["written_as"], "SECRET_KEY_FILE");
    place.start().stop();
    assert!(!place.path("secret_key").exists());

    let message = refusal(&place.set("SECRET_KEY_FILE", "./missing"));
    assert!(
        message.starts_with("SECRET_KEY_FILE (environment): "),
        "{message}"
    );
}

#[test]
fn the_prefix_wins_over_the_name_alone() {
    let place = Installation::new()
        .set("PROJECT_NAME", "A name that a shell exports")
        .set("DOORWARD_PROJECT_NAME", "Our name");
    let line = line_of(&place, "PROJECT_NAME");
    assert_eq!(line["value"], "Our name");
    assert_eq!(line["written_as"], "DOORWARD_PROJECT_NAME");
    assert!(place.start().stop().stdout.starts_with("Our name "));
}

#[test]
fn both_names_of_a_pair_must_agree() {
    let place = Installation::new().set("PROJECT_NAME", "One");
    let message = refusal(&place.set("APP_NAME", "Another"));
    assert!(message.contains("APP_NAME"), "{message}");
    let place = Installation::new()
        .set("PROJECT_NAME", "One")
        .set("APP_NAME", "One");
    assert_eq!(line_of(&place, "PROJECT_NAME")["value"], "One");
}

#[test]
fn the_reference_lists_what_config_knows() {
    let place = Installation::new();
    let reference = place.run(["config", "--reference"]);
    let reference = reference.ok();
    for line in place.run(["config", "--json"]).json().as_array().unwrap() {
        let name = format!("| `{}`", line["name"].as_str().unwrap());
        assert!(reference.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn another_prefix_moves_the_api() {
    let place = Installation::new().set("API_V1_PREFIX", "/auth-service/v2");
    let server = place.start();
    assert!(server.stdout().contains("/auth-service/v2\n"));
    let path = "/auth-service/v2/users/me";
    server
        .http()
        .plain(http::Method::GET, path)
        .send()
        .await
        .expect(401);
    server.http().get("/users/me").await.expect(404);
    let document = "/auth-service/v2/openapi.json";
    server
        .http()
        .plain(http::Method::GET, document)
        .send()
        .await
        .expect(200);
}
