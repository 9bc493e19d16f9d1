//! The compact serialisation: three base64url parts (RFC 7515 §7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{JwsError, MAX_TOKEN_LEN};

/// A token taken apart, nothing of it decoded yet.
pub(super) struct Compact<'a> {
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
    /// What the signature covers: header, dot, payload, as they were sent.
    pub(super) signing_input: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits a token at its two dots.
    pub(super) fn split(token: &'a str) -> Result<Self, JwsError> {
        if token.len() > MAX_TOKEN_LEN {
            return Err(JwsError::TooLong);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(JwsError::NotCompact)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwsError::NotCompact)?;
        if header.is_empty() || payload.is_empty() || signature.is_empty() || payload.contains('.')
        {
            return Err(JwsError::NotCompact);
        }
        Ok(Self {
            header,
            payload,
            signature,
            signing_input,
        })
    }
}

/// Decodes one part. The engine refuses padding, foreign characters and
/// trailing bits, so that every value has exactly one spelling.
pub(super) fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Encoding)
}

/// Appends a value, encoded.
pub(super) fn encode(value: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_string(value, out);
}

/// The length of `len` bytes once encoded without padding.
pub(super) const fn encoded_len(len: usize) -> usize {
    // Saturating: a length near the address space only has to stay too long.
    len.saturating_mul(4).div_ceil(3)
}
