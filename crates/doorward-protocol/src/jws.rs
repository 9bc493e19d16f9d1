//! JSON Web Signature in compact form (RFC 7515), read as strictly as RFC 8725
//! asks.
//!
//! The key decides the algorithm; what a token's header says can only make the
//! token refused (RFC 8725 §3.1). Nothing of a token is parsed as JSON before
//! its signature is verified, so that only the holders of the key ever reach
//! the parsers.

mod compact;
mod header;
mod hmac;

pub use hmac::HmacKey;

/// The longest token that is signed or verified, in bytes: 8 KiB, the room
/// that HTTP servers commonly leave for a header line.
pub const MAX_TOKEN_LEN: usize = 8 * 1024;

/// Why a token was refused.
///
/// No variant repeats any part of the token: the error may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// The token is longer than [`MAX_TOKEN_LEN`].
    #[error("the token is longer than {MAX_TOKEN_LEN} bytes")]
    TooLong,
    /// The token is not three non-empty parts with a dot between each (RFC 7515 §7.1).
    #[error("the token is not in three parts")]
    NotCompact,
    /// A part is not canonical base64url: padding, white space, a foreign
    /// character, or bits set that no byte holds (RFC 7515 §2, RFC 4648 §3.5).
    #[error("a part of the token is not canonical base64url")]
    Encoding,
    /// The signature is not the key's signature of this header and payload.
    #[error("the signature does not match")]
    BadSignature,
    /// `alg` in the header is absent or not the key's algorithm (RFC 8725 §3.1).
    #[error("the header names another algorithm than the key's")]
    WrongAlgorithm,
    /// The header is not a JSON object with distinct members, has a `typ` that
    /// is not a JWT's, or a member that is never honoured here: `crit`, `b64`,
    /// and the ways to bring a key along, `jku`, `jwk`, `x5u`, `x5c`
    /// (RFC 8725 §3.10).
    #[error("the header is not acceptable")]
    BadHeader,
    /// The payload is not a JSON object with distinct members, or not of the
    /// shape that was asked for.
    #[error("the claims are not acceptable")]
    BadClaims,
}

/// Why a token could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The claims have no JSON form, for example a map whose keys are not strings.
    #[error("the claims can't be written as JSON")]
    Serialise(#[from] serde_json::Error),
    /// The claims are nested deeper than the 128 levels that are read, and would therefore be
    /// refused by whoever verifies them.
    #[error("the claims are nested too deep to be read")]
    TooDeep,
    /// The token would be longer than [`MAX_TOKEN_LEN`], and therefore refused
    /// by whoever verifies it.
    #[error("the token would be longer than {MAX_TOKEN_LEN} bytes")]
    TooLong,
}
