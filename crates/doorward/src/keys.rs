//! Keys, found by purpose: every use of the secret has a key of its own.

mod fingerprints;
mod sealing;

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use doorward_protocol::jws::HmacKey;
use zeroize::Zeroizing;

use crate::domain::failure::Failure;
use crate::domain::secret::SecretKey;

pub(crate) use fingerprints::{Fingerprint, FingerprintKey};
pub(crate) use sealing::SealingKey;

/// What refresh tokens are signed with is derived under this label; the number is the
/// derivation's version.
const REFRESH_TOKENS: &[u8] = b"doorward/1 refresh tokens";
/// What mails on their way are encrypted with is derived under this label.
const SEALING: &[u8] = b"doorward/1 sealing";
/// What keyed hashes are made with is derived under this label.
const FINGERPRINTS: &[u8] = b"doorward/1 fingerprints";
/// What authenticates the challenges of captchas is derived under this label.
const CAPTCHAS: &[u8] = b"doorward/1 captchas";
/// Length of a derived key in bytes: that of the hash (RFC 7518 §3.2).
const DERIVED_LENGTH: usize = 32;

/// The keys of one engine.
#[derive(Debug)]
pub(crate) struct Keys {
    /// Signs access tokens: the secret as it stands, so that other services that have it
    /// can verify them.
    pub(crate) access_tokens: HmacKey,
    /// Signs refresh tokens.
    pub(crate) refresh_tokens: HmacKey,
    /// Encrypts what must be read back.
    pub(crate) sealing: SealingKey,
    /// Hashes what must be found again.
    pub(crate) fingerprints: FingerprintKey,
    /// Authenticates the challenges of captchas.
    pub(crate) captchas: hmac::Key,
}

impl Keys {
    pub(crate) fn from_secret(secret: &SecretKey) -> Result<Self, Failure> {
        Ok(Self {
            access_tokens: HmacKey::new(secret.as_bytes()),
            refresh_tokens: HmacKey::new(&*derive(secret, REFRESH_TOKENS)?),
            sealing: SealingKey::new(&*derive(secret, SEALING)?)?,
            fingerprints: FingerprintKey::new(&*derive(secret, FINGERPRINTS)?),
            captchas: hmac::Key::new(hmac::HMAC_SHA256, &*derive(secret, CAPTCHAS)?),
        })
    }
}

/// HKDF with SHA-256 (RFC 5869), without salt: the secret is the only input there is.
fn derive(secret: &SecretKey, label: &[u8]) -> Result<Zeroizing<[u8; DERIVED_LENGTH]>, Failure> {
    struct Length;
    impl KeyType for Length {
        fn len(&self) -> usize {
            DERIVED_LENGTH
        }
    }
    let mut key = Zeroizing::new([0; DERIVED_LENGTH]);
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
    fn a_derived_key_depends_on_the_secret_and_on_the_label() {
        let secret = SecretKey::new("one secret of at least thirty-two bytes");
        let other = SecretKey::new("another secret of thirty-two bytes!!!");
        let key = derive(&secret, b"a").unwrap();
        assert_eq!(key, derive(&secret, b"a").unwrap());
        assert_ne!(key, derive(&secret, b"b").unwrap());
        assert_ne!(key, derive(&other, b"a").unwrap());
        assert_ne!(&key[..], secret.as_bytes());
    }
}
