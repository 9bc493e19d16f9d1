//! Texts, lists of texts, and texts that may be absent.

use std::path::PathBuf;

use doorward::EmailAddress;

use crate::settings::secret::Secret;

/// One line of 1 to `longest` characters, without control characters.
pub(in crate::settings) fn line(longest: usize) -> impl Fn(&str) -> Result<String, String> {
    move |text| {
        let text = text.trim();
        let fits = (1..=longest).contains(&text.chars().count());
        (fits && !text.chars().any(char::is_control))
            .then(|| text.to_owned())
            .ok_or_else(|| format!("expected 1 to {longest} characters on one line"))
    }
}

/// Nothing for an empty text, else what `read` makes of it.
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

/// A secret, byte for byte as it is.
pub(in crate::settings) fn secret(text: &str) -> Result<Secret, String> {
    Ok(Secret::new(text))
}

/// Certificates in PEM (RFC 7468); whoever uses them has the last word.
pub(in crate::settings) fn certificates(text: &str) -> Result<String, String> {
    if text.contains("-----BEGIN CERTIFICATE-----") {
        Ok(text.to_owned())
    } else {
        Err("expected certificates in PEM, which begin with -----BEGIN CERTIFICATE-----".to_owned())
    }
}

/// A path of the file system.
pub(in crate::settings) fn path(text: &str) -> Result<PathBuf, String> {
    if text.contains('\0') {
        Err("expected a path".to_owned())
    } else {
        Ok(PathBuf::from(text))
    }
}

/// Something like an e-mail address; the account rules have the last word.
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

/// An e-mail address, by the rules of accounts.
pub(in crate::settings) fn address(text: &str) -> Result<EmailAddress, String> {
    text.trim()
        .parse()
        .map_err(|_| "expected an e-mail address".to_owned())
}

/// The name of a role.
pub(in crate::settings) fn role(text: &str) -> Result<String, String> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if (1..=50).contains(&text.len()) && text.chars().all(letter) {
        return Ok(text.to_owned());
    }
    Err("expected names of roles in lower case, like user".to_owned())
}

/// A JSON list of texts, or texts separated by commas; each read by `read`, repetitions left out.
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
