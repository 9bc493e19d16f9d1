//! Why a password may not be chosen.

use std::fmt;

use thiserror::Error;

use super::CharacterKind;

/// One thing that is wrong with a password; the text is meant for whoever chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordFault {
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
    /// It has none of a kind of characters that it was told to have.
    #[error("Password must have {}", .0.described())]
    Lacks(CharacterKind),
    /// It is on the list of common passwords.
    #[error("Password is too common; choose one that is harder to guess")]
    TooCommon,
    /// It is a name or the e-mail address of the account, with little else.
    #[error("Password must be more than your name or e-mail address")]
    OwnName,
    /// It is the service's name, with little else.
    #[error("Password must be more than the name of this service")]
    ServiceName,
    /// It is made of repetitions and runs, of the alphabet, of digits or of the keyboard.
    #[error("Password must be more than repeated or running characters")]
    Sequence,
    /// It would be guessed soon.
    #[error("Password is too easy to guess; add a word or two")]
    TooWeak,
    /// It became known when somebody's data was stolen.
    #[error("Password is known from a data breach; choose another one")]
    Breached,
}

impl PasswordFault {
    /// The fault as a stable word in `snake_case`, for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::Lacks(CharacterKind::Lower) => "lacks_lower",
            Self::Lacks(CharacterKind::Upper) => "lacks_upper",
            Self::Lacks(CharacterKind::Digit) => "lacks_digit",
            Self::Lacks(CharacterKind::Symbol) => "lacks_symbol",
            Self::TooCommon => "too_common",
            Self::OwnName => "own_name",
            Self::ServiceName => "service_name",
            Self::Sequence => "sequence",
            Self::TooWeak => "too_weak",
            Self::Breached => "breached",
        }
    }
}

fn characters(count: usize) -> &'static str {
    if count == 1 {
        "character"
    } else {
        "characters"
    }
}

/// All that is wrong with a password: one fault at least.
///
/// ```
/// use doorward::{PasswordFault, PasswordRejected};
///
/// let rejected = PasswordRejected::from(PasswordFault::TooCommon);
/// assert_eq!(rejected.faults(), [PasswordFault::TooCommon]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordRejected {
    first: PasswordFault,
    all: Vec<PasswordFault>,
}

impl PasswordRejected {
    /// `Ok` where there are no faults.
    pub(super) fn if_any(faults: Vec<PasswordFault>) -> Result<(), Self> {
        match faults.first() {
            Some(first) => Err(Self {
                first: *first,
                all: faults,
            }),
            None => Ok(()),
        }
    }

    /// Everything that is wrong, in the order in which it is told.
    pub fn faults(&self) -> &[PasswordFault] {
        &self.all
    }

    /// The first thing that is wrong.
    pub fn first(&self) -> PasswordFault {
        self.first
    }
}

impl From<PasswordFault> for PasswordRejected {
    fn from(fault: PasswordFault) -> Self {
        Self {
            first: fault,
            all: vec![fault],
        }
    }
}

impl fmt::Display for PasswordRejected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.first)?;
        self.all
            .iter()
            .skip(1)
            .try_for_each(|fault| write!(formatter, "; {fault}"))
    }
}

impl std::error::Error for PasswordRejected {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentences_are_for_the_user() {
        let texts = [
            (
                PasswordFault::TooShort { min: 8 },
                "Password must have at least 8 characters",
            ),
            (
                PasswordFault::TooShort { min: 1 },
                "Password must have at least 1 character",
            ),
            (
                PasswordFault::TooLong { max_bytes: 1024 },
                "Password must not be longer than 1024 bytes",
            ),
            (
                PasswordFault::Lacks(CharacterKind::Upper),
                "Password must have an upper-case letter",
            ),
            (
                PasswordFault::TooCommon,
                "Password is too common; choose one that is harder to guess",
            ),
        ];
        for (fault, text) in texts {
            assert_eq!(fault.to_string(), text);
            assert_eq!(PasswordRejected::from(fault).to_string(), text);
        }
    }

    #[test]
    fn all_faults_are_told_in_their_order() {
        let faults = vec![
            PasswordFault::TooShort { min: 8 },
            PasswordFault::Lacks(CharacterKind::Digit),
        ];
        let rejected = PasswordRejected::if_any(faults.clone()).unwrap_err();
        assert_eq!(rejected.faults(), faults);
        assert_eq!(rejected.first(), faults[0]);
        assert_eq!(
            rejected.to_string(),
            "Password must have at least 8 characters; Password must have a digit"
        );
        assert_eq!(PasswordRejected::if_any(Vec::new()), Ok(()));
    }
}
