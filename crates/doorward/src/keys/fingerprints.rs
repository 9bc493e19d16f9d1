//! Keyed hashes: names for what must be found again and must not be read.

use std::fmt::Write as _;

use aws_lc_rs::hmac;

/// A keyed hash of an address, a name, a network: equal where they are equal, and of no use
/// to whoever lacks the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As hexadecimal digits, for what is found by text.
    pub(crate) fn to_hex(self) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            // To write to a string can't fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// Makes fingerprints.
#[derive(Debug)]
pub(crate) struct FingerprintKey(hmac::Key);

impl FingerprintKey {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The fingerprint of these parts, among those of one kind.
    pub(crate) fn of(&self, kind: &str, parts: &[&[u8]]) -> Fingerprint {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [kind.as_bytes()].iter().chain(parts) {
            // The length goes first, so that no two lists of parts read the same.
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        Fingerprint(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_has_another_fingerprint() {
        let key = FingerprintKey::new(&[1; 32]);
        let one = key.of("name", &[b"ab", b"c"]);
        assert_eq!(one, key.of("name", &[b"ab", b"c"]));
        assert_ne!(one, key.of("name", &[b"a", b"bc"]));
        assert_ne!(one, key.of("network", &[b"ab", b"c"]));
        assert_ne!(
            one,
            FingerprintKey::new(&[2; 32]).of("name", &[b"ab", b"c"])
        );
        assert_eq!(one.to_hex().len(), 64);
    }
}
