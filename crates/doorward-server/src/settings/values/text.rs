//! Texts, secrets, lists of texts, and texts that may be absent.

use std::fmt;
use std::path::PathBuf;

use doorward::EmailAddress;
use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

/// The error for a text that is not a log filter.
const EXPECTED_LOG_FILTER: &str = "expected trace, debug, info, warn, error or off, one of \
                                   Python's names (WARNING, CRITICAL), or a filter like \
                                   info,doorward=debug";

/// Reads one line of 1 to `longest` characters, without control characters.
pub(in crate::settings) fn line(longest: usize) -> impl Fn(&str) -> Result<String, String> {
    move |text| {
        let text = text.trim();
        let fits = (1..=longest).contains(&text.chars().count());
        (fits && !text.chars().any(char::is_control))
            .then(|| text.to_owned())
            .ok_or_else(|| format!("expected 1 to {longest} characters on one line"))
    }
}

/// Returns `None` for an empty text, and otherwise what `read` returns.
pub(in crate::settings) fn optional<T>(
    read: impl Fn(&str) -> Result<T, String>,
) -> impl Fn(&str) -> Result<Option<T>, String> {
    move |text| {
        if text.is_empty() {
            Ok(None)
        } else {
            read(text).map(Some)
        }
    }
}

/// A secret text. `Debug` shows only the name of the type, and the memory is zeroed on drop.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    /// Creates a secret from `text`.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Returns the secret itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Reads a secret, byte for byte as it is.
pub(in crate::settings) fn secret(text: &str) -> Result<Secret, String> {
    Ok(Secret::new(text))
}

/// Reads certificates in PEM (RFC 7468). The mailer that uses them parses them.
pub(in crate::settings) fn certificates(text: &str) -> Result<String, String> {
    if text.contains("-----BEGIN CERTIFICATE-----") {
        Ok(text.to_owned())
    } else {
        Err("expected certificates in PEM, which begin with -----BEGIN CERTIFICATE-----".to_owned())
    }
}

/// Reads a path of the file system.
pub(in crate::settings) fn path(text: &str) -> Result<PathBuf, String> {
    if text.contains('\0') {
        Err("expected a path".to_owned())
    } else {
        Ok(PathBuf::from(text))
    }
}

/// Reads a text that looks like an e-mail address. The engine checks it again when it creates the
/// account.
pub(in crate::settings) fn email(text: &str) -> Result<String, String> {
    let text = text.trim();
    let parts = text
        .rsplit_once('@')
        .filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if parts.is_some() && clean && text.len() <= 254 {
        return Ok(text.to_owned());
    }
    Err("expected an e-mail address".to_owned())
}

/// Reads an e-mail address, by the rules of accounts.
pub(in crate::settings) fn address(text: &str) -> Result<EmailAddress, String> {
    text.trim()
        .parse()
        .map_err(|_| "expected an e-mail address".to_owned())
}

/// Reads the name of a role.
pub(in crate::settings) fn role(text: &str) -> Result<String, String> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if (1..=50).contains(&text.len()) && text.chars().all(letter) {
        return Ok(text.to_owned());
    }
    Err("expected names of roles in lower case, like user".to_owned())
}

/// Reads a JSON list of texts, or texts separated by commas. `read` reads each of them, and
/// repetitions are left out.
pub(in crate::settings) fn list<T: PartialEq>(
    read: impl Fn(&str) -> Result<T, String>,
) -> impl Fn(&str) -> Result<Vec<T>, String> {
    move |text| {
        let mut values = Vec::new();
        for item in items(text)? {
            let value = read(&item)?;
            if !values.contains(&value) {
                values.push(value);
            }
        }
        Ok(values)
    }
}

fn items(text: &str) -> Result<Vec<String>, String> {
    let text = text.trim();
    if text.starts_with('[') {
        let parsed: Result<Vec<String>, _> = serde_json::from_str(text);
        return parsed.map_err(|_| {
            "expected a JSON list of texts, like [\"a\", \"b\"], or texts separated by commas"
                .to_owned()
        });
    }
    Ok(text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect())
}

/// Reads a filter that `EnvFilter` accepts, and translates Python's names of levels.
pub(in crate::settings) fn log_filter(text: &str) -> Result<String, String> {
    let text = text.trim();
    if let Some(level) = level(text) {
        return Ok(level.to_owned());
    }
    // `EnvFilter` takes a bare word for the name of a module: a mistyped level would log nothing.
    let bare_word = text
        .split(',')
        .any(|part| !part.contains(['=', '[']) && level(part.trim()).is_none());
    if bare_word || EnvFilter::builder().parse(text).is_err() {
        return Err(EXPECTED_LOG_FILTER.to_owned());
    }
    Ok(text.to_owned())
}

fn level(text: &str) -> Option<&'static str> {
    Some(match text.to_ascii_lowercase().as_str() {
        "trace" | "notset" => "trace",
        "debug" => "debug",
        "info" => "info",
        "warn" | "warning" => "warn",
        "error" | "critical" | "fatal" => "error",
        "off" => "off",
        _ => return None,
    })
}
