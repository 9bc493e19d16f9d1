//! The rules across settings, and the warnings about them.

use super::error::Problem;
use super::mail;
use super::report::{Source, problem};
use super::sample_keys::is_sample;
use super::table::Settings;
use super::values::choice::{BreachCheck, CaptchaProvider, Environment};
use super::values::text::Secret;

/// The minimum size of `SECRET_KEY` in production, in bytes: that of an HS256 key (RFC 7518,
/// section 3.2).
const SECRET_KEY_BYTES: usize = 32;
/// The minimum size of `SECRET_KEY` for the engine, in bytes, in any environment.
const SHORTEST_SECRET_KEY: usize = 16;
/// The minimum memory of argon2id in production, in KiB, as OWASP advises.
const HASH_MEMORY_KIB: u32 = 7168;

const MAKE_A_KEY: &str = "make one with `openssl rand -hex 32`";

/// The advice for a database without an administrator and settings without a password for one.
pub(crate) const FIRST_ADMIN_HINT: &str = "there is no administrator yet: set FIRST_SUPERUSER_PASSWORD and start \
                                           again, or run `doorward users create --role admin`";

/// What the settings are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// For a server.
    Serve,
    /// For a command beside a server or an application.
    Command,
}

/// Adds the problems that make the settings unusable.
pub(super) fn check(settings: &Settings, purpose: Purpose, problems: &mut Vec<Problem>) {
    let lanes_need = settings.password_hash_parallelism.saturating_mul(8);
    if settings.password_hash_memory_kib < lanes_need {
        let message =
            format!("expected at least 8 KiB for each lane of the hash, here {lanes_need}");
        problems.push(problem(
            &settings.lines,
            "PASSWORD_HASH_MEMORY_KIB",
            message,
        ));
    }
    check_captcha(settings, problems);
    check_breach_check(settings, problems);
    check_key(settings, purpose, problems);
    check_hash(settings, problems);
    mail::check(settings, problems);
}

/// Rejects a captcha service without its keys.
fn check_captcha(settings: &Settings, problems: &mut Vec<Problem>) {
    let CaptchaProvider::Service(service) = settings.captcha_provider else {
        return;
    };
    let missing: Vec<&str> = [
        ("CAPTCHA_SITE_KEY", settings.captcha_site_key.is_none()),
        ("CAPTCHA_SECRET", settings.captcha_secret.is_none()),
    ]
    .into_iter()
    .filter_map(|(name, is_missing)| is_missing.then_some(name))
    .collect();
    if settings.captcha_enabled && !missing.is_empty() {
        let message = format!(
            "{} needs {}, which {} gives you for your site",
            service.as_str(),
            missing.join(" and "),
            service.as_str()
        );
        problems.push(problem(&settings.lines, "CAPTCHA_PROVIDER", message));
    }
}

fn check_breach_check(settings: &Settings, problems: &mut Vec<Problem>) {
    if settings.password_breach_check == BreachCheck::File
        && settings.password_breach_file.is_none()
    {
        let message = "file needs PASSWORD_BREACH_FILE, the path of that file".to_owned();
        problems.push(problem(&settings.lines, "PASSWORD_BREACH_CHECK", message));
    }
}

fn check_key(settings: &Settings, purpose: Purpose, problems: &mut Vec<Problem>) {
    use Environment::{Development, Production};

    for key in &settings.secret_key_previous {
        let fault = match (purpose, settings.environment) {
            (Purpose::Serve, Production) => key_fault(key),
            _ => too_short(key).then(|| format!("is shorter than {SHORTEST_SECRET_KEY} bytes")),
        };
        if let Some(message) = fault {
            let message = format!("one of its keys {message}");
            problems.push(problem(&settings.lines, "SECRET_KEY_PREVIOUS", message));
        }
    }
    let fault = match (purpose, settings.environment, &settings.secret_key) {
        (Purpose::Serve, Production, None) => Some(missing_key(settings)),
        (Purpose::Serve, Production, Some(key)) => key_fault(key),
        (Purpose::Serve, Development, Some(key)) => too_short(key).then(|| {
            format!(
                "is shorter than {SHORTEST_SECRET_KEY} bytes: {MAKE_A_KEY}, or leave it out to have one made"
            )
        }),
        (Purpose::Command, _, Some(key)) => too_short(key).then(|| {
            format!(
                "is shorter than {SHORTEST_SECRET_KEY} bytes, as no server's and no \
                 application's is: set theirs, or leave it out"
            )
        }),
        (_, _, None) => None,
    };
    if let Some(message) = fault {
        problems.push(problem(&settings.lines, "SECRET_KEY", message));
    }
}

fn too_short(key: &Secret) -> bool {
    key.expose().len() < SHORTEST_SECRET_KEY
}

fn check_hash(settings: &Settings, problems: &mut Vec<Problem>) {
    if settings.environment == Environment::Production
        && settings.password_hash_memory_kib < HASH_MEMORY_KIB
    {
        let message =
            format!("expected at least {HASH_MEMORY_KIB} in production; 19456 is advised");
        problems.push(problem(
            &settings.lines,
            "PASSWORD_HASH_MEMORY_KIB",
            message,
        ));
    }
}

fn missing_key(settings: &Settings) -> String {
    let reason = match source_of(settings, "ENVIRONMENT") {
        Some(Source::Default) => format!(
            "without ENVIRONMENT and with HOST {} this is production",
            settings.host
        ),
        _ => "ENVIRONMENT is production".to_owned(),
    };
    format!(
        "is missing, and {reason}: {MAKE_A_KEY} and set it; or set ENVIRONMENT=development to try Doorward out"
    )
}

fn key_fault(key: &Secret) -> Option<String> {
    if is_sample(key.expose()) {
        return Some(format!(
            "is a well-known sample key, with which anybody can sign tokens: {MAKE_A_KEY}; \
             samples are accepted with ENVIRONMENT=development alone"
        ));
    }
    (key.expose().len() < SECRET_KEY_BYTES)
        .then(|| format!("is shorter than {SECRET_KEY_BYTES} bytes: {MAKE_A_KEY}"))
}

/// Returns the warnings about settings that are allowed but risky.
pub(super) fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if settings.environment == Environment::Development
        && let Some(fault) = settings.secret_key.as_ref().and_then(key_fault)
    {
        warnings.push(format!("SECRET_KEY {fault}"));
    }
    let powerful = |role: &&String| matches!(role.as_str(), "admin" | "moderator");
    if let Some(role) = settings.self_assignable_roles.iter().find(powerful) {
        warnings.push(format!(
            "SELF_ASSIGNABLE_ROLES lets everybody register as {role}"
        ));
    }
    warnings.extend(mail::warnings(settings));
    warnings
}

fn source_of(settings: &Settings, name: &str) -> Option<Source> {
    settings
        .lines
        .iter()
        .find(|line| line.name == name)
        .map(|line| line.source)
}
