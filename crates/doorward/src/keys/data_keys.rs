//! Data keys: random keys that are stored encrypted, and so outlive a change of the secret.

use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::derivation::{DATA_KEYS, KEY_LENGTH, derive};
use crate::domain::clock::Timestamp;
use crate::domain::entropy::Entropy;
use crate::domain::failure::{Failure, RETRY_AFTER};
use crate::domain::id::KeyId;
use crate::domain::secret::SecretKey;

/// The first byte of an encrypted data key.
const VERSION: u8 = 1;

/// What a data key is used for. It fixes the algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyPurpose {
    /// Encrypts stored data with AES-256-GCM-SIV.
    Sealing,
    /// Makes fingerprints with HMAC-SHA-256.
    Fingerprints,
}

impl KeyPurpose {
    pub(crate) const ALL: [Self; 2] = [Self::Sealing, Self::Fingerprints];

    /// Returns the word for the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sealing => "sealing",
            Self::Fingerprints => "fingerprints",
        }
    }

    /// Finds the purpose with this word.
    pub(crate) fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// The state of a data key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// New data use this key. Each purpose has one.
    Active,
    /// Only data that name this key use it.
    Retired,
}

impl KeyState {
    /// Returns the word for the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// Finds the state with this word.
    pub(crate) fn find(word: &str) -> Option<Self> {
        [Self::Active, Self::Retired]
            .into_iter()
            .find(|one| one.as_str() == word)
    }
}

/// A data key as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredKey {
    pub(crate) id: KeyId,
    pub(crate) purpose: KeyPurpose,
    pub(crate) state: KeyState,
    /// The version byte, a nonce and the encrypted material.
    pub(crate) sealed: Vec<u8>,
}

/// A data key with its material.
#[derive(Clone)]
pub(crate) struct DataKey {
    pub(crate) id: KeyId,
    pub(crate) purpose: KeyPurpose,
    pub(crate) state: KeyState,
    /// Whether a previous secret encrypts the stored key.
    is_outdated: bool,
    pub(super) material: Zeroizing<Vec<u8>>,
}

impl DataKey {
    /// Creates a random key, which is active.
    pub(crate) fn generate(purpose: KeyPurpose, now: Timestamp, entropy: &dyn Entropy) -> Self {
        let mut material = Zeroizing::new(vec![0; KEY_LENGTH]);
        entropy.fill(&mut material);
        Self {
            id: KeyId::generate(now, entropy),
            purpose,
            state: KeyState::Active,
            is_outdated: false,
            material,
        }
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "DataKey({})", self.id)
    }
}

/// The stored data keys, as far as the secrets open them.
#[derive(Debug)]
pub(crate) struct DataKeys {
    /// In the order of their ids, and so of their creation.
    opened: Vec<DataKey>,
    unreadable: Vec<StoredKey>,
}

impl DataKeys {
    /// Returns whether each purpose has an active key, and the current secret encrypts all keys
    /// that open.
    pub(crate) fn are_settled(&self) -> bool {
        KeyPurpose::ALL
            .iter()
            .all(|one| self.active(*one).is_some())
            && self.outdated().next().is_none()
    }

    /// Returns the active key of a purpose, if it opens.
    pub(crate) fn active(&self, purpose: KeyPurpose) -> Option<&DataKey> {
        self.of(purpose).find(|key| key.state == KeyState::Active)
    }

    /// Returns the newest key of a purpose that opens.
    pub(crate) fn newest(&self, purpose: KeyPurpose) -> Option<&DataKey> {
        self.of(purpose).next_back()
    }

    /// Returns the keys that a previous secret encrypts.
    pub(crate) fn outdated(&self) -> impl Iterator<Item = &DataKey> {
        self.opened.iter().filter(|key| key.is_outdated)
    }

    /// Returns the active keys that no secret opens.
    pub(crate) fn lost(&self) -> impl Iterator<Item = &StoredKey> {
        self.unreadable
            .iter()
            .filter(|key| key.state == KeyState::Active)
    }

    pub(super) fn retired(&self, purpose: KeyPurpose) -> impl Iterator<Item = &DataKey> {
        self.of(purpose)
            .filter(|key| key.state == KeyState::Retired)
    }

    fn of(&self, purpose: KeyPurpose) -> impl DoubleEndedIterator<Item = &DataKey> {
        self.opened.iter().filter(move |key| key.purpose == purpose)
    }
}

/// Encrypts and decrypts data keys with keys that are derived from the secrets.
#[derive(Debug)]
pub(super) struct WrappingKeys {
    current: Cipher,
    previous: Vec<Cipher>,
}

impl WrappingKeys {
    pub(super) fn new(secret: &SecretKey, previous: &[SecretKey]) -> Result<Self, Failure> {
        let cipher = |secret: &SecretKey| Cipher::new(&*derive(secret, DATA_KEYS)?);
        Ok(Self {
            current: cipher(secret)?,
            previous: previous.iter().map(cipher).collect::<Result<_, _>>()?,
        })
    }

    /// Encrypts a data key with the current secret.
    pub(super) fn seal(&self, key: &DataKey, entropy: &dyn Entropy) -> Result<StoredKey, Failure> {
        let mut sealed = vec![VERSION];
        let associated = associated_data(key.id, key.purpose);
        self.current
            .encrypt(&associated, &key.material, entropy, &mut sealed)?;
        Ok(StoredKey {
            id: key.id,
            purpose: key.purpose,
            state: key.state,
            sealed,
        })
    }

    /// Decrypts stored keys with the current secret, or else with previous ones.
    pub(super) fn open_all(&self, stored: Vec<StoredKey>) -> DataKeys {
        let (mut opened, mut unreadable) = (Vec::new(), Vec::new());
        for key in stored {
            match self.open(&key) {
                Some(key) => opened.push(key),
                None => unreadable.push(key),
            }
        }
        DataKeys { opened, unreadable }
    }

    fn open(&self, stored: &StoredKey) -> Option<DataKey> {
        let (VERSION, encrypted) = stored
            .sealed
            .split_first()
            .map(|(one, rest)| (*one, rest))?
        else {
            return None;
        };
        let associated = associated_data(stored.id, stored.purpose);
        let decrypt = |cipher: &Cipher| cipher.decrypt(&associated, encrypted).ok();
        let (material, is_outdated) = match decrypt(&self.current) {
            Some(material) => (material, false),
            None => (self.previous.iter().find_map(decrypt)?, true),
        };
        Some(DataKey {
            id: stored.id,
            purpose: stored.purpose,
            state: stored.state,
            is_outdated,
            material,
        })
    }
}

/// Binds the material to its row and its purpose.
fn associated_data(id: KeyId, purpose: KeyPurpose) -> Vec<u8> {
    [
        &[VERSION],
        &id.as_uuid().as_bytes()[..],
        purpose.as_str().as_bytes(),
    ]
    .concat()
}

/// Returns the failure of an operation that needs the data keys before they are loaded.
pub(super) fn data_keys_missing() -> Failure {
    Failure::of(
        "the data keys are not loaded",
        Some(RETRY_AFTER),
        "the engine has no secret key, or waits for the tables to be created",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::SystemEntropy;

    fn wrapping(secret: &str, previous: &[&str]) -> WrappingKeys {
        let previous: Vec<SecretKey> = previous.iter().map(|text| SecretKey::from(*text)).collect();
        WrappingKeys::new(&SecretKey::from(secret), &previous).unwrap()
    }

    fn new_key(purpose: KeyPurpose) -> DataKey {
        DataKey::generate(purpose, Timestamp::from_millis(0), &SystemEntropy)
    }

    #[test]
    fn data_key_opens_with_its_secret_and_as_a_previous_one() {
        let key = new_key(KeyPurpose::Sealing);
        let stored = wrapping("old", &[]).seal(&key, &SystemEntropy).unwrap();
        for (secret, previous, is_outdated) in [
            ("old", &[][..], Some(false)),
            ("old", &["older"], Some(false)),
            ("new", &["older", "old"], Some(true)),
            ("new", &["older"], None),
        ] {
            let keys = wrapping(secret, previous).open_all(vec![stored.clone()]);
            let opened = keys.active(KeyPurpose::Sealing);
            assert_eq!(opened.map(|key| key.is_outdated), is_outdated, "{secret}");
            assert!(opened.is_none_or(|opened| opened.material == key.material));
            assert_eq!(keys.lost().count(), usize::from(is_outdated.is_none()));
            assert!(!keys.are_settled());
        }
    }

    #[test]
    fn data_key_does_not_open_as_another_one() {
        let wrapping = wrapping("secret", &[]);
        let stored = wrapping
            .seal(&new_key(KeyPurpose::Sealing), &SystemEntropy)
            .unwrap();
        let mut other_purpose = stored.clone();
        other_purpose.purpose = KeyPurpose::Fingerprints;
        let mut other_id = stored.clone();
        other_id.id = new_key(KeyPurpose::Sealing).id;
        let mut other_version = stored.clone();
        other_version.sealed[0] = 2;
        let mut truncated = stored.clone();
        truncated.sealed.truncate(5);
        let mut empty = stored;
        empty.sealed.clear();
        for changed in [other_purpose, other_id, other_version, truncated, empty] {
            assert!(wrapping.open(&changed).is_none(), "{changed:?}");
        }
    }
}
