//! Encryption of what must be read back: mails with live tokens in them.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::domain::entropy::Entropy;
use crate::domain::failure::Failure;

/// The first byte of what is sealed: how it was done.
const VERSION: u8 = 1;

/// Encrypts and authenticates (AES-256-GCM-SIV, RFC 8452).
#[derive(Debug)]
pub(crate) struct SealingKey(LessSafeKey);

/// What was to be opened was not sealed with this key, or for another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was not sealed with this key, or not for this place")]
pub(crate) struct NotSealed;

impl SealingKey {
    pub(crate) fn new(key: &[u8]) -> Result<Self, Failure> {
        UnboundKey::new(&AES_256_GCM_SIV, key)
            .map(|key| Self(LessSafeKey::new(key)))
            .map_err(Failure::internal)
    }

    /// Seals `plain` for one place, the row that it is kept in: elsewhere it does not open.
    pub(crate) fn seal(
        &self,
        place: &[u8],
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, Failure> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = plain.to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place),
                &mut sealed,
            )
            .map_err(Failure::internal)?;
        Ok([&[VERSION], &nonce[..], &sealed].concat())
    }

    /// Opens what [`SealingKey::seal`] sealed for the same place.
    pub(crate) fn open(
        &self,
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, NotSealed> {
        let (version, rest) = sealed.split_first().ok_or(NotSealed)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or(NotSealed)?;
        if *version != VERSION {
            return Err(NotSealed);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotSealed)?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = self
            .0
            .open_in_place(nonce, Aad::from(place), &mut text)
            .map_err(|_| NotSealed)?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::SystemEntropy;

    #[test]
    fn opens_for_its_place_and_its_key_alone() {
        let key = SealingKey::new(&[7; 32]).unwrap();
        let other = SealingKey::new(&[8; 32]).unwrap();
        let sealed = key.seal(b"here", b"a secret", &SystemEntropy).unwrap();
        assert_eq!(&key.open(b"here", &sealed).unwrap()[..], b"a secret");
        assert_eq!(key.open(b"there", &sealed).unwrap_err(), NotSealed);
        assert_eq!(other.open(b"here", &sealed).unwrap_err(), NotSealed);
        for at in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[at] ^= 1;
            assert_eq!(key.open(b"here", &broken).unwrap_err(), NotSealed, "{at}");
            assert_eq!(key.open(b"here", &sealed[..at]).unwrap_err(), NotSealed);
        }
    }
}
