//! Keys, found by purpose. A key is used for one purpose only, and the purpose fixes the algorithm.
//!
//! The secret itself signs access tokens. Other keys are derived from it, or are *data keys*:
//! random keys that are stored encrypted under a key derived from the secret. Stored data use data
//! keys alone, so that they outlive a change of the secret.
//!
//! | key | made from | when the secret changes and the old one is not given as a previous one |
//! |---|---|---|
//! | access tokens | the secret as given | they end: users log in again |
//! | refresh tokens | derived | they end: users log in again |
//! | captchas | derived | clients get a new challenge |
//! | limits | derived | rate limits by address start anew, as at every start |
//! | sealing | data key | waiting mail and deferred requests wait for the old secret until they expire |
//! | fingerprints | data key | counters of failed logins start anew, which ends locks; devices and networks are unknown, and an account's next login is recorded without a notice |
//!
//! With the old secret as a previous one, tokens stay valid, data keys open and are encrypted
//! again under the new secret, and only open captcha challenges end. A previous secret never signs
//! or encrypts anything.

mod cipher;
mod data_keys;
mod derivation;
mod fingerprints;
mod sealing;
mod token_keys;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::hmac;
use doorward_protocol::jws::HmacKey;

use crate::domain::entropy::Entropy;
use crate::domain::failure::Failure;
use crate::domain::id::KeyId;
use crate::domain::secret::SecretKey;
use data_keys::{WrappingKeys, data_keys_missing};
use derivation::{CAPTCHAS, LIMITS, REFRESH_TOKENS, derive};
use sealing::SealingKey;

pub(crate) use data_keys::{DataKey, DataKeys, KeyPurpose, KeyState, StoredKey};
pub(crate) use fingerprints::{Fingerprint, FingerprintKey};
pub(crate) use sealing::SealingKeys;
pub(crate) use token_keys::TokenKeys;

/// The keys of one engine at one moment.
#[derive(Clone, Debug)]
pub(crate) struct KeySet {
    /// Sign and verify access tokens. The signing key is the secret as given, so that other
    /// services that have it can verify them.
    pub(crate) access_tokens: TokenKeys,
    /// Sign and verify refresh tokens.
    pub(crate) refresh_tokens: TokenKeys,
    /// Authenticates captcha challenges.
    pub(crate) captchas: hmac::Key,
    /// Hashes the addresses that rate limits count by.
    pub(crate) limits: FingerprintKey,
    /// Encrypt stored data that must be read back.
    pub(crate) sealing: SealingKeys,
    /// `None` before the data keys are loaded.
    fingerprints: Option<(KeyId, FingerprintKey)>,
    /// The number of times that a key which verifies tokens was removed. What a removed key
    /// verified is no longer valid. Added keys do not count.
    pub(crate) removals: u64,
}

impl KeySet {
    /// Returns the key that hashes stored data which must be found again.
    ///
    /// Fails before the data keys are loaded.
    pub(crate) fn fingerprints(&self) -> Result<&FingerprintKey, Failure> {
        Ok(&self.named_fingerprints()?.1)
    }

    /// Returns the same key with its id. Fingerprints of different keys cannot be compared.
    pub(crate) fn named_fingerprints(&self) -> Result<&(KeyId, FingerprintKey), Failure> {
        self.fingerprints.as_ref().ok_or_else(data_keys_missing)
    }
}

/// Holds the keys of an engine, and replaces them while it runs.
#[derive(Debug)]
pub(crate) struct KeyRing {
    current: RwLock<Arc<KeySet>>,
    /// That of the current set, for requests whose token was verified before.
    removals: AtomicU64,
    wrapping: WrappingKeys,
}

impl KeyRing {
    /// Creates the keys that need no database. Keys of previous secrets only verify and open.
    pub(crate) fn from_secrets(
        secret: &SecretKey,
        previous: &[SecretKey],
    ) -> Result<Self, Failure> {
        let access_key = |secret: &SecretKey| Ok(HmacKey::new(secret.as_bytes()));
        let refresh_key = |secret: &SecretKey| Ok(HmacKey::new(&*derive(secret, REFRESH_TOKENS)?));
        let keys = KeySet {
            access_tokens: TokenKeys::new((secret, previous), access_key)?,
            refresh_tokens: TokenKeys::new((secret, previous), refresh_key)?,
            captchas: hmac::Key::new(hmac::HMAC_SHA256, &*derive(secret, CAPTCHAS)?),
            limits: FingerprintKey::new(&*derive(secret, LIMITS)?),
            sealing: SealingKeys::default(),
            fingerprints: None,
            removals: 0,
        };
        Ok(Self {
            current: RwLock::new(Arc::new(keys)),
            removals: AtomicU64::new(0),
            wrapping: WrappingKeys::new(secret, previous)?,
        })
    }

    /// Returns the keys of this moment.
    pub(crate) fn current(&self) -> Arc<KeySet> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the number of removed keys, without access to the keys.
    pub(crate) fn removals(&self) -> u64 {
        self.removals.load(Ordering::Acquire)
    }

    /// Decrypts stored data keys.
    pub(crate) fn open_data_keys(&self, stored: Vec<StoredKey>) -> DataKeys {
        self.wrapping.open_all(stored)
    }

    /// Encrypts a data key with the current secret.
    pub(crate) fn seal_data_key(
        &self,
        key: &DataKey,
        entropy: &dyn Entropy,
    ) -> Result<StoredKey, Failure> {
        self.wrapping.seal(key, entropy)
    }

    /// Replaces the data keys.
    pub(crate) fn set_data_keys(&self, keys: &DataKeys) -> Result<(), Failure> {
        let active = |purpose| keys.active(purpose).ok_or_else(data_keys_missing);
        let sealing_key = |key: &DataKey| SealingKey::new(key.id, &key.material);
        let sealing = SealingKeys {
            active: Some(sealing_key(active(KeyPurpose::Sealing)?)?),
            retired: keys
                .retired(KeyPurpose::Sealing)
                .map(sealing_key)
                .collect::<Result<_, _>>()?,
        };
        let key = active(KeyPurpose::Fingerprints)?;
        let fingerprints = (key.id, FingerprintKey::new(&key.material));
        self.replace(|keys| {
            keys.sealing = sealing;
            keys.fingerprints = Some(fingerprints);
        });
        Ok(())
    }

    fn replace(&self, change: impl FnOnce(&mut KeySet)) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut keys = KeySet::clone(&current);
        change(&mut keys);
        // Under the lock: a request that sees the new count also gets the new set.
        self.removals.store(keys.removals, Ordering::Release);
        *current = Arc::new(keys);
    }

    /// Removes the token keys of previous secrets.
    #[cfg(test)]
    pub(crate) fn remove_previous(&self) {
        self.replace(|keys| {
            keys.access_tokens.remove_previous();
            keys.refresh_tokens.remove_previous();
            keys.removals += 1;
        });
    }

    /// Adds new data keys.
    #[cfg(test)]
    pub(crate) fn add_data_keys_for_test(&self) {
        let stored = tests::stored_keys(self);
        let added = self.set_data_keys(&self.open_data_keys(stored));
        assert!(added.is_ok(), "{added:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::domain::entropy::SystemEntropy;

    fn ring(secret: &str, previous: &[&str]) -> KeyRing {
        let previous: Vec<SecretKey> = previous.iter().map(|text| SecretKey::from(*text)).collect();
        KeyRing::from_secrets(&SecretKey::from(secret), &previous).unwrap()
    }

    pub(super) fn stored_keys(ring: &KeyRing) -> Vec<StoredKey> {
        KeyPurpose::ALL
            .map(|purpose| {
                let now = Timestamp::from_millis(0);
                let key = DataKey::generate(purpose, now, &SystemEntropy);
                ring.seal_data_key(&key, &SystemEntropy).unwrap()
            })
            .into()
    }

    #[test]
    fn added_keys_are_no_removal() {
        let ring = ring("new", &["old"]);
        assert!(ring.current().fingerprints().is_err());
        let keys = ring.open_data_keys(stored_keys(&ring));
        assert!(keys.are_settled());
        ring.set_data_keys(&keys).unwrap();
        assert!(ring.current().fingerprints().is_ok());
        assert_eq!(ring.current().removals, 0);
        let before = ring.current();
        ring.remove_previous();
        assert_eq!((before.removals, ring.current().removals), (0, 1));
    }

    #[test]
    fn another_secret_with_the_previous_one_has_the_same_data_keys() {
        let (old, new) = (ring("old", &[]), ring("new", &["old"]));
        let stored = stored_keys(&old);
        old.set_data_keys(&old.open_data_keys(stored.clone()))
            .unwrap();
        new.set_data_keys(&new.open_data_keys(stored.clone()))
            .unwrap();
        let (old, new) = (old.current(), new.current());
        let sealed = old.sealing.seal(b"here", b"mail", &SystemEntropy).unwrap();
        assert_eq!(&new.sealing.open(b"here", &sealed).unwrap()[..], b"mail");
        let fingerprint = |keys: &KeySet| keys.fingerprints().unwrap().of("name", &[b"anna"]);
        assert_eq!(fingerprint(&old), fingerprint(&new));
        let lost = ring("new", &[]);
        assert_eq!(lost.open_data_keys(stored).lost().count(), 2);
    }
}
