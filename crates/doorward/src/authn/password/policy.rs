//! Which passwords may be chosen.

use thiserror::Error;
use zeroize::Zeroizing;

use super::{Password, common::is_common};

/// The rules for a new password: long enough, and not among the commonest.
/// There are no composition rules (NIST SP 800-63B-4, section 3.1.1.2).
///
/// ```
/// use doorward::{Password, PasswordPolicy, PasswordRejected};
///
/// let policy = PasswordPolicy::default();
/// let check = |text: &str| policy.check_password(&Password::new(text.to_owned()));
/// assert_eq!(check("short"), Err(PasswordRejected::TooShort { min: 8 }));
/// assert_eq!(check("PassWord123"), Err(PasswordRejected::TooCommon));
/// assert_eq!(check("correct horse"), Ok(()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The fewest characters (Unicode scalar values). Default: 8; NIST
    /// advises 15 where the password is the only factor.
    pub min_length: usize,
}

impl PasswordPolicy {
    /// The most bytes of UTF-8 a password may have: a bound on work, far above
    /// any real password.
    pub const MAX_BYTES: usize = 1024;

    /// Checks a password that somebody wants to set.
    ///
    /// # Errors
    ///
    /// [`PasswordRejected`]: `TooLong` above [`MAX_BYTES`](Self::MAX_BYTES)
    /// bytes, `TooShort` below `min_length` characters, `TooCommon` when it is
    /// on the embedded list of common passwords, whatever its case.
    pub fn check_password(&self, password: &Password) -> Result<(), PasswordRejected> {
        let text = password.as_str();
        if text.len() > Self::MAX_BYTES {
            return Err(PasswordRejected::TooLong {
                max_bytes: Self::MAX_BYTES,
            });
        }
        if text.chars().count() < self.min_length {
            return Err(PasswordRejected::TooShort {
                min: self.min_length,
            });
        }
        if is_common(&Zeroizing::new(text.to_lowercase())) {
            return Err(PasswordRejected::TooCommon);
        }
        Ok(())
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: 8 }
    }
}

/// Why a password may not be chosen; the text is meant for whoever chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordRejected {
    /// It has too few characters.
    #[error("Password must have at least {min} {}", characters(*.min))]
    TooShort {
        /// The fewest that are accepted.
        min: usize,
    },
    /// It has too many bytes.
    #[error("Password must not be longer than {max_bytes} bytes")]
    TooLong {
        /// The most that are accepted.
        max_bytes: usize,
    },
    /// It is on the list of common passwords.
    #[error("Password is too common; choose one that is harder to guess")]
    TooCommon,
}

fn characters(count: usize) -> &'static str {
    if count == 1 {
        "character"
    } else {
        "characters"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(min_length: usize, text: &str) -> Result<(), PasswordRejected> {
        PasswordPolicy { min_length }.check_password(&Password::new(text.to_owned()))
    }

    #[test]
    fn length_is_counted_in_characters() {
        let too_short = Err(PasswordRejected::TooShort { min: 8 });
        assert_eq!(PasswordPolicy::default().min_length, 8);
        assert_eq!(check(8, "zq7!ümä"), too_short);
        assert_eq!(check(8, "zq7!ümäß"), Ok(()));
        assert_eq!(check(8, "🐎🐎🐎🐎🐎🐎🐎"), too_short);
        assert_eq!(check(8, "🐎🐎🐎🐎🐎🐎🐎🐎"), Ok(()));
        assert_eq!(check(8, ""), too_short);
        assert_eq!(check(0, ""), Ok(()));
    }

    #[test]
    fn white_space_counts_and_is_kept() {
        assert_eq!(check(8, "  zq7m  "), Ok(()));
        assert_eq!(check(8, " password "), Ok(()));
    }

    #[test]
    fn the_upper_limit_is_in_bytes() {
        let too_long = Err(PasswordRejected::TooLong { max_bytes: 1024 });
        assert_eq!(check(8, &"x".repeat(1024)), Ok(()));
        assert_eq!(check(8, &"x".repeat(1025)), too_long);
        assert_eq!(check(8, &"ü".repeat(512)), Ok(()));
        assert_eq!(check(8, &"ü".repeat(513)), too_long);
    }

    #[test]
    fn no_composition_is_asked_for() {
        for text in ["zqmvkwyt", "73920461", "!?#%&/()=", "ZQMVKWYT"] {
            assert_eq!(check(8, text), Ok(()), "{text}");
        }
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for text in [
            "password",
            "PASSWORD",
            "PassWord1",
            "Password123",
            "1q2w3e4r5t",
        ] {
            assert_eq!(check(8, text), Err(PasswordRejected::TooCommon), "{text}");
        }
        assert_eq!(check(4, "Qwerty"), Err(PasswordRejected::TooCommon));
    }

    #[test]
    fn lower_case_folds_beyond_ascii() {
        // The Kelvin sign is a capital k.
        assert_eq!(check(6, "mon\u{212a}ey"), Err(PasswordRejected::TooCommon));
    }

    #[test]
    fn the_sentences_are_for_the_user() {
        let texts = [
            (
                PasswordRejected::TooShort { min: 8 },
                "Password must have at least 8 characters",
            ),
            (
                PasswordRejected::TooShort { min: 1 },
                "Password must have at least 1 character",
            ),
            (
                PasswordRejected::TooLong { max_bytes: 1024 },
                "Password must not be longer than 1024 bytes",
            ),
            (
                PasswordRejected::TooCommon,
                "Password is too common; choose one that is harder to guess",
            ),
        ];
        for (rejected, text) in texts {
            assert_eq!(rejected.to_string(), text);
        }
    }
}
