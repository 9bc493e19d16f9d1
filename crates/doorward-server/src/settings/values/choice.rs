//! Values out of a short list.

use std::fmt;

use doorward::{CaptchaService, CharacterKind};
use doorward_axum::SameSite;

/// How strictly the server checks its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    /// Trying things out: missing secrets are made.
    Development,
    /// Real use: missing or well-known secrets are refused.
    Production,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The identifiers that a new account must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RegistrationRequires {
    /// An e-mail address.
    Email,
    /// A username.
    Username,
    /// Both of them.
    Both,
    /// One of them at least.
    Either,
}

/// The algorithm that signs access tokens (RFC 7518, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// HMAC with SHA-256 and `SECRET_KEY`.
    Hs256,
}

/// The provider of captchas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CaptchaProvider {
    /// The server itself.
    ProofOfWork,
    /// A service that verifies by siteverify.
    Service(CaptchaService),
}

/// Where new passwords are looked for in data breaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BreachCheck {
    /// Nowhere.
    Off,
    /// At a service.
    Online,
    /// In a file.
    File,
}

/// How the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SmtpSecurity {
    /// From a command of the session on (RFC 3207), which the server has to take.
    StartTls,
    /// From the first byte on (RFC 8314).
    Tls,
    /// Not at all.
    None,
}

impl SmtpSecurity {
    /// Returns the port on which mail servers listen for it.
    pub(in crate::settings) fn port(self) -> u16 {
        match self {
            SmtpSecurity::StartTls => 587,
            SmtpSecurity::Tls => 465,
            SmtpSecurity::None => 25,
        }
    }
}

impl fmt::Display for SmtpSecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SmtpSecurity::StartTls => "starttls",
            SmtpSecurity::Tls => "tls",
            SmtpSecurity::None => "none",
        })
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Environment::Development => "development",
            Environment::Production => "production",
        })
    }
}

/// Reads `development` or `production`, in any case.
pub(in crate::settings) fn environment(text: &str) -> Result<Environment, String> {
    one_of(
        text,
        &[
            ("development", Environment::Development),
            ("production", Environment::Production),
        ],
    )
}

/// Reads `text` or `json`, in any case.
pub(in crate::settings) fn log_format(text: &str) -> Result<LogFormat, String> {
    one_of(
        text,
        &[("text", LogFormat::Text), ("json", LogFormat::Json)],
    )
}

/// Reads `email`, `username`, `both` or `either`, in any case.
pub(in crate::settings) fn registration_requires(
    text: &str,
) -> Result<RegistrationRequires, String> {
    use RegistrationRequires::{Both, Either, Email, Username};
    one_of(
        text,
        &[
            ("email", Email),
            ("username", Username),
            ("both", Both),
            ("either", Either),
        ],
    )
}

/// Reads `strict` or `lax`, in any case.
pub(in crate::settings) fn same_site(text: &str) -> Result<SameSite, String> {
    one_of(
        text,
        &[("strict", SameSite::Strict), ("lax", SameSite::Lax)],
    )
}

/// Reads `proof_of_work`, `hcaptcha`, `turnstile` or `recaptcha`, in any case.
pub(in crate::settings) fn captcha_provider(text: &str) -> Result<CaptchaProvider, String> {
    use CaptchaProvider::{ProofOfWork, Service};
    one_of(
        text,
        &[
            ("proof_of_work", ProofOfWork),
            ("hcaptcha", Service(CaptchaService::HCaptcha)),
            ("turnstile", Service(CaptchaService::Turnstile)),
            ("recaptcha", Service(CaptchaService::Recaptcha)),
        ],
    )
}

/// Reads `starttls`, `tls` or `none`, in any case.
pub(in crate::settings) fn smtp_security(text: &str) -> Result<SmtpSecurity, String> {
    one_of(
        text,
        &[
            ("starttls", SmtpSecurity::StartTls),
            ("tls", SmtpSecurity::Tls),
            ("none", SmtpSecurity::None),
        ],
    )
}

/// Reads `off`, `online` or `file`, in any case.
pub(in crate::settings) fn breach_check(text: &str) -> Result<BreachCheck, String> {
    one_of(
        text,
        &[
            ("off", BreachCheck::Off),
            ("online", BreachCheck::Online),
            ("file", BreachCheck::File),
        ],
    )
}

/// Reads a kind of characters, in any case.
pub(in crate::settings) fn character_kind(text: &str) -> Result<CharacterKind, String> {
    let choices: Vec<_> = CharacterKind::ALL
        .iter()
        .map(|kind| (kind.as_str(), *kind))
        .collect();
    one_of(text, &choices)
}

/// Reads the words that pydantic accepts as a boolean, so that existing files load.
pub(in crate::settings) fn boolean(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
        _ => Err("expected true or false (yes, no, on, off, 1 and 0 will do)".to_owned()),
    }
}

/// Reads `HS256`, and distinguishes the algorithms of later releases from mistakes.
pub(in crate::settings) fn algorithm(text: &str) -> Result<Algorithm, String> {
    match text.trim().to_ascii_uppercase().as_str() {
        "HS256" => Ok(Algorithm::Hs256),
        "EDDSA" | "ES256" | "RS256" => {
            Err("this algorithm is not available in this release: use HS256".to_owned())
        }
        _ => Err("expected HS256".to_owned()),
    }
}

fn one_of<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, String> {
    let text = text.trim();
    let found = choices
        .iter()
        .find(|(word, _)| text.eq_ignore_ascii_case(word));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        format!("expected {}", words.join(" or "))
    })
}
