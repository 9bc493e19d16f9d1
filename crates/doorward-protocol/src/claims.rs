//! What Doorward's tokens say, and how it is checked (RFC 7519 §4.1).
//!
//! Claims are read by [`AccessClaims::verify`] and [`RefreshClaims::verify`]
//! alone: there is no way to hold claims of a token that have not passed every
//! check. Each kind of token names itself in the claim `type`, so that one
//! never passes for the other (RFC 8725 §3.12).

mod access;
mod extra;
mod refresh;
mod reserved;
mod wire;

pub use access::AccessClaims;
pub use extra::{ClaimName, ExtraClaims, ReservedClaim};
pub use refresh::RefreshClaims;
pub use reserved::RESERVED_CLAIMS;

use crate::jws::JwsError;
use wire::Audience;

/// What a token has to say to be accepted, here and now.
///
/// ```
/// use doorward_protocol::claims::{AccessClaims, Expectations, TokenError};
/// use doorward_protocol::jws::HmacKey;
///
/// # let now = 1_700_000_000;
/// let expected = Expectations { issuer: "shop", audience: None, now, leeway: 0 };
/// let key = HmacKey::new(b"an example secret of thirty-two bytes or more");
/// let refused = AccessClaims::verify(&key, "not.a.token", &expected);
/// assert_eq!(refused, Err(TokenError::BadSignature));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Expectations<'a> {
    /// The one accepted `iss`, compared byte for byte (RFC 7519 §4.1.1).
    pub issuer: &'a str,
    /// The audience that an access token must name, alone or among others.
    ///
    /// With `None` the verifier answers to no name, and a token that is meant
    /// for anyone in particular is meant for someone else (RFC 7519 §4.1.3):
    /// then only tokens without `aud` are accepted.
    pub audience: Option<&'a str>,
    /// The present time in Unix seconds.
    pub now: i64,
    /// How many seconds the issuer's clock may differ; 0 where issuer and
    /// verifier are one. A negative leeway is merely stricter.
    pub leeway: i64,
}

impl Expectations<'_> {
    fn check_issuer(&self, issuer: &str) -> Result<(), TokenError> {
        if issuer == self.issuer {
            Ok(())
        } else {
            Err(TokenError::WrongIssuer)
        }
    }

    fn check_audience(&self, audience: Option<&Audience>) -> Result<(), TokenError> {
        match (self.audience, audience) {
            (None, None) => Ok(()),
            (Some(expected), Some(audience)) if audience.contains(expected) => Ok(()),
            _ => Err(TokenError::WrongAudience),
        }
    }

    /// `nbf` is inclusive (RFC 7519 §4.1.5), `exp` exclusive (§4.1.4).
    fn check_times(&self, not_before: i64, expires: i64) -> Result<(), TokenError> {
        if self.now.saturating_add(self.leeway) < not_before {
            return Err(TokenError::NotYetValid);
        }
        if self.now >= expires.saturating_add(self.leeway) {
            return Err(TokenError::Expired);
        }
        Ok(())
    }
}

/// Why a token was refused.
///
/// The signature comes first; then shape and type; then issuer, audience,
/// `nbf`, `exp` in this order. `Expired` therefore says that the token was good
/// once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Not a token at all, or one whose header or claims are missing,
    /// wrong-typed, named twice, or not allowed.
    #[error("the token is malformed")]
    Malformed,
    /// Signed with another key or another algorithm, or changed since.
    #[error("the token's signature is not valid")]
    BadSignature,
    /// A token of another `type`: a refresh token where an access token
    /// belongs, or the reverse.
    #[error("the token is of another type")]
    WrongType,
    /// `iss` is not the expected issuer.
    #[error("the token is from another issuer")]
    WrongIssuer,
    /// `aud` does not name the expected audience, or names one where none is
    /// expected.
    #[error("the token is meant for another audience")]
    WrongAudience,
    /// `nbf` lies in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `exp` has been reached.
    #[error("the token has expired")]
    Expired,
}

impl From<JwsError> for TokenError {
    fn from(error: JwsError) -> Self {
        match error {
            JwsError::BadSignature | JwsError::WrongAlgorithm => Self::BadSignature,
            JwsError::TooLong
            | JwsError::NotCompact
            | JwsError::Encoding
            | JwsError::BadHeader
            | JwsError::BadClaims => Self::Malformed,
        }
    }
}
