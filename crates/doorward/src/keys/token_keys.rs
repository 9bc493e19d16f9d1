//! Keys that sign and verify tokens.

use doorward_protocol::claims::TokenError;
use doorward_protocol::jws::HmacKey;

use crate::domain::failure::Failure;
use crate::domain::secret::SecretKey;

/// The keys of one kind of token: one signs, and those of previous secrets only verify.
///
/// HMAC is the only algorithm, and an HMAC key has no id: a published thumbprint would allow
/// offline guessing of a weak secret.
#[derive(Clone, Debug)]
pub(crate) struct TokenKeys {
    signing: HmacKey,
    verifying: Vec<HmacKey>,
}

impl TokenKeys {
    /// Creates the keys. `key_of` makes the key of a secret; the first secret's signs.
    pub(super) fn new(
        (secret, previous): (&SecretKey, &[SecretKey]),
        key_of: impl Fn(&SecretKey) -> Result<HmacKey, Failure>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            signing: key_of(secret)?,
            verifying: previous.iter().map(key_of).collect::<Result<_, _>>()?,
        })
    }

    /// Returns the key that signs.
    pub(crate) fn signing(&self) -> &HmacKey {
        &self.signing
    }

    /// Verifies a token: calls `verify` with each key, until one of them made the signature.
    pub(crate) fn verify<C>(
        &self,
        verify: impl Fn(&HmacKey) -> Result<C, TokenError>,
    ) -> Result<C, TokenError> {
        let mut result = verify(&self.signing);
        for key in &self.verifying {
            if !matches!(result, Err(TokenError::BadSignature)) {
                break;
            }
            result = verify(key);
        }
        result
    }

    /// Removes the keys that only verify.
    #[cfg(test)]
    pub(super) fn remove_previous(&mut self) {
        self.verifying.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(secrets: &[&str]) -> TokenKeys {
        let secrets: Vec<SecretKey> = secrets.iter().map(|text| SecretKey::from(*text)).collect();
        TokenKeys::new((&secrets[0], &secrets[1..]), |secret| {
            Ok(HmacKey::new(secret.as_bytes()))
        })
        .unwrap()
    }

    fn verify(keys: &TokenKeys, token: &str) -> Result<serde_json::Value, TokenError> {
        keys.verify(|key| key.verify(token).map_err(TokenError::from))
    }

    #[test]
    fn previous_keys_verify_and_do_not_sign() {
        let (old, new) = (keys(&["old"]), keys(&["new", "older", "old"]));
        let claims = serde_json::json!({"sub": "anna"});
        let from_old = old.signing().sign(&claims).unwrap();
        let from_new = new.signing().sign(&claims).unwrap();
        assert_eq!(verify(&new, &from_old), Ok(claims.clone()));
        assert_eq!(verify(&new, &from_new), Ok(claims));
        assert_eq!(verify(&old, &from_new), Err(TokenError::BadSignature));
        assert_eq!(verify(&new, "a.b.c"), Err(TokenError::BadSignature));
    }
}
