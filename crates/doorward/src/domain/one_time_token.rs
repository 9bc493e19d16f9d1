//! Tokens that are good for one thing, once: what a mailed link carries.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::entropy::Entropy;

/// How many random bytes a token has: 256 bits.
const RANDOM_BYTES: usize = 32;
/// Their length in base64url without padding (RFC 4648 §5).
const RANDOM_LETTERS: usize = 43;

/// What a one-time token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenPurpose {
    /// To set a new password without the old one.
    PasswordReset,
    /// To show that mail to the account's address is read.
    EmailVerification,
    /// To show that mail to a new address is read, which becomes the account's.
    EmailChange,
}

impl TokenPurpose {
    const ALL: [Self; 3] = [
        Self::PasswordReset,
        Self::EmailVerification,
        Self::EmailChange,
    ];

    /// The word that stands in the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::EmailVerification => "email_verification",
            Self::EmailChange => "email_change",
        }
    }

    /// What its tokens begin with, so that one that leaks is recognised.
    const fn prefix(self) -> &'static str {
        match self {
            Self::PasswordReset => "dw_reset_",
            Self::EmailVerification => "dw_verify_",
            Self::EmailChange => "dw_email_",
        }
    }
}

/// The text of a one-time token, as it is mailed. `Debug` shows the name alone, and its
/// memory is zeroed.
#[derive(Clone)]
pub struct OneTimeToken(Zeroizing<String>);

/// What is kept of a token.
///
/// The token has 256 random bits, so that a plain hash of it tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenHash([u8; 32]);

impl OneTimeToken {
    /// A new random token.
    pub(crate) fn generate(purpose: TokenPurpose, entropy: &dyn Entropy) -> Self {
        let mut random = Zeroizing::new([0; RANDOM_BYTES]);
        entropy.fill(&mut *random);
        let mut text = Zeroizing::new(String::with_capacity(64));
        text.push_str(purpose.prefix());
        URL_SAFE_NO_PAD.encode_string(random.as_slice(), &mut text);
        Self(text)
    }

    /// The token as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash::of_text(&self.0)
    }
}

impl fmt::Debug for OneTimeToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OneTimeToken(..)")
    }
}

impl TokenHash {
    /// The purpose and the hash of a presented text; `None` where no token reads like it.
    pub(crate) fn of_presented(text: &str) -> Option<(TokenPurpose, Self)> {
        let text = text.trim();
        let purpose = TokenPurpose::ALL
            .into_iter()
            .find(|purpose| text.starts_with(purpose.prefix()))?;
        let well_formed = text.len() == purpose.prefix().len() + RANDOM_LETTERS;
        well_formed.then(|| (purpose, Self::of_text(text)))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn of_text(text: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Self(hash)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::entropy::SystemEntropy;

    #[test]
    fn a_token_is_found_by_its_hash_and_told_by_its_prefix() {
        for purpose in TokenPurpose::ALL {
            let token = OneTimeToken::generate(purpose, &SystemEntropy);
            let found = TokenHash::of_presented(token.as_str());
            assert_eq!(found, Some((purpose, token.hash())));
            assert_eq!(format!("{token:?}"), "OneTimeToken(..)");
            let spaced = format!(" {}\n", token.as_str());
            assert_eq!(TokenHash::of_presented(&spaced), found);
            let other = OneTimeToken::generate(purpose, &SystemEntropy);
            assert_ne!(other.hash(), token.hash());
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,80}") {
            let _ = TokenHash::of_presented(&text);
            let _ = TokenHash::of_presented(&format!("dw_reset_{text}"));
        }
    }
}
