//! What a hashing thread does for one caller, and what verifying a password can end in.

use thiserror::Error;

use super::Argon2Params;
use super::blocks::Blocks;
use super::scheme::{Argon2Error, Comparison, StoredHash, spend};
use crate::domain::password::{Password, PasswordHash};

/// Compares `password` with what is stored for the account, if anything.
///
/// Where there is nothing to compute (no account, no password, an unusable
/// hash, a password that the scheme refuses) the time of a current hash is
/// spent all the same, so that the answer does not come back early.
pub(super) fn verify(
    password: &Password,
    stored: Option<&PasswordHash>,
    current: &Argon2Params,
    blocks: &mut Blocks,
) -> Result<Verdict, Argon2Error> {
    let password = password.as_bytes();
    let stored = stored.map(|hash| StoredHash::parse(hash.as_str()));
    let compared = match &stored {
        Some(Ok(hash)) => hash.compare(password, blocks)?,
        Some(Err(_)) | None => Comparison::Refused,
    };
    if compared == Comparison::Refused {
        spend(password, current, blocks)?;
    }
    Ok(verdict(stored, compared, current))
}

fn verdict(
    stored: Option<Result<StoredHash, UnusableHash>>,
    compared: Comparison,
    current: &Argon2Params,
) -> Verdict {
    match (stored, compared) {
        (Some(Ok(hash)), Comparison::Match) => Verdict::Match {
            needs_upgrade: !hash.is_current(current),
        },
        (Some(Err(reason)), _) => Verdict::Unusable(reason),
        (_, _) => Verdict::Mismatch,
    }
}

/// The outcome of verifying a password against what is stored.
///
/// To whoever typed the password, everything but `Match` is the same answer.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right.
    Match {
        /// Whether the stored hash differs from what would be written now and
        /// should be replaced, as the password is at hand.
        needs_upgrade: bool,
    },
    /// The password is wrong, or there is no password to compare with.
    Mismatch,
    /// The stored hash cannot be verified, whatever the password. Worth a line
    /// in the log: this account can only come back by a password reset.
    Unusable(UnusableHash),
}

impl Verdict {
    /// Whether the password is right.
    pub fn is_match(self) -> bool {
        matches!(self, Self::Match { .. })
    }
}

/// Why a stored hash cannot be verified. Says nothing about its content, so it
/// is safe to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnusableHash {
    /// It begins like none of the known schemes.
    #[error("the stored hash is of an unknown scheme")]
    UnknownScheme,
    /// It begins like a known scheme but is not written as that scheme is.
    #[error("the stored hash is malformed")]
    Malformed,
    /// Its digest has fewer than 16 bytes: too many passwords would match.
    #[error("the digest of the stored hash is shorter than 16 bytes")]
    DigestTooShort,
    /// To verify it would take more memory or time than one hash may.
    #[error("the stored hash asks for more memory or time than allowed")]
    TooCostly,
}

#[cfg(test)]
mod tests {
    use super::*;

    // Written by bcrypt 4.0.1.
    const BCRYPT: &str = "$2b$04$TDdRIPmqIcmLi6Y2TlLLPelHaE4SxerFjbKSNhC5hXQdNuenTqMne";

    /// The verdict, and whether the time of a current hash was spent.
    fn spent(stored: Option<&str>, password: &str) -> (Verdict, bool) {
        let current = Argon2Params::new(64, 1, 1).unwrap();
        let mut blocks = Blocks::new(64);
        let password = Password::new(password.to_owned());
        let stored = stored.map(|text| PasswordHash::new(text.to_owned()));
        let verdict = verify(&password, stored.as_ref(), &current, &mut blocks).unwrap();
        (verdict, blocks.were_lent())
    }

    #[test]
    fn nothing_to_compute_costs_a_current_hash() {
        let unusable = Verdict::Unusable(UnusableHash::UnknownScheme);
        let too_long = "x".repeat(73);
        assert_eq!(spent(None, "pw"), (Verdict::Mismatch, true));
        assert_eq!(spent(Some("!"), "pw"), (unusable, true));
        assert_eq!(spent(Some(BCRYPT), &too_long), (Verdict::Mismatch, true));
    }

    #[test]
    fn a_hash_of_another_scheme_costs_itself_alone() {
        assert_eq!(spent(Some(BCRYPT), "pw"), (Verdict::Mismatch, false));
    }

    #[test]
    fn a_right_password_of_another_scheme_needs_an_upgrade() {
        let digits = "0123456789".repeat(8);
        let expected = Verdict::Match {
            needs_upgrade: true,
        };
        assert_eq!(spent(Some(BCRYPT), &digits[..72]).0, expected);
    }
}
