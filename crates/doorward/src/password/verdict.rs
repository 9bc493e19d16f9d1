//! What verifying a password can end in.

use thiserror::Error;

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
