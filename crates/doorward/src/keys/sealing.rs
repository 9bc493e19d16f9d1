//! Encryption of stored data that must be read back, such as a mail with a live token.
//!
//! Sealed data are a version byte, the id of the key, a nonce and the ciphertext. The associated
//! data are the version, the id and the place that the data are stored in.

use uuid::Uuid;
use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::data_keys::data_keys_missing;
use crate::domain::entropy::Entropy;
use crate::domain::failure::Failure;
use crate::domain::id::KeyId;

/// The first byte of sealed data.
const VERSION: u8 = 1;
/// The length of the version and the key's id.
const HEADER_LENGTH: usize = 1 + size_of::<uuid::Bytes>();

/// A data key that seals.
#[derive(Clone, Debug)]
pub(super) struct SealingKey {
    id: KeyId,
    cipher: Cipher,
}

impl SealingKey {
    pub(super) fn new(id: KeyId, key: &[u8]) -> Result<Self, Failure> {
        let cipher = Cipher::new(key)?;
        Ok(Self { id, cipher })
    }
}

/// The sealing keys: the active one seals, and each opens what it sealed.
#[derive(Clone, Debug, Default)]
pub(crate) struct SealingKeys {
    /// `None` before the data keys are loaded.
    pub(super) active: Option<SealingKey>,
    pub(super) retired: Vec<SealingKey>,
}

/// Why sealed data were not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OpenError {
    /// The key or the version is unknown to this server. Another server, or this one with
    /// another configuration, may open the data.
    #[error("it is sealed with an unknown key: add the previous SECRET_KEY to SECRET_KEY_PREVIOUS")]
    UnknownKey,
    /// The data are damaged, or were sealed for another place.
    #[error("it is damaged, or was sealed for another place")]
    Invalid,
}

impl SealingKeys {
    /// Seals `plain` for one place, such as the row that stores it. It does not open elsewhere.
    ///
    /// Fails before the data keys are loaded.
    pub(crate) fn seal(
        &self,
        place: &[u8],
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, Failure> {
        let key = self.active.as_ref().ok_or_else(data_keys_missing)?;
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(key.id.as_uuid().as_bytes());
        let associated = [&sealed, place].concat();
        key.cipher
            .encrypt(&associated, plain, entropy, &mut sealed)?;
        Ok(sealed)
    }

    /// Opens data that [`SealingKeys::seal`] sealed for the same place.
    pub(crate) fn open(
        &self,
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (header, encrypted) = sealed
            .split_at_checked(HEADER_LENGTH)
            .ok_or(OpenError::Invalid)?;
        let key = self.find(header).ok_or(OpenError::UnknownKey)?;
        key.cipher
            .decrypt(&[header, place].concat(), encrypted)
            .map_err(|_| OpenError::Invalid)
    }

    fn find(&self, header: &[u8]) -> Option<&SealingKey> {
        let (VERSION, id) = header.split_first().map(|(version, id)| (*version, id))? else {
            return None;
        };
        let id = KeyId::from_uuid(Uuid::from_slice(id).ok()?);
        self.active
            .iter()
            .chain(&self.retired)
            .find(|key| key.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::SystemEntropy;

    fn key(id: u128, byte: u8) -> SealingKey {
        SealingKey::new(KeyId::from_uuid(Uuid::from_u128(id)), &[byte; 32]).unwrap()
    }

    fn keys(active: SealingKey, retired: Vec<SealingKey>) -> SealingKeys {
        SealingKeys {
            active: Some(active),
            retired,
        }
    }

    fn sealed_by(keys: &SealingKeys) -> Vec<u8> {
        keys.seal(b"here", b"a secret", &SystemEntropy).unwrap()
    }

    #[test]
    fn sealed_data_open_for_their_place_only() {
        let keys = keys(key(1, 7), Vec::new());
        let sealed = sealed_by(&keys);
        assert_eq!(&keys.open(b"here", &sealed).unwrap()[..], b"a secret");
        assert_eq!(keys.open(b"there", &sealed), Err(OpenError::Invalid));
    }

    #[test]
    fn sealed_data_open_with_the_key_that_they_name() {
        let old = keys(key(1, 7), Vec::new());
        let sealed = sealed_by(&old);
        let new = keys(key(2, 8), vec![key(1, 7)]);
        assert_eq!(&new.open(b"here", &sealed).unwrap()[..], b"a secret");
        assert_eq!(
            old.open(b"here", &sealed_by(&new)),
            Err(OpenError::UnknownKey)
        );
        let lost = keys(key(2, 8), Vec::new());
        assert_eq!(lost.open(b"here", &sealed), Err(OpenError::UnknownKey));
        let other_material = keys(key(1, 8), Vec::new());
        assert_eq!(
            other_material.open(b"here", &sealed),
            Err(OpenError::Invalid)
        );
        // The id is authenticated: the same material under another id opens nothing.
        let mut renamed = sealed;
        renamed[HEADER_LENGTH - 1] = 2;
        let other_id = keys(key(2, 7), Vec::new());
        assert_eq!(other_id.open(b"here", &renamed), Err(OpenError::Invalid));
    }

    #[test]
    fn damaged_and_truncated_data_do_not_open() {
        let keys = keys(key(1, 7), Vec::new());
        let sealed = sealed_by(&keys);
        for at in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[at] ^= 1;
            let expected = if at < HEADER_LENGTH {
                OpenError::UnknownKey
            } else {
                OpenError::Invalid
            };
            assert_eq!(keys.open(b"here", &broken), Err(expected), "{at}");
            assert_eq!(keys.open(b"here", &sealed[..at]), Err(OpenError::Invalid));
        }
    }

    #[test]
    fn without_data_keys_nothing_is_sealed_and_nothing_is_rejected_for_good() {
        let none = SealingKeys::default();
        let failure = none.seal(b"here", b"a secret", &SystemEntropy).unwrap_err();
        assert!(failure.retry_after().is_some());
        let sealed = sealed_by(&keys(key(1, 7), Vec::new()));
        assert_eq!(none.open(b"here", &sealed), Err(OpenError::UnknownKey));
    }
}
