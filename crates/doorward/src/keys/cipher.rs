//! Authenticated encryption.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::domain::entropy::Entropy;
use crate::domain::failure::Failure;

/// Encrypts and authenticates with AES-256-GCM-SIV (RFC 8452).
#[derive(Clone, Debug)]
pub(super) struct Cipher(Arc<LessSafeKey>);

/// The data was not encrypted with this key and these associated data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotAuthentic;

impl Cipher {
    pub(super) fn new(key: &[u8]) -> Result<Self, Failure> {
        UnboundKey::new(&AES_256_GCM_SIV, key)
            .map(|key| Self(Arc::new(LessSafeKey::new(key))))
            .map_err(Failure::internal)
    }

    /// Appends a random nonce and the ciphertext to `sealed`.
    pub(super) fn encrypt(
        &self,
        associated: &[u8],
        plain: &[u8],
        entropy: &dyn Entropy,
        sealed: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        // With room for the tag, so that no plaintext is left behind by a reallocation.
        let mut text = Vec::with_capacity(plain.len() + AES_256_GCM_SIV.tag_len());
        text.extend_from_slice(plain);
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(associated),
                &mut text,
            )
            .map_err(Failure::internal)?;
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        Ok(())
    }

    /// Decrypts a nonce and a ciphertext.
    pub(super) fn decrypt(
        &self,
        associated: &[u8],
        encrypted: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, NotAuthentic> {
        let (nonce, text) = encrypted.split_at_checked(NONCE_LEN).ok_or(NotAuthentic)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotAuthentic)?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = self
            .0
            .open_in_place(nonce, Aad::from(associated), &mut text)
            .map_err(|_| NotAuthentic)?
            .len();
        text.truncate(length);
        Ok(text)
    }
}
