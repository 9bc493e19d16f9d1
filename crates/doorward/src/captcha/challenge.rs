//! What a client has to show or to solve.

use std::borrow::Cow;

use crate::domain::clock::Timestamp;

/// What a client has to show or to solve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptchaChallenge {
    /// Whose it is, as a word: `proof_of_work`, `hcaptcha`, `turnstile`, `recaptcha`, or
    /// what an embedding application calls its own.
    pub provider: Cow<'static, str>,
    /// The public key of the site, which the provider's script is given.
    pub site_key: Option<String>,
    /// The proof of work to be done.
    pub proof: Option<ProofChallenge>,
}

/// A proof of work to be done: find a whole number so that the hash of the challenge, a dot
/// and that number begins with `difficulty` zero bits. The three are the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofChallenge {
    /// The text that the client begins with.
    pub challenge: String,
    /// How many zero bits the hash has to begin with.
    pub difficulty: u8,
    /// The hash, as browsers call it: `sha-256`.
    pub algorithm: &'static str,
    /// Until when the proof is taken.
    pub expires_at: Timestamp,
}
