//! Access tokens.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::wire::{self, Audience, WireClaims};
use super::{Expectations, ExtraClaims, TokenError};
use crate::jws::{HmacKey, SignError};

/// What an access token says.
///
/// Written with `"type": "access"`. All times are whole Unix seconds, the
/// `NumericDate` of RFC 7519 §2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "access")]
pub struct AccessClaims {
    /// Who issued the token.
    pub iss: String,
    /// Whom the token speaks for: the id of the user, or the name that its issuer calls
    /// users by.
    pub sub: String,
    /// Whom the token is meant for; left out when `None`.
    ///
    /// A verified token has here the audience that was expected, even if it
    /// names others too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// From this second on the token is refused.
    pub exp: i64,
    /// When the token was issued. It is not compared with the clock: `nbf`
    /// says from when on the token is good.
    pub iat: i64,
    /// Before this second the token is refused.
    pub nbf: i64,
    /// The id of this token.
    pub jti: Uuid,
    /// The id of the session that the token belongs to.
    pub sid: Uuid,
    /// The principal role of the user when the token was issued.
    pub role: String,
    /// All roles of the user when the token was issued.
    pub roles: Vec<String>,
}

impl AccessClaims {
    /// Signs an access token that says this, and then what an application adds.
    ///
    /// ```
    /// use doorward_protocol::claims::{AccessClaims, ClaimName, ExtraClaims};
    /// use doorward_protocol::jws::HmacKey;
    ///
    /// # fn issue(key: &HmacKey, claims: &AccessClaims) -> Result<(), Box<dyn std::error::Error>> {
    /// const TENANT: ClaimName = ClaimName::new("tenant");
    ///
    /// let token = claims.sign(key, &ExtraClaims::new().with(TENANT, 7))?;
    /// let read: serde_json::Value = key.verify(&token)?;
    /// assert_eq!(read["sub"], claims.sub);
    /// assert_eq!(read["tenant"], 7);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`SignError::TooLong`] if the token would exceed
    /// [`MAX_TOKEN_LEN`](crate::jws::MAX_TOKEN_LEN), [`SignError::TooDeep`] if what is added is
    /// nested so deep that no verifier would read it, [`SignError::Serialise`] if it has no
    /// JSON form.
    pub fn sign(&self, key: &HmacKey, extra: &ExtraClaims) -> Result<String, SignError> {
        if extra.is_empty() {
            return key.sign(self);
        }
        key.sign_foreign(&Extended {
            claims: self,
            extra,
        })
    }

    /// Verifies an access token: signature, shape, type, issuer, audience,
    /// times.
    ///
    /// ```
    /// use doorward_protocol::claims::{AccessClaims, Expectations, ExtraClaims, TokenError};
    /// # use doorward_protocol::jws::HmacKey;
    /// # use uuid::Uuid;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let key = HmacKey::new(b"an example secret of thirty-two bytes or more");
    /// # let now = 1_700_000_000;
    /// # let claims = AccessClaims {
    /// #     iss: "shop".to_owned(),
    /// #     sub: Uuid::nil().to_string(),
    /// #     aud: None,
    /// #     exp: now + 1800,
    /// #     iat: now,
    /// #     nbf: now,
    /// #     jti: Uuid::nil(),
    /// #     sid: Uuid::nil(),
    /// #     role: "user".to_owned(),
    /// #     roles: vec!["user".to_owned()],
    /// # };
    ///
    /// let token = claims.sign(&key, &ExtraClaims::new())?;
    /// let expected = Expectations { issuer: "shop", audience: None, now, leeway: 0 };
    /// assert_eq!(AccessClaims::verify(&key, &token, &expected)?, claims);
    ///
    /// let late = Expectations { now: claims.exp, ..expected };
    /// assert_eq!(AccessClaims::verify(&key, &token, &late), Err(TokenError::Expired));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`TokenError`] has the conditions and their order.
    /// All claims but `aud` are required. Integers must be JSON integers
    /// within 64 bits, ids hyphenated UUIDs; unknown claims are passed over, as are those that
    /// an application added: [`HmacKey::verify`] reads them.
    pub fn verify(
        key: &HmacKey,
        token: &str,
        expectations: &Expectations<'_>,
    ) -> Result<Self, TokenError> {
        let claims: AccessWire = wire::verify(key, token)?;
        expectations.check_issuer(&claims.iss)?;
        expectations.check_audience(claims.aud.as_ref())?;
        expectations.check_times(claims.nbf, claims.exp)?;
        Ok(Self {
            iss: claims.iss,
            sub: claims.sub,
            aud: expectations.audience.map(str::to_owned),
            exp: claims.exp,
            iat: claims.iat,
            nbf: claims.nbf,
            jti: claims.jti.into_uuid(),
            sid: claims.sid.into_uuid(),
            role: claims.role,
            roles: claims.roles,
        })
    }
}

/// Our claims, and behind them those of an application. No name is in both.
#[derive(Serialize)]
struct Extended<'a> {
    #[serde(flatten)]
    claims: &'a AccessClaims,
    #[serde(flatten)]
    extra: &'a ExtraClaims,
}

/// An access token's claims as they are read, before they are checked.
#[derive(Deserialize)]
struct AccessWire {
    r#type: String,
    iss: String,
    sub: String,
    #[serde(default, deserialize_with = "wire::present")]
    aud: Option<Audience>,
    exp: i64,
    iat: i64,
    nbf: i64,
    jti: Hyphenated,
    sid: Hyphenated,
    role: String,
    roles: Vec<String>,
}

impl WireClaims for AccessWire {
    const TYPE: &'static str = "access";

    fn token_type(&self) -> &str {
        &self.r#type
    }
}
