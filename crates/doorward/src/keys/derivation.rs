//! Keys that are derived from the secret.

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

use crate::domain::failure::Failure;
use crate::domain::secret::SecretKey;

/// Label of the key that signs refresh tokens. The number is the version of the derivation.
pub(super) const REFRESH_TOKENS: &[u8] = b"doorward/1 refresh tokens";
/// Label of the key that authenticates captcha challenges.
pub(super) const CAPTCHAS: &[u8] = b"doorward/1 captchas";
/// Label of the key that hashes what rate limits count by.
pub(super) const LIMITS: &[u8] = b"doorward/1 limits";
/// Label of the key that encrypts the data keys.
pub(super) const DATA_KEYS: &[u8] = b"doorward/1 data keys";

/// Length of every key in bytes: the output of SHA-256 (RFC 7518 §3.2), and an AES-256 key.
pub(super) const KEY_LENGTH: usize = 32;

/// Derives a key with HKDF-SHA-256 (RFC 5869). There is no salt, because the secret is the only
/// input.
pub(super) fn derive(
    secret: &SecretKey,
    label: &[u8],
) -> Result<Zeroizing<[u8; KEY_LENGTH]>, Failure> {
    struct Length;
    impl KeyType for Length {
        fn len(&self) -> usize {
            KEY_LENGTH
        }
    }
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    Salt::new(HKDF_SHA256, &[])
        .extract(secret.as_bytes())
        .expand(&[label], Length)
        .and_then(|derived| derived.fill(&mut *key))
        .map_err(Failure::internal)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_key_depends_on_secret_and_label() {
        let secret = SecretKey::new("one secret of at least thirty-two bytes");
        let other = SecretKey::new("another secret of thirty-two bytes!!!");
        let key = derive(&secret, b"a").unwrap();
        assert_eq!(key, derive(&secret, b"a").unwrap());
        assert_ne!(key, derive(&secret, b"b").unwrap());
        assert_ne!(key, derive(&other, b"a").unwrap());
        assert_ne!(&key[..], secret.as_bytes());
    }
}
