//! What tokens say, read without asking whether they are good.
#![expect(
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The claims of a token.
#[must_use]
pub fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The signature that any JWT library makes of the first two parts of a token with this key
/// (RFC 7515 §5.1, HS256).
#[must_use]
pub fn sign_hs256(key: &str, signed: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()))
}
