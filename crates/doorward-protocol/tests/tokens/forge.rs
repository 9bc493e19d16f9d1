//! Makes tokens that Doorward itself would never make.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::claims::{AccessClaims, Expectations, RefreshClaims};
use doorward_protocol::jws::HmacKey;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const SECRET: &[u8] = b"a secret for tests alone, of fifty bytes or nearly";
pub(crate) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
pub(crate) const ISSUER: &str = "https://auth.example.com";
pub(crate) const NOW: i64 = 1_700_000_000;

pub(crate) fn key() -> HmacKey {
    HmacKey::new(SECRET)
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Signs two parts as they are, whatever they are.
pub(crate) fn sign_parts(header: &str, payload: &str) -> String {
    let input = format!("{header}.{payload}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    let tag = hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", encode(tag))
}

/// A token with a genuine signature over any header and payload.
pub(crate) fn forge(header: &str, payload: impl AsRef<[u8]>) -> String {
    sign_parts(&encode(header), &encode(payload))
}

pub(crate) fn expectations() -> Expectations<'static> {
    Expectations {
        issuer: ISSUER,
        audience: None,
        now: NOW,
        leeway: 0,
    }
}

pub(crate) fn access_claims() -> AccessClaims {
    AccessClaims {
        iss: ISSUER.into(),
        sub: Uuid::from_u128(1).to_string(),
        aud: None,
        exp: NOW + 1800,
        iat: NOW,
        nbf: NOW,
        jti: Uuid::from_u128(2),
        sid: Uuid::from_u128(3),
        role: "moderator".into(),
        roles: vec!["moderator".into(), "user".into()],
    }
}

pub(crate) fn refresh_claims() -> RefreshClaims {
    RefreshClaims {
        iss: ISSUER.into(),
        sub: Uuid::from_u128(1).to_string(),
        exp: NOW + 604_800,
        iat: NOW,
        nbf: NOW,
        jti: Uuid::from_u128(2),
        sid: Uuid::from_u128(3),
    }
}

pub(crate) fn access_json() -> Value {
    serde_json::to_value(access_claims()).unwrap()
}

pub(crate) fn refresh_json() -> Value {
    serde_json::to_value(refresh_claims()).unwrap()
}

/// Values that are not a JSON integer within 64 bits.
pub(crate) fn not_integers() -> Vec<Value> {
    let mut values: Vec<Value> = [
        "1e3",
        "1700000000.0",
        "1700000000.5",
        "9223372036854775808",
        "-9223372036854775809",
        "1e300",
    ]
    .iter()
    .map(|text| serde_json::from_str(text).unwrap())
    .collect();
    values.extend([
        json!("1700000000"),
        json!(null),
        json!(true),
        json!([1_700_000_000]),
        json!({}),
    ]);
    values
}

/// Values that are not a string.
pub(crate) fn not_strings() -> Vec<Value> {
    vec![
        json!(null),
        json!(1),
        json!(true),
        json!(["a"]),
        json!({"a": null}),
    ]
}

/// Values that are not the id in its one spelling.
pub(crate) fn not_ids() -> Vec<Value> {
    let mut values = not_strings();
    values.extend([
        json!(""),
        json!("1"),
        json!("00000000000000000000000000000003"),
        json!("{00000000-0000-0000-0000-000000000003}"),
        json!("urn:uuid:00000000-0000-0000-0000-000000000003"),
        json!(" 00000000-0000-0000-0000-000000000003"),
        json!("00000000-0000-0000-0000-00000000000g"),
    ]);
    values
}
