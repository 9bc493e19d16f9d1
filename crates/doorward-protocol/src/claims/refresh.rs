//! Refresh tokens.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::wire::{self, WireClaims};
use super::{Expectations, TokenError};
use crate::jws::HmacKey;

/// What a refresh token says.
///
/// Written with `"type": "refresh"`. All times are whole Unix seconds. It has
/// no audience: only its issuer ever reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "refresh")]
pub struct RefreshClaims {
    /// Who issued the token, and alone accepts it.
    pub iss: String,
    /// Whom the token speaks for: the id of the user.
    pub sub: String,
    /// From this second on the token is refused.
    pub exp: i64,
    /// When the token was issued.
    pub iat: i64,
    /// Before this second the token is refused.
    pub nbf: i64,
    /// The id of this token, one of those that its session has had.
    pub jti: Uuid,
    /// The id of the session that the token continues.
    pub sid: Uuid,
}

impl RefreshClaims {
    /// Verifies a refresh token: signature, shape, type, issuer, times.
    ///
    /// [`Expectations::audience`] is about access tokens and not looked at; a
    /// refresh token with any `aud` is refused.
    ///
    /// ```
    /// use doorward_protocol::claims::{AccessClaims, Expectations, RefreshClaims, TokenError};
    /// # use doorward_protocol::jws::HmacKey;
    /// # use uuid::Uuid;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let key = HmacKey::new(b"an example secret of thirty-two bytes or more");
    /// # let now = 1_700_000_000;
    /// # let claims = RefreshClaims {
    /// #     iss: "shop".to_owned(),
    /// #     sub: Uuid::nil().to_string(),
    /// #     exp: now + 604_800,
    /// #     iat: now,
    /// #     nbf: now,
    /// #     jti: Uuid::nil(),
    /// #     sid: Uuid::nil(),
    /// # };
    ///
    /// let token = key.sign(&claims)?;
    /// let expected = Expectations { issuer: "shop", audience: None, now, leeway: 0 };
    /// assert_eq!(RefreshClaims::verify(&key, &token, &expected)?, claims);
    ///
    /// // Neither kind passes for the other.
    /// let as_access = AccessClaims::verify(&key, &token, &expected);
    /// assert_eq!(as_access, Err(TokenError::WrongType));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`TokenError`] has the conditions and their order.
    /// All claims are required. Integers must be JSON integers within 64 bits,
    /// ids hyphenated UUIDs; unknown claims are passed over.
    pub fn verify(
        key: &HmacKey,
        token: &str,
        expectations: &Expectations<'_>,
    ) -> Result<Self, TokenError> {
        let claims: RefreshWire = wire::verify(key, token)?;
        expectations.check_issuer(&claims.iss)?;
        if claims.aud.is_some() {
            return Err(TokenError::WrongAudience);
        }
        expectations.check_times(claims.nbf, claims.exp)?;
        Ok(Self {
            iss: claims.iss,
            sub: claims.sub,
            exp: claims.exp,
            iat: claims.iat,
            nbf: claims.nbf,
            jti: claims.jti.into_uuid(),
            sid: claims.sid.into_uuid(),
        })
    }
}

/// A refresh token's claims as they are read, before they are checked.
#[derive(Deserialize)]
struct RefreshWire {
    r#type: String,
    iss: String,
    sub: String,
    #[serde(default, deserialize_with = "wire::present")]
    aud: Option<IgnoredAny>,
    exp: i64,
    iat: i64,
    nbf: i64,
    jti: Hyphenated,
    sid: Hyphenated,
}

impl WireClaims for RefreshWire {
    const TYPE: &'static str = "refresh";

    fn token_type(&self) -> &str {
        &self.r#type
    }
}
