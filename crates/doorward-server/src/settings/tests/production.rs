//! Development and production, and what production insists on.

use super::{Case, GOOD_KEY, refused, with};
use crate::settings::{Environment, Secret, Settings};

#[test]
fn it_is_development_without_a_key_on_a_loopback_address_alone() {
    for host in [
        "127.0.0.1",
        "127.0.0.2",
        "::1",
        "[::1]",
        "localhost",
        "LOCALHOST",
    ] {
        assert_eq!(
            with("HOST", host).environment,
            Environment::Development,
            "{host}"
        );
    }
    for host in ["0.0.0.0", "::", "192.168.0.7", "auth.internal"] {
        assert!(
            refused("HOST", host).starts_with("SECRET_KEY: is missing, and without ENVIRONMENT"),
            "{host}"
        );
    }
    assert_eq!(
        with("SECRET_KEY", GOOD_KEY).environment,
        Environment::Production
    );
    let case = Case::new()
        .file("key", GOOD_KEY)
        .file("doorward.toml", "secret_key_file = 'key'");
    assert_eq!(case.load().environment, Environment::Production);
}

#[test]
fn what_is_written_for_the_environment_holds() {
    let case = Case::new()
        .variable("ENVIRONMENT", "development")
        .variable("SECRET_KEY", GOOD_KEY);
    assert_eq!(
        case.variable("HOST", "0.0.0.0").load().environment,
        Environment::Development
    );
    assert_eq!(
        refused("ENVIRONMENT", "production"),
        "SECRET_KEY: is missing, and ENVIRONMENT is production: make one with `openssl rand -hex 32` and set it; \
         or set ENVIRONMENT=development to try Doorward out"
    );
}

#[test]
fn production_wants_32_bytes() {
    assert_eq!(
        with("SECRET_KEY", GOOD_KEY).secret_key.unwrap().expose(),
        GOOD_KEY
    );
    assert_eq!(
        refused("SECRET_KEY", &GOOD_KEY[1..]),
        "SECRET_KEY (environment): is shorter than 32 bytes: make one with `openssl rand -hex 32`"
    );
    // Sixteen letters of two bytes each.
    with("SECRET_KEY", "äöüßéèêëàâîïôûùç");
}

#[test]
fn a_command_needs_no_key_and_leaves_it_to_others_to_say_what_a_good_one_is() {
    let production = || Case::new().variable("ENVIRONMENT", "production");
    assert!(production().load_for_command().secret_key.is_none());
    for key in ["your-256-bit-secret", &GOOD_KEY[16..]] {
        let settings = production().variable("SECRET_KEY", key).load_for_command();
        assert_eq!(settings.secret_key.unwrap().expose(), key);
    }
    for environment in ["development", "production"] {
        let case = Case::new()
            .variable("ENVIRONMENT", environment)
            .variable("SECRET_KEY", &GOOD_KEY[17..]);
        let refused = Settings::load_for_command(&case.sources()).unwrap_err();
        let message = "SECRET_KEY (environment): is shorter than 16 bytes";
        assert!(refused.to_string().starts_with(message), "{refused}");
    }
    // Passwords are hashed by commands too.
    let case = production().variable("PASSWORD_HASH_MEMORY_KIB", "1024");
    let refused = Settings::load_for_command(&case.sources()).unwrap_err();
    assert!(refused.to_string().starts_with("PASSWORD_HASH_MEMORY_KIB"));
}

const SAMPLES: &[&str] = &[
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "change-this-to-a-random-secret-key-in-production",
    "your_generated_key_here",
    "your-secret-key",
    "your-256-bit-secret",
    "your-256-bit-secret-key-here",
    "a-string-secret-at-least-256-bits-long",
    "YOUR_SECRET_KEY_HERE_PLEASE_CHANGE_ME",
    "production-secret-key",
    "super-secret-key-of-the-application",
    "changethis",
    "secret",
];

#[test]
fn production_refuses_sample_keys() {
    for sample in SAMPLES {
        let refusal = refused("SECRET_KEY", sample);
        assert!(
            refusal.starts_with("SECRET_KEY (environment): is a well-known sample key"),
            "{sample}: {refusal}"
        );
        assert!(
            !refusal.contains(sample) || *sample == "secret",
            "{refusal}"
        );
    }
}

#[test]
fn previous_keys_are_checked_as_the_key_is() {
    let with_previous = |key: &str, environment: &str, previous: &str| {
        Case::new()
            .variable("SECRET_KEY", key)
            .variable("ENVIRONMENT", environment)
            .variable("SECRET_KEY_PREVIOUS", previous)
    };
    let other = "another key of thirty-two bytes or more";
    let list = format!("[\"{other}, with a comma\", \"{GOOD_KEY}\"]");
    let settings = with_previous(GOOD_KEY, "production", &list).load();
    let previous: Vec<_> = settings
        .secret_key_previous
        .iter()
        .map(Secret::expose)
        .collect();
    assert_eq!(previous, [&format!("{other}, with a comma"), GOOD_KEY]);
    let sample = "change-this-to-a-random-secret-key-in-production";
    for (environment, fault, previous) in [
        ("production", "is shorter than 32 bytes", "sixteen bytes it"),
        ("production", "is a well-known sample key", sample),
        ("development", "is shorter than 16 bytes", "fifteen bytes.."),
    ] {
        let previous = format!("{other},{previous}");
        let refusal = with_previous(GOOD_KEY, environment, &previous).refusal();
        let expected = format!("SECRET_KEY_PREVIOUS (environment): one of its keys {fault}");
        assert!(refusal.starts_with(&expected), "{refusal}");
        assert!(!refusal.contains(other), "{refusal}");
    }
    with_previous(GOOD_KEY, "development", sample).load();
}

#[test]
fn development_takes_sample_and_short_keys_with_a_warning() {
    for sample in SAMPLES.iter().filter(|sample| sample.len() >= 16) {
        let warnings = in_development(sample).load().warnings;
        assert!(
            warnings[0].starts_with("SECRET_KEY is a well-known sample key"),
            "{sample}"
        );
    }
    let warnings = in_development("sixteen bytes it").load().warnings;
    assert!(warnings[0].starts_with("SECRET_KEY is shorter than 32 bytes"));
    assert!(in_development(GOOD_KEY).load().warnings.is_empty());
}

#[test]
fn development_refuses_keys_that_the_engine_does_not_take() {
    for key in ["secret", "fifteen bytes.."] {
        let refusal = in_development(key).refusal();
        assert!(
            refusal.starts_with("SECRET_KEY (environment): is shorter than 16 bytes"),
            "{refusal}"
        );
    }
}

fn in_development(key: &str) -> Case {
    Case::new()
        .variable("SECRET_KEY", key)
        .variable("ENVIRONMENT", "development")
}

#[test]
fn production_has_no_origins_but_those_that_are_set() {
    assert!(with("SECRET_KEY", GOOD_KEY).cors_origins.is_empty());
    let origins = Case::new().load().cors_origins;
    assert_eq!(origins.len(), 8);
    for port in [3000, 5173, 8000, 8080] {
        assert!(origins.contains(&format!("http://localhost:{port}")));
        assert!(origins.contains(&format!("http://127.0.0.1:{port}")));
    }
}

#[test]
fn production_refuses_a_hash_that_is_too_cheap() {
    let cheap = |key| {
        Case::new()
            .variable("SECRET_KEY", key)
            .variable("PASSWORD_HASH_MEMORY_KIB", "64")
    };
    assert_eq!(
        cheap(GOOD_KEY).refusal(),
        "PASSWORD_HASH_MEMORY_KIB (environment): expected at least 7168 in production; 19456 is advised"
    );
    assert_eq!(cheap("").load().password_hash_memory_kib, 64);
}

#[test]
fn production_starts_without_a_first_administrator() {
    let settings = with("SECRET_KEY", GOOD_KEY);
    let provisioned = settings
        .provision_secrets(&|_| panic!("nothing is made in production"))
        .unwrap();
    assert!(provisioned.first_superuser_password.is_none());
    assert!(provisioned.kept.is_empty());
    assert_eq!(provisioned.secret_key.expose(), GOOD_KEY);
}

#[test]
fn a_role_with_power_that_anybody_may_take_is_worth_a_warning() {
    assert_eq!(
        with("SELF_ASSIGNABLE_ROLES", "user,admin").warnings,
        ["SELF_ASSIGNABLE_ROLES lets everybody register as admin"]
    );
}
