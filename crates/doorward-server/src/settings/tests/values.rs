//! What each setting accepts, what it makes of it, and what it refuses.

use std::time::Duration;

use super::{refused, with};
use crate::settings::{Environment, LogFormat, RegistrationRequires, Settings};

/// Every text is accepted, and read as the text beside it.
fn reads<T: std::fmt::Debug>(name: &str, read: impl Fn(Settings) -> T, table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(
            format!("{:?}", read(with(name, text))),
            *expected,
            "{name}={text}"
        );
    }
}

/// Every text is refused with an error that names the setting.
fn refuses(name: &str, texts: &[&str]) {
    for text in texts {
        let refusal = refused(name, text);
        assert!(
            refusal.starts_with(&format!("{name} (environment): ")),
            "{name}={text}: {refusal}"
        );
        assert_eq!(refusal.lines().count(), 1, "{refusal}");
    }
}

#[test]
fn numbers_have_ranges() {
    reads(
        "PORT",
        |s| s.port,
        &[("0", "0"), ("65535", "65535"), (" 80 ", "80")],
    );
    refuses("PORT", &["-1", "65536", "8000.0", "0x10", "eighty", " "]);
    let too_low_and_high = [
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0", "525601"),
        ("REFRESH_TOKEN_EXPIRE_DAYS", "0", "3651"),
        ("REFRESH_RETRY_SECONDS", "-1", "301"),
        ("DB_POOL_SIZE", "0", "1001"),
        ("DB_MAX_OVERFLOW", "-1", "1001"),
        ("DB_POOL_TIMEOUT", "0", "3601"),
        ("DB_POOL_RECYCLE", "0", "604801"),
        ("PASSWORD_MIN_LENGTH", "7", "129"),
        ("AUDIT_RETENTION_DAYS", "-1", "36501"),
        ("SESSION_RETENTION_DAYS", "-1", "3651"),
        ("MAIL_RETENTION_DAYS", "-1", "3651"),
        ("PASSWORD_HASH_MEMORY_KIB", "7", "4194305"),
        ("PASSWORD_HASH_ITERATIONS", "0", "1001"),
        ("PASSWORD_HASH_PARALLELISM", "0", "65"),
        ("PASSWORD_HASH_THREADS", "0", "1025"),
        ("SLOW_REQUEST_SECONDS", "-0.1", "3601"),
    ];
    for (name, low, high) in too_low_and_high {
        refuses(name, &[low, high, "99999999999999999999999", "NaN"]);
    }
}

#[test]
fn times_have_their_units() {
    assert_eq!(
        with("ACCESS_TOKEN_EXPIRE_MINUTES", "15").access_token_ttl,
        Duration::from_secs(900)
    );
    assert_eq!(
        with("REFRESH_TOKEN_EXPIRE_DAYS", "1").refresh_token_ttl,
        Duration::from_secs(86_400)
    );
    assert_eq!(
        with("SESSION_MAX_DAYS", "90").session_max_age,
        Duration::from_secs(90 * 86_400)
    );
    assert_eq!(with("SESSIONS_PER_ACCOUNT", "5").sessions_per_account, 5);
    assert_eq!(
        with("REFRESH_RETRY_SECONDS", "0").refresh_retry,
        Duration::ZERO
    );
    assert_eq!(
        with("DB_POOL_TIMEOUT", "3").db_pool_timeout,
        Duration::from_secs(3)
    );
    assert_eq!(
        with("DB_POOL_RECYCLE", "60").db_pool_recycle,
        Some(Duration::from_secs(60))
    );
    assert_eq!(with("DB_POOL_RECYCLE", "-1").db_pool_recycle, None);
    let day = Duration::from_secs(86_400);
    assert_eq!(
        with("AUDIT_RETENTION_DAYS", "90").audit_retention,
        Some(90 * day)
    );
    assert_eq!(with("AUDIT_RETENTION_DAYS", "0").audit_retention, None);
    assert_eq!(
        with("SESSION_RETENTION_DAYS", "0").session_retention,
        Duration::ZERO
    );
    assert_eq!(with("MAIL_RETENTION_DAYS", "7").mail_retention, 7 * day);
    assert_eq!(
        with("SLOW_REQUEST_SECONDS", "0.5").slow_request,
        Duration::from_millis(500)
    );
    assert_eq!(
        with("SLOW_REQUEST_SECONDS", "2").slow_request,
        Duration::from_secs(2)
    );
}

#[test]
fn booleans_are_those_of_pydantic() {
    for yes in ["true", "True", "TRUE", "1", "yes", "on", "y", "t", "On"] {
        assert!(with("DATABASE_ECHO", yes).database_echo, "{yes}");
    }
    for no in ["false", "False", "0", "no", "off", "OFF", "n", "f"] {
        assert!(!with("DATABASE_ECHO", no).database_echo, "{no}");
    }
    refuses("DATABASE_ECHO", &["2", "maybe", "debug"]);
}

#[test]
fn choices_are_few() {
    reads(
        "ENVIRONMENT",
        |s| s.environment,
        &[
            ("Development", "Development"),
            ("DEVELOPMENT", "Development"),
        ],
    );
    refuses("ENVIRONMENT", &["staging", "dev"]);
    assert_eq!(
        with("ENVIRONMENT", "development").environment,
        Environment::Development
    );
    assert_eq!(with("LOG_FORMAT", "JSON").log_format, LogFormat::Json);
    assert_eq!(with("LOG_FORMAT", "text").log_format, LogFormat::Text);
    refuses("LOG_FORMAT", &["xml"]);
    use RegistrationRequires::{Both, Either, Email, Username};
    for (text, expected) in [
        ("email", Email),
        ("username", Username),
        ("both", Both),
        ("either", Either),
    ] {
        assert_eq!(
            with("REGISTRATION_REQUIRES", text).registration_requires,
            expected
        );
    }
    refuses("REGISTRATION_REQUIRES", &["phone"]);
    reads(
        "AUTH_COOKIE_SAMESITE",
        |s| s.auth_cookie_same_site,
        &[("Strict", "Strict"), ("lax", "Lax")],
    );
    // Every page of the web would be asked to behave.
    refuses("AUTH_COOKIE_SAMESITE", &["none", "true"]);
}

#[test]
fn algorithms_to_come_are_told_apart_from_mistakes() {
    reads(
        "ALGORITHM",
        |s| s.algorithm,
        &[("HS256", "Hs256"), ("hs256", "Hs256")],
    );
    for later in ["EdDSA", "ES256", "RS256"] {
        assert_eq!(
            refused("ALGORITHM", later),
            format!(
                "ALGORITHM (environment): this algorithm is not available in this release: use HS256, not \"{later}\""
            )
        );
    }
    for never in ["none", "HS512", "MD5"] {
        assert_eq!(
            refused("ALGORITHM", never),
            format!("ALGORITHM (environment): expected HS256, not \"{never}\"")
        );
    }
}

#[test]
fn the_api_prefix_is_a_plain_path() {
    reads(
        "API_V1_STR",
        |s| s.api_prefix,
        &[("/v1", "\"/v1\""), ("/a/b-c_d.e~f", "\"/a/b-c_d.e~f\"")],
    );
    refuses(
        "API_V1_STR",
        &[
            "/", "api", "/api/", "//api", "/a//b", "/a/../b", "/ä", "/a b", "/{id}", "/a?b", "/*x",
        ],
    );
    refuses(
        "API_V1_STR",
        &["/docs", "/health/v1", "/.well-known", "/openapi.json"],
    );
}

#[test]
fn hosts_are_addresses_or_names() {
    let table = [
        ("0.0.0.0", "\"0.0.0.0\""),
        ("::", "\"::\""),
        ("[::1]", "\"::1\""),
        ("localhost", "\"localhost\""),
        ("auth.internal", "\"auth.internal\""),
    ];
    for (text, expected) in table {
        let case = super::Case::new()
            .variable("HOST", text)
            .variable("SECRET_KEY", super::GOOD_KEY);
        assert_eq!(format!("{:?}", case.load().host), expected);
    }
    refuses(
        "HOST",
        &[
            "127.0.0.1:8000",
            "http://localhost",
            "256.1.1.1",
            "a b",
            "-x",
            "a..b",
            "[localhost]",
        ],
    );
}

#[test]
fn proxies_are_addresses_and_networks_and_never_everybody() {
    reads(
        "TRUSTED_PROXIES",
        |s| s.trusted_proxies,
        &[
            ("10.0.0.1", "[10.0.0.1/32]"),
            ("10.1.2.3/8, ::1", "[10.0.0.0/8, ::1/128]"),
            (
                "[\"192.168.0.0/16\", \"fd00::/8\"]",
                "[192.168.0.0/16, fd00::/8]",
            ),
            ("[]", "[]"),
        ],
    );
    refuses(
        "TRUSTED_PROXIES",
        &["*", "0.0.0.0/0", "::/0", "proxy.internal", "10.0.0.0/33"],
    );
}

#[test]
fn origins_are_what_browsers_send() {
    let table = [
        (
            "http://localhost:3000,http://localhost:8000",
            "[\"http://localhost:3000\", \"http://localhost:8000\"]",
        ),
        ("[\"http://localhost:3000\"]", "[\"http://localhost:3000\"]"),
        ("https://App.Example.com/", "[\"https://app.example.com\"]"),
        (
            "https://a.example:443, http://a.example:80",
            "[\"https://a.example\", \"http://a.example\"]",
        ),
        (
            "https://a.example, https://a.example/,",
            "[\"https://a.example\"]",
        ),
        ("http://[::1]:3000", "[\"http://[::1]:3000\"]"),
        ("http://192.168.0.7", "[\"http://192.168.0.7\"]"),
        ("capacitor://localhost", "[\"capacitor://localhost\"]"),
        ("[]", "[]"),
    ];
    reads("BACKEND_CORS_ORIGINS", |s| s.cors_origins, &table);
    refuses(
        "BACKEND_CORS_ORIGINS",
        &[
            "localhost",
            "localhost:3000",
            "http://a.example/path",
            "http://a.example?x",
            "http://",
            "null",
            "http://a.example:port",
            "http://a.example:99999",
            "http://me@a.example",
            "https://*.example.com",
            "http://a b",
            "[\"http://a.example\"",
            "[1]",
            "file://a",
            "http://ä.example",
            "http://a.example//",
        ],
    );
    assert!(
        refused("ALLOWED_ORIGINS", "*").contains("* is refused, because credentials are allowed")
    );
    assert!(
        refused("ALLOWED_ORIGINS", "[\"*\"]")
            .contains("* is refused, because credentials are allowed")
    );
}

#[test]
fn log_levels_are_those_of_python_and_of_tracing() {
    reads(
        "LOG_LEVEL",
        |s| s.log_filter,
        &[
            ("DEBUG", "\"debug\""),
            ("Info", "\"info\""),
            ("WARNING", "\"warn\""),
            ("CRITICAL", "\"error\""),
            ("NOTSET", "\"trace\""),
            ("off", "\"off\""),
            ("info,doorward=debug", "\"info,doorward=debug\""),
            ("doorward::store=trace", "\"doorward::store=trace\""),
        ],
    );
    refuses(
        "LOG_LEVEL",
        &["loud", "inof", "info,debgu", "doorward=loud", "=", "20"],
    );
}

#[test]
fn texts_are_one_line() {
    reads(
        "ISSUER",
        |s| s.issuer,
        &[(" https://auth.example.com ", "\"https://auth.example.com\"")],
    );
    reads("AUDIENCE", |s| s.audience, &[("api", "Some(\"api\")")]);
    refuses("ISSUER", &["a\u{7}b", "a\nb", "  "]);
    let long = "x".repeat(256);
    refuses("AUDIENCE", &[&long]);
    reads(
        "FIRST_SUPERUSER_EMAIL",
        |s| s.first_superuser_email,
        &[("me@example.org", "\"me@example.org\"")],
    );
    refuses(
        "FIRST_SUPERUSER_EMAIL",
        &["me", "@example.org", "me@", "me @example.org"],
    );
}

#[test]
fn self_assignable_roles_may_be_none() {
    reads(
        "SELF_ASSIGNABLE_ROLES",
        |s| s.self_assignable_roles,
        &[
            ("user,guest", "[\"user\", \"guest\"]"),
            ("[\"user\"]", "[\"user\"]"),
            ("[]", "[]"),
        ],
    );
    refuses("SELF_ASSIGNABLE_ROLES", &["User", "a b", "[user]"]);
}

#[test]
fn lanes_of_the_hash_need_memory() {
    let case = super::Case::new()
        .variable("PASSWORD_HASH_MEMORY_KIB", "31")
        .variable("PASSWORD_HASH_PARALLELISM", "4");
    assert_eq!(
        case.refusal(),
        "PASSWORD_HASH_MEMORY_KIB (environment): expected at least 8 KiB for each lane of the hash, here 32"
    );
}

#[test]
fn rates_are_times_in_a_time_or_off() {
    let shown = |settings: Settings| {
        let rate = settings.rate_limit_login;
        rate.map_or_else(|| "off".to_owned(), |rate| rate.to_string())
    };
    let table = [
        ("5/minute", "5/minute"),
        (" 5 per hour ", "5/hour"),
        ("100/15minutes", "100/15minutes"),
        ("off", "off"),
        ("OFF", "off"),
    ];
    for (text, expected) in table {
        assert_eq!(shown(with("RATE_LIMIT_LOGIN", text)), expected, "{text}");
    }
    refuses(
        "RATE_LIMIT_LOGIN",
        &["5", "0/minute", "5/fortnight", "none", "5/minute;10/hour"],
    );
}

#[test]
fn the_limits_by_default_are_those_of_the_engine() {
    let settings = super::Case::new().load();
    assert!(settings.rate_limit_enabled);
    let mut limits = doorward::RateLimits::NONE;
    limits.login = settings.rate_limit_login;
    limits.refresh = settings.rate_limit_refresh;
    limits.registration = settings.rate_limit_registration;
    limits.password_reset = settings.rate_limit_reset;
    limits.verification = settings.rate_limit_verification;
    limits.password_check = settings.rate_limit_password_check;
    limits.mail = settings.rate_limit_mail;
    assert_eq!(limits, doorward::RateLimits::default());
}
