//! Usernames, as they are shown and as they are compared.

use std::fmt;
use std::str::FromStr;

/// A name to log in with: 3 to 50 ASCII letters, digits, `_`, `.` and `-`.
///
/// It has no `@` and is no UUID, so that it is never mistaken for an e-mail address or an id,
/// and case makes no second identity.
///
/// ```
/// use doorward::Username;
///
/// let username: Username = "Anna_K".parse()?;
/// assert_eq!(username.as_str(), "Anna_K");
/// assert_eq!(username.canonical(), "anna_k");
/// # Ok::<(), doorward::InvalidUsername>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    name: String,
    canonical: String,
}

/// A text that can't be a username.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a username has 3 to 50 letters, digits, '_', '.' and '-', and is no UUID")]
pub struct InvalidUsername;

impl Username {
    /// The name as it was chosen.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The form in which names are compared: lower case.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

impl fmt::Display for Username {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(text: &str) -> Result<Self, InvalidUsername> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        let id = uuid::Uuid::try_parse(text).is_ok();
        if !(3..=50).contains(&text.len()) || !text.bytes().all(allowed) || id {
            return Err(InvalidUsername);
        }
        Ok(Self {
            name: text.to_owned(),
            canonical: text.to_ascii_lowercase(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_and_the_characters_are_held() {
        for name in ["abc", "a.b-c_1", &"x".repeat(50)] {
            assert!(name.parse::<Username>().is_ok(), "{name}");
        }
        for name in [
            "",
            "ab",
            "a b",
            "a@b",
            "äöü",
            "01a1fbee-98d7-788b-8f1e-a614906c70fd",
            "01a1fbee98d7788b8f1ea614906c70fd",
            "abc\0",
            " abc",
            &"x".repeat(51),
        ] {
            assert_eq!(name.parse::<Username>(), Err(InvalidUsername), "{name:?}");
        }
    }
}
