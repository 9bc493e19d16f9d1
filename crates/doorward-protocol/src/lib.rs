//! Pure types of OAuth 2.0 and JOSE, as Doorward speaks them.
//!
//! Everything here is a function of its arguments: no clock, no randomness,
//! no I/O, no async. The time a token is checked against is a parameter.
//!
//! | module | what it holds |
//! |---|---|
//! | [`jws`] | signed tokens in compact form (RFC 7515), read as strictly as RFC 8725 asks |
//! | [`claims`] | what Doorward's access and refresh tokens say (RFC 7519), and how it is checked |
//! | [`oauth`] | the token response (RFC 6749), the bearer header and challenge (RFC 6750) |
//!
//! # Example
//!
//! ```
//! use doorward_protocol::claims::{AccessClaims, Expectations, TokenError};
//! use doorward_protocol::jws::HmacKey;
//! use uuid::Uuid;
//!
//! let key = HmacKey::new(b"an example secret of thirty-two bytes or more");
//! let claims = AccessClaims {
//!     iss: "https://auth.example.com".into(),
//!     sub: Uuid::from_u128(1).to_string(),
//!     aud: None,
//!     iat: 1_700_000_000,
//!     nbf: 1_700_000_000,
//!     exp: 1_700_001_800,
//!     jti: Uuid::from_u128(2),
//!     sid: Uuid::from_u128(3),
//!     role: "user".into(),
//!     roles: vec!["user".into()],
//! };
//! let token = key.sign(&claims)?;
//!
//! let mut expectations = Expectations {
//!     issuer: "https://auth.example.com",
//!     audience: None,
//!     now: 1_700_000_900,
//!     leeway: 0,
//! };
//! assert_eq!(AccessClaims::verify(&key, &token, &expectations)?, claims);
//!
//! expectations.now = 1_700_001_800;
//! assert_eq!(
//!     AccessClaims::verify(&key, &token, &expectations),
//!     Err(TokenError::Expired),
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod claims;
mod json;
pub mod jws;
pub mod oauth;
