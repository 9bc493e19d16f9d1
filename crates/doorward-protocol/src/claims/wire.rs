//! What both kinds of token share on the wire.

use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use super::TokenError;
use crate::jws::HmacKey;

/// `aud`: one string, or an array of them (RFC 7519 §4.1.3).
#[derive(serde::Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub(super) fn contains(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Many(many) => many.iter().any(|one| one == name),
        }
    }
}

/// Claims that know which kind of token they belong to.
pub(super) trait WireClaims: DeserializeOwned {
    /// The one value of the claim `type`.
    const TYPE: &'static str;

    /// The value of the claim `type` that was read.
    fn token_type(&self) -> &str;
}

/// Verifies a token and reads its claims, without looking at what they mean
/// beyond their type.
pub(super) fn verify<W: WireClaims>(key: &HmacKey, token: &str) -> Result<W, TokenError> {
    let object = key.verify_object(token)?;
    match serde_json::from_slice::<W>(&object) {
        Ok(claims) if claims.token_type() == W::TYPE => Ok(claims),
        Ok(_) => Err(TokenError::WrongType),
        Err(_) => Err(explain::<W>(&object)),
    }
}

/// A token of the other type usually lacks a claim as well. Saying so would be
/// true, but not the reason.
fn explain<W: WireClaims>(object: &[u8]) -> TokenError {
    #[derive(serde::Deserialize)]
    struct TypeAlone {
        r#type: String,
    }
    match serde_json::from_slice::<TypeAlone>(object) {
        Ok(TypeAlone { r#type }) if r#type != W::TYPE => TokenError::WrongType,
        _ => TokenError::Malformed,
    }
}

/// Reads a claim that may be absent but not `null`: `null` is the wrong type.
pub(super) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
