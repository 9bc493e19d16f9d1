//! HS256: HMAC with SHA-256 (RFC 7518 §3.2).

use std::fmt;

use aws_lc_rs::hmac;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::compact::{self, Compact};
use super::{JwsError, MAX_TOKEN_LEN, SignError, header};
use crate::json;

const ALGORITHM: &str = "HS256";

/// `{"alg":"HS256","typ":"JWT"}`, encoded: the header of every token that is
/// signed here.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// A SHA-256 tag is 32 bytes, 43 characters once encoded.
const SIGNATURE_LEN: usize = compact::encoded_len(32);

/// A guess at the JSON of our own claims, so that the buffer seldom grows.
const PAYLOAD_CAPACITY: usize = 512;

/// A key that signs and verifies tokens with HS256.
///
/// Holds the state that HMAC derives from the secret, never the secret itself;
/// it is zeroed when the key is dropped. `Debug` shows the name alone.
///
/// # Example
///
/// ```
/// use doorward_protocol::jws::{HmacKey, JwsError};
///
/// let key = HmacKey::new(b"an example secret of thirty-two bytes or more");
/// let token = key.sign(&serde_json::json!({"sub": "alice"}))?;
///
/// let claims: serde_json::Value = key.verify(&token)?;
/// assert_eq!(claims["sub"], "alice");
///
/// let other = HmacKey::new(b"another secret, of thirty-two bytes or more");
/// assert_eq!(
///     other.verify::<serde_json::Value>(&token),
///     Err(JwsError::BadSignature),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HmacKey {
    key: hmac::Key,
}

impl HmacKey {
    /// Makes a key of a secret, used as given.
    ///
    /// RFC 7518 §3.2 asks for 32 bytes or more. That is for whoever reads the
    /// secret to check: it is policy with a message for an operator, and this
    /// crate has to verify what others sign as well.
    ///
    /// ```
    /// use doorward_protocol::jws::HmacKey;
    ///
    /// let key = HmacKey::new(b"an example secret of thirty-two bytes or more");
    /// assert_eq!(format!("{key:?}"), "HmacKey");
    /// ```
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// Signs claims: they should be a struct or a map, as only JSON objects
    /// verify.
    ///
    /// ```
    /// use doorward_protocol::jws::HmacKey;
    ///
    /// let key = HmacKey::new(b"an example secret of thirty-two bytes or more");
    /// let token = key.sign(&serde_json::json!({"sub": "alice"}))?;
    /// assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
    /// # Ok::<(), doorward_protocol::jws::SignError>(())
    /// ```
    ///
    /// # Errors
    /// [`SignError::Serialise`] if the claims have no JSON form,
    /// [`SignError::TooLong`] if the token would exceed [`MAX_TOKEN_LEN`].
    pub fn sign<C: Serialize>(&self, claims: &C) -> Result<String, SignError> {
        self.sign_payload(&written(claims)?)
    }

    /// Signs claims that hold what others made, once they are known to be readable.
    pub(crate) fn sign_foreign<C: Serialize>(&self, claims: &C) -> Result<String, SignError> {
        let payload = written(claims)?;
        json::check_object(&payload).map_err(|_| SignError::TooDeep)?;
        self.sign_payload(&payload)
    }

    /// Verifies a token and reads its claims.
    ///
    /// Of the claims' meaning (times, issuer, audience) nothing is checked
    /// here; for Doorward's own tokens that is in [`crate::claims`].
    ///
    /// ```
    /// use doorward_protocol::jws::HmacKey;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Debug, PartialEq, Serialize, Deserialize)]
    /// struct Ticket {
    ///     seat: u32,
    /// }
    ///
    /// let key = HmacKey::new(b"an example secret of thirty-two bytes or more");
    /// let token = key.sign(&Ticket { seat: 7 })?;
    /// assert_eq!(key.verify::<Ticket>(&token)?, Ticket { seat: 7 });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// In this order: [`JwsError::TooLong`], [`JwsError::NotCompact`],
    /// [`JwsError::BadSignature`] or [`JwsError::Encoding`] of the signature;
    /// then, of a token that this key has signed, [`JwsError::WrongAlgorithm`],
    /// [`JwsError::BadHeader`], [`JwsError::Encoding`], and
    /// [`JwsError::BadClaims`] if the payload is not a JSON object, names a
    /// member twice at any depth, or is not a `C`.
    pub fn verify<C: DeserializeOwned>(&self, token: &str) -> Result<C, JwsError> {
        let object = self.verify_object(token)?;
        serde_json::from_slice(&object).map_err(|_| JwsError::BadClaims)
    }

    /// Verifies a token and returns its payload as it was signed, which need
    /// not be JSON (RFC 7515 §5.2).
    ///
    /// ```
    /// use doorward_protocol::jws::HmacKey;
    ///
    /// let key = HmacKey::new(b"an example secret of thirty-two bytes or more");
    /// let token = key.sign(&serde_json::json!({"sub": "alice"}))?;
    /// assert_eq!(key.verify_payload(&token)?, br#"{"sub":"alice"}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`HmacKey::verify`], but never [`JwsError::BadClaims`].
    pub fn verify_payload(&self, token: &str) -> Result<Vec<u8>, JwsError> {
        let parts = Compact::split(token)?;
        self.check_signature(&parts)?;
        // Our own header, the one that nearly every token has, is known good.
        if parts.header != HEADER {
            header::check(parts.header, ALGORITHM)?;
        }
        compact::decode(parts.payload)
    }

    /// Verifies a token and returns its payload, which is known to be a JSON
    /// object with distinct members.
    pub(crate) fn verify_object(&self, token: &str) -> Result<Vec<u8>, JwsError> {
        let payload = self.verify_payload(token)?;
        json::check_object(&payload).map_err(|_| JwsError::BadClaims)?;
        Ok(payload)
    }

    fn sign_payload(&self, payload: &[u8]) -> Result<String, SignError> {
        let length = HEADER.len() + compact::encoded_len(payload.len()) + SIGNATURE_LEN + 2;
        if length > MAX_TOKEN_LEN {
            return Err(SignError::TooLong);
        }
        let mut token = String::with_capacity(length);
        token.push_str(HEADER);
        token.push('.');
        compact::encode(payload, &mut token);
        let tag = hmac::sign(&self.key, token.as_bytes());
        token.push('.');
        compact::encode(tag.as_ref(), &mut token);
        Ok(token)
    }

    fn check_signature(&self, parts: &Compact<'_>) -> Result<(), JwsError> {
        if parts.signature.len() != SIGNATURE_LEN {
            return Err(JwsError::BadSignature);
        }
        let tag = compact::decode(parts.signature)?;
        // Takes the same time wherever the tags differ.
        hmac::verify(&self.key, parts.signing_input.as_bytes(), &tag)
            .map_err(|_| JwsError::BadSignature)
    }
}

fn written<C: Serialize>(claims: &C) -> Result<Vec<u8>, serde_json::Error> {
    let mut payload = Vec::with_capacity(PAYLOAD_CAPACITY);
    serde_json::to_writer(&mut payload, claims)?;
    Ok(payload)
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_precomputed_header_is_the_encoded_json() {
        let mut encoded = String::new();
        compact::encode(br#"{"alg":"HS256","typ":"JWT"}"#, &mut encoded);
        assert_eq!(encoded, HEADER);
        assert_eq!(header::check(HEADER, ALGORITHM), Ok(()));
    }

    #[test]
    fn debug_shows_the_name_alone() {
        assert_eq!(format!("{:?}", HmacKey::new(b"secret")), "HmacKey");
    }
}
