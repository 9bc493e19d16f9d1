//! A password and its hash, as types that cannot be printed by accident.

use std::fmt;

use zeroize::Zeroizing;

/// A password in plain text, as the user typed it: never trimmed, cut or
/// normalised.
///
/// The memory is zeroed when the value goes; every clone zeroes its own.
///
/// ```
/// use doorward::Password;
///
/// let password = Password::new(" correct horse ".to_owned());
/// assert_eq!(password.as_str(), " correct horse ");
/// assert_eq!(format!("{password:?}"), "Password(..)");
/// ```
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes over `text` as it stands.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, to be checked or hashed; never to be stored or logged.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// The hash of a password as it is stored: a PHC string, or what an earlier
/// system wrote.
///
/// It need not be well-formed: [`Verdict::Unusable`](crate::Verdict::Unusable)
/// tells when it is verified.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Zeroizing<String>);

impl PasswordHash {
    /// Takes over the stored text, unchecked.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_name_alone() {
        let secrets = (
            Password::new("hunter2".to_owned()),
            PasswordHash::new("$argon2id$hunter2".to_owned()),
        );
        assert_eq!(format!("{secrets:?}"), "(Password(..), PasswordHash(..))");
    }

    #[test]
    fn any_text_is_kept_as_it_is() {
        for text in ["", "  both ends\t", "e\u{301}", "\0", &"ü".repeat(5000)] {
            assert_eq!(Password::new(text.to_owned()).as_str(), text);
        }
    }
}
