//! What `doorward config` and the reference page say.

use super::{Case, GOOD_KEY, line, shown, with};
use crate::settings::reference_markdown;
use crate::settings::table::ROWS;

/// The settings with a default that is a fixed text.
const DEFAULTS: &[(&str, &str)] = &[
    ("PROJECT_NAME", "Doorward"),
    ("VERSION", env!("CARGO_PKG_VERSION")),
    ("API_V1_STR", "/api/v1"),
    ("ENVIRONMENT", "development"),
    ("HOST", "127.0.0.1"),
    ("PORT", "8000"),
    ("TRUSTED_PROXIES", "nothing"),
    ("AUTH_COOKIES", "false"),
    ("AUTH_COOKIE_SAMESITE", "strict"),
    ("DATABASE_URL", "sqlite:///./app.db"),
    ("DB_POOL_SIZE", "5"),
    ("DB_MAX_OVERFLOW", "10"),
    ("DB_POOL_TIMEOUT", "30"),
    ("DB_POOL_RECYCLE", "3600"),
    ("DATABASE_ECHO", "false"),
    ("DATA_DIR", "."),
    ("SECRET_KEY_PREVIOUS", "nothing"),
    ("ALGORITHM", "HS256"),
    ("ACCESS_TOKEN_EXPIRE_MINUTES", "30"),
    ("REFRESH_TOKEN_EXPIRE_DAYS", "7"),
    ("REFRESH_RETRY_SECONDS", "10"),
    ("ISSUER", "doorward"),
    ("AUDIENCE", "nothing"),
    ("REGISTRATION_REQUIRES", "email"),
    ("SELF_ASSIGNABLE_ROLES", "user"),
    ("PASSWORD_MIN_LENGTH", "8"),
    ("PASSWORD_REQUIRE", "nothing"),
    ("PASSWORD_MIN_SCORE", "0"),
    ("PASSWORD_BREACH_CHECK", "off"),
    (
        "PASSWORD_BREACH_URL",
        doorward::RangeQuery::HAVE_I_BEEN_PWNED,
    ),
    ("PASSWORD_BREACH_FILE", "nothing"),
    ("PASSWORD_HASH_MEMORY_KIB", "19456"),
    ("PASSWORD_HASH_ITERATIONS", "2"),
    ("PASSWORD_HASH_PARALLELISM", "1"),
    ("PASSWORD_HASH_THREADS", "6"),
    ("CAPTCHA_ENABLED", "false"),
    ("CAPTCHA_PROVIDER", "proof_of_work"),
    ("CAPTCHA_SITE_KEY", "nothing"),
    ("CAPTCHA_SECRET", "nothing"),
    ("CAPTCHA_VERIFY_URL", "nothing"),
    ("CAPTCHA_HOSTNAME", "nothing"),
    ("CAPTCHA_AFTER_FAILURES", "3"),
    ("CAPTCHA_DIFFICULTY", "17"),
    ("SMTP_HOST", "nothing"),
    ("SMTP_PORT", "587"),
    ("SMTP_USER", "nothing"),
    ("SMTP_PASSWORD", "nothing"),
    ("SMTP_SECURITY", "starttls"),
    ("SMTP_CA", "nothing"),
    ("EMAILS_FROM_EMAIL", "nothing"),
    ("EMAILS_FROM_NAME", "nothing"),
    ("PUBLIC_URL", "http://127.0.0.1:8000"),
    ("PASSWORD_RESET_URL", "nothing"),
    ("EMAIL_VERIFICATION_URL", "nothing"),
    ("MAIL_TEMPLATES_DIR", "nothing"),
    ("PASSWORD_RESET_TOKEN_EXPIRE_HOURS", "1"),
    ("EMAIL_VERIFICATION_TOKEN_EXPIRE_HOURS", "24"),
    ("REQUIRE_VERIFIED_EMAIL", "false"),
    ("REGISTRATION_REVEALS", "true"),
    ("LOCKOUT_THRESHOLD", "10"),
    ("LOCKOUT_MINUTES", "15"),
    ("NOTIFY_PASSWORD_CHANGED", "true"),
    ("NOTIFY_EMAIL_CHANGED", "true"),
    ("NOTIFY_NEW_LOGIN", "true"),
    ("NOTIFY_ACCOUNT_LOCKED", "true"),
    ("NOTIFY_TOKEN_REUSED", "true"),
    ("FIRST_SUPERUSER_EMAIL", "admin@example.com"),
    ("FIRST_SUPERUSER_FULL_NAME", "Admin User"),
    ("RATE_LIMIT_ENABLED", "true"),
    ("RATE_LIMIT_LOGIN", "30/minute"),
    ("RATE_LIMIT_REFRESH", "120/minute"),
    ("RATE_LIMIT_REGISTRATION", "10/minute"),
    ("RATE_LIMIT_RESET", "10/minute"),
    ("RATE_LIMIT_VERIFICATION", "10/minute"),
    ("RATE_LIMIT_PASSWORD_CHECK", "30/minute"),
    ("RATE_LIMIT_MAIL", "5/hour"),
    ("AUDIT_RETENTION_DAYS", "365"),
    ("SESSION_MAX_DAYS", "30"),
    ("SESSIONS_PER_ACCOUNT", "100"),
    ("SESSION_RETENTION_DAYS", "1"),
    ("MAIL_RETENTION_DAYS", "30"),
    ("LOG_LEVEL", "info"),
    ("LOG_FORMAT", "text"),
    ("SLOW_REQUEST_SECONDS", "1.0"),
    ("METRICS_ENABLED", "true"),
];

#[test]
fn the_defaults_are_those_of_the_specification() {
    let settings = Case::new().load();
    for (name, value) in DEFAULTS {
        assert_eq!(
            shown(&settings, name),
            format!("{value} from default"),
            "{name}"
        );
    }
    // Four more have tests of their own: the secrets, the origins, the first admin's username.
    assert_eq!(settings.report().len(), DEFAULTS.len() + 4);
    assert_eq!(settings.audience, None);
    assert!(settings.warnings.is_empty());
}

#[test]
fn secrets_are_masked() {
    let settings = Case::new()
        .variable("SECRET_KEY", GOOD_KEY)
        .variable("SECRET_KEY_PREVIOUS", GOOD_KEY)
        .file(
            ".env",
            "FIRST_SUPERUSER_PASSWORD=confidential\nSMTP_PASSWORD=confidential\n",
        )
        .load();
    for name in ["SECRET_KEY", "SECRET_KEY_PREVIOUS"] {
        assert_eq!(shown(&settings, name), "******** from environment");
    }
    assert_eq!(
        shown(&settings, "FIRST_SUPERUSER_PASSWORD"),
        "******** from .env line 1"
    );
    assert_eq!(
        shown(&settings, "SMTP_PASSWORD"),
        "******** from .env line 2"
    );
    let everything = format!(
        "{settings:?}{}",
        serde_json::to_string(settings.report()).unwrap()
    );
    assert!(!everything.contains(GOOD_KEY) && !everything.contains("confidential"));
}

#[test]
fn a_secret_that_will_be_made_says_so_and_then_where_it_is() {
    let case = Case::new().variable("DATA_DIR", "data");
    let path = case
        .folder
        .path()
        .join("data/secret_key")
        .display()
        .to_string();
    let before = case.load();
    assert_eq!(shown(&before, "SECRET_KEY"), "nothing from generated");
    assert_eq!(
        line(&before, "SECRET_KEY").note,
        Some(format!("will be made at the first start, in {path}"))
    );
    before.provision_secrets(&|bytes| bytes.fill(1)).unwrap();
    let after = case.load();
    assert_eq!(shown(&after, "SECRET_KEY"), "******** from generated");
    assert_eq!(
        line(&after, "SECRET_KEY").note,
        Some(format!("kept in {path}"))
    );
}

#[test]
fn in_production_a_password_that_is_not_set_stays_so() {
    assert_eq!(
        shown(&with("SECRET_KEY", GOOD_KEY), "FIRST_SUPERUSER_PASSWORD"),
        "nothing from default"
    );
}

#[test]
fn a_line_says_under_which_name_it_was_found() {
    let settings = Case::new()
        .variable("DOORWARD_APP_NAME", "Mine")
        .file("doorward.toml", "port = 1")
        .load();
    assert_eq!(
        line(&settings, "PROJECT_NAME").written_as.as_deref(),
        Some("DOORWARD_APP_NAME")
    );
    assert_eq!(line(&settings, "PORT").written_as, None);
    let json = serde_json::to_value(line(&settings, "PORT")).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"name": "PORT", "value": "1", "source": "doorward.toml"})
    );
}

#[test]
fn the_reference_has_every_setting_with_its_names_default_and_meaning() {
    let page = reference_markdown();
    for row in ROWS {
        let entries = page
            .lines()
            .filter(|line| line.starts_with(&format!("| `{}`", row.name)))
            .count();
        assert_eq!(entries, 1, "{}", row.name);
    }
    assert!(
        page.contains("| `PROJECT_NAME`, `APP_NAME` | `Doorward` | How the service calls itself")
    );
    assert!(page.contains("| `AUDIENCE` | none |"));
    assert!(page.contains(
        "| `PORT` | `8000` | The TCP port to listen on; 0 lets the system choose a free one. |"
    ));
    assert!(
        page.lines()
            .filter(|line| line.starts_with('|'))
            .all(|line| line.ends_with('|'))
    );
}

#[test]
fn no_two_settings_share_a_name() {
    let mut names: Vec<&str> = ROWS
        .iter()
        .flat_map(|row| [Some(row.name), row.alias])
        .flatten()
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    // Every name may be written with `_FILE`: what ends in it is a name of its own alone.
    let is_taken = |name: &str| {
        let stem = name.strip_suffix("_FILE");
        stem.is_some_and(|stem| names.contains(&stem))
    };
    assert!(
        names
            .iter()
            .all(|name| !is_taken(name) && !name.starts_with("DOORWARD_"))
    );
}
